//! `bench`: how fast this computer is with a speech model, without a terminal or a sound card.
//!
//! ```text
//! recognition  bundled speech, cut into phrases as during an interview ─► time for each phrase
//! sound        a sentence and a tone ─► loudspeaker port ─► WAV file
//! keys         the real event loop, drawing to nobody, while the model transcribes
//! ```
//!
//! `benches/turn.rs` measures recorded answers at their own pace.

mod figures;
mod keys;
mod memory;
mod recognition;
mod sound;

use crate::cli::Context;
use crate::cli::options::{CommonOptions, Options, RecognitionOptions};
use crate::cli::output::{print, print_json};
use figures::Figures;

/// Measure how fast this computer is: recognition, speech, drawing, memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer bench
  mock-interviewer bench --json --model base")]
pub struct BenchArgs {
    /// Print one JSON object, with times in milliseconds
    #[arg(long)]
    json: bool,
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

/// Runs the command. Fails if there is no speech model.
pub async fn run(args: BenchArgs, context: &Context) -> anyhow::Result<u8> {
    let figures = measure(context).await?;
    if args.json {
        print_json(&(serde_json::to_string(&figures)? + "\n"))?;
    } else {
        print(&figures.table(context.language))?;
    }
    Ok(0)
}

async fn measure(context: &Context) -> anyhow::Result<Figures> {
    let notice = |key: &str| context.notice(&rust_i18n::t!(key, locale = context.language.code()));
    let model = context.required_model()?;
    notice("bench.stage.recognition");
    let settings = context.config.speech.clone();
    let file = model.clone();
    let work = move || recognition::measure(&file, &settings);
    let (recognition, rss_mb) = tokio::task::spawn_blocking(work).await??;
    notice("bench.stage.sound");
    let sound = sound::measure().await?;
    notice("bench.stage.keys");
    let key_to_frame_ms = keys::measure(model, context).await?;
    if sound.first_delta_to_sound_ms.is_none() {
        notice("bench.no_narrator");
    }
    Ok(Figures {
        recognition,
        sound,
        key_to_frame_ms,
        rss_mb,
    })
}
