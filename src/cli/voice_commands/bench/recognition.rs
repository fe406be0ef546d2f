//! The time from speech to words.
//!
//! The waits are computed rather than lived through, so that a two-minute answer does not take two
//! minutes: an answer is cut into phrases as during an interview, and each phrase waits for the
//! transcriber, which takes as long for it as was measured for phrases of its length.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::figures::{Recognition, ReleaseToFinal, ms, percentile};
use super::memory;
use crate::config::SpeechConfig;
use crate::interview::Language;
use crate::models;
use crate::voice::decode::AudioFile;
use crate::voice::segmenter::{Phrase, PhraseLimits, Segmenter, phrases};
use crate::voice::transcriber::transcribe_phrase;
use crate::voice::{Pass, SAMPLE_RATE, SpeechLanguage, TranscriptionRequest, Whisper};

/// An interview answer of 29 s, synthetic speech, which ends with a pause and so can be repeated.
pub const ANSWER: &[u8] = include_bytes!("../../../../assets/speech/answer-en.flac");
const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);
const SECOND: usize = SAMPLE_RATE as usize;
/// The length in seconds of the recording that the real-time factor is measured with.
const RECORDING: usize = 12;
/// The key may be released anywhere in a sentence: answers of one length begin at so many places.
const BEGINNINGS: usize = 4;
/// Samples between two drafts of a phrase: 300 ms, as while recording.
const DRAFT_INTERVAL: usize = SECOND * 3 / 10;
/// Samples recorded after the release of the key: 200 ms, as while recording.
const TAIL: usize = SECOND / 5;
/// Phrases whose lengths differ by less than this take about the same time: below 10 s the model's
/// context, which is most of the work, has one size.
const SIMILAR: usize = 2 * SECOND;

/// Loads the model and measures it. Returns the memory of the process with it, too, in megabytes.
pub fn measure(model: &Path, settings: &SpeechConfig) -> anyhow::Result<(Recognition, f64)> {
    let answer = answer()?;
    let begun = Instant::now();
    let whisper = Whisper::load(model, models::published_bytes(model))?.with_settings(settings);
    let load_ms = ms(begun.elapsed());
    let threads = whisper.threads();
    let mut stopwatch = PhraseTimes {
        whisper,
        times: HashMap::new(),
    };
    let figures = Recognition {
        model: model.display().to_string(),
        threads,
        load_ms,
        real_time_factor: stopwatch.real_time_factor(&answer)?,
        first_partial_ms: stopwatch.first_partial(&answer)?.map(ms),
        release_to_final_ms: ReleaseToFinal {
            five: stopwatch.median_wait(&answer, 5)?,
            ten: stopwatch.median_wait(&answer, 10)?,
            thirty: stopwatch.median_wait(&answer, 30)?,
            two_minutes: stopwatch.median_wait(&answer, 120)?,
        },
    };
    Ok((figures, memory::resident()?))
}

/// Returns the bundled speech as mono samples at [`SAMPLE_RATE`].
fn answer() -> anyhow::Result<Vec<f32>> {
    let bytes = Bytes::from_static(ANSWER);
    let mut file = AudioFile::from_bytes("bundled speech", bytes, SAMPLE_RATE)?;
    let mut samples = Vec::new();
    while file.read(&mut samples)? {}
    Ok(samples)
}

fn duration(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(SAMPLE_RATE))
}

/// The model, and how long it took for phrases by their length in units of [`SIMILAR`].
struct PhraseTimes {
    whisper: Whisper,
    times: HashMap<usize, Duration>,
}

impl PhraseTimes {
    fn transcribe(&mut self, phrase: &Phrase, pass: Pass) -> anyhow::Result<(String, Duration)> {
        let request = TranscriptionRequest {
            pass,
            ..TranscriptionRequest::new(LANGUAGE)
        };
        let begun = Instant::now();
        let transcript = transcribe_phrase(&mut self.whisper, phrase, &request)?;
        Ok((transcript.text, begun.elapsed()))
    }

    fn time_for(&mut self, phrase: &Phrase) -> anyhow::Result<Duration> {
        let length = phrase.samples.len() / SIMILAR;
        if let Some(time) = self.times.get(&length) {
            return Ok(*time);
        }
        let (_, time) = self.transcribe(phrase, Pass::Final)?;
        self.times.insert(length, time);
        Ok(time)
    }

    fn real_time_factor(&mut self, answer: &[f32]) -> anyhow::Result<f64> {
        let mut spent = Duration::ZERO;
        for phrase in phrases(&answer[..RECORDING * SECOND]) {
            spent += self.transcribe(&phrase, Pass::Final)?.1;
        }
        let factor = spent.as_secs_f64() / RECORDING as f64;
        Ok((factor * 1_000.0).round() / 1_000.0)
    }

    /// Returns how long after the start of the answer the first draft with words is ready.
    fn first_partial(&mut self, answer: &[f32]) -> anyhow::Result<Option<Duration>> {
        let mut segmenter = Segmenter::new(PhraseLimits::LIVE);
        let mut closed = Vec::new();
        let mut ready = Duration::ZERO;
        for (number, block) in answer.chunks(DRAFT_INTERVAL).enumerate() {
            let now = duration((number + 1) * DRAFT_INTERVAL);
            segmenter.push(block, &mut closed);
            let phrase = closed.pop().or_else(|| segmenter.open_phrase());
            let Some(phrase) = phrase.filter(|_| ready <= now) else {
                continue;
            };
            let (text, time) = self.transcribe(&phrase, Pass::Draft)?;
            ready = now + time;
            if !text.is_empty() {
                return Ok(Some(ready));
            }
        }
        Ok(None)
    }

    fn median_wait(&mut self, answer: &[f32], seconds: usize) -> anyhow::Result<f64> {
        let mut waits = Vec::new();
        for number in 0..BEGINNINGS {
            let start = number * answer.len() / BEGINNINGS;
            let samples = answer.iter().cycle().skip(start);
            let spoken: Vec<f32> = samples.take(seconds * SECOND).copied().collect();
            waits.push(self.wait(&spoken)?);
        }
        Ok(percentile(&mut waits, 50))
    }

    /// Returns how long after the release of the key the last phrase of an answer is transcribed.
    fn wait(&mut self, spoken: &[f32]) -> anyhow::Result<Duration> {
        let mut segmenter = Segmenter::new(PhraseLimits::LIVE);
        let mut closed = Vec::new();
        let mut idle_at = Duration::ZERO;
        let mut recorded = 0;
        for block in spoken.chunks(DRAFT_INTERVAL).chain([&[0.0; TAIL][..]]) {
            segmenter.push(block, &mut closed);
            recorded += block.len();
            if recorded == spoken.len() + TAIL {
                segmenter.finish(&mut closed);
            }
            for phrase in closed.drain(..) {
                idle_at = idle_at.max(duration(recorded)) + self.time_for(&phrase)?;
            }
        }
        let ready = idle_at.max(duration(recorded));
        Ok(ready.saturating_sub(duration(spoken.len())))
    }
}
