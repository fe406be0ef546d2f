//! From text to sound, and from an interruption to silence.
//!
//! A loudspeaker tells when a clip was heard to its end, or is silent: a sound began its own length before it ended.

use std::io::Cursor;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hound::{SampleFormat, WavSpec, WavWriter};
use tokio::sync::mpsc;

use super::figures::{Sound, median, tail95};
use crate::app::action::{Action, SpeechEvent, TurnId};
use crate::cli::Context;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Narrator, Speech};
use crate::runtime::{QUEUE, SpeechCommand, SpeechOutput};
use crate::voice::decode::AudioFile;
use crate::voice::{DeviceSpeaker, OnClipEnd, Playback, Speaker, VoiceError, WavSpeaker};

/// A sentence is said so often.
const SENTENCES: u64 = 5;
/// A tone is interrupted so often.
const INTERRUPTIONS: u64 = 20;
/// Length of the tone: longer than anybody waits before the interruption.
const TONE: Duration = Duration::from_secs(5);
/// Of the tone, in Hz.
const RATE: u32 = 24_000;

/// Measures the loudspeaker (`full`) or a file in its place, and the offline narrator.
pub async fn measure(full: bool, context: &Context) -> anyhow::Result<Sound> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let inner: Box<dyn Speaker> = if full {
        Box::new(DeviceSpeaker::new(
            context.loudspeaker.clone(),
            std::sync::Arc::new(|_| ()),
        )?)
    } else {
        Box::new(WavSpeaker::create(&folder.path().join("heard.wav"))?)
    };
    let mut stage = Stage::new(Narrator::offline_default(), inner);
    let mut onsets = Vec::new();
    if stage.speech_output.narrates() {
        for _ in 0..SENTENCES {
            onsets.push(stage.onset().await?);
        }
    }
    let mut silences = Vec::new();
    for number in 0..INTERRUPTIONS {
        silences.push(stage.interruption(number).await?);
    }
    let first_delta_to_sound_ms = (!onsets.is_empty()).then(|| median(onsets));
    Ok(Sound {
        first_delta_to_sound_ms,
        interrupt_to_silence_ms: tail95(silences),
    })
}

/// A clip that ended.
struct Heard {
    length: Duration,
    end: Instant,
    outcome: Result<(), VoiceError>,
}

/// Notes when clips ended.
struct Timed {
    inner: Box<dyn Speaker>,
    ends: mpsc::UnboundedSender<Heard>,
}

impl Speaker for Timed {
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let (length, ends) = (length(&speech)?, self.ends.clone());
        let noted: OnClipEnd = Box::new(move |outcome| {
            let _ = ends.send(Heard {
                length,
                end: Instant::now(),
                outcome: outcome.clone(),
            });
            ended(outcome);
        });
        self.inner.play(speech, noted)
    }

    fn set_volume(&mut self, factor: f32) {
        self.inner.set_volume(factor);
    }

    fn prepare(&mut self) {
        self.inner.prepare();
    }

    fn name(&self) -> String {
        self.inner.name()
    }
}

fn length(speech: &Speech) -> Result<Duration, VoiceError> {
    let mut file = AudioFile::from_bytes("speech", speech.bytes.clone(), RATE)?;
    let mut samples = Vec::new();
    while file.read(&mut samples)? {}
    Ok(Duration::from_secs_f64(
        samples.len() as f64 / f64::from(RATE),
    ))
}

struct Stage {
    speech_output: SpeechOutput,
    actions: mpsc::Receiver<Action>,
    ends: mpsc::UnboundedReceiver<Heard>,
    turn: u64,
}

impl Stage {
    fn new(narrator: Narrator, inner: Box<dyn Speaker>) -> Self {
        let ((tell, actions), (ended, ends)) = (mpsc::channel(QUEUE), mpsc::unbounded_channel());
        Self {
            speech_output: SpeechOutput::start(
                narrator,
                Box::new(Timed { inner, ends: ended }),
                tell,
            ),
            actions,
            ends,
            turn: 0,
        }
    }

    fn begin(&mut self) -> TurnId {
        self.turn += 1;
        let turn = TurnId(self.turn);
        let language = Language::English;
        self.speech_output
            .send(SpeechCommand::Begin { turn, language });
        turn
    }

    /// From the first words of a reply, a sentence, to its sound.
    async fn onset(&mut self) -> anyhow::Result<Duration> {
        let turn = self.begin();
        let delta = Instant::now();
        let text = "Thank you. What".to_owned();
        self.speech_output.send(SpeechCommand::Text { turn, text });
        let heard = self.ended().await?;
        self.speech_output.send(SpeechCommand::Silence(turn));
        self.silent(turn).await?;
        Ok(heard
            .end
            .saturating_duration_since(delta)
            .saturating_sub(heard.length))
    }

    /// From an interruption, each at another place of a buffer, to silence.
    async fn interruption(&mut self, number: u64) -> anyhow::Result<Duration> {
        let turn = self.begin();
        let audio = SpeechCommand::Audio {
            turn,
            speech: tone()?,
            text: "tone".to_owned(),
        };
        self.speech_output.send(audio);
        while !matches!(self.told().await?, Action::Speech(SpeechEvent::Sentence { turn: of, .. }) if of == turn)
        {
        }
        tokio::time::sleep(Duration::from_millis(100 + 7 * number)).await;
        let interrupted = Instant::now();
        self.speech_output.send(SpeechCommand::Silence(turn));
        let heard = self.ended().await?;
        Ok(heard.end.saturating_duration_since(interrupted))
    }

    async fn silent(&mut self, turn: TurnId) -> anyhow::Result<()> {
        while self.told().await? != Action::Speech(SpeechEvent::Ended { turn }) {}
        Ok(())
    }

    async fn told(&mut self) -> anyhow::Result<Action> {
        match self.actions.recv().await.context("the voice stopped")? {
            Action::Speech(SpeechEvent::Unavailable(missing)) => anyhow::bail!(missing.reason),
            action => Ok(action),
        }
    }

    async fn ended(&mut self) -> anyhow::Result<Heard> {
        tokio::select! {
            heard = self.ends.recv() => {
                let heard = heard.context("the loudspeaker stopped")?;
                heard.outcome.clone()?;
                Ok(heard)
            }
            failed = failure(&mut self.actions) => Err(failed),
        }
    }
}

/// Waits for one; what else is told is of no interest.
async fn failure(actions: &mut mpsc::Receiver<Action>) -> anyhow::Error {
    loop {
        match actions.recv().await {
            Some(Action::Speech(SpeechEvent::Unavailable(missing))) => {
                return anyhow::anyhow!(missing.reason);
            }
            Some(_) => {}
            None => return anyhow::anyhow!("the voice stopped"),
        }
    }
}

/// 440 Hz, quiet.
fn tone() -> anyhow::Result<Speech> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec)?;
    for n in 0..TONE.as_secs() * u64::from(RATE) {
        let angle = n as f32 / RATE as f32 * 440.0 * std::f32::consts::TAU;
        writer.write_sample((angle.sin() * 3_000.0) as i16)?;
    }
    writer.finalize()?;
    Ok(Speech {
        bytes: bytes.into_inner().into(),
        format: AudioFormat::Wav,
    })
}
