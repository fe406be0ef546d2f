//! The rules for email addresses and passwords; see [`username`] for names. They are checked here and
//! trusted inside.

use rust_i18n::t;

use crate::interview::Language;
use crate::username::{self, UsernameError};

/// The longest address: a path has at most 256 octets with its angle brackets (RFC 5321,
/// 4.5.3.1.3).
const MAX_EMAIL: usize = 254;
const MIN_PASSWORD: usize = 8;
const MAX_PASSWORD: usize = 1_024;

/// A reason for refusing a registration. The message is sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CredentialError {
    #[error(transparent)]
    Username(#[from] UsernameError),
    #[error("Email is not a valid address.")]
    Email,
    #[error("Password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters.")]
    Password,
}

impl CredentialError {
    /// Returns the message for the client, in the language it asks for.
    pub(super) fn message(self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        let key = match self {
            Self::Username(UsernameError::Length) => "errors.credentials.length",
            Self::Username(UsernameError::Characters) => "errors.credentials.characters",
            Self::Username(UsernameError::Hyphen) => "errors.credentials.hyphen",
            Self::Username(UsernameError::OnlyPunctuation) => "errors.credentials.punctuation",
            Self::Username(UsernameError::MixedScripts) => "errors.credentials.scripts",
            Self::Email => "errors.credentials.email",
            Self::Password => "errors.credentials.password",
        };
        let most = match self {
            Self::Username(_) | Self::Email => username::MAX_LENGTH,
            Self::Password => MAX_PASSWORD,
        };
        t!(key, locale = "ko", least = MIN_PASSWORD, most = most).into_owned()
    }
}

/// Checks all three in the order in which they are reported.
pub(super) fn check(name: &str, email: &str, password: &str) -> Result<(), CredentialError> {
    username::check(name)?;
    check_email(email)?;
    check_password(password)
}

/// Checks the length only; the characters are up to the user.
pub(super) fn check_password(password: &str) -> Result<(), CredentialError> {
    match password.chars().count() {
        MIN_PASSWORD..=MAX_PASSWORD => Ok(()),
        _ => Err(CredentialError::Password),
    }
}

/// Checks the shape only: a local part, one `@` and a domain of at least two labels. Whether the
/// address receives mail cannot be told from it.
fn check_email(email: &str) -> Result<(), CredentialError> {
    let well_formed = email.len() <= MAX_EMAIL
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if well_formed {
        Ok(())
    } else {
        Err(CredentialError::Email)
    }
}

fn is_local_part(local: &str) -> bool {
    !local.is_empty() && !local.contains(['<', '>', '(', ')', ',', ';', ':', '"', '\\', '[', ']'])
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PASSWORD: &str = "long enough";

    #[rstest]
    #[case("ann", "ann@example.com", PASSWORD, Ok(()))]
    #[case("김철수_1", "철수@예시.한국", "여덟글자암호입니다", Ok(()))]
    #[case("a.b+c-d@e", "a+b@sub.example.co.kr", "12345678", Ok(()))]
    #[case(
        "two words",
        "ann",
        "short",
        Err(CredentialError::Username(UsernameError::Characters))
    )]
    #[case("ann", "ann", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "ann@localhost", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "@example.com", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "a@b@example.com", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "a b@example.com", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "a@-example.com", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "a@example..com", PASSWORD, Err(CredentialError::Email))]
    #[case("ann", "ann@example.com", "1234567", Err(CredentialError::Password))]
    fn credentials_are_accepted_or_refused_with_a_reason(
        #[case] name: &str,
        #[case] email: &str,
        #[case] password: &str,
        #[case] expected: Result<(), CredentialError>,
    ) {
        assert_eq!(check(name, email, password), expected);
    }

    #[rstest]
    #[case(UsernameError::Hyphen.into(), "아이디는 하이픈(-)으로 시작할 수 없습니다.")]
    #[case(UsernameError::Length.into(), "아이디는 1~150자여야 합니다.")]
    #[case(CredentialError::Password, "비밀번호는 8~1024자여야 합니다.")]
    fn a_reason_is_given_in_korean(#[case] error: CredentialError, #[case] expected: &str) {
        assert_eq!(error.message(Language::Korean), expected);
        assert_eq!(error.message(Language::English), error.to_string());
    }

    #[test]
    fn the_length_of_a_password_is_counted_in_characters() {
        assert_eq!(check_password(&"가".repeat(1_024)), Ok(()));
        assert_eq!(
            check_password(&"가".repeat(1_025)),
            Err(CredentialError::Password)
        );
    }
}
