//! Measures transcription of files against a plain run of whisper.cpp with its default parameters
//! over the whole file, with the same model and threads, and then which number of threads is best.
//! Run it with `make bench` (`MODEL=file` chooses the model).
//!
//! On a busy machine set `MOCK_INTERVIEWER_SPEECH_THREADS=1` for the first comparison: more threads
//! than free cores only measure how they wait for each other. The two take turns, and the fastest
//! of a few runs counts, because other load only ever adds time.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mock_interviewer::interview::Language;
use mock_interviewer::machine;
use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::segmenter::phrases;
use mock_interviewer::voice::transcriber::transcribe_phrase;
use mock_interviewer::voice::{SAMPLE_RATE, SpeechLanguage, TranscriptionRequest, Whisper};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
};

const RUNS: usize = 3;
/// Recordings with a known transcript.
const FILES: [&str; 12] = [
    "short-en-1.wav",
    "short-en-2.wav",
    "short-en-4.wav",
    "short-en-5.wav",
    "short-en-6.wav",
    "fillers-en-3.wav",
    "korean-ko-1.wav",
    "korean-ko-3.wav",
    "korean-ko-4.wav",
    "medium-en-1.wav",
    "long-en-60s.flac",
    "long-en-120s.flac",
];

fn main() {
    let model =
        std::env::var_os("MOCK_INTERVIEWER_BENCH_MODEL").map_or_else(test_model, PathBuf::from);
    let from_environment = std::env::var("MOCK_INTERVIEWER_SPEECH_THREADS")
        .ok()
        .and_then(|text| text.parse().ok());
    let threads = from_environment.unwrap_or_else(machine::cores);
    println!("model {}, {threads} threads", model.display());
    let mut plain = Plain::load(&model, threads);
    let mut whisper = load(&model).with_threads(threads);
    println!(
        "{:20} {:>9} {:>9} {:>6} {:>8} {:>8}",
        "file", "plain ms", "ours ms", "ratio", "plain WER", "our WER"
    );
    let mut sums = [Duration::ZERO; 2];
    for file in FILES {
        let recording = Recording::load(file);
        let [(before, plain_text), (ours, text)] = compare(&mut plain, &mut whisper, &recording);
        let ratio = ours.as_secs_f64() / before.as_secs_f64();
        println!(
            "{file:20} {:9.1} {:9.1} {ratio:6.2} {:8.1}% {:7.1}%",
            ms(before),
            ms(ours),
            recording.word_error_rate(&plain_text),
            recording.word_error_rate(&text)
        );
        sums[0] += before;
        sums[1] += ours;
    }
    println!(
        "{:20} {:9.1} {:9.1} {:6.2}",
        "all",
        ms(sums[0]),
        ms(sums[1]),
        sums[1].as_secs_f64() / sums[0].as_secs_f64()
    );
    drop(plain);
    compare_threads(whisper, machine::cores());
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn test_model() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fixtures/toy-whisper.bin");
    assert!(
        path.exists(),
        "the test model is missing: run scripts/fixtures"
    );
    path
}

fn load(model: &Path) -> Whisper {
    Whisper::load(model, None).expect("a good model")
}

struct Recording {
    samples: Vec<f32>,
    language: Language,
    reference: Vec<String>,
}

impl Recording {
    fn load(file: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/speech");
        let table = std::fs::read_to_string(folder.join("transcripts.tsv")).expect("a fixture");
        let row = table
            .lines()
            .find(|row| row.starts_with(&format!("{file}\t")))
            .expect("a known recording");
        let columns: Vec<&str> = row.split('\t').collect();
        let mut samples = Vec::new();
        let mut audio = AudioFile::open(&folder.join(file), SAMPLE_RATE).expect("a fixture");
        while audio.read(&mut samples).expect("a fixture") {}
        let language = if columns[1] == "ko" {
            Language::Korean
        } else {
            Language::English
        };
        Self {
            samples,
            language,
            reference: words(columns[2]),
        }
    }

