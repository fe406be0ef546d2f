//! One utterance being written down while it is spoken.
//!
//! Phrases closed by a pause are written for good, in order. Between them drafts of the phrase that goes on are made,
//! whenever the transcriber has nothing better to do: they are shown and thrown away. A draft of a phrase that turns out
//! to be whole is its final text, so that after a pause nothing is left to do when the key comes up.

use std::collections::VecDeque;

use super::queue::{JobTarget, TranscriptionJob, TranscriptionQueue};
use super::{PartialTranscript, RecorderEvent, answer};
use crate::voice::joined::Joined;
use crate::voice::segmenter::Phrase;
use crate::voice::{
    Cancellation, Pass, SAMPLE_RATE, SpeechLanguage, Transcript, TranscriptionRequest, UtteranceId,
    VoiceError,
};

/// Samples between two drafts, 300 ms.
const CADENCE: usize = SAMPLE_RATE as usize * 3 / 10;

/// The words of one press.
pub(super) struct LiveTranscript {
    pub(super) utterance: UtteranceId,
    queue: TranscriptionQueue,
    joined: Joined,
    /// Closed phrases whose words are not joined yet, in order.
    segments: VecDeque<Segment>,
    /// Number of the first segment.
    first: usize,
    draft: Option<Draft>,
    /// The sample up to which the sound was when the last draft was begun.
    looked: usize,
    /// Calls off the final texts.
    cancellation: Cancellation,
    failure: Option<VoiceError>,
    end: Option<End>,
}

/// A closed phrase.
struct Segment {
    start: usize,
    /// Kept while a draft of it may still be found wanting.
    phrase: Option<Phrase>,
    /// Shown meanwhile.
    draft: String,
    outcome: Option<Result<Transcript, VoiceError>>,
}

/// The open phrase as far as it was heard, being written or written.
struct Draft {
    start: usize,
    length: usize,
    cancellation: Cancellation,
    heard: Option<Transcript>,
    /// Its phrase was closed meanwhile, just so long: the segment that waits for it.
    adopted: Option<usize>,
    /// Shown until it is written: the draft before it.
    before: String,
}

/// The recording is over; seconds.
#[derive(Clone, Copy)]
struct End {
    length: f64,
    before: f64,
}

impl LiveTranscript {
    pub(super) fn new(
        utterance: UtteranceId,
        language: SpeechLanguage,
        queue: TranscriptionQueue,
    ) -> Self {
        Self {
            utterance,
            queue,
            joined: Joined::new(language),
            segments: VecDeque::new(),
            first: 0,
            draft: None,
            looked: 0,
            cancellation: Cancellation::default(),
            failure: None,
            end: None,
        }
    }

    /// A phrase was closed.
    pub(super) fn phrase(&mut self, phrase: Phrase) {
        let number = self.first + self.segments.len();
        // The draft of an earlier phrase may still be under way as its final text: that one stays.
        let draft = self.draft.take_if(|draft| draft.adopted.is_none());
        let shown = draft
            .as_ref()
            .map(|draft| draft.text().to_owned())
            .unwrap_or_default();
        let mut segment = Segment {
            start: phrase.start,
            phrase: None,
            draft: shown,
            outcome: None,
        };
        match draft {
            Some(mut draft)
                if (draft.start, draft.length) == (phrase.start, phrase.samples.len()) =>
            {
                match draft.heard {
                    Some(heard) if !heard.low_confidence => segment.outcome = Some(Ok(heard)),
                    Some(_) => self.write(number, phrase),
                    None => {
                        draft.adopted = Some(number);
                        self.draft = Some(draft);
                        segment.phrase = Some(phrase);
                    }
                }
            }
            draft => {
                if let Some(draft) = draft {
                    draft.cancellation.cancel();
                }
                self.write(number, phrase);
            }
        }
        self.segments.push_back(segment);
        self.join();
    }

    fn write(&self, number: usize, phrase: Phrase) {
        let request = TranscriptionRequest {
            language: self.joined.language(),
            pass: Pass::Final,
            cancellation: self.cancellation.clone(),
        };
        self.queue.write(TranscriptionJob {
            utterance: self.utterance,
            target: JobTarget::Segment(number),
            phrase,
            request,
        });
    }

    /// The sound has come to sample `now`: begins a draft of the phrase that goes on, if it is time for one.
    pub(super) fn look(&mut self, now: usize, open: impl FnOnce() -> Option<Phrase>) {
        if now < self.looked + CADENCE && self.looked > 0 || self.is_busy() {
            return;
        }
        let Some(phrase) = open() else { return };
        let (start, length) = (phrase.start, phrase.samples.len());
        let known = |draft: &&Draft| draft.start == start;
        let before = self
            .draft
            .as_ref()
            .filter(known)
            .map(|draft| draft.text().to_owned())
            .unwrap_or_default();
        if self
            .draft
            .as_ref()
            .filter(known)
            .is_some_and(|draft| draft.length == length)
        {
            return;
        }
        self.looked = now;
        let cancellation = Cancellation::default();
        let request = TranscriptionRequest {
            language: self.joined.language(),
            pass: Pass::Draft,
            cancellation: cancellation.clone(),
        };
        self.draft = Some(Draft {
            start,
            length,
            cancellation,
            heard: None,
            adopted: None,
            before,
        });
        self.queue.write(TranscriptionJob {
            utterance: self.utterance,
            target: JobTarget::Draft,
            phrase,
            request,
        });
    }

