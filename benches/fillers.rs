//! Measures the precision and recall of filler detection in the test recordings. Run it with `make
//! bench`.
//!
//! The labels are the fillers in the reference transcripts. Unlike the test model, real Whisper
//! leaves "um" and "uh" out of its text. The second group of lines removes them from the words, so
//! that only the audio shows them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mock_interviewer::interview::delivery::{Confidence, Filler, fillers};
use mock_interviewer::interview::{Language, Span, Word};
use mock_interviewer::voice::align::{align, voiced};
use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::segmenter::phrases;
use mock_interviewer::voice::{
    SAMPLE_RATE, SpeechLanguage, Transcriber, TranscriptionRequest, Whisper,
};

/// The words that are fillers wherever they occur in the transcripts, where each "like" and 그 is
/// one too.
const LABELS: [&str; 5] = ["um", "uh", "like", "you know", "그"];
const DROPPED: [&str; 2] = ["um", "uh"];

/// The numbers of fillers that are labelled, found, and both.
#[derive(Default)]
struct Count {
    labelled: usize,
    found: usize,
    right: usize,
}

/// One recording with its reference transcript and its recognised words.
struct Sample {
    language: Language,
    /// The words of the transcript in lower case, without punctuation.
    reference: Vec<String>,
    /// The start in seconds, the audio and the words of each phrase.
    phrases: Vec<(f64, Vec<f32>, Vec<Word>)>,
}

