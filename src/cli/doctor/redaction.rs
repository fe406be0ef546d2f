//! Removes secrets from findings: passwords in addresses, keys, and the values of variables that
//! hold them.

use url::Url;

use super::finding::Finding;
use crate::cli::Environment;
use crate::config::Config;

/// The text that is shown in place of a secret.
const REDACTED: &str = "[secret]";
/// The parts of the name of a variable or parameter that holds a secret.
const SECRET_NAMES: [&str; 5] = ["key", "token", "secret", "passw", "credential"];
/// The least length of a value that counts as a secret. Shorter ones are words such as `none`.
const LEAST_LENGTH: usize = 6;
/// The beginnings of the keys of well-known servers.
const KEY_PREFIXES: [&str; 5] = ["sk-", "gsk_", "hf_", "AIza", "xai-"];
/// The characters that end a word in a sentence or in JSON.
const ENDS: [char; 6] = ['"', '\'', '`', ',', '<', '>'];

/// Returns the values of the variables that hold secrets by their names, and the passwords in the
/// addresses of the variables and the settings.
pub fn secrets_of(environment: &Environment, config: &Config) -> Vec<String> {
    let holds = |name: &str| is_secret(name) && !name.ends_with("_HOST");
    let variables = environment.variables.iter();
    let values = variables
        .clone()
        .filter(|(name, _)| holds(name))
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned());
    let settings = toml::to_string(config).unwrap_or_default();
    let addresses = variables
        .map(|(_, value)| value.as_str())
        .chain(settings.split(['"', '\'']));
    let mut secrets: Vec<String> = values.chain(addresses.filter_map(password)).collect();
    secrets.retain(|secret| secret.len() >= LEAST_LENGTH);
    // A secret that contains another one goes first, so that nothing is left of it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

fn password(address: &str) -> Option<String> {
    let address = Url::parse(address).ok()?;
    address.password().map(str::to_owned)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Removes `secrets`, and what looks like one, from a finding.
pub fn redact(finding: &mut Finding, secrets: &[String]) {
    finding.summary = redacted(&finding.summary, secrets);
    finding.remedy = finding
        .remedy
        .as_deref()
        .map(|remedy| redacted(remedy, secrets));
}

fn redacted(text: &str, secrets: &[String]) -> String {
    let mut text = text.to_owned();
    for secret in secrets {
        text = text.replace(secret.as_str(), REDACTED);
    }
    let mut follows_bearer = false;
    let pieces = text.split_inclusive(|c: char| c.is_whitespace() || ENDS.contains(&c));
    let mut clean = String::new();
    for piece in pieces {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || ENDS.contains(&c));
        let end = &piece[word.len()..];
        if follows_bearer && !word.is_empty() {
            clean += REDACTED;
        } else {
            clean += &redacted_word(word);
        }
        follows_bearer = word.eq_ignore_ascii_case("bearer");
        clean += end;
    }
    clean
}

fn redacted_word(word: &str) -> String {
    let start = word.trim_start_matches(['(', '[', '{', '*']);
    if KEY_PREFIXES.iter().any(|prefix| start.starts_with(prefix)) && start.len() > LEAST_LENGTH {
        return REDACTED.to_owned();
    }
    without_parameters(&without_userinfo(word))
}

/// Removes the user and the password of an address. The last `@` counts, because a password that
/// was not encoded may contain more of them, and slashes.
fn without_userinfo(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((userinfo, host)) if userinfo.contains(':') || !userinfo.contains('/') => {
            format!("{scheme}://{REDACTED}@{host}")
        }
        _ => word.to_owned(),
    }
}

/// Removes the values of an address's parameters that are secrets by their names.
fn without_parameters(word: &str) -> String {
    let Some((path, query)) = word.split_once('?') else {
        return word.to_owned();
    };
    let clean = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        _ => parameter.to_owned(),
    };
    let parameters: Vec<String> = query.split('&').map(clean).collect();
    format!("{path}?{}", parameters.join("&"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_password("https://me:pw@host/v1: refused", "https://[secret]@host/v1: refused")]
    #[case::one_with_slashes("at \"postgres://me:p/w@x@db/i\"", "at \"postgres://[secret]@db/i\"")]
    #[case::a_token_as_the_user("http://abc@host/", "http://[secret]@host/")]
    #[case::a_parameter("https://h/v1?a=1&api_key=abc", "https://h/v1?a=1&api_key=[secret]")]
    #[case::a_key("invalid key sk-abc123, try", "invalid key [secret], try")]
    #[case::a_header("Authorization: Bearer abc", "Authorization: Bearer [secret]")]
    #[case::a_known_one("it said hunter22!", "it said [secret]!")]
    #[case::nothing("mail me@host about https://h/@me", "mail me@host about https://h/@me")]
    fn secrets_are_left_out(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(redacted(text, &["hunter22".to_owned()]), expected);
    }

    #[test]
    fn the_variables_of_keys_and_the_passwords_of_addresses_are_secrets() {
        let variables = [
            ("OPENAI_API_KEY", "\"abcdef\""),
            ("MOCK_INTERVIEWER_OPENAI_KEY_HOST", "models.example"),
            ("SOME_TOKEN", "none"),
            ("HTTPS_PROXY", "http://me:hunter22@proxy"),
            ("LANG", "C.UTF-8"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment {
            variables: variables.to_vec(),
            ..Environment::default()
        };
        let mut config = Config::default();
        config.serve.database_url = "postgres://me:password1@db/i".into();
        assert_eq!(
            secrets_of(&environment, &config),
            ["password1", "hunter22", "abcdef"]
        );
    }
}
