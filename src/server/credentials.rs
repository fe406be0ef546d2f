//! The rules for usernames, email addresses and passwords. They are checked here and trusted
//! inside.

use unicode_normalization::UnicodeNormalization as _;

/// The longest username in characters, as in the original.
const MAX_NAME: usize = 150;
/// The longest address: a path has at most 256 octets with its angle brackets (RFC 5321,
/// 4.5.3.1.3).
const MAX_EMAIL: usize = 254;
const MIN_PASSWORD: usize = 8;
const MAX_PASSWORD: usize = 1_024;

/// A reason for refusing a registration. The message is sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CredentialError {
    #[error("Username must have 1 to {MAX_NAME} characters.")]
    NameLength,
    #[error("Username may contain only letters, digits and @ . + - _")]
    NameCharacters,
    #[error("Email is not a valid address.")]
    Email,
    #[error("Password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters.")]
    Password,
}

/// Checks all three in the order in which they are reported.
pub(super) fn check(name: &str, email: &str, password: &str) -> Result<(), CredentialError> {
    check_name(name)?;
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

/// Returns a name in Unicode's normal form C. Some keyboards send an accented letter or a Korean
/// syllable as one character and others as several, but to the user it is the same name. Case is
/// kept.
pub(crate) fn normalize_name(typed: &str) -> String {
    typed.nfc().collect()
}

/// Allows letters and digits of any script.
fn check_name(name: &str) -> Result<(), CredentialError> {
    if name.chars().count() > MAX_NAME {
        return Err(CredentialError::NameLength);
    }
    let allowed = |c: char| c.is_alphanumeric() || "@.+-_".contains(c);
    if name.chars().all(allowed) {
        Ok(())
    } else {
        Err(CredentialError::NameCharacters)
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
        "ann@example.com",
        PASSWORD,
        Err(CredentialError::NameCharacters)
    )]
    #[case(
        "a/../b",
        "ann@example.com",
        PASSWORD,
        Err(CredentialError::NameCharacters)
    )]
    #[case(
        "nul\0",
        "ann@example.com",
        PASSWORD,
        Err(CredentialError::NameCharacters)
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
    #[case("\u{1112}\u{1161}\u{11ab}", "한")]
    #[case("Jose\u{301}", "Jos\u{e9}")]
    #[case("Ann_1", "Ann_1")]
    fn a_name_is_the_same_however_it_is_typed(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(normalize_name(typed), expected);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let check = |name: usize, password: usize| {
            check(&"가".repeat(name), "a@b.c", &"가".repeat(password))
        };
        assert_eq!(check(150, 1_024), Ok(()));
        assert_eq!(check(151, 1_024), Err(CredentialError::NameLength));
        assert_eq!(check(150, 1_025), Err(CredentialError::Password));
    }
}