fn main() {
    let mut whisper = Whisper::load(&fixture("target/fixtures/toy-whisper.bin"), None)
        .expect("run scripts/fixtures");
    let samples: Vec<Sample> = recordings()
        .iter()
        .map(|row| recognise(&mut whisper, row))
        .collect();
    println!("{:42} labelled found right precision recall", "");
    for drop in [false, true] {
        for certain in [
            Confidence::Certain,
            Confidence::Likely,
            Confidence::Possible,
        ] {
            report(&samples, drop, certain);
        }
    }
    report_cost(&samples);
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the name, language and text of the recordings with fillers and of Korean ones without.
fn recordings() -> Vec<(String, Language, String)> {
    let table = include_str!("../tests/fixtures/speech/transcripts.tsv");
    let rows = table.lines().filter(|row| {
        ["fillers-", "korean-", "long-"]
            .iter()
            .any(|name| row.starts_with(name))
    });
    let fields = rows.map(|row| row.split('\t').map(str::to_owned).collect::<Vec<_>>());
    fields
        .map(|row| {
            (
                row[0].clone(),
                row[1].parse().expect("a language"),
                row[2].clone(),
            )
        })
        .collect()
}

fn recognise(whisper: &mut Whisper, (file, language, text): &(String, Language, String)) -> Sample {
    let mut reader = AudioFile::open(&fixture("tests/fixtures/speech").join(file), SAMPLE_RATE)
        .expect("a fixture");
    let mut samples = Vec::new();
    while reader.read(&mut samples).expect("audio") {}
    let phrases = phrases(&samples).into_iter().map(|phrase| {
        let transcript = whisper
            .transcribe(
                &phrase.samples,
                &TranscriptionRequest::new(SpeechLanguage::Only(*language)),
            )
            .expect("words");
        (
            phrase.start as f64 / f64::from(SAMPLE_RATE),
            phrase.samples,
            transcript.words,
        )
    });
    Sample {
        language: *language,
        reference: plain_words(text),
        phrases: phrases.collect(),
    }
}

fn plain(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

fn plain_words(text: &str) -> Vec<String> {
    text.split_whitespace().map(plain).collect()
}

impl Sample {
    /// Returns the fillers that the program finds, without the [`DROPPED`] words if `drop` is set.
    fn fillers(&self, drop: bool) -> Vec<Filler> {
        let mut words = Vec::new();
        let mut voices = Vec::new();
        for (start, samples, recognised) in &self.phrases {
            let kept = recognised
                .iter()
                .filter(|word| !drop || !DROPPED.contains(&plain(&word.text).as_str()));
            let placed = align(samples, kept.cloned().collect());
            words.extend(placed.into_iter().map(|word| Word {
                start: word.start + start,
                end: word.end + start,
                ..word
            }));
            voices.extend(voiced(samples).iter().map(|voice| Span {
                start: voice.start + start,
                end: voice.end + start,
            }));
        }
        fillers(&words, &voices, self.language)
    }

    /// Returns where the labelled fillers are, which is where these words lie when none is dropped.
    fn labels(&self) -> Vec<Span> {
        let all = self.phrases.iter().flat_map(|(start, samples, words)| {
            let placed = align(samples, words.clone());
            placed.into_iter().map(move |word| Word {
                start: word.start + start,
                end: word.end + start,
                ..word
            })
        });
        let all: Vec<Word> = all.collect();
        let is = |at: usize, label: &str| {
            let words: Vec<&str> = label.split(' ').collect();
            all.len() >= at + words.len()
                && words
                    .iter()
                    .zip(&all[at..])
                    .all(|(one, word)| plain(&word.text) == *one)
        };
        let found = (0..all.len()).filter_map(|at| {
            LABELS
                .iter()
                .find(|label| is(at, label))
                .map(|label| (at, *label))
        });
        found
            .map(|(at, label)| Span {
                start: all[at].start,
                end: all[at + label.split(' ').count() - 1].end,
            })
            .collect()
    }

    /// Returns how many fillers the transcript has, including those that the model misheard.
    fn labelled(&self) -> usize {
        let is = |at: usize, label: &str| {
            let words: Vec<&str> = label.split(' ').collect();
            self.reference[at..]
                .iter()
                .take(words.len())
                .eq(words.iter())
        };
        (0..self.reference.len())
            .filter(|at| LABELS.iter().any(|label| is(*at, label)))
            .count()
    }

    fn count(&self, drop: bool, least: Confidence, count: &mut Count) {
        let found: Vec<Filler> = self
            .fillers(drop)
            .into_iter()
            .filter(|filler| is_at_least(filler, least))
            .collect();
        let mut labels = self.labels();
        count.labelled += self.labelled();
        count.found += found.len();
        for filler in found {
            // Each label is matched once.
            let near =
                |label: &Span| filler.start < label.end + 0.15 && filler.end > label.start - 0.15;
            if let Some(at) = labels.iter().position(near) {
                labels.remove(at);
                count.right += 1;
            }
        }
    }
}

fn is_at_least(filler: &Filler, least: Confidence) -> bool {
    let rank = |confidence| match confidence {
        Confidence::Certain => 2,
        Confidence::Likely => 1,
        Confidence::Possible => 0,
    };
    rank(filler.confidence) >= rank(least)
}

fn report(samples: &[Sample], drop: bool, least: Confidence) {
    let mut count = Count::default();
    for sample in samples {
        sample.count(drop, least, &mut count);
    }
    let text = if drop {
        "um, uh left out of the text"
    } else {
        "text as it was decoded"
    };
    let part = |of: usize| 100.0 * count.right as f64 / of.max(1) as f64;
    println!(
        "{:42} {:8} {:5} {:5} {:7.1} % {:4.1} %",
        format!("{text}, at least {least:?}"),
        count.labelled,
        count.found,
        count.right,
        part(count.found),
        part(count.labelled)
    );
}

/// Prints how long the alignment takes.
fn report_cost(samples: &[Sample]) {
    let mut spent = Duration::ZERO;
    let mut length = 0;
    for sample in samples {
        for (_, phrase, words) in &sample.phrases {
            let start = Instant::now();
            align(phrase, words.clone());
            spent += start.elapsed();
            length += phrase.len();
        }
    }
    let seconds = length as f64 / f64::from(SAMPLE_RATE);
    println!(
        "alignment: {:.2} ms a second of speech",
        spent.as_secs_f64() * 1_000.0 / seconds
    );
}
