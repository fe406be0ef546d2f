//! The way to the transcriber and back: what it has written returns to the listening thread as a command.

use std::sync::mpsc;

use super::Command;
use crate::voice::endpoint::Phrase;
use crate::voice::{Request, TranscriberHandle, UtteranceId, VoiceError};

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// The closed phrase of this number.
    Phrase(usize),
    /// The phrase that goes on.
    Draft,
}

/// Where phrases are handed in.
#[derive(Clone)]
pub(super) struct Desk {
    transcriber: Option<TranscriberHandle>,
    commands: mpsc::Sender<Command>,
}

impl Desk {
    pub(super) fn new(transcriber: Option<TranscriberHandle>, commands: mpsc::Sender<Command>) -> Self {
        Self { transcriber, commands }
    }

    /// Has `phrase` written; the outcome comes back as [`Command::Wrote`].
    pub(super) fn write(&self, utterance: UtteranceId, job: Job, phrase: Phrase, request: Request) {
        let commands = self.commands.clone();
        // Nobody waits any more once the listening thread has ended.
        let tell = move |outcome| drop(commands.send(Command::Wrote(utterance, job, outcome)));
        match &self.transcriber {
            Some(transcriber) => transcriber.write(phrase, request, tell),
            None => tell(Err(VoiceError::Transcription("there is no speech model".into()))),
        }
    }
}
