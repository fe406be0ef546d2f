//! Speaks with the `espeak-ng` program, which reads text from stdin and writes WAV to stdout. It
//! speaks both languages without a network.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::config::Rate;
use crate::interview::Language;

/// The name of the program in `PATH`.
pub const PROGRAM: &str = "espeak-ng";

/// Its default speed (`espeak-ng --help`, option `-s`).
const WORDS_A_MINUTE: f32 = 175.0;

/// The `espeak-ng` program.
#[derive(Clone, Debug)]
pub struct EspeakNarrator {
    /// Name or path of the program.
    pub program: String,
    pub rate: Rate,
}

impl Default for EspeakNarrator {
    fn default() -> Self {
        Self {
            program: PROGRAM.to_owned(),
            rate: Rate::default(),
        }
    }
}

impl EspeakNarrator {
    /// Returns a WAV of `text`.
    pub async fn speak(&self, text: &str, language: Language) -> Result<Bytes, NarratorError> {
        let voice = match language {
            Language::English => "en-us",
            Language::Korean => "ko",
        };
        let speed = (WORDS_A_MINUTE * self.rate.factor()).round().to_string();
        // The option `-b 1` declares the text as UTF-8, whatever the locale.
        let arguments = ["-v", voice, "-s", &speed, "-b", "1", "--stdin", "--stdout"];
        program::run(&self.program, &arguments, text, program::TIMEOUT).await
    }
}
