//! From speech to words.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use hound::{SampleFormat, WavSpec, WavWriter};

use super::costs::Costs;
use super::figures::{Recognition, ReleaseToFinal, Tail95, median, ms, tail95};
use crate::config::SpeechConfig;
use crate::interview::Language;
use crate::models;
use crate::voice::decode::AudioFile;
use crate::voice::recorder::rehearsal::{Rehearsed, rehearse};
use crate::voice::segmenter::phrases;
use crate::voice::transcriber::transcribe_phrase;
use crate::voice::{
    Microphone, Recorder, RecorderEvent, SAMPLE_RATE, SpeechLanguage, TranscriberHandle,
    TranscriptionRequest, WavMicrophone, Whisper,
};

/// An interview answer of 29 s, synthetic speech, ending with a pause: it can be said over and over.
pub const ANSWER: &[u8] = include_bytes!("../../../assets/speech/answer-en.flac");
/// Of the answers, in seconds.
const LENGTHS: [usize; 4] = [5, 10, 30, 120];
const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);
/// Writing a recording is measured with so much of the answer, in seconds.
const RECORDING: usize = 12;
/// The key comes up at any place of a sentence: answers of one length begin at so many places.
const BEGINNINGS: usize = 4;

/// What was measured, and the model for what follows.
pub struct Measured {
    pub figures: Recognition,
    pub transcriber: TranscriberHandle,
}

/// Loads `model` and measures it; `full`: in real time.
pub fn measure(model: &Path, settings: &SpeechConfig, full: bool) -> anyhow::Result<Measured> {
    let answer = answer()?;
    let begun = Instant::now();
    let mut whisper = Whisper::load(model, models::published_bytes(model))?.with_settings(settings);
    let load_ms = ms(begun.elapsed());
    let (threads, real_time_factor) = (whisper.threads(), real_time_factor(&mut whisper, &answer)?);
    let mut costs = Costs::new(&mut whisper);
    let rehearsed = LENGTHS.map(|seconds| rehearsals(&answer, seconds, &mut costs));
    let (first_partial_ms, partial_interval_ms) = partials(&rehearsed);
    let transcriber = TranscriberHandle::spawn(move || Ok(Box::new(whisper)), |_| {});
    let finals = if full {
        real(&transcriber, &answer)?
    } else {
        rehearsed.iter().map(|same| finals(same)).collect()
    };
    let figures = Recognition {
        model: model.display().to_string(),
        threads,
        clock: if full { "real" } else { "virtual" },
        load_ms,
        real_time_factor,
        first_partial_ms,
        partial_interval_ms,
        release_to_final_ms: ReleaseToFinal::of(&finals),
    };
    Ok(Measured {
        figures,
        transcriber,
    })
}

/// The bundled speech: mono, [`SAMPLE_RATE`].
fn answer() -> anyhow::Result<Vec<f32>> {
    let mut file =
        AudioFile::from_bytes("bundled speech", Bytes::from_static(ANSWER), SAMPLE_RATE)?;
    let mut samples = Vec::new();
    while file.read(&mut samples)? {}
    Ok(samples)
}

fn real_time_factor(whisper: &mut Whisper, answer: &[f32]) -> anyhow::Result<f64> {
    let begun = Instant::now();
    for phrase in phrases(&answer[..RECORDING * SAMPLE_RATE as usize]) {
        transcribe_phrase(whisper, &phrase, &TranscriptionRequest::new(LANGUAGE))?;
    }
    let factor = begun.elapsed().as_secs_f64() / RECORDING as f64;
    Ok((factor * 1_000.0).round() / 1_000.0)
}

fn rehearsals(answer: &[f32], seconds: usize, costs: &mut Costs<'_>) -> Vec<Rehearsed> {
    let length = seconds * SAMPLE_RATE as usize;
    let begin = |number: usize| number * answer.len() / BEGINNINGS;
    let said = |begin: usize| -> Vec<f32> {
        answer
            .iter()
            .cycle()
            .skip(begin)
            .take(length)
            .copied()
            .collect()
    };
    let mut one = |number| {
        rehearse(&said(begin(number)), LANGUAGE, &mut |phrase, request| {
            costs.write(phrase, request)
        })
    };
    (0..BEGINNINGS).map(&mut one).collect()
}

fn finals(same: &[Rehearsed]) -> f64 {
    median(same.iter().map(|one| one.release_to_final).collect())
}

/// When the first words came, of answers that begin with speech and not with a pause, and how often drafts were made.
fn partials(rehearsed: &[Vec<Rehearsed>]) -> (Option<f64>, Option<Tail95>) {
    let first: Vec<Duration> = rehearsed
        .iter()
        .filter_map(|same| same[0].first_partial)
        .collect();
    let intervals: Vec<Duration> = rehearsed
        .iter()
        .flatten()
        .flat_map(|one| one.intervals.clone())
        .collect();
    (
        (!first.is_empty()).then(|| median(first)),
        (!intervals.is_empty()).then(|| tail95(intervals)),
    )
}

/// Answers spoken at their own pace through the recorder.
fn real(transcriber: &TranscriberHandle, answer: &[f32]) -> anyhow::Result<Vec<f64>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let said = |seconds: usize| {
        let file = folder.path().join(format!("{seconds}.wav"));
        write_wav(
            &file,
            answer.iter().cycle().take(seconds * SAMPLE_RATE as usize),
        )?;
        spoken(transcriber, file, seconds)
    };
    LENGTHS.into_iter().map(said).collect()
}

fn write_wav<'a>(file: &Path, samples: impl Iterator<Item = &'a f32>) -> anyhow::Result<()> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 32,
        sample_format: SampleFormat::Float,
    };
    let mut writer = WavWriter::create(file, spec).context("cannot write a temporary file")?;
    for sample in samples {
        writer
            .write_sample(*sample)
            .context("cannot write a temporary file")?;
    }
    writer.finalize().context("cannot write a temporary file")
}

fn spoken(transcriber: &TranscriberHandle, file: PathBuf, seconds: usize) -> anyhow::Result<f64> {
    let (tell, events) = mpsc::channel();
    let microphone: Box<dyn Microphone> = Box::new(WavMicrophone::new(vec![file])?);
    let level = tokio::sync::watch::channel(0.0).0;
    let tell = Arc::new(move |event| drop(tell.send(event)));
    let recorder = Recorder::spawn(microphone, Some(transcriber.clone()), level, tell);
    recorder.press(1, LANGUAGE);
    std::thread::sleep(Duration::from_secs(seconds as u64));
    let released = Instant::now();
    recorder.release(1);
    loop {
        match events.recv().context("the recorder stopped")? {
            RecorderEvent::Transcribed(..) | RecorderEvent::NoSpeech(_) => {
                return Ok(ms(released.elapsed()));
            }
            RecorderEvent::Failed(_, error) | RecorderEvent::MicrophoneFailed(error) => {
                return Err(error.into());
            }
            _ => {}
        }
    }
}