    /// Returns the word error rate in per cent: the Levenshtein distance in words, ignoring case
    /// and punctuation.
    fn word_error_rate(&self, transcript: &str) -> f64 {
        let transcript = words(transcript);
        let mut row: Vec<usize> = (0..=transcript.len()).collect();
        for (at, expected) in self.reference.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], at + 1);
            for (column, word) in transcript.iter().enumerate() {
                let best = (diagonal + usize::from(expected != word))
                    .min(row[column] + 1)
                    .min(row[column + 1] + 1);
                diagonal = std::mem::replace(&mut row[column + 1], best);
            }
        }
        100.0 * row[transcript.len()] as f64 / self.reference.len() as f64
    }
}

fn words(text: &str) -> Vec<String> {
    let plain = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
            .to_lowercase()
    };
    text.split_whitespace()
        .map(plain)
        .filter(|word| !word.is_empty())
        .collect()
}

/// whisper.cpp with its default parameters.
struct Plain {
    state: WhisperState,
    threads: i32,
}

impl Plain {
    fn load(model: &Path, threads: usize) -> Self {
        whisper_rs::install_logging_hooks();
        let context = WhisperContext::new_with_params(model, WhisperContextParameters::default());
        let state = context
            .and_then(|context| context.create_state())
            .expect("a good model");
        Self {
            state,
            threads: i32::try_from(threads).expect("few threads"),
        }
    }

    fn run(&mut self, recording: &Recording) -> String {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 5 });
        parameters.set_language(Some(recording.language.code()));
        parameters.set_n_threads(self.threads);
        parameters.set_print_progress(false);
        self.state
            .full(parameters, &recording.samples)
            .expect("whisper.cpp runs");
        self.state
            .as_iter()
            .map(|segment| segment.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn ours(whisper: &mut Whisper, recording: &Recording) -> String {
    let request = TranscriptionRequest::new(SpeechLanguage::Only(recording.language));
    let mut transcribe = |phrase| {
        transcribe_phrase(whisper, &phrase, &request)
            .expect("whisper.cpp runs")
            .text
    };
    phrases(&recording.samples)
        .into_iter()
        .map(&mut transcribe)
        .collect::<Vec<_>>()
        .join(" ")
}

fn compare(
    plain: &mut Plain,
    whisper: &mut Whisper,
    recording: &Recording,
) -> [(Duration, String); 2] {
    let mut best = [
        (Duration::MAX, String::new()),
        (Duration::MAX, String::new()),
    ];
    for _ in 0..RUNS {
        let outcomes = [
            timed(|| plain.run(recording)),
            timed(|| ours(whisper, recording)),
        ];
        for (best, outcome) in best.iter_mut().zip(outcomes) {
            if outcome.0 < best.0 {
                *best = outcome;
            }
        }
    }
    best
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let outcome = work();
    (begun.elapsed(), outcome)
}

/// Measures one phrase with each number of threads, on an idle machine and beside one busy thread.
fn compare_threads(mut whisper: Whisper, most: usize) {
    let recording = Recording::load("medium-en-1.wav");
    println!("\n{:20} {:>12} {:>12}", "threads", "at rest ms", "busy ms");
    for threads in 1..=most {
        whisper = whisper.with_threads(threads);
        let rest = fastest(&mut whisper, &recording);
        let over = Arc::new(AtomicBool::new(false));
        let busy = thread::spawn({
            let over = over.clone();
            move || {
                let mut count = 0_u64;
                while !over.load(Ordering::Relaxed) {
                    count = black_box(count.wrapping_add(1));
                }
            }
        });
        let beside = fastest(&mut whisper, &recording);
        over.store(true, Ordering::Relaxed);
        busy.join().expect("it only counts");
        println!("{threads:20} {:12.1} {:12.1}", ms(rest), ms(beside));
    }
}

fn fastest(whisper: &mut Whisper, recording: &Recording) -> Duration {
    (0..RUNS)
        .map(|_| timed(|| ours(whisper, recording)).0)
        .min()
        .expect("several runs")
}
