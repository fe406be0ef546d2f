use rstest::rstest;

use super::*;

/// Writes one letter a sound: V(owel), N (sonorant), H(iss), B(reath), S(top).
fn classes(word: &str) -> String {
    let letter = |phone: &Phone| match phone.class {
        PhoneClass::Vowel => 'V',
        PhoneClass::Sonorant => 'N',
        PhoneClass::Hiss => 'H',
        PhoneClass::Breath => 'B',
        PhoneClass::Stop => 'S',
    };
    phones(word).iter().map(letter).collect()
}

#[rstest]
#[case::plain("list", "NVHS")]
#[case::doubled_consonant("will", "NVN")]
#[case::two_vowels("team.", "SVN")]
#[case::acronym("API,", "SVSVSV")]
#[case::word_i("I", "V")]
#[case::apostrophe("don't", "SVNS")]
#[case::digit("5", "SVSV")]
#[case::korean("했습니다.", "SVSSVSSVSV")]
#[case::korean_without_initial("있어", "VSV")]
#[case::mixed("API를", "VSVSVN")]
#[case::other_scripts("日本", "SVSV")]
#[case::punctuation("—", "")]
fn a_spelling_suggests_kinds_of_sounds(#[case] word: &str, #[case] expected: &str) {
    assert_eq!(classes(word), expected);
}

#[test]
fn the_last_syllable_before_a_pause_is_longer() {
    let length = |word: &str| phones(word).iter().map(|phone| phone.length).sum::<f32>();
    assert!(length("team,") > length("team"));
    assert!(length("team.\"") > length("team"));
}
