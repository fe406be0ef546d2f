//! The keys of model servers: how a pasted key is cleaned, and which host may receive it.
//!
//! A key belongs to one host. The variable of a provider is read for that provider's host alone,
//! unless the settings name another host for `OPENAI_API_KEY`, and no key is sent without TLS
//! beyond this machine.

use secrecy::SecretString;
use url::Url;

use super::{host_of, is_loopback};
use crate::config::{base_address, key_variable};

/// The variable that programs for `OpenAI`-compatible servers share.
pub const OPENAI_VARIABLE: &str = "OPENAI_API_KEY";

/// Characters that are pasted around a key, besides white space.
const AROUND: [char; 10] = [
    '"', '\'', '`', '“', '”', '‘', '’', '\u{feff}', '\u{200b}', '\u{2060}',
];

/// Returns the key within `text`, without the white space, quotes, header name and `Bearer` that
/// were copied with it, or `None` if nothing is left.
pub fn cleaned(text: &str) -> Option<SecretString> {
    let mut key = text;
    loop {
        let before = key;
        key =
            key.trim_matches(|c: char| c.is_whitespace() || c.is_control() || AROUND.contains(&c));
        for prefix in ["authorization:", "bearer ", "bearer:", "bearer\t"] {
            key = without_prefix(key, prefix);
        }
        if key.eq_ignore_ascii_case("bearer") {
            return None;
        }
        if key == before {
            break;
        }
    }
    (!key.is_empty()).then(|| SecretString::from(key))
}

fn without_prefix<'t>(text: &'t str, prefix: &str) -> &'t str {
    match text.get(..prefix.len()) {
        Some(begin) if begin.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
        _ => text,
    }
}

/// Returns the environment variables whose key may go to `base`, the provider's own first.
/// `key_host` is the host that the settings name for `OPENAI_API_KEY`, empty for `OpenAI`'s.
pub fn variables(base: &Url, key_host: &str) -> Vec<&'static str> {
    let own = key_variable(base);
    let shared = takes_openai_key(base, key_host).then_some(OPENAI_VARIABLE);
    let own = own.filter(|name| *name != OPENAI_VARIABLE);
    own.into_iter().chain(shared).collect()
}

/// Returns whether `OPENAI_API_KEY` belongs to the host of `base`.
pub fn takes_openai_key(base: &Url, key_host: &str) -> bool {
    if key_host.is_empty() {
        key_variable(base) == Some(OPENAI_VARIABLE)
    } else {
        base_address(key_host).is_some_and(|named| host_of(&named) == host_of(base))
    }
}

/// Returns whether what is sent to `base` can be read on its way.
pub fn is_readable_on_the_way(base: &Url) -> bool {
    base.scheme() != "https" && !is_loopback(base)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::ExposeSecret;

    use super::*;

    #[rstest]
    #[case("sk-x")]
    #[case("sk-x\n")]
    #[case(" sk-x\r\n")]
    #[case("\"sk-x\"")]
    #[case("'sk-x'\n")]
    #[case("“sk-x”")]
    #[case("Bearer sk-x")]
    #[case("bearer  sk-x")]
    #[case("\"Bearer sk-x\"\n")]
    #[case("Bearer \"sk-x\"")]
    #[case("Authorization: Bearer sk-x")]
    #[case("\u{feff}sk-x")]
    #[case("sk-x\0")]
    fn what_was_copied_with_a_key_is_removed(#[case] text: &str) {
        assert_eq!(cleaned(text).unwrap().expose_secret(), "sk-x");
    }

    #[rstest]
    #[case("")]
    #[case(" \n")]
    #[case("\"\"")]
    #[case("Bearer ")]
    fn what_holds_no_key_is_none(#[case] text: &str) {
        assert!(cleaned(text).is_none());
    }

    #[rstest]
    #[case("https://api.openai.com/v1", "", &["OPENAI_API_KEY"])]
    #[case("https://openrouter.ai/api/v1", "", &["OPENROUTER_API_KEY"])]
    #[case("https://gateway.example/v1", "", &[])]
    #[case("http://127.0.0.1:8080/v1", "", &[])]
    #[case("https://gateway.example/v1", "gateway.example", &["OPENAI_API_KEY"])]
    #[case("https://gateway.example:8443/v1", "gateway.example", &[])]
    #[case("https://gateway.example:8443/v1", "https://gateway.example:8443/v1", &["OPENAI_API_KEY"])]
    #[case("http://127.0.0.1:9000/v1", "127.0.0.1:9000", &["OPENAI_API_KEY"])]
    #[case("https://openrouter.ai/api/v1", "openrouter", &["OPENROUTER_API_KEY", "OPENAI_API_KEY"])]
    #[case("https://api.openai.com/v1", "gateway.example", &[])]
    fn a_key_goes_to_its_own_host(
        #[case] base: &str,
        #[case] key_host: &str,
        #[case] expected: &[&str],
    ) {
        assert_eq!(variables(&base.parse().unwrap(), key_host), expected);
    }

    #[rstest]
    #[case("https://gateway.example/v1", false)]
    #[case("http://gateway.example/v1", true)]
    #[case("http://192.168.0.7:8080/v1", true)]
    #[case("http://127.0.0.1:8080/v1", false)]
    #[case("http://localhost:8080/v1", false)]
    fn a_key_without_tls_stays_on_this_machine(#[case] base: &str, #[case] expected: bool) {
        assert_eq!(is_readable_on_the_way(&base.parse().unwrap()), expected);
    }
}
