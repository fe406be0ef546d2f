//! `bench`: how fast this machine is with this model, without a terminal or a sound card.
//!
//! ```text
//! recognition  bundled speech ─► rehearsed presses on a virtual clock, each phrase's cost measured
//! sound        a sentence and a tone ─► SpeechOutput ─► WAV speaker
//! keys         the real loop, drawing to nobody, while the model writes
//! ```
//!
//! With `--full` presses are spoken at their own pace through the listener, and the loudspeaker is the real one.

mod costs;
mod figures;
mod keys;
mod memory;
mod paper;
mod recognition;
mod sound;

use std::io::Write;

use super::Context;
use super::options::{CommonOptions, Options, RecognitionOptions};
use figures::Figures;

/// Measures this machine with this speech model: recognition, speech, drawing, memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer bench
  mock-interviewer bench --json --model base")]
pub struct BenchArgs {
    /// One JSON object; times in milliseconds
    #[arg(long)]
    pub json: bool,
    /// In real time and on the real loudspeaker: takes about four minutes
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    recognition: RecognitionOptions,
    #[command(flatten)]
    common: CommonOptions,
}

impl BenchArgs {
    pub fn options(&self) -> Options {
        Options {
            recognition: self.recognition.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// Runs the command. Fails where there is no speech model.
pub async fn run(args: BenchArgs, context: &Context) -> anyhow::Result<u8> {
    let figures = measure(args.full, context).await?;
    let mut out = std::io::stdout();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else {
        figures.print(context.language, &mut out)?;
    }
    Ok(0)
}

async fn measure(full: bool, context: &Context) -> anyhow::Result<Figures> {
    let stage = |key: &str| context.notice(&rust_i18n::t!(key, locale = context.language.code()));
    stage("bench.stage.recognition");
    let (model, settings) = (context.required_model()?, context.config.speech.clone());
    let measured =
        tokio::task::spawn_blocking(move || recognition::measure(&model, &settings, full))
            .await??;
    stage("bench.stage.sound");
    let sound = sound::measure(full, context).await?;
    stage("bench.stage.keys");
    let key_to_frame_ms = keys::measure(measured.transcriber, context).await?;
    let rss_mb = memory::resident()?;
    if sound.first_delta_to_sound_ms.is_none() {
        stage("bench.no_narrator");
    }
    Ok(Figures {
        recognition: measured.figures,
        sound,
        key_to_frame_ms,
        rss_mb,
    })
}
