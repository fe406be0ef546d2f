//! The transcript of one utterance, built while it is spoken.
//!
//! Phrases closed by a pause are transcribed for good, in order. In between, whenever the
//! transcriber is free, it transcribes a draft of the phrase that is still being spoken: drafts are
//! shown and thrown away. If a draft turns out to cover its whole phrase it becomes the final text,
//! so that after a pause nothing is left to transcribe when the key comes up.

use std::collections::VecDeque;

use super::event::answer;
use super::queue::{JobTarget, TranscriptionJob, TranscriptionQueue};
use super::{PartialTranscript, RecorderEvent};
use crate::voice::joined::JoinedTranscript;
use crate::voice::segmenter::Phrase;
use crate::voice::{
    Cancellation, Pass, SAMPLE_RATE, SpeechLanguage, Transcript, TranscriptionRequest, UtteranceId,
    VoiceError,
};

/// The least number of samples between two drafts: 300 ms.
const DRAFT_INTERVAL: usize = SAMPLE_RATE as usize * 3 / 10;

/// The words of one utterance, as far as they are known.
pub(super) struct LiveTranscript {
    pub(super) utterance: UtteranceId,
    queue: TranscriptionQueue,
    joined: JoinedTranscript,
    /// The closed phrases whose words are not joined yet, in order.
    segments: VecDeque<Segment>,
    /// The number of the first segment in `segments`.
    first_segment: usize,
    draft: Option<Draft>,
    /// The end of the samples that the last draft covered.
    drafted_until: usize,
    /// Cancels the final transcriptions.
    cancellation: Cancellation,
    failure: Option<VoiceError>,
    end: Option<End>,
}

/// A closed phrase.
struct Segment {
    start: usize,
    /// The samples, kept as long as the draft that is to become the text may prove doubtful.
    phrase: Option<Phrase>,
    /// The text shown until the outcome is known.
    draft_text: String,
    outcome: Option<Result<Transcript, VoiceError>>,
}

/// The phrase that is still being spoken, as far as it had been recorded when the draft began.
struct Draft {
    start: usize,
    length: usize,
    cancellation: Cancellation,
    transcript: Option<Transcript>,
    /// The segment that waits for this draft, if its phrase was closed at just this length.
    adopted_by: Option<usize>,
    /// The text of the draft before, which is shown until this one is transcribed.
    previous_text: String,
}

