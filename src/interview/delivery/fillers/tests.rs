use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Returns words of 0.4 s, one every half second; `~` before a word inserts a pause of a second.
fn said(text: &str) -> Vec<Word> {
    let mut at = 0.0;
    let words = text.split_whitespace().map(|text| {
        let word = text.trim_start_matches('~');
        at += if word == text { 0.0 } else { 1.0 };
        let start = at;
        at += 0.5;
        Word {
            text: word.to_owned(),
            start,
            end: start + 0.4,
        }
    });
    words.collect()
}

/// Formats the fillers of a text: `!` certain, `+` likely, `?` possible.
fn found(text: &str, language: Language) -> String {
    let mark = |filler: &Filler| match filler.confidence {
        Confidence::Certain => '!',
        Confidence::Likely => '+',
        Confidence::Possible => '?',
    };
    let fillers = fillers(&said(text), &[], language);
    fillers
        .iter()
        .map(|filler| format!("{}{}", filler.text.as_deref().unwrap(), mark(filler)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[rstest]
#[case::sounds("Um, the, uh, cost was hmm high.", "um! uh! hmm!")]
#[case::between_commas("I wrote, like, a plan and deployed, you know, it.", "like+ you know+")]
#[case::between_pauses("I wrote ~like ~a plan", "like+")]
#[case::one_side("It was, like really slow.", "like?")]
#[case::ordinary_words(
    "I like Rust, you know it, so we sort of agree. I actually mean it.",
    "you know?"
)]
#[case::conjunction("It was slow, so we fixed it.", "")]
#[case::opening("So, we started. Actually, it worked. Well it did.", "so? actually?")]
#[case::inside("It was, basically, done.", "basically+")]
#[case::at_the_end("We fixed it, you know", "you know?")]
#[case::not_korean("음 어", "")]
#[case::nothing("", "")]
fn english_fillers_are_distinguished_from_words(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(found(text, Language::English), expected);
}

#[rstest]
#[case::sounds("음, 저는 어 코드를 썼습니다.", "음! 어!")]
#[case::set_off("그, 팀에서 뭐, 오류가 약간 ~줄었습니다.", "그+ 뭐+ 약간+")]
#[case::ordinary_words("그 팀에서 뭐 했는지 약간 압니다.", "")]
#[case::uncertain("막 바쁘게 이제 시작했습니다.", "막? 이제?")]
#[case::particles_make_other_words("저는 그는 이제는 어디", "")]
#[case::not_english("um like, uh", "")]
fn korean_fillers_are_distinguished_from_words(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(found(text, Language::Korean), expected);
}

fn span(start: f64, end: f64) -> Span {
    Span { start, end }
}

#[test]
fn voice_without_words_is_a_possible_filler() {
    let words = said("We um tested");
    let voiced = [
        span(0.0, 0.75),
        span(1.0, 1.4),
        span(2.0, 2.5),
        span(3.0, 3.1),
        span(4.0, 9.0),
    ];
    let expected = [
        Filler {
            text: Some("um".into()),
            start: 0.5,
            end: 0.9,
            confidence: Confidence::Certain,
        },
        Filler {
            text: None,
            start: 2.0,
            end: 2.5,
            confidence: Confidence::Possible,
        },
    ];
    assert_eq!(fillers(&words, &voiced, Language::English), expected);
}

#[test]
fn the_json_of_a_filler_is_stable() {
    let filler = Filler {
        text: None,
        start: 1.0,
        end: 1.5,
        confidence: Confidence::Possible,
    };
    let expected =
        serde_json::json!({"text": null, "start": 1.0, "end": 1.5, "confidence": "possible"});
    assert_eq!(serde_json::to_value(&filler).unwrap(), expected);
}

proptest! {
    #[test]
    fn any_words_and_times_are_judged(
        texts in prop::collection::vec("(um|like|so|you|know|그|막|,|\\.|x){1,3}", 0..12),
        times in prop::collection::vec(-1.0_f64..9.0, 24),
        spans in prop::collection::vec((-1.0_f64..9.0, -1.0_f64..9.0), 0..6),
    ) {
        let words: Vec<Word> =
            texts.iter().zip(times.chunks(2)).map(|(text, t)| Word { text: text.clone(), start: t[0], end: t[1] }).collect();
        let voiced: Vec<Span> = spans.iter().map(|(start, end)| span(*start, *end)).collect();
        for language in Language::ALL {
            let found = fillers(&words, &voiced, language);
            prop_assert!(found.windows(2).all(|pair| pair[0].start <= pair[1].start));
        }
    }
}
