//! Times the steps of each turn as they pass through the loop, for the log and for who wants to see them.

use std::time::Instant;

use crate::app::action::{Action, BackendEvent, SpeechEvent, TurnId, UtteranceEvent, VoiceEvent};
use crate::app::effect::{BackendEffect, Effect, VoiceEffect};
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
    pub fn record_effect(&mut self, effect: &Effect, now: Instant) {
        match effect {
            Effect::Voice(effect) => self.asked_voice(effect, now),
            Effect::Turn { turn, effect } => self.asked_backend(*turn, effect, now),
            Effect::Terminal(_)
            | Effect::Session(_)
            | Effect::Speech(_)
            | Effect::Device(_)
            | Effect::Model(_)
            | Effect::SaveDraft(_) => {}
        }
    }

    fn asked_voice(&mut self, effect: &VoiceEffect, now: Instant) {
        match effect {
            VoiceEffect::Start { .. } => self.begin(),
            VoiceEffect::Stop { utterance } => self.released = Some((*utterance, now)),
            VoiceEffect::OpenMicrophone
            | VoiceEffect::CloseMicrophone
            | VoiceEffect::SetLanguage(_)
            | VoiceEffect::Cancel { .. } => {}
        }
    }

    fn asked_backend(&mut self, turn: TurnId, effect: &BackendEffect, now: Instant) {
        match effect {
            // What was said belongs to it, unless that was sent already.
            BackendEffect::Send { .. } if self.sent.is_none() => self.sent = Some((turn, now)),
            BackendEffect::Send { .. }
            | BackendEffect::Start { .. }
            | BackendEffect::Finish { .. } => {
                self.begin();
                self.sent = Some((turn, now));
            }
            BackendEffect::Load | BackendEffect::WriteReport | BackendEffect::Cancel => {}
        }
    }

    /// Something happened at `now`: the steps, where it ended one.
    pub fn record_action(&mut self, action: &Action, now: Instant) -> Option<Waterfall> {
        match action {
            Action::Voice(VoiceEvent::Utterance { utterance, event }) => {
                self.saw_utterance(*utterance, event, now)
            }
            Action::Turn { turn, event } => self.saw_reply(*turn, event, now),
            Action::Speech(event) => self.saw_speech(event, now),
            Action::Terminal(_)
            | Action::Tick { .. }
            | Action::Session(_)
            | Action::Voice(VoiceEvent::Level(_) | VoiceEvent::Unavailable(_))
            | Action::Device(_)
            | Action::Model(_)
            | Action::Runtime(_) => None,
        }
    }

    fn saw_utterance(
        &mut self,
        utterance: TurnId,
        event: &UtteranceEvent,
        now: Instant,
    ) -> Option<Waterfall> {
        let (_, released) = self.released.filter(|(id, _)| *id == utterance)?;
        match event {
            UtteranceEvent::Recorded(tail) => self.steps.tail = Some(*tail),
            UtteranceEvent::Transcribed(_) => {
                let tail = self.steps.tail.unwrap_or_default();
                let recorded = released + tail.drain + tail.voice_activity;
                self.steps.decode = Some(now.saturating_duration_since(recorded));
            }
            UtteranceEvent::MicrophoneDead(_)
            | UtteranceEvent::MicrophoneAlive
            | UtteranceEvent::Partial { .. }
            | UtteranceEvent::NoSpeech
            | UtteranceEvent::NotTranscribed { .. } => return None,
        }
        Some(self.steps)
    }

    fn saw_reply(&mut self, turn: TurnId, event: &BackendEvent, now: Instant) -> Option<Waterfall> {
        let (_, sent) = self.sent.filter(|(id, _)| *id == turn)?;
        match event {
            BackendEvent::Delta(_) | BackendEvent::Done(_) if self.steps.first_delta.is_none() => {
                self.steps.first_delta = Some(now.saturating_duration_since(sent));
                Some(self.steps)
            }
            BackendEvent::Delta(_)
            | BackendEvent::Done(_)
            | BackendEvent::Loaded(_)
            | BackendEvent::Failed(_)
            | BackendEvent::ReportWritten { .. } => None,
        }
    }

    fn saw_speech(&mut self, event: &SpeechEvent, now: Instant) -> Option<Waterfall> {
        match event {
            SpeechEvent::Sentence { turn, .. } => self.first_sound(*turn, now),
            // A sentence was given to a loudspeaker that turned out not to be there.
            SpeechEvent::Unavailable(_) => {
                self.steps.first_sound.filter(|_| !self.logged)?;
                self.steps.first_sound = None;
                Some(self.steps)
            }
            // Nothing more comes of this reply.
            SpeechEvent::Ended { turn } | SpeechEvent::NotNarrated { turn } => {
                if is(self.sent, *turn) {
                    self.log();
                }
                None
            }
        }
    }

    fn first_sound(&mut self, turn: TurnId, now: Instant) -> Option<Waterfall> {
        let (_, sent) = self.sent.filter(|(id, _)| *id == turn)?;
        let first_delta = self.steps.first_delta?;
        if self.steps.first_sound.is_some() {
            return None;
        }
        self.steps.first_sound = Some(now.saturating_duration_since(sent + first_delta));
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
        Effect::Turn {
            turn: TurnId(turn),
            effect: BackendEffect::Send {
                attempt: 0,
                answer: answer(),
                language: Language::English,
            },
        }
    }

    #[test]
    fn a_spoken_turn_is_timed_step_by_step() {
        let (start, mut watch) = (Instant::now(), Stopwatch::default());
        let at = |ms| start + Duration::from_millis(ms);
        watch.record_effect(
            &Effect::Voice(VoiceEffect::Start {
                utterance: TurnId(1),
            }),
            at(0),
        );
        watch.record_effect(
            &Effect::Voice(VoiceEffect::Stop {
                utterance: TurnId(1),
            }),
            at(1_000),
        );
        watch.record_action(
            &Action::Voice(VoiceEvent::Utterance {
                utterance: TurnId(1),
                event: UtteranceEvent::Recorded(TAIL),
            }),
            at(1_203),
        );
        watch.record_action(
            &Action::Voice(VoiceEvent::Utterance {
                utterance: TurnId(1),
                event: UtteranceEvent::Transcribed(answer()),
            }),
            at(1_300),
        );
        watch.record_effect(&send(2), at(5_000));
        watch.record_action(
            &Action::Turn {
                turn: TurnId(2),
                event: BackendEvent::Delta("And".into()),
            },
            at(5_010),
        );
        watch.record_action(
            &Action::Turn {
                turn: TurnId(2),
                event: BackendEvent::Delta(" why?".into()),
            },
            at(5_020),
        );
        let steps = watch.record_action(
            &Action::Speech(SpeechEvent::Sentence {
                turn: TurnId(2),
                index: 0,
                text: "And why?".into(),
            }),
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
        watch.record_effect(
            &Effect::Voice(VoiceEffect::Stop {
                utterance: TurnId(1),
            }),
            now,
        );
        watch.record_action(
            &Action::Voice(VoiceEvent::Utterance {
                utterance: TurnId(1),
                event: UtteranceEvent::Transcribed(answer()),
            }),
            now,
        );
        watch.record_effect(&send(2), now);
        watch.record_effect(&send(3), now);
        let steps = watch.record_action(
            &Action::Turn {
                turn: TurnId(3),
                event: BackendEvent::Delta("And".into()),
            },
            now,
        );
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
        watch.record_effect(&send(2), now);
        watch.record_action(
            &Action::Turn {
                turn: TurnId(2),
                event: BackendEvent::Delta("And".into()),
            },
            now,
        );
        watch.record_action(
            &Action::Speech(SpeechEvent::Sentence {
                turn: TurnId(2),
                index: 0,
                text: "And why?".into(),
            }),
            now,
        );
        let missing = Missing {
            part: Part::Speaker,
            reason: String::new(),
            remedy: String::new(),
        };
        let steps = watch.record_action(&Action::Speech(SpeechEvent::Unavailable(missing)), now);
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
        watch.record_effect(&send(2), now);
        assert_eq!(
            watch.record_action(
                &Action::Turn {
                    turn: TurnId(1),
                    event: BackendEvent::Delta("late".into())
                },
                now
            ),
            None
        );
        assert_eq!(
            watch.record_action(
                &Action::Voice(VoiceEvent::Utterance {
                    utterance: TurnId(1),
                    event: UtteranceEvent::Transcribed(answer())
                }),
                now
            ),
            None
        );
    }
}
