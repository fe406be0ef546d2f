use rstest::rstest;

use super::*;

/// One letter a sound: V(owel), N (sonorant), H(iss), B(reath), S(top).
fn classes(word: &str, language: Language) -> String {
    let letter = |phone: &Phone| match phone.class {
        Class::Vowel => 'V',
        Class::Sonorant => 'N',
        Class::Hiss => 'H',
        Class::Breath => 'B',
        Class::Stop => 'S',
    };
    of(word, language).iter().map(letter).collect()
}

#[rstest]
#[case::plain("list", "NVHS")]
#[case::digraphs("which", "NVH")]
#[case::mute_e("made", "NVS")]
#[case::past("listed", "NVHSVS")]
#[case::past_without_a_vowel("fixed", "BVSHS")]
#[case::plural("caches,", "SVHVH")]
#[case::doubled("memory", "NVNVNV")]
#[case::nation("nation.", "NVHVN")]
#[case::acronym("API", "VSVV")]
#[case::word_i("I", "V")]
#[case::apostrophe("don't", "SVNS")]
#[case::digits("16", "HVSHSVN")]
#[case::sign("5%", "BVBSVNHVNS")]
#[case::korean("했습니다.", "BVHVNNVSV")]
#[case::liaison("있어", "VHV")]
#[case::mixed("API를", "VSVVNVN")]
#[case::other_scripts("日本", "SVSV")]
#[case::punctuation("—", "")]
fn spelling_tells_the_kinds_of_sounds(#[case] word: &str, #[case] expected: &str) {
    assert_eq!(classes(word, Language::English), expected);
}

#[rstest]
#[case("0", "zero", "영")]
#[case("16", "sixteen", "십육")]
#[case("1,250", "one thousand two hundred fifty", "천이백오십")]
#[case("30000", "thirty thousand", "삼만")]
#[case("3.5", "three point five", "삼 점 오")]
#[case("007", "zero zero seven", "영 영 칠")]
#[case("99999999999999999999.", &["nine"; 20].join(" "), &["구"; 20].join(" "))]
fn digits_are_read_out(#[case] digits: &str, #[case] english: &str, #[case] korean: &str) {
    assert_eq!(numbers::words(digits, Language::English), english);
    assert_eq!(numbers::words(digits, Language::Korean), korean);
}

#[test]
fn the_last_syllable_before_a_pause_is_longer() {
    let length = |word: &str| {
        of(word, Language::English)
            .iter()
            .map(|phone| phone.length)
            .sum::<f32>()
    };
    assert!(length("team,") > length("team"));
    assert!(length("team.\"") > length("team"));
}
