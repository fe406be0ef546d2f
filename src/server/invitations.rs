//! Codes of invitations to register.

use sha2::{Digest, Sha256};

/// Returns a new code: 80 random bits in hexadecimal, in groups that are easy to copy.
pub(crate) fn new_code() -> Result<String, getrandom::Error> {
    let mut bits = [0; 10];
    getrandom::fill(&mut bits)?;
    let groups: Vec<String> = bits.chunks(2).map(hex::encode).collect();
    Ok(groups.join("-"))
}

/// Returns the hash under which an invitation is stored. Case, blanks and hyphens do not matter, as
/// people type codes.
pub(crate) fn hash(code: &str) -> String {
    let digits: String = code
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    hex::encode(Sha256::digest(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_new_each_time_and_the_same_however_it_is_typed() {
        let code = new_code().unwrap();
        assert_eq!(code.len(), 24, "{code}");
        assert_ne!(hash(&code), hash(&new_code().unwrap()));
        let typed = format!(" {} ", code.replace('-', " ").to_uppercase());
        assert_eq!(hash(&typed), hash(&code));
    }
}
