//! Times the steps of each turn as they pass through the loop, for the log and for the screen.

use std::time::{Duration, Instant};

use crate::app::action::{Action, BackendEvent, SpeechEvent, TurnId, UtteranceEvent, VoiceEvent};
use crate::app::effect::{BackendEffect, Effect, VoiceEffect};
use crate::app::waterfall::Waterfall;

/// Measures one turn at a time.
#[derive(Debug, Default)]
pub struct Stopwatch {
    released: Option<(TurnId, Instant)>,
    sent: Option<(TurnId, Instant)>,
    steps: Waterfall,
    logged: bool,
}

impl Stopwatch {
    /// Notes that the app asked for something at `now`.
    pub fn record_effect(&mut self, effect: &Effect, now: Instant) {
        match effect {
            Effect::Voice(effect) => self.record_voice_effect(effect, now),
            Effect::Turn { turn, effect } => self.record_request(*turn, effect, now),
            Effect::Terminal(_)
            | Effect::Session(_)
            | Effect::Speech(_)
            | Effect::Device(_)
            | Effect::Model(_)
            | Effect::SaveDraft { .. }
            | Effect::LoadDraft { .. } => {}
        }
    }

    fn record_voice_effect(&mut self, effect: &VoiceEffect, now: Instant) {
        match effect {
            VoiceEffect::Start { .. } => self.begin(),
            VoiceEffect::Stop { utterance } => self.released = Some((*utterance, now)),
            VoiceEffect::OpenMicrophone
            | VoiceEffect::CloseMicrophone
            | VoiceEffect::SetLanguage(_)
            | VoiceEffect::Cancel { .. } => {}
        }
    }

    fn record_request(&mut self, turn: TurnId, effect: &BackendEffect, now: Instant) {
        match effect {
            // The utterance before belongs to this answer, unless it was sent already.
            BackendEffect::Send { .. } if self.sent.is_none() => self.sent = Some((turn, now)),
            BackendEffect::Send { .. }
            | BackendEffect::Start { .. }
            | BackendEffect::Finish { .. } => {
                self.begin();
                self.sent = Some((turn, now));
            }
            BackendEffect::Load
            | BackendEffect::Reload { .. }
            | BackendEffect::WriteReport
            | BackendEffect::Cancel => {}
        }
    }

    /// Notes that something happened at `now`. Returns the steps so far if that ended one.
    pub fn record_action(&mut self, action: &Action, now: Instant) -> Option<Waterfall> {
        match action {
            Action::Voice(VoiceEvent::Utterance { utterance, event }) => {
                self.record_utterance(*utterance, event, now)
            }
            Action::Turn { turn, event } => self.record_reply(*turn, event, now),
            Action::Speech(event) => self.record_speech(event, now),
            Action::Terminal(_)
            | Action::Tick { .. }
            | Action::Session(_)
            | Action::Voice(VoiceEvent::Level(_) | VoiceEvent::Unavailable(_))
            | Action::Device(_)
            | Action::Model(_)
            | Action::Runtime(_) => None,
        }
    }

