//! Times the steps of each turn as they pass through the loop, for the log and for who wants to see them.

use std::time::Instant;

use crate::app::action::{Action, TurnId};
use crate::app::effect::Effect;
use crate::app::waterfall::Waterfall;

/// What of a turn was seen so far.
#[derive(Debug, Default)]
pub struct Stopwatch {
    released: Option<(TurnId, Instant)>,
    sent: Option<(TurnId, Instant)>,
    steps: Waterfall,
    /// The steps are in the log already.
    logged: bool,
}

impl Stopwatch {
    /// The app asks for something at `now`.
    pub fn asked(&mut self, effect: &Effect, now: Instant) {
        match effect {
            Effect::StartListening(_) => self.begin(),
            Effect::StopListening(turn) => self.released = Some((*turn, now)),
            // What was said belongs to it, unless that was sent already.
            Effect::Send { turn, .. } if self.sent.is_none() => self.sent = Some((*turn, now)),
            Effect::Send { turn, .. }
            | Effect::Start { turn, .. }
            | Effect::Finish { turn, .. } => {
                self.begin();
                self.sent = Some((*turn, now));
            }
            _ => {}
        }
    }

    /// Something happened at `now`: the steps, where it ended one.
    pub fn saw(&mut self, action: &Action, now: Instant) -> Option<Waterfall> {
        let steps = &mut self.steps;
        match action {
            Action::Recorded(turn, tail) if is(self.released, *turn) => steps.tail = Some(*tail),
            Action::Heard(turn, _) => {
                let (_, released) = self.released.filter(|(id, _)| id == turn)?;
                let tail = steps.tail.unwrap_or_default();
                steps.decode = Some(
                    now.saturating_duration_since(released + tail.drain + tail.voice_activity),
                );
            }
            Action::Replied(turn, _) | Action::Done(turn, _) if steps.first_delta.is_none() => {
                let (_, sent) = self.sent.filter(|(id, _)| id == turn)?;
                steps.first_delta = Some(now.saturating_duration_since(sent));
            }
            Action::Speaking(turn, ..) if steps.first_sound.is_none() => {
                let (_, sent) = self.sent.filter(|(id, _)| id == turn)?;
                steps.first_sound = Some(now.saturating_duration_since(sent + steps.first_delta?));
            }
            // A sentence was given to a loudspeaker that turned out not to be there.
            Action::NotSpoken(_) if steps.first_sound.is_some() && !self.logged => {
                steps.first_sound = None
            }
            // Nothing more comes of this reply.
            Action::SpokeAll(turn) | Action::Unspoken(turn) if is(self.sent, *turn) => {
                self.log();
                return None;
            }
            _ => return None,
        }
        Some(self.steps)
    }

    fn begin(&mut self) {
        self.log();
        *self = Self::default();
    }

    /// Once a turn, when nothing more is to come.
    pub fn log(&mut self) {
        if self.steps.is_empty() || std::mem::replace(&mut self.logged, true) {
            return;
        }
        let ms = |step: Option<std::time::Duration>| step.map(|time| time.as_secs_f64() * 1_000.0);
        let Waterfall {
            tail,
            decode,
            first_delta,
            first_sound,
        } = self.steps;
        tracing::info!(
            drain_ms = ms(tail.map(|tail| tail.drain)),
            voice_activity_ms = ms(tail.map(|tail| tail.voice_activity)),
            decode_ms = ms(decode),
            first_delta_ms = ms(first_delta),
            first_sound_ms = ms(first_sound),
            "a turn"
        );
    }
}

fn is(known: Option<(TurnId, Instant)>, turn: TurnId) -> bool {
    known.is_some_and(|(id, _)| id == turn)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::action::{Missing, Part};
    use crate::app::waterfall::Tail;
    use crate::interview::{Answer, Language};

    const TAIL: Tail = Tail {
        drain: Duration::from_millis(200),
        voice_activity: Duration::from_millis(2),
    };

    fn answer() -> Answer {
        Answer {
            text: "Yes.".into(),
            spoken: None,
        }
    }

    fn send(turn: u64) -> Effect {
        Effect::Send {
            turn: TurnId(turn),
            attempt: 0,
            answer: answer(),
            language: Language::English,
        }
    }

    #[test]
    fn a_spoken_turn_is_timed_step_by_step() {
        let (start, mut watch) = (Instant::now(), Stopwatch::default());
        let at = |ms| start + Duration::from_millis(ms);
        watch.asked(&Effect::StartListening(TurnId(1)), at(0));
        watch.asked(&Effect::StopListening(TurnId(1)), at(1_000));
        watch.saw(&Action::Recorded(TurnId(1), TAIL), at(1_203));
        watch.saw(&Action::Heard(TurnId(1), answer()), at(1_300));
        watch.asked(&send(2), at(5_000));
        watch.saw(&Action::Replied(TurnId(2), "And".into()), at(5_010));
        watch.saw(&Action::Replied(TurnId(2), " why?".into()), at(5_020));
        let steps = watch.saw(
            &Action::Speaking(TurnId(2), 0, "And why?".into()),
            at(5_070),
        );
        let ms = |ms| Some(Duration::from_millis(ms));
        let expected = Waterfall {
            tail: Some(TAIL),
            decode: ms(98),
            first_delta: ms(10),
            first_sound: ms(60),
        };
        assert_eq!(steps, Some(expected));
    }

    #[test]
    fn the_answer_after_a_spoken_one_is_not_given_its_times() {
        let (now, mut watch) = (Instant::now(), Stopwatch::default());
        watch.asked(&Effect::StopListening(TurnId(1)), now);
        watch.saw(&Action::Heard(TurnId(1), answer()), now);
        watch.asked(&send(2), now);
        watch.asked(&send(3), now);
        let steps = watch.saw(&Action::Replied(TurnId(3), "And".into()), now);
        assert_eq!(
            steps,
            Some(Waterfall {
                first_delta: Some(Duration::ZERO),
                ..Waterfall::default()
            })
        );
    }

    #[test]
    fn a_sound_that_nobody_heard_is_none() {
        let (now, mut watch) = (Instant::now(), Stopwatch::default());
        watch.asked(&send(2), now);
        watch.saw(&Action::Replied(TurnId(2), "And".into()), now);
        watch.saw(&Action::Speaking(TurnId(2), 0, "And why?".into()), now);
        let missing = Missing {
            part: Part::Speaker,
            reason: String::new(),
            remedy: String::new(),
        };
        let steps = watch.saw(&Action::NotSpoken(missing), now);
        assert_eq!(
            steps,
            Some(Waterfall {
                first_delta: Some(Duration::ZERO),
                ..Waterfall::default()
            })
        );
    }

    #[test]
    fn what_belongs_to_another_turn_changes_nothing() {
        let (now, mut watch) = (Instant::now(), Stopwatch::default());
        watch.asked(&send(2), now);
        assert_eq!(
            watch.saw(&Action::Replied(TurnId(1), "late".into()), now),
            None
        );
        assert_eq!(watch.saw(&Action::Heard(TurnId(1), answer()), now), None);
    }
}
