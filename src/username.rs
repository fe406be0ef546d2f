//! The rules for user names: which ones can be registered, and which ones look alike.
//!
//! The rules are for new names. A user whose name breaks one of them was registered before and still
//! logs in.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::MixedScript as _;
use unicode_security::mixed_script::AugmentedScriptSet;

/// The longest name in characters, as in the original.
pub const MAX_LENGTH: usize = 150;

/// Letters of Unicode that show as nothing: the fillers of Hangul.
const INVISIBLE: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// A reason for refusing a name. The message is sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    #[error("Username must have 1 to {MAX_LENGTH} characters.")]
    Length,
    #[error("Username may contain only letters, digits and @ . + - _")]
    Characters,
    #[error("Username must not begin with a hyphen.")]
    Hyphen,
    #[error("Username needs at least one letter or digit.")]
    OnlyPunctuation,
    #[error("Username mixes letters of different scripts that look alike.")]
    MixedScripts,
}

/// Returns a name in Unicode's normal form C. Some keyboards send an accented letter or a Korean
/// syllable as one character and others as several, but to the user it is the same name. Case is
/// kept.
pub fn normalize(typed: &str) -> String {
    typed.nfc().collect()
}

/// Checks whether a name can be registered. Letters and digits of any script are allowed, but not
/// mixed so that one could pass for another.
pub fn check(name: &str) -> Result<(), UsernameError> {
    if !(1..=MAX_LENGTH).contains(&name.chars().count()) {
        return Err(UsernameError::Length);
    }
    let is_word = |c: char| c.is_alphanumeric() && !INVISIBLE.contains(&c);
    if !name.chars().all(|c| is_word(c) || "@.+-_".contains(c)) {
        return Err(UsernameError::Characters);
    }
    // A command would read it as an option.
    if name.starts_with('-') {
        return Err(UsernameError::Hyphen);
    }
    if !name.contains(is_word) {
        return Err(UsernameError::OnlyPunctuation);
    }
    if mixes_scripts(name) {
        return Err(UsernameError::MixedScripts);
    }
    Ok(())
}

/// Returns a text that is the same for all names that look alike:
/// <https://www.unicode.org/reports/tr39/#Confusable_Detection>.
pub fn skeleton(name: &str) -> String {
    unicode_security::skeleton(name).collect()
}

/// Returns whether a name is less than "highly restrictive": it mixes scripts, other than Korean,
/// Japanese or Chinese with Latin, whose letters cannot be confused.
/// <https://www.unicode.org/reports/tr39/#Restriction_Level_Detection>.
fn mixes_scripts(name: &str) -> bool {
    if name.is_single_script() {
        return false;
    }
    let latin = AugmentedScriptSet::for_char('a');
    let others: String = name
        .chars()
        .filter(|c| AugmentedScriptSet::for_char(*c) != latin)
        .collect();
    let scripts = others.as_str().resolve_script_set();
    !(scripts.kore || scripts.jpan || scripts.hanb)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ann", Ok(()))]
    #[case("a.b+c-d@e", Ok(()))]
    #[case("007", Ok(()))]
    #[case::korean("김철수_1", Ok(()))]
    #[case::korean_and_latin("kim김철수2026", Ok(()))]
    #[case::korean_letters("ㅋㅋ", Ok(()))]
    #[case::korean_latin_and_hanja("kim金철수", Ok(()))]
    #[case::japanese_and_latin("yamada山田ひろし", Ok(()))]
    #[case::accents("José", Ok(()))]
    #[case::russian("Анна_1", Ok(()))]
    #[case::greek("Άννα", Ok(()))]
    #[case::cyrillic_letter_in_latin("\u{430}nn", Err(UsernameError::MixedScripts))]
    #[case::greek_letter_in_latin("ann\u{3bf}", Err(UsernameError::MixedScripts))]
    #[case::latin_letter_in_cyrillic("Aнна", Err(UsernameError::MixedScripts))]
    #[case::armenian_letter_in_latin("a\u{578}n", Err(UsernameError::MixedScripts))]
    #[case::cyrillic_beside_korean("김\u{430}", Err(UsernameError::MixedScripts))]
    #[case::cyrillic_beside_both("kim김\u{430}", Err(UsernameError::MixedScripts))]
    #[case::digits_of_another_script("ann\u{967}", Err(UsernameError::MixedScripts))]
    #[case::hyphen("-ann", Err(UsernameError::Hyphen))]
    #[case::option("--yes", Err(UsernameError::Hyphen))]
    #[case::hyphens("---", Err(UsernameError::Hyphen))]
    #[case::here(".", Err(UsernameError::OnlyPunctuation))]
    #[case::above("..", Err(UsernameError::OnlyPunctuation))]
    #[case::punctuation("_@+-", Err(UsernameError::OnlyPunctuation))]
    #[case::local_user("(local)", Err(UsernameError::Characters))]
    #[case::blank("two words", Err(UsernameError::Characters))]
    #[case::path("a/../b", Err(UsernameError::Characters))]
    #[case::nul("nul\0", Err(UsernameError::Characters))]
    #[case::zero_width("an\u{200b}n", Err(UsernameError::Characters))]
    #[case::filler("\u{3164}", Err(UsernameError::Characters))]
    #[case::long_hyphen("\u{2014}ann", Err(UsernameError::Characters))]
    #[case::nothing("", Err(UsernameError::Length))]
    fn a_name_is_accepted_or_refused_by_a_rule(
        #[case] name: &str,
        #[case] expected: Result<(), UsernameError>,
    ) {
        assert_eq!(check(name), expected);
    }

    #[test]
    fn the_length_is_counted_in_characters() {
        assert_eq!(check(&"가".repeat(150)), Ok(()));
        assert_eq!(check(&"가".repeat(151)), Err(UsernameError::Length));
    }

    #[rstest]
    #[case::whole_word_in_cyrillic("\u{430}\u{440}\u{440}\u{4cf}\u{435}", "apple", true)]
    #[case::digit_for_a_letter("paypa1", "paypal", true)]
    #[case::wide("\u{ff41}nn", "ann", true)]
    #[case::mathematical("\u{1d41a}nn", "ann", true)]
    #[case::case("Ann", "ann", false)]
    #[case::korean("김철수", "김찰수", false)]
    #[case::digits("user10", "user11", false)]
    fn names_that_look_alike_have_one_skeleton(
        #[case] one: &str,
        #[case] other: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(skeleton(one) == skeleton(other), expected);
    }

    #[rstest]
    #[case("\u{1112}\u{1161}\u{11ab}", "한")]
    #[case("Jose\u{301}", "Jos\u{e9}")]
    #[case("Ann_1", "Ann_1")]
    fn a_name_is_the_same_however_it_is_typed(#[case] typed: &str, #[case] expected: &str) {
        assert_eq!(normalize(typed), expected);
    }
}
