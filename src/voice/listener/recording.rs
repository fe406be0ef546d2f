//! The recording of one press, and its way through the transcriber.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Events, Heard, seconds};
use crate::interview::{Answer, Spoken, Word};
use crate::voice::endpoint::{Endpoint, Phrase};
use crate::voice::{SAMPLE_RATE, SpeechLanguage, TranscriberHandle, Transcript, UtteranceId};

/// Samples recorded after the key came up: 200 ms, more than a sound card holds back.
const TAIL: usize = SAMPLE_RATE as usize / 5;
/// A microphone that falls silent at the end is not waited for longer than this.
const LONGEST_TAIL: Duration = Duration::from_secs(1);

/// What is heard from just before the press until just after its release; only the phrases in it are kept.
pub(super) struct Recording {
    pub(super) utterance: UtteranceId,
    language: SpeechLanguage,
    endpoint: Endpoint,
    phrases: Vec<Phrase>,
    /// Samples before the press.
    before: usize,
    /// Samples since the press.
    since: usize,
    released: Option<Released>,
}

#[derive(Clone, Copy)]
struct Released {
    at: Instant,
    length: usize,
}

impl Recording {
    pub(super) fn new(utterance: UtteranceId, language: SpeechLanguage) -> Self {
        let endpoint = Endpoint::default();
        Self { utterance, language, endpoint, phrases: Vec::new(), before: 0, since: 0, released: None }
    }

    /// What was heard just before the press.
    pub(super) fn begin(&mut self, pre_roll: &[f32]) {
        self.before = pre_roll.len();
        self.endpoint.push(pre_roll, &mut self.phrases);
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        self.since += samples.len();
        self.endpoint.push(samples, &mut self.phrases);
    }

    /// Samples since the press, without the tail.
    pub(super) fn length(&self) -> usize {
        self.released.map_or(self.since, |released| released.length)
    }

    pub(super) fn release(&mut self) {
        self.released.get_or_insert(Released { at: Instant::now(), length: self.since });
    }

    pub(super) fn released(&self) -> bool {
        self.released.is_some()
    }

    /// Has the tail been heard?
    pub(super) fn drained(&self) -> bool {
        self.released
            .is_some_and(|released| self.since >= released.length + TAIL || released.at.elapsed() >= LONGEST_TAIL)
    }
}

/// Recordings on their way through the transcriber.
pub(super) struct Requests {
    transcriber: Option<TranscriberHandle>,
    events: Events,
    pending: Vec<(UtteranceId, Arc<AtomicBool>)>,
}

impl Requests {
    pub(super) fn new(transcriber: Option<TranscriberHandle>, events: Events) -> Self {
        Self { transcriber, events, pending: Vec::new() }
    }

    pub(super) fn cancel(&mut self, utterance: UtteranceId) {
        for (_, cancelled) in self.pending.iter().filter(|(id, _)| *id == utterance) {
            cancelled.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn transcribe(&mut self, mut recording: Recording) {
        recording.endpoint.finish(&mut recording.phrases);
        let (utterance, length) = (recording.utterance, seconds(recording.length()));
        (self.events)(Heard::Recorded(utterance, length));
        if recording.phrases.is_empty() {
            return (self.events)(Heard::Nothing(utterance));
        }
        let Some(transcriber) = &self.transcriber else {
            return (self.events)(Heard::Failed(utterance, "there is no speech model".into()));
        };
        let cancelled = Arc::new(AtomicBool::new(false));
        // Requests that are done hold no other reference any more.
        self.pending.retain(|(_, other)| Arc::strong_count(other) > 1);
        self.pending.push((utterance, cancelled.clone()));
        let (events, forgotten) = (self.events.clone(), cancelled.clone());
        let before = seconds(recording.before);
        transcriber.transcribe_phrases(recording.phrases, recording.language, cancelled, move |outcome| {
            if forgotten.load(Ordering::Relaxed) {
                return;
            }
            events(match outcome {
                Ok(transcript) if transcript.text.is_empty() => Heard::Nothing(utterance),
                Ok(transcript) => Heard::Words(utterance, answer(transcript, length, before)),
                Err(error) => Heard::Failed(utterance, error.to_string()),
            });
        });
    }
}

/// Times count from the press, which came `before` seconds after the first sample.
fn answer(transcript: Transcript, length: f64, before: f64) -> Answer {
    let since_press = |time: f64| (time - before).max(0.0);
    let words: Vec<Word> = transcript
        .words
        .into_iter()
        .map(|word| Word { text: word.text, start: since_press(word.start), end: since_press(word.end) })
        .collect();
    let seconds = words.last().map_or(length, |last| length.max(last.end));
    Answer { text: transcript.text, spoken: Some(Spoken { seconds, words, voiced: Vec::new() }) }
}
