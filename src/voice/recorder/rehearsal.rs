//! One press of the talk key on a clock of its own: how long a person would have waited for the words, found out without
//! waiting as long as the person talks.
//!
//! The recording, its phrases and drafts are those of the recorder. The transcriber is whatever the caller lets it be: it
//! says for each phrase what was written and how long that took, one phrase after the other, as the real one works.

use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use super::live_transcript::LiveTranscript;
use super::queue::{TranscriptionJob, TranscriptionQueue};
use super::recording::{Recording, TAIL};
use super::worker::READ_INTERVAL;
use super::{PartialTranscript, RecorderEvent};
use crate::voice::segmenter::Phrase;
use crate::voice::{SAMPLE_RATE, SpeechLanguage, Transcript, TranscriptionRequest, VoiceError};

/// What somebody who talked would have seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsed {
    /// When the first words were shown, since the press; `None` if not while the key was down.
    pub first_partial: Option<Duration>,
    /// Between two drafts of a phrase that went on.
    pub intervals: Vec<Duration>,
    /// From the release of the key to the final words.
    pub release_to_final: Duration,
    /// The outcome.
    pub heard: RecorderEvent,
}

/// Writes a phrase: what was written, and how long it took.
pub type Write<'a> =
    dyn FnMut(&Phrase, &TranscriptionRequest) -> (Result<Transcript, VoiceError>, Duration) + 'a;

/// Rehearses a press during which `samples` (mono, [`SAMPLE_RATE`]) are heard; silence follows them.
pub fn rehearse(samples: &[f32], language: SpeechLanguage, write: &mut Write<'_>) -> Rehearsed {
    let (tell, jobs) = mpsc::channel();
    let queue = TranscriptionQueue::new(move |job| drop(tell.send(job)));
    let recording = Recording::new(LiveTranscript::new(0, language, queue));
    Rehearsal {
        clock: Clock {
            now: Duration::ZERO,
            jobs,
            work: None,
            write,
        },
        recording,
        drafts: Drafts::default(),
    }
    .run(samples)
}

struct Rehearsal<'a> {
    clock: Clock<'a>,
    recording: Recording,
    drafts: Drafts,
}

/// What was shown while the key was down.
#[derive(Default)]
struct Drafts {
    first: Option<Duration>,
    intervals: Vec<Duration>,
    /// The phrase of the last draft, by its first sample, and when it came.
    last: Option<(usize, Duration)>,
}

/// Time, and the transcriber who works in it.
struct Clock<'a> {
    now: Duration,
    jobs: Receiver<TranscriptionJob>,
    work: Option<Work>,
    write: &'a mut Write<'a>,
}

struct Work {
    job: TranscriptionJob,
    outcome: Result<Transcript, VoiceError>,
    end: Duration,
}

impl Rehearsal<'_> {
    fn run(mut self, samples: &[f32]) -> Rehearsed {
        let look = (READ_INTERVAL.as_secs_f64() * f64::from(SAMPLE_RATE)) as usize;
        for block in samples.chunks(look) {
            self.hear(block);
        }
        let released = self.clock.now;
        self.recording.release();
        for block in [0.0; TAIL].chunks(look) {
            self.hear(block);
        }
        let Self {
            mut clock,
            recording,
            drafts,
        } = self;
        let begun = Instant::now();
        let mut transcript = recording.finish();
        clock.now += begun.elapsed();
        let heard = loop {
            match transcript.outcome() {
                Some(outcome) => break outcome,
                None => drop(clock.next(&mut transcript)),
            }
        };
        let release_to_final = clock.now.saturating_sub(released);
        Rehearsed {
            first_partial: drafts.first,
            intervals: drafts.intervals,
            release_to_final,
            heard,
        }
    }

    /// Time goes on while `samples` are spoken; the recorder looks at them then.
    fn hear(&mut self, samples: &[f32]) {
        let until =
            self.clock.now + Duration::from_secs_f64(samples.len() as f64 / f64::from(SAMPLE_RATE));
        let (shown, transcript) = (
            !self.recording.is_released(),
            &mut self.recording.transcript,
        );
        while self.clock.end().is_some_and(|end| end <= until) {
            let phrase = self.clock.next(transcript);
            if shown {
                self.drafts.note(phrase, self.clock.now, transcript);
            }
        }
        self.clock.now = until;
        self.recording.push(samples);
    }
}

impl Drafts {
    fn note(&mut self, phrase: usize, now: Duration, transcript: &LiveTranscript) {
        if transcript.partial() != PartialTranscript::default() {
            self.first.get_or_insert(now);
        }
        if let Some((_, before)) = self.last.filter(|(before, _)| *before == phrase) {
            self.intervals.push(now.saturating_sub(before));
        }
        self.last = Some((phrase, now));
    }
}

