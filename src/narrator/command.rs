//! Any command that speaks, such as Piper: text on stdin, a WAV, MP3, Ogg or FLAC file on stdout.

use bytes::Bytes;

use super::{NarratorError, program};
use crate::interview::Language;

/// Program and arguments. `{language}` in an argument becomes `en` or `ko`, so that a voice can be chosen by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Program first.
    pub argv: Vec<String>,
}

impl Command {
    /// What the command makes of `text`.
    pub async fn speak(&self, text: &str, language: Language) -> Result<Bytes, NarratorError> {
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err(NarratorError::Failed { engine: self.name(), reason: "no command is configured".to_owned() });
        };
        let arguments: Vec<_> = arguments.iter().map(|part| part.replace("{language}", language.code())).collect();
        program::run(program, &arguments, text, program::TIMEOUT).await
    }

    /// The program's name without its folder.
    pub fn name(&self) -> String {
        let program = self.argv.first().map_or("command", String::as_str);
        program.rsplit('/').next().unwrap_or(program).to_owned()
    }
}
