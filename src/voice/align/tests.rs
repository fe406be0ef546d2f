use std::path::Path;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/speech")
        .join(name)
}

fn samples(name: &str) -> Vec<f32> {
    let mut reader = hound::WavReader::open(fixture(&format!("{name}.wav"))).unwrap();
    reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect()
}

/// The words of a recording with their true times.
fn truth(name: &str) -> Vec<Word> {
    let table = std::fs::read_to_string(fixture(&format!("{name}.words.tsv"))).unwrap();
    let word = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        Word {
            text: fields[0].into(),
            start: fields[1].parse().unwrap(),
            end: fields[2].parse().unwrap(),
        }
    };
    table.lines().skip(1).map(word).collect()
}

fn word(text: &str, start: f64, end: f64) -> Word {
    Word {
        text: text.into(),
        start,
        end,
    }
}

/// The largest error in seconds, starts and ends.
fn worst(found: &[Word], truth: &[Word]) -> f64 {
    assert_eq!(found.len(), truth.len());
    let errors = found
        .iter()
        .zip(truth)
        .flat_map(|(found, truth)| [found.start - truth.start, found.end - truth.end]);
    errors.fold(0.0, |worst, error| error.abs().max(worst))
}

/// Whatever the recogniser thought of the times: all words at the start, all at the end, or spread evenly.
#[rstest]
fn words_are_found_where_they_are_said(
    #[values(("words-en", Language::English), ("words-ko", Language::Korean))] recording: (
        &str,
        Language,
    ),
    #[values(0.0, 1.0, f64::NAN)] hint: f64,
) {
    let (name, language) = recording;
    let (samples, truth) = (samples(name), truth(name));
    let seconds = samples.len() as f64 / 16_000.0;
    let hinted = |(at, known): (usize, &Word)| {
        let start = if hint.is_nan() {
            seconds * at as f64 / truth.len() as f64
        } else {
            hint * seconds
        };
        word(&known.text, start, start)
    };
    let found = align(
        &samples,
        truth.iter().enumerate().map(hinted).collect(),
        language,
    );
    assert!(worst(&found, &truth) <= 0.15, "{found:#?}\n{truth:#?}");
}

/// Speech recognition leaves "um" out. No word is to be stretched over it, so that it can be found in what is left.
#[test]
fn a_filler_left_out_of_the_text_belongs_to_no_word() {
    let samples = samples("fillers-en-1");
    let text = "I found a memory leak and added more tests.";
    let words = text.split(' ').map(|text| word(text, 0.0, 0.0)).collect();
    let (found, voiced) = (align(&samples, words, Language::English), voiced(&samples));
    assert!(
        found[0].start - voiced[0].start > 0.2 && found[0].start < 1.0,
        "{found:#?}\n{voiced:?}"
    );
}

#[test]
fn the_first_word_starts_with_the_voice_and_the_last_ends_with_it() {
    let tone = |at: usize| {
        if (8_000..24_000).contains(&at) {
            (at as f32 * 0.2).sin() * 0.5
        } else {
            0.0
        }
    };
    let found = align(
        &(0..40_000).map(tone).collect::<Vec<_>>(),
        vec![word("hello", 0.0, 2.5)],
        Language::English,
    );
    assert!(
        (found[0].start - 0.5).abs() <= 0.1 && (found[0].end - 1.5).abs() <= 0.1,
        "{found:?}"
    );
}

#[test]
fn silence_and_nothing_are_no_trouble() {
    assert_eq!(align(&[], vec![], Language::English), []);
    assert_eq!(
        align(&[], vec![word("hello", 1.0, 2.0)], Language::English),
        [word("hello", 0.0, 0.0)]
    );
    assert_eq!(
        align(&[0.0; 1_600], vec![word("…", 0.0, 9.0)], Language::Korean),
        [word("…", 0.0, 0.0)]
    );
    let found = align(
        &vec![0.0; 16_000],
        vec![word("a", 0.0, 9.0), word("b", 9.0, 9.0)],
        Language::English,
    );
    assert!(found[1].end <= 1.0);
}

#[test]
fn stretches_with_voice_are_found() {
    let voiced = voiced(&samples("words-en"));
    let gap = voiced
        .windows(2)
        .find(|pair| pair[1].start - pair[0].end > 0.5)
        .unwrap();
    assert!((voiced[0].start - 0.30).abs() < 0.1, "{voiced:?}");
    assert!(
        (gap[0].end - 3.66).abs() < 0.1 && (gap[1].start - 4.27).abs() < 0.1,
        "{voiced:?}"
    );
    assert_eq!(super::voiced(&[]), []);
    assert_eq!(super::voiced(&vec![0.0; 16_000]), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn times_are_in_order_and_inside_the_sound_whatever_comes(
        loud in prop::collection::vec(prop_oneof![Just(0.0_f32), -1.0_f32..1.0, Just(f32::NAN), Just(f32::INFINITY)], 0..60),
        every in 1_usize..400,
        texts in prop::collection::vec("[a-zA-Z0-9가-힣,.'%日é …]{0,12}", 0..40),
        hints in prop::collection::vec(prop_oneof![-5.0_f64..50.0, Just(f64::NAN), Just(f64::INFINITY)], 40),
        korean: bool,
    ) {
        let samples: Vec<f32> = loud.iter().flat_map(|sample| (0..every).map(move |at| sample * (at as f32 * 0.3).sin())).collect();
        let words: Vec<Word> = texts.iter().zip(&hints).map(|(text, hint)| word(text, *hint, *hint)).collect();
        let language = if korean { Language::Korean } else { Language::English };
        let found = align(&samples, words, language);
        prop_assert_eq!(found.len(), texts.len());
        let mut last = 0.0;
        for (found, text) in found.iter().zip(&texts) {
            prop_assert_eq!(&found.text, text);
            prop_assert!(last <= found.start && found.start <= found.end, "{:?}", found);
            prop_assert!(found.end <= samples.len() as f64 / 16_000.0);
            last = found.end;
        }
        voiced(&samples);
    }
}
