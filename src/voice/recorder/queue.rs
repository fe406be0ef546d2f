//! The way to the transcriber and back: what it has written returns to the listening thread as a command.

use std::sync::{Arc, mpsc};

use super::Command;
use crate::voice::segmenter::Phrase;
use crate::voice::{TranscriberHandle, TranscriptionRequest, UtteranceId, VoiceError};

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobTarget {
    /// The closed phrase of this number.
    Segment(usize),
    /// The phrase that goes on.
    Draft,
}

/// Something to be written.
pub(super) struct TranscriptionJob {
    pub(super) utterance: UtteranceId,
    pub(super) target: JobTarget,
    pub(super) phrase: Phrase,
    pub(super) request: TranscriptionRequest,
}

/// Where phrases are handed in.
#[derive(Clone)]
pub(super) struct TranscriptionQueue(Arc<dyn Fn(TranscriptionJob) + Send + Sync>);

impl TranscriptionQueue {
    /// Hands jobs to `take`, which must not wait for their outcome.
    pub(super) fn new(take: impl Fn(TranscriptionJob) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// In front of the transcriber; outcomes come back as [`Command::Transcribed`].
    pub(super) fn to_transcriber(
        transcriber: Option<TranscriberHandle>,
        commands: mpsc::Sender<Command>,
    ) -> Self {
        Self::new(
            move |TranscriptionJob {
                      utterance,
                      target,
                      phrase,
                      request,
                  }| {
                let commands = commands.clone();
                // Nobody waits any more once the listening thread has ended.
                let tell = move |outcome| {
                    drop(commands.send(Command::Transcribed(utterance, target, outcome)))
                };
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
    pub(super) fn write(&self, job: TranscriptionJob) {
        (self.0)(job);
    }
}
