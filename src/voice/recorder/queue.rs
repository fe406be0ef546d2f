//! The way to the transcriber and back: transcripts return to the recorder's thread as commands.

use std::sync::{Arc, mpsc};

use super::Command;
use crate::voice::segmenter::Phrase;
use crate::voice::{TranscriberHandle, TranscriptionRequest, UtteranceId, VoiceError};

/// The part of an utterance that a job transcribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobTarget {
    /// The closed segment of this number.
    Segment(usize),
    /// The phrase that is still being spoken.
    Draft,
}

/// A phrase to be transcribed.
pub(super) struct TranscriptionJob {
    pub(super) utterance: UtteranceId,
    pub(super) target: JobTarget,
    pub(super) phrase: Phrase,
    pub(super) request: TranscriptionRequest,
}

/// Accepts the phrases to be transcribed.
#[derive(Clone)]
pub(super) struct TranscriptionQueue(Arc<dyn Fn(TranscriptionJob) + Send + Sync>);

impl TranscriptionQueue {
    /// Passes every job to `accept`, which must not wait for its outcome.
    pub(super) fn new(accept: impl Fn(TranscriptionJob) + Send + Sync + 'static) -> Self {
        Self(Arc::new(accept))
    }

    /// Passes jobs to `transcriber`; their outcomes come back as [`Command::Transcribed`].
    pub(super) fn to_transcriber(
        transcriber: Option<TranscriberHandle>,
        commands: mpsc::Sender<Command>,
    ) -> Self {
        Self::new(move |job| {
            let commands = commands.clone();
            let utterance = job.utterance;
            let target = job.target;
            let report = move |outcome| {
                // Sending fails once the recorder's thread has ended: nobody waits any more then.
                let _ = commands.send(Command::Transcribed(utterance, target, outcome));
            };
            match &transcriber {
                Some(transcriber) => {
                    transcriber.transcribe_phrase(job.phrase, job.request, report);
                }
                None => report(Err(VoiceError::Transcription(
                    "there is no speech model".into(),
                ))),
            }
        })
    }

    pub(super) fn push(&self, job: TranscriptionJob) {
        (self.0)(job);
    }
}
