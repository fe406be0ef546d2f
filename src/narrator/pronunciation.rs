//! The pronunciation lexicon, which lists terms that a voice would misread.
//!
//! The screen shows text as developers write it (POST, 4xx, `s[0]`). Only the voice gets the spoken
//! form.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::interview::Language;

/// Written forms with their spoken forms, the longest first.
type Lexicon = Vec<(String, String)>;

static ENGLISH: LazyLock<Lexicon> =
    LazyLock::new(|| parse(include_str!("../../assets/speech/pronunciation.en.toml")));
static KOREAN: LazyLock<Lexicon> =
    LazyLock::new(|| parse(include_str!("../../assets/speech/pronunciation.ko.toml")));

/// Replaces the terms of the lexicon in `text` by their spoken forms. A term counts only as a whole
/// word, although a Korean particle may follow it directly.
pub fn pronounce(text: &str, language: Language) -> String {
    let lexicon: &Lexicon = match language {
        Language::English => &ENGLISH,
        Language::Korean => &KOREAN,
    };
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts_word = !spoken.ends_with(is_word);
        let term = lexicon.iter().find(|(written, _)| {
            starts_word
                && rest.strip_prefix(written.as_str()).is_some_and(|after| {
                    !(written.ends_with(is_word) && after.starts_with(is_word))
                })
        });
        let length = if let Some((written, form)) = term {
            spoken.push_str(form);
            written.len()
        } else {
            spoken.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    spoken
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn parse(file: &str) -> Lexicon {
    let terms: BTreeMap<String, String> = toml::from_str(file)
        .expect("the bundled lexicon is a table of strings, which a test checks");
    let mut lexicon: Lexicon = terms.into_iter().collect();
    lexicon.sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
    lexicon
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("생성에 쓰는 POST는 반복됩니다.", "생성에 쓰는 포스트는 반복됩니다.")]
    #[case("JavaScript와 Java, PUT과", "자바스크립트와 자바, 풋과")]
    #[case("N+1 문제, 4xx로", "엔 플러스 일 문제, 사백 번대로")]
    #[case("POSTGRES, my_DB, DBA", "POSTGRES, my_DB, DBA")]
    fn korean_terms_are_read_in_hangul(#[case] written: &str, #[case] spoken: &str) {
        assert_eq!(pronounce(written, Language::Korean), spoken);
    }

    #[rstest]
    #[case("4xx codes and `s[0]`", "four hundred codes and `s of zero`")]
    #[case("An O(n log n) sort", "An O of n log n sort")]
    #[case("14xx, class[0]", "14xx, class[0]")]
    fn english_terms_are_read_as_people_say_them(#[case] written: &str, #[case] spoken: &str) {
        assert_eq!(pronounce(written, Language::English), spoken);
    }

    #[test]
    fn no_spoken_form_is_itself_in_the_lexicon() {
        for (language, lexicon) in [(Language::English, &ENGLISH), (Language::Korean, &KOREAN)] {
            for (_, spoken) in lexicon.iter() {
                assert_eq!(&pronounce(spoken, language), spoken);
            }
        }
    }
}