impl Clock<'_> {
    /// When the work under way, or else the next, will be done.
    fn end(&mut self) -> Option<Duration> {
        if self.work.is_none() {
            let job = self.jobs.try_recv().ok()?;
            let (outcome, cost) = (self.write)(&job.phrase, &job.request);
            self.work = Some(Work {
                job,
                outcome,
                end: self.now + cost,
            });
        }
        let work = self.work.as_mut()?;
        if work.job.request.cancellation.is_cancelled() {
            (work.outcome, work.end) = (Err(VoiceError::Cancelled), work.end.min(self.now));
        }
        Some(work.end)
    }

    /// Goes on to the end of the work under way, and tells what came of it. Gives the first sample of its phrase.
    fn next(&mut self, transcript: &mut LiveTranscript) -> usize {
        self.end();
        let work = self
            .work
            .take()
            .expect("a press waits for nothing but what it handed in");
        self.now = self.now.max(work.end);
        transcript.accept(work.job.target, work.outcome);
        work.job.phrase.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Language, Word};
    use crate::voice::segmenter::{PhraseLimits, Segmenter};

    const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);

    fn speech(seconds: usize) -> Vec<f32> {
        let path = format!(
            "{}/tests/fixtures/speech/medium-en-1.wav",
            env!("CARGO_MANIFEST_DIR")
        );
        let samples = hound::WavReader::open(path).unwrap().into_samples::<i16>();
        let once: Vec<f32> = samples
            .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
            .collect();
        once.into_iter()
            .cycle()
            .take(seconds * SAMPLE_RATE as usize)
            .collect()
    }

    fn word() -> Transcript {
        let words = vec![Word {
            text: "word".into(),
            start: 0.0,
            end: 0.5,
        }];
        Transcript {
            text: "word".into(),
            words,
            language: Some(Language::English),
            ..Transcript::default()
        }
    }

    #[test]
    fn a_long_answer_is_final_as_soon_as_a_short_one_where_the_transcriber_keeps_up() {
        let tenth = |phrase: &Phrase, _: &TranscriptionRequest| {
            (
                Ok(word()),
                Duration::from_secs_f64(phrase.samples.len() as f64 / 160_000.0),
            )
        };
        for seconds in [5, 15, 120] {
            let rehearsed = rehearse(&speech(seconds), LANGUAGE, &mut { tenth });
            let (least, most) = (Duration::from_millis(200), Duration::from_secs(4));
            assert!(
                (least..most).contains(&rehearsed.release_to_final),
                "{rehearsed:?}"
            );
            assert!(matches!(rehearsed.heard, RecorderEvent::Transcribed(..)));
        }
    }

    #[test]
    fn a_transcriber_slower_than_speech_is_waited_for() {
        let slow = |phrase: &Phrase, request: &TranscriptionRequest| {
            let draft = request.pass == crate::voice::Pass::Draft;
            let cost = Duration::from_secs_f64(phrase.samples.len() as f64 / 8_000.0);
            (
                Ok(Transcript {
                    low_confidence: draft,
                    ..word()
                }),
                cost,
            )
        };
        let rehearsed = rehearse(&speech(30), LANGUAGE, &mut { slow });
        assert!(
            rehearsed.release_to_final > Duration::from_secs(10),
            "{rehearsed:?}"
        );
    }

    #[test]
    fn a_draft_that_became_the_final_text_is_waited_for_though_the_next_phrase_is_closed_first() {
        let slow = |phrase: &Phrase, _: &TranscriptionRequest| {
            (
                Ok(word()),
                Duration::from_secs_f64(phrase.samples.len() as f64 / 8_000.0),
            )
        };
        let rehearsed = rehearse(&speech(30), LANGUAGE, &mut { slow });
        let RecorderEvent::Transcribed(_, answer) = rehearsed.heard else {
            panic!("{rehearsed:?}")
        };
        let (mut segmenter, mut phrases) = (Segmenter::new(PhraseLimits::LIVE), Vec::new());
        segmenter.push(&speech(30), &mut phrases);
        segmenter.finish(&mut phrases);
        assert_eq!(
            answer.text.split(' ').count(),
            phrases.len(),
            "one word a phrase"
        );
    }

    #[test]
    fn silence_is_final_with_the_tail() {
        let rehearsed = rehearse(&vec![0.0; 32_000], LANGUAGE, &mut |_, _| {
            panic!("nothing is to be written")
        });
        assert_eq!(
            (rehearsed.first_partial, rehearsed.heard),
            (None, RecorderEvent::NoSpeech(0))
        );
    }
}