/// The extent of a finished recording in seconds.
#[derive(Clone, Copy)]
struct End {
    length: f64,
    before_press: f64,
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
            joined: JoinedTranscript::new(language),
            segments: VecDeque::new(),
            first_segment: 0,
            draft: None,
            drafted_until: 0,
            cancellation: Cancellation::default(),
            failure: None,
            end: None,
        }
    }

    /// Adds a closed phrase and has it transcribed, unless a draft covers it already.
    pub(super) fn push_phrase(&mut self, phrase: Phrase) {
        // A draft that became the final text of an earlier phrase may still be under way: it stays.
        let draft = self.draft.take_if(|draft| draft.adopted_by.is_none());
        let mut segment = Segment {
            start: phrase.start,
            phrase: None,
            draft_text: draft.as_ref().map(Draft::text).unwrap_or_default(),
            outcome: None,
        };
        match draft {
            Some(draft) if draft.covers(&phrase) => self.adopt(draft, phrase, &mut segment),
            draft => {
                if let Some(draft) = draft {
                    draft.cancellation.cancel();
                }
                self.transcribe(self.next_segment(), phrase);
            }
        }
        self.segments.push_back(segment);
        self.join();
    }

    /// Makes `draft`, which covers the whole of `phrase`, the text of its segment.
    fn adopt(&mut self, mut draft: Draft, phrase: Phrase, segment: &mut Segment) {
        match draft.transcript {
            Some(transcript) if !transcript.low_confidence => {
                segment.outcome = Some(Ok(transcript));
            }
            Some(_) => self.transcribe(self.next_segment(), phrase),
            None => {
                draft.adopted_by = Some(self.next_segment());
                self.draft = Some(draft);
                segment.phrase = Some(phrase);
            }
        }
    }

    /// Returns the number of the segment that is pushed next.
    fn next_segment(&self) -> usize {
        self.first_segment + self.segments.len()
    }

    fn transcribe(&self, segment: usize, phrase: Phrase) {
        self.queue.push(TranscriptionJob {
            utterance: self.utterance,
            target: JobTarget::Segment(segment),
            phrase,
            request: self.request(Pass::Final, self.cancellation.clone()),
        });
    }

    fn request(&self, pass: Pass, cancellation: Cancellation) -> TranscriptionRequest {
        TranscriptionRequest {
            language: self.joined.language(),
            pass,
            cancellation,
        }
    }

    /// Begins a draft of the phrase that is still being spoken if it is time for one. `now` is the
    /// number of samples recorded so far.
    pub(super) fn update_draft(
        &mut self,
        now: usize,
        open_phrase: impl FnOnce() -> Option<Phrase>,
    ) {
        let is_too_soon = self.drafted_until > 0 && now < self.drafted_until + DRAFT_INTERVAL;
        if is_too_soon || self.is_busy() {
            return;
        }
        let Some(phrase) = open_phrase() else { return };
        let previous = self
            .draft
            .as_ref()
            .filter(|draft| draft.start == phrase.start);
        if previous.is_some_and(|draft| draft.covers(&phrase)) {
            return;
        }
        let cancellation = Cancellation::default();
        self.draft = Some(Draft {
            start: phrase.start,
            length: phrase.samples.len(),
            cancellation: cancellation.clone(),
            transcript: None,
            adopted_by: None,
            previous_text: previous.map(Draft::text).unwrap_or_default(),
        });
        self.drafted_until = now;
        self.queue.push(TranscriptionJob {
            utterance: self.utterance,
            target: JobTarget::Draft,
            phrase,
            request: self.request(Pass::Draft, cancellation),
        });
    }

    /// Returns whether the transcriber still works on this utterance.
    fn is_busy(&self) -> bool {
        let draft = self.draft.as_ref();
        self.segments
            .iter()
            .any(|segment| segment.outcome.is_none())
            || draft.is_some_and(|draft| draft.transcript.is_none())
    }

    /// Takes over the outcome of a transcription.
    pub(super) fn accept(&mut self, target: JobTarget, outcome: Result<Transcript, VoiceError>) {
        match target {
            JobTarget::Segment(number) => self.complete_segment(number, outcome),
            JobTarget::Draft => self.complete_draft(outcome),
        }
        self.join();
    }

    fn segment_mut(&mut self, number: usize) -> Option<&mut Segment> {
        let index = number.checked_sub(self.first_segment)?;
        self.segments.get_mut(index)
    }

    fn complete_segment(&mut self, number: usize, outcome: Result<Transcript, VoiceError>) {
        if let Some(segment) = self.segment_mut(number) {
            segment.outcome = Some(outcome);
        }
    }

    fn complete_draft(&mut self, outcome: Result<Transcript, VoiceError>) {
        // Only one draft is under way at a time, and a cancelled one ends with `Cancelled`.
        let draft = self.draft.as_mut();
        let Some(draft) = draft.filter(|draft| draft.transcript.is_none()) else {
            return;
        };
        match (outcome, draft.adopted_by) {
            (outcome, Some(number)) => {
                self.draft = None;
                self.complete_adopted(number, outcome);
            }
            (Ok(transcript), None) => draft.transcript = Some(transcript),
            (Err(VoiceError::Cancelled), None) => {}
            (Err(error), None) => {
                tracing::warn!(%error, "a draft could not be transcribed");
                self.draft = None;
            }
        }
    }

    /// Takes a draft for the final text of its segment, unless it is doubtful: then the phrase is
    /// transcribed again.
    fn complete_adopted(&mut self, number: usize, outcome: Result<Transcript, VoiceError>) {
        match outcome {
            Ok(transcript) if !transcript.low_confidence => {
                self.complete_segment(number, Ok(transcript));
            }
            _ => {
                let segment = self.segment_mut(number);
                if let Some(phrase) = segment.and_then(|segment| segment.phrase.take()) {
                    self.transcribe(number, phrase);
                }
            }
        }
    }

    /// Joins the segments that are transcribed and have none waiting before them.
    fn join(&mut self) {
        while let Some(segment) = self
            .segments
            .pop_front_if(|segment| segment.outcome.is_some())
        {
            self.first_segment += 1;
            match segment.outcome {
                Some(Ok(transcript)) => self.joined.push(segment.start, transcript),
                Some(Err(error)) => {
                    tracing::warn!(%error, "a phrase could not be transcribed");
                    self.failure = Some(error);
                    self.joined.push_gap();
                }
                None => {}
            }
        }
    }

    /// Returns the words known so far.
    pub(super) fn partial(&self) -> PartialTranscript {
        let draft = self.draft.as_ref();
        let open = draft
            .filter(|draft| draft.adopted_by.is_none())
            .map(Draft::text);
        let segments = self
            .segments
            .iter()
            .map(|segment| segment.draft_text.clone());
        let texts: Vec<String> = segments
            .chain(open)
            .filter(|text| !text.is_empty())
            .collect();
        PartialTranscript {
            stable: self.joined.transcript().text.clone(),
            provisional: texts.join(" "),
        }
    }

    /// Notes that no more phrases come. The recording lasted `length` seconds from the press, and
    /// began `before_press` seconds earlier.
    pub(super) fn finish(&mut self, length: f64, before_press: f64) {
        self.end = Some(End {
            length,
            before_press,
        });
        let draft = self.draft.take_if(|draft| draft.adopted_by.is_none());
        if let Some(draft) = draft {
            draft.cancellation.cancel();
        }
    }

    /// Returns the last event of the utterance, once its last word is transcribed.
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
                answer(transcript.clone(), end.length, end.before_press),
            ),
        })
    }

    /// Cancels everything that is being transcribed.
    pub(super) fn cancel(&self) {
        self.cancellation.cancel();
        if let Some(draft) = &self.draft {
            draft.cancellation.cancel();
        }
    }
}

impl Draft {
    fn covers(&self, phrase: &Phrase) -> bool {
        self.start == phrase.start && self.length == phrase.samples.len()
    }

    fn text(&self) -> String {
        let transcript = self.transcript.as_ref();
        transcript.map_or_else(
            || self.previous_text.clone(),
            |transcript| transcript.text.clone(),
        )
    }
}
