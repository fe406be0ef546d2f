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

/// Reads the words of a recording with their true times.
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

fn word(text: &str) -> Word {
    Word {
        text: text.into(),
        start: 0.0,
        end: 0.0,
    }
}

/// Returns the largest error of a start or an end, in seconds.
fn worst(found: &[Word], truth: &[Word]) -> f64 {
    assert_eq!(found.len(), truth.len());
    let errors = found
        .iter()
        .zip(truth)
        .flat_map(|(found, truth)| [found.start - truth.start, found.end - truth.end]);
    errors.fold(0.0, |worst, error| error.abs().max(worst))
}

#[rstest]
fn words_are_found_where_they_are_said(#[values("words-en", "words-ko")] name: &str) {
    let truth = truth(name);
    let untimed = truth.iter().map(|known| word(&known.text)).collect();
    let found = align(&samples(name), untimed);
    let worst = worst(&found, &truth);
    assert!(worst <= 0.15, "{found:#?}\n{truth:#?}");
}

/// Speech recognition leaves "um" out. A word that covered it would hide it.
#[test]
fn a_filler_left_out_of_the_text_belongs_to_no_word() {
    let samples = samples("fillers-en-1");
    let text = "I found a memory leak and added more tests.";
    let found = align(&samples, text.split(' ').map(word).collect());
    let voiced = voiced(&samples);
    assert!(
        found[0].start - voiced[0].start > 0.2 && found[0].start < 1.0,
        "{found:#?}\n{voiced:?}"
    );
}

#[test]
fn the_first_word_starts_with_the_voice_and_the_last_ends_with_it() {
    let sample = |at: usize| {
        if (8_000..24_000).contains(&at) {
            (at as f32 * 0.2).sin() * 0.5
        } else {
            0.0
        }
    };
    let samples: Vec<f32> = (0..40_000).map(sample).collect();
    let found = align(&samples, vec![word("hello")]);
    assert!(
        (found[0].start - 0.5).abs() <= 0.1 && (found[0].end - 1.5).abs() <= 0.1,
        "{found:?}"
    );
}

#[test]
fn words_of_silence_and_of_nothing_stay_inside_the_audio() {
    assert_eq!(align(&[], vec![]), []);
    assert_eq!(align(&[], vec![word("hello")]), [word("hello")]);
    assert_eq!(align(&[0.0; 1_600], vec![word("…")]), [word("…")]);
    let found = align(&vec![0.0; 16_000], vec![word("a"), word("b")]);
    assert!(found[1].end <= 1.0);
}

#[test]
fn the_stretches_with_a_voice_are_found() {
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
    fn times_are_in_order_and_inside_the_audio_for_any_input(
        loud in prop::collection::vec(prop_oneof![Just(0.0_f32), -1.0_f32..1.0, Just(f32::NAN), Just(f32::INFINITY)], 0..60),
        every in 1_usize..400,
        texts in prop::collection::vec("[a-zA-Z0-9가-힣,.'%日é …]{0,12}", 0..40),
    ) {
        let samples: Vec<f32> = loud.iter().flat_map(|sample| (0..every).map(move |at| sample * (at as f32 * 0.3).sin())).collect();
        let words: Vec<Word> = texts.iter().map(|text| word(text)).collect();
        let found = align(&samples, words);
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
