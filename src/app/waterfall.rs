//! Where the time of a spoken turn goes: from the release of the key to the words, from sending them to the first sound.

use std::time::Duration;

/// The end of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordingTail {
    /// From the release until what was still on its way through the microphone had come.
    pub drain: Duration,
    /// What it then took to find where the last phrase ends.
    pub voice_activity: Duration,
}

/// One turn's steps; each begins where the one before it ended, the reply's when the answer was sent. `None`: it did not
/// happen, as with an answer that was typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waterfall {
    /// See there.
    pub tail: Option<RecordingTail>,
    /// From the end of the tail to the final words.
    pub decode: Option<Duration>,
    /// From sending the answer to the first words of the reply.
    pub first_delta: Option<Duration>,
    /// From there to the first sound of them.
    pub first_sound: Option<Duration>,
}

/// One bar of a waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnStep {
    /// Names it in the locale files and in the log.
    pub name: &'static str,
    /// After the release, or after sending.
    pub begin: Duration,
    /// How long it took.
    pub length: Duration,
}

impl Waterfall {
    /// The steps that happened: from the release on, and from sending on.
    pub fn steps(&self) -> [Vec<TurnStep>; 2] {
        let tail = self.tail.iter().flat_map(|tail| {
            [
                ("drain", tail.drain),
                ("voice_activity", tail.voice_activity),
            ]
        });
        let heard = tail.chain(self.decode.map(|time| ("decode", time)));
        let told = self
            .first_delta
            .map(|time| ("first_delta", time))
            .into_iter();
        [
            in_row(heard),
            in_row(told.chain(self.first_sound.map(|time| ("first_sound", time)))),
        ]
    }

    /// Nothing was measured yet.
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
