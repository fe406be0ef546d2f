//! The times from text to sound and from an interruption to silence, with a WAV file as the
//! loudspeaker.

use std::io::Cursor;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hound::{SampleFormat, WavSpec, WavWriter};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::figures::{MedianAndP95, Sound, percentile};
use crate::app::action::TurnId;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Narrator, Speech};
use crate::runtime::{QUEUE, SpeechCommand, SpeechOutput};
use crate::voice::{OnClipEnd, Playback, Speaker, VoiceError, WavSpeaker};

const SENTENCES: u64 = 5;
const INTERRUPTIONS: u64 = 20;
/// The length of the interrupted tone in seconds; every interruption comes sooner.
const TONE: u32 = 5;
const TONE_RATE: u32 = 24_000;
/// The longest wait for a sound or its end before the measurement fails.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Measures the offline narrator, if there is one, and interruptions.
pub async fn measure() -> anyhow::Result<Sound> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let inner = WavSpeaker::create(&folder.path().join("speech.wav"))?;
    let (changes, clips) = mpsc::unbounded_channel();
    let (actions, mut ignored) = mpsc::channel(QUEUE);
    tokio::spawn(async move { while ignored.recv().await.is_some() {} });
    let speaker = Box::new(TimedSpeaker { inner, changes });
    let output = SpeechOutput::start(Narrator::offline_default(), speaker, actions);
    let mut measurement = Measurement { output, clips };
    let mut onsets = Vec::new();
    if measurement.output.narrates() {
        for turn in 1..=SENTENCES {
            onsets.push(measurement.onset(TurnId(turn)).await?);
        }
    }
    let mut silences = Vec::new();
    for turn in SENTENCES + 1..=SENTENCES + INTERRUPTIONS {
        silences.push(measurement.interruption(TurnId(turn)).await?);
    }
    Ok(Sound {
        first_delta_to_sound_ms: (!onsets.is_empty()).then(|| percentile(&mut onsets, 50)),
        interrupt_to_silence_ms: MedianAndP95 {
            p50: percentile(&mut silences, 50),
            p95: percentile(&mut silences, 95),
        },
    })
}

/// Reports when each clip begins and when it ends.
struct TimedSpeaker {
    inner: WavSpeaker,
    changes: mpsc::UnboundedSender<Instant>,
}

impl Speaker for TimedSpeaker {
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let changes = self.changes.clone();
        let _ = changes.send(Instant::now());
        let timed: OnClipEnd = Box::new(move |outcome| {
            let _ = changes.send(Instant::now());
            ended(outcome);
        });
        self.inner.play(speech, timed)
    }

    fn set_volume(&mut self, factor: f32) {
        self.inner.set_volume(factor);
    }

    fn name(&self) -> String {
        self.inner.name()
    }
}

struct Measurement {
    output: SpeechOutput,
    /// The begin and the end of each clip, in turns.
    clips: mpsc::UnboundedReceiver<Instant>,
}

impl Measurement {
    /// Returns the time from the first words of a reply, one sentence, to its sound.
    async fn onset(&mut self, turn: TurnId) -> anyhow::Result<Duration> {
        let text = "Thank you. What".to_owned();
        self.begin(turn);
        let delta = Instant::now();
        self.output.send(SpeechCommand::Text { turn, text });
        let sound = self.change().await?;
        self.output.send(SpeechCommand::Silence(turn));
        self.change().await?;
        Ok(sound.saturating_duration_since(delta))
    }

    /// Returns the time from an interruption, each at another place of a buffer, to silence.
    async fn interruption(&mut self, turn: TurnId) -> anyhow::Result<Duration> {
        let speech = tone()?;
        let text = "tone".to_owned();
        self.begin(turn);
        self.output
            .send(SpeechCommand::Audio { turn, speech, text });
        self.change().await?;
        tokio::time::sleep(Duration::from_millis(100 + 7 * turn.0)).await;
        let interrupted = Instant::now();
        self.output.send(SpeechCommand::Silence(turn));
        let silent = self.change().await?;
        Ok(silent.saturating_duration_since(interrupted))
    }

    fn begin(&self, turn: TurnId) {
        let language = Language::English;
        self.output.send(SpeechCommand::Begin { turn, language });
    }

    async fn change(&mut self) -> anyhow::Result<Instant> {
        let change = timeout(TIMEOUT, self.clips.recv()).await;
        change
            .context("the narrator made no sound")?
            .context("the speech output stopped")
    }
}

/// Returns a quiet tone of 440 Hz.
fn tone() -> anyhow::Result<Speech> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: TONE_RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec)?;
    for n in 0..TONE * TONE_RATE {
        let angle = n as f32 / TONE_RATE as f32 * 440.0 * std::f32::consts::TAU;
        writer.write_sample((angle.sin() * 3_000.0) as i16)?;
    }
    writer.finalize()?;
    Ok(Speech {
        bytes: bytes.into_inner().into(),
        format: AudioFormat::Wav,
    })
}
