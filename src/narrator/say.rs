//! macOS `say`, which writes to a file only.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::interview::Language;

/// Its name in `PATH`.
pub const PROGRAM: &str = "say";

/// The `say` program.
#[derive(Clone, Debug)]
pub struct Say {
    /// Name or path.
    pub program: String,
}

impl Default for Say {
    fn default() -> Self {
        Self { program: PROGRAM.to_owned() }
    }
}

impl Say {
    /// A WAV of `text`: 22.05 kHz, 16 bits, in the voice macOS brings for the language.
    pub async fn speak(&self, text: &str, language: Language) -> Result<Bytes, NarratorError> {
        let failed =
            |error: std::io::Error| NarratorError::Failed { engine: PROGRAM.to_owned(), reason: error.to_string() };
        let voice = match language {
            Language::English => "Samantha",
            Language::Korean => "Yuna",
        };
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("speech.wav");
        let output = format!("--output-file={}", file.display());
        let arguments = ["-v", voice, "--file-format=WAVE", "--data-format=LEI16@22050", &output, "-f", "-"];
        program::run(&self.program, &arguments, text, program::TIMEOUT).await?;
        tokio::fs::read(&file).await.map(Bytes::from).map_err(failed)
    }
}
