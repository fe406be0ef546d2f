//! Speaks with the `say` program of macOS, which can only write to a file.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::config::Rate;
use crate::interview::Language;

/// The name of the program in `PATH`.
pub const PROGRAM: &str = "say";

/// The approximate normal speed of its voices; each has its own.
const WORDS_A_MINUTE: f32 = 175.0;

/// The `say` program.
#[derive(Clone, Debug)]
pub struct SayNarrator {
    /// Name or path of the program.
    pub program: String,
    pub rate: Rate,
}

impl Default for SayNarrator {
    fn default() -> Self {
        Self {
            program: PROGRAM.to_owned(),
            rate: Rate::default(),
        }
    }
}

impl SayNarrator {
    /// Returns a WAV of `text` at 22.05 kHz and 16 bits, in the voice that macOS includes for the
    /// language.
    pub async fn speak(&self, text: &str, language: Language) -> Result<Bytes, NarratorError> {
        let failed = |error: std::io::Error| NarratorError::Failed {
            engine: PROGRAM.to_owned(),
            reason: error.to_string(),
        };
        let voice = match language {
            Language::English => "Samantha",
            Language::Korean => "Yuna",
        };
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("speech.wav");
        let output = format!("--output-file={}", file.display());
        let mut arguments = vec![
            "-v",
            voice,
            "--file-format=WAVE",
            "--data-format=LEI16@22050",
            &output,
            "-f",
            "-",
        ];
        let speed = (WORDS_A_MINUTE * self.rate.factor()).round().to_string();
        // The normal speed differs between voices, so it is never passed.
        if self.rate != Rate::default() {
            arguments.extend(["-r", &speed]);
        }
        program::run(&self.program, &arguments, text, program::TIMEOUT).await?;
        tokio::fs::read(&file)
            .await
            .map(Bytes::from)
            .map_err(failed)
    }
}
