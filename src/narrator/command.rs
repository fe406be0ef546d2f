//! Speaks with any command, such as Piper. It reads text from stdin and writes a WAV, MP3, Ogg or
//! FLAC file to stdout.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::config::Rate;
use crate::interview::Language;

/// Replaced by the rate in per cent.
const RATE: &str = "{rate}";
/// Replaced by the length of the sound as a factor, which is how Piper takes its speed: 0.5 is
/// twice as fast.
const LENGTH_SCALE: &str = "{length_scale}";

/// A speech command. In its arguments, `{language}` is replaced by `en` or `ko`, so that it can
/// select a voice, and `{rate}` and `{length_scale}` by the speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandNarrator {
    /// The program and its arguments.
    pub argv: Vec<String>,
    pub rate: Rate,
}

impl CommandNarrator {
    /// Creates a narrator that speaks at the command's normal speed.
    pub fn new(argv: Vec<String>) -> Self {
        Self {
            argv,
            rate: Rate::default(),
        }
    }

    /// Returns whether the arguments pass the speed to the program.
    pub fn has_rate(&self) -> bool {
        self.argv
            .iter()
            .any(|part| part.contains(RATE) || part.contains(LENGTH_SCALE))
    }

    /// Returns what the command outputs for `text`.
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

    /// Returns the program's name without its folder.
    pub fn name(&self) -> String {
        let program = self.argv.first().map_or("command", String::as_str);
        program.rsplit('/').next().unwrap_or(program).to_owned()
    }
}
