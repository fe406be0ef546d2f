//! The waterfall of a spoken turn: how long each step takes from the release of the key to the
//! words, and from sending them to the first sound.

use std::time::Duration;

/// The time that the end of a recording took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordingTail {
    /// The time from the release until the last samples came through the microphone.
    pub drain: Duration,
    /// The time it then took to find the end of the last phrase.
    pub voice_activity: Duration,
}

/// The steps of one turn.
///
/// Each step begins where the one before it ended, and the first of the reply when the answer was
/// sent. A step that did not happen is `None`, as with an answer that was typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waterfall {
    pub tail: Option<RecordingTail>,
    /// The time from the end of the tail to the final words.
    pub decode: Option<Duration>,
    /// The time from sending the answer to the first words of the reply.
    pub first_delta: Option<Duration>,
    /// The time from the first words to their first sound.
    pub first_sound: Option<Duration>,
}

/// One bar of a waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnStep {
    /// The name in the locale files and in the log.
    pub name: &'static str,
    /// The time after the release, or after sending.
    pub begin: Duration,
    pub length: Duration,
}

impl Waterfall {
    /// Returns the steps that happened, from the release on and from sending on.
    pub fn steps(&self) -> [Vec<TurnStep>; 2] {
        let tail = self.tail.iter().flat_map(|tail| {
            [
                ("drain", tail.drain),
                ("voice_activity", tail.voice_activity),
            ]
        });
        let voice = tail.chain(self.decode.map(|time| ("decode", time)));
        let reply = self
            .first_delta
            .map(|time| ("first_delta", time))
            .into_iter();
        [
            in_row(voice),
            in_row(reply.chain(self.first_sound.map(|time| ("first_sound", time)))),
        ]
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn in_row(steps: impl Iterator<Item = (&'static str, Duration)>) -> Vec<TurnStep> {
    let mut end = Duration::ZERO;
    let step = |(name, length)| {
        let begin = end;
        end += length;
        TurnStep {
            name,
            begin,
            length,
        }
    };
    steps.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_begins_where_the_one_before_it_ended() {
        let ms = Duration::from_millis;
        let waterfall = Waterfall {
            tail: Some(RecordingTail {
                drain: ms(200),
                voice_activity: ms(1),
            }),
            decode: Some(ms(90)),
            first_delta: Some(ms(4)),
            first_sound: Some(ms(50)),
        };
        let step = |name, begin, length| TurnStep {
            name,
            begin: ms(begin),
            length: ms(length),
        };
        let heard = vec![
            step("drain", 0, 200),
            step("voice_activity", 200, 1),
            step("decode", 201, 90),
        ];
        assert_eq!(
            waterfall.steps(),
            [
                heard,
                vec![step("first_delta", 0, 4), step("first_sound", 4, 50)]
            ]
        );
    }

    #[test]
    fn a_typed_answer_has_only_the_steps_of_its_reply() {
        let typed = Waterfall {
            first_delta: Some(Duration::from_millis(4)),
            ..Waterfall::default()
        };
        assert_eq!(typed.steps().map(|steps| steps.len()), [0, 1]);
    }
}