    fn record_utterance(
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

    fn record_reply(
        &mut self,
        turn: TurnId,
        event: &BackendEvent,
        now: Instant,
    ) -> Option<Waterfall> {
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

    fn record_speech(&mut self, event: &SpeechEvent, now: Instant) -> Option<Waterfall> {
        match event {
            SpeechEvent::Sentence { turn, .. } => self.record_first_sound(*turn, now),
            // The loudspeaker that got a sentence turned out not to be there.
            SpeechEvent::Unavailable(_) => {
                self.steps.first_sound.filter(|_| !self.logged)?;
                self.steps.first_sound = None;
                Some(self.steps)
            }
            SpeechEvent::Ended { turn } | SpeechEvent::NotNarrated { turn } => {
                if self.sent.is_some_and(|(sent, _)| sent == *turn) {
                    self.log();
                }
                None
            }
        }
    }

    fn record_first_sound(&mut self, turn: TurnId, now: Instant) -> Option<Waterfall> {
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

    /// Logs the steps of a turn once, when it is over.
    pub fn log(&mut self) {
        if self.steps.is_empty() || std::mem::replace(&mut self.logged, true) {
            return;
        }
        let ms = |step: Option<Duration>| step.map(|time| time.as_secs_f64() * 1_000.0);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::{Missing, Part};
    use crate::app::waterfall::RecordingTail;
    use crate::interview::{Answer, Language};

    const TAIL: RecordingTail = RecordingTail {
        drain: Duration::from_millis(200),
        voice_activity: Duration::from_millis(2),
    };

    fn answer() -> Answer {
        Answer {
            text: "Yes.".into(),
            spoken: None,
        }
    }

    fn start(utterance: u64) -> Effect {
        Effect::Voice(VoiceEffect::Start {
            utterance: TurnId(utterance),
        })
    }

    fn stop(utterance: u64) -> Effect {
        Effect::Voice(VoiceEffect::Stop {
            utterance: TurnId(utterance),
        })
    }

    fn send(turn: u64) -> Effect {
        Effect::Turn {
            turn: TurnId(turn),
            effect: BackendEffect::Send {
                attempt: 0,
                answer: answer(),
                open: None,
                language: Language::English,
            },
        }
    }

    fn utterance(utterance: u64, event: UtteranceEvent) -> Action {
        Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(utterance),
            event,
        })
    }

    fn transcribed(id: u64) -> Action {
        utterance(id, UtteranceEvent::Transcribed(answer()))
    }

    fn delta(turn: u64) -> Action {
        Action::Turn {
            turn: TurnId(turn),
            event: BackendEvent::Delta("And why?".into()),
        }
    }

    fn sentence(turn: u64) -> Action {
        Action::Speech(SpeechEvent::Sentence {
            turn: TurnId(turn),
            index: 0,
            text: "And why?".into(),
        })
    }

    fn only_first_delta() -> Waterfall {
        Waterfall {
            first_delta: Some(Duration::ZERO),
            ..Waterfall::default()
        }
    }

    #[test]
    fn a_spoken_turn_is_timed_step_by_step() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut stopwatch = Stopwatch::default();
        stopwatch.record_effect(&start(1), at(0));
        stopwatch.record_effect(&stop(1), at(1_000));
        stopwatch.record_action(&utterance(1, UtteranceEvent::Recorded(TAIL)), at(1_203));
        stopwatch.record_action(&transcribed(1), at(1_300));
        stopwatch.record_effect(&send(2), at(5_000));
        stopwatch.record_action(&delta(2), at(5_010));
        stopwatch.record_action(&delta(2), at(5_020));
        let steps = stopwatch.record_action(&sentence(2), at(5_070));
        let expected = Waterfall {
            tail: Some(TAIL),
            decode: Some(Duration::from_millis(98)),
            first_delta: Some(Duration::from_millis(10)),
            first_sound: Some(Duration::from_millis(60)),
        };
        assert_eq!(steps, Some(expected));
    }

    #[test]
    fn the_answer_after_a_spoken_one_does_not_get_its_times() {
        let now = Instant::now();
        let mut stopwatch = Stopwatch::default();
        stopwatch.record_effect(&stop(1), now);
        stopwatch.record_action(&transcribed(1), now);
        stopwatch.record_effect(&send(2), now);
        stopwatch.record_effect(&send(3), now);
        let steps = stopwatch.record_action(&delta(3), now);
        assert_eq!(steps, Some(only_first_delta()));
    }

    #[test]
    fn a_sentence_for_a_missing_loudspeaker_has_no_first_sound() {
        let now = Instant::now();
        let mut stopwatch = Stopwatch::default();
        stopwatch.record_effect(&send(2), now);
        stopwatch.record_action(&delta(2), now);
        stopwatch.record_action(&sentence(2), now);
        let missing = Missing {
            part: Part::Speaker,
            reason: String::new(),
            remedy: String::new(),
        };
        let unavailable = Action::Speech(SpeechEvent::Unavailable(missing));
        let steps = stopwatch.record_action(&unavailable, now);
        assert_eq!(steps, Some(only_first_delta()));
    }

    #[test]
    fn events_of_another_turn_change_nothing() {
        let now = Instant::now();
        let mut stopwatch = Stopwatch::default();
        stopwatch.record_effect(&send(2), now);
        assert_eq!(stopwatch.record_action(&delta(1), now), None);
        assert_eq!(stopwatch.record_action(&transcribed(1), now), None);
    }
}
