//! Any command that speaks, such as Piper: text on stdin, a WAV, MP3, Ogg or FLAC file on stdout.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::config::Rate;
use crate::interview::Language;

/// Becomes the rate in per cent.
const RATE: &str = "{rate}";
/// Becomes the length of a sound as a factor, which is how Piper takes its speed: 0.5 is twice as fast.
const LENGTH_SCALE: &str = "{length_scale}";

/// Program and arguments. `{language}` in an argument becomes `en` or `ko`, so that a voice can be chosen by it; `{rate}`
/// and `{length_scale}` become the speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandNarrator {
    /// Program first.
    pub argv: Vec<String>,
    /// How fast.
    pub rate: Rate,
}

impl CommandNarrator {
    /// At its usual speed.
    pub fn new(argv: Vec<String>) -> Self {
        Self {
            argv,
            rate: Rate::default(),
        }
    }

    /// Whether the speed reaches the program.
    pub fn has_rate(&self) -> bool {
        self.argv
            .iter()
            .any(|part| part.contains(RATE) || part.contains(LENGTH_SCALE))
    }

    /// What the command makes of `text`.
    pub async fn speak(&self, text: &str, language: Language) -> Result<Bytes, NarratorError> {
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err(NarratorError::Failed {
                engine: self.name(),
                reason: "no command is configured".to_owned(),
            });
        };
        let arguments: Vec<_> = arguments
            .iter()
            .map(|part| self.filled_in(part, language))
            .collect();
        program::run(program, &arguments, text, program::TIMEOUT).await
    }

    fn filled_in(&self, part: &str, language: Language) -> String {
        let length_scale = format!("{:.2}", self.rate.factor().recip());
        let part = part
            .replace("{language}", language.code())
            .replace(RATE, &self.rate.to_string());
        part.replace(LENGTH_SCALE, &length_scale)
    }

    /// The program's name without its folder.
    pub fn name(&self) -> String {
        let program = self.argv.first().map_or("command", String::as_str);
        program.rsplit('/').next().unwrap_or(program).to_owned()
    }
}
