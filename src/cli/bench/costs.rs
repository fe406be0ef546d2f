//! What it costs to write a phrase, measured once for phrases alike.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::voice::segmenter::Phrase;
use crate::voice::transcriber::transcribe_phrase;
use crate::voice::{Pass, SAMPLE_RATE, Transcriber, Transcript, TranscriptionRequest, VoiceError};

/// Phrases whose lengths differ by less than this cost about the same: 2 s. Below 10 s the model's context, which is most
/// of the cost, is the same anyway.
const ALIKE: usize = 2 * SAMPLE_RATE as usize;
/// A kind of phrase is measured so often, unless it takes longer than [`ENOUGH`] in all.
const TIMES: usize = 3;
/// See there.
const ENOUGH: Duration = Duration::from_millis(300);
/// After so much measuring in all, a kind that is new costs what the one most like it does: a slow model must not take
/// minutes to be called slow.
const BUDGET: Duration = Duration::from_secs(12);

/// Writes phrases, and remembers what that cost: somebody who talks for two minutes says many phrases alike.
pub struct Costs<'a> {
    transcriber: &'a mut dyn Transcriber,
    known: HashMap<Kind, Known>,
    spent: Duration,
}

/// What a cost depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    draft: bool,
    length: usize,
}

#[derive(Default)]
struct Known {
    times: Vec<Duration>,
    last: Transcript,
}

impl<'a> Costs<'a> {
    /// Nothing is known yet.
    pub fn new(transcriber: &'a mut dyn Transcriber) -> Self {
        Self {
            transcriber,
            known: HashMap::new(),
            spent: Duration::ZERO,
        }
    }

    /// As [`crate::voice::listener::rehearsal::Write`].
    pub fn write(
        &mut self,
        phrase: &Phrase,
        request: &TranscriptionRequest,
    ) -> (Result<Transcript, VoiceError>, Duration) {
        let kind = Kind {
            draft: request.pass == Pass::Draft,
            length: phrase.samples.len() / ALIKE,
        };
        let kind = if self.spent < BUDGET {
            kind
        } else {
            self.most_like(kind)
        };
        let known = self.known.entry(kind).or_default();
        if !known.is_enough() {
            let begun = Instant::now();
            match transcribe_phrase(self.transcriber, phrase, request) {
                Ok(transcript) => known.last = transcript,
                failed => return (failed, begun.elapsed()),
            }
            known.times.push(begun.elapsed());
            self.spent += begun.elapsed();
        }
        (Ok(known.last.clone()), known.cost())
    }

    /// The known kind nearest in length, if there is one.
    fn most_like(&self, kind: Kind) -> Kind {
        let known = self
            .known
            .keys()
            .filter(|known| known.draft == kind.draft)
            .copied();
        known
            .min_by_key(|known| known.length.abs_diff(kind.length))
            .unwrap_or(kind)
    }
}

impl Known {
    fn is_enough(&self) -> bool {
        self.times.len() >= TIMES || self.times.iter().sum::<Duration>() >= ENOUGH
    }

    /// The one just measured, while that goes on; then the mean.
    fn cost(&self) -> Duration {
        if self.is_enough() {
            self.times.iter().sum::<Duration>() / u32::try_from(self.times.len()).unwrap_or(1)
        } else {
            self.times.last().copied().unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how often it is asked.
    struct Counting(usize);

    impl Transcriber for Counting {
        fn transcribe(
            &mut self,
            _: &[f32],
            _: &TranscriptionRequest,
        ) -> Result<Transcript, VoiceError> {
            self.0 += 1;
            Ok(Transcript {
                text: self.0.to_string(),
                ..Transcript::default()
            })
        }
    }

    fn phrase(seconds: usize) -> Phrase {
        Phrase {
            start: 0,
            samples: vec![0.0; seconds * SAMPLE_RATE as usize],
        }
    }

    #[test]
    fn phrases_alike_are_measured_a_few_times_and_others_anew() {
        let mut counting = Counting(0);
        let mut costs = Costs::new(&mut counting);
        for _ in 0..10 {
            costs
                .write(&phrase(2), &TranscriptionRequest::default())
                .0
                .unwrap();
        }
        costs
            .write(&phrase(4), &TranscriptionRequest::default())
            .0
            .unwrap();
        costs
            .write(
                &phrase(4),
                &TranscriptionRequest {
                    pass: Pass::Draft,
                    ..TranscriptionRequest::default()
                },
            )
            .0
            .unwrap();
        assert_eq!(counting.0, TIMES + 2);
    }

    #[test]
    fn a_slow_model_is_not_measured_for_ever() {
        let mut counting = Counting(0);
        let mut costs = Costs {
            spent: BUDGET,
            ..Costs::new(&mut counting)
        };
        for seconds in [3, 9, 15, 21] {
            for _ in 0..2 {
                costs
                    .write(&phrase(seconds), &TranscriptionRequest::default())
                    .0
                    .unwrap();
            }
        }
        assert!(counting.0 <= TIMES);
    }
}
