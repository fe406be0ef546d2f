//! The way to the transcriber and back: what it has written returns to the listening thread as a command.

use std::sync::{Arc, mpsc};

use super::Command;
use crate::voice::segmenter::Phrase;
use crate::voice::{TranscriberHandle, TranscriptionRequest, UtteranceId, VoiceError};

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// The closed phrase of this number.
    Phrase(usize),
    /// The phrase that goes on.
    Draft,
}

/// Something to be written.
pub(super) struct Errand {
    pub(super) utterance: UtteranceId,
    pub(super) job: Job,
    pub(super) phrase: Phrase,
    pub(super) request: TranscriptionRequest,
}

/// Where phrases are handed in.
#[derive(Clone)]
pub(super) struct Desk(Arc<dyn Fn(Errand) + Send + Sync>);

impl Desk {
    /// Hands errands to `take`, which must not wait for their outcome.
    pub(super) fn new(take: impl Fn(Errand) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// In front of the transcriber; outcomes come back as [`Command::Wrote`].
    pub(super) fn of(
        transcriber: Option<TranscriberHandle>,
        commands: mpsc::Sender<Command>,
    ) -> Self {
        Self::new(
            move |Errand {
                      utterance,
                      job,
                      phrase,
                      request,
                  }| {
                let commands = commands.clone();
                // Nobody waits any more once the listening thread has ended.
                let tell =
                    move |outcome| drop(commands.send(Command::Wrote(utterance, job, outcome)));
                match &transcriber {
                    Some(transcriber) => transcriber.transcribe_phrase(phrase, request, tell),
                    None => tell(Err(VoiceError::Transcription(
                        "there is no speech model".into(),
                    ))),
                }
            },
        )
    }

    /// Has it written.
    pub(super) fn write(&self, errand: Errand) {
        (self.0)(errand);
    }
}