    /// Work of this utterance is still on its way through the transcriber.
    fn is_busy(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| segment.outcome.is_none())
            || self
                .draft
                .as_ref()
                .is_some_and(|draft| draft.heard.is_none())
    }

    /// The transcriber has written something.
    pub(super) fn wrote(&mut self, target: JobTarget, outcome: Result<Transcript, VoiceError>) {
        match target {
            JobTarget::Segment(number) => self.fill(number, outcome),
            JobTarget::Draft => self.drafted(outcome),
        }
        self.join();
    }

    fn fill(&mut self, number: usize, outcome: Result<Transcript, VoiceError>) {
        if let Some(segment) = number
            .checked_sub(self.first)
            .and_then(|at| self.segments.get_mut(at))
        {
            segment.outcome = Some(outcome);
        }
    }

    fn drafted(&mut self, outcome: Result<Transcript, VoiceError>) {
        // One draft is under way at a time, and one that was called off is told as such.
        let Some(draft) = self.draft.as_mut().filter(|draft| draft.heard.is_none()) else {
            return;
        };
        match (outcome, draft.adopted) {
            (Err(VoiceError::Cancelled), None) => {}
            (Ok(heard), None) => draft.heard = Some(heard),
            (Err(error), None) => {
                tracing::warn!(%error, "a draft could not be written");
                self.draft = None;
            }
            (outcome, Some(number)) => {
                self.draft = None;
                self.settle(number, outcome);
            }
        }
    }

    /// The draft of a phrase that is closed now: its final text, unless it is in doubt.
    fn settle(&mut self, number: usize, outcome: Result<Transcript, VoiceError>) {
        match outcome {
            Ok(heard) if !heard.low_confidence => self.fill(number, Ok(heard)),
            _ => {
                let segment = number
                    .checked_sub(self.first)
                    .and_then(|at| self.segments.get_mut(at));
                if let Some(phrase) = segment.and_then(|segment| segment.phrase.take()) {
                    self.write(number, phrase);
                }
            }
        }
    }

    /// Joins the phrases that are written and have none waiting before them.
    fn join(&mut self) {
        while let Some(outcome) = self
            .segments
            .front_mut()
            .and_then(|segment| segment.outcome.take())
        {
            let start = self.segments.pop_front().map_or(0, |segment| segment.start);
            self.first += 1;
            match outcome {
                Ok(heard) => self.joined.add(start, heard),
                Err(error) => {
                    tracing::warn!(%error, "a phrase could not be written");
                    self.failure = Some(error);
                    self.joined.add_gap();
                }
            }
        }
    }

    /// The words so far.
    pub(super) fn partial(&self) -> PartialTranscript {
        let open = self
            .draft
            .as_ref()
            .filter(|draft| draft.adopted.is_none())
            .map(Draft::text);
        let drafts = self
            .segments
            .iter()
            .map(|segment| segment.draft.as_str())
            .chain(open);
        let draft = drafts
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        PartialTranscript {
            written: self.joined.transcript().text.clone(),
            draft,
        }
    }

    /// No more phrases come. Seconds: of the recording since the press, and before it.
    pub(super) fn end(&mut self, length: f64, before: f64) {
        self.end = Some(End { length, before });
        if let Some(draft) = self.draft.take_if(|draft| draft.adopted.is_none()) {
            draft.cancellation.cancel();
        }
    }

    /// What came of it, once the last word is written.
    pub(super) fn outcome(&self) -> Option<RecorderEvent> {
        let end = self.end.filter(|_| self.segments.is_empty())?;
        let transcript = self.joined.transcript();
        Some(match &self.failure {
            Some(error) if transcript.words.is_empty() => {
                RecorderEvent::Failed(self.utterance, error.clone())
            }
            _ if transcript.text.is_empty() => RecorderEvent::NoSpeech(self.utterance),
            _ => RecorderEvent::Transcribed(
                self.utterance,
                answer(transcript.clone(), end.length, end.before),
            ),
        })
    }

    /// Forget it.
    pub(super) fn cancel(&self) {
        self.cancellation.cancel();
        if let Some(draft) = &self.draft {
            draft.cancellation.cancel();
        }
    }
}

impl Draft {
    fn text(&self) -> &str {
        self.heard
            .as_ref()
            .map_or(&self.before, |heard| &heard.text)
    }
}
