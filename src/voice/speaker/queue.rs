//! The clips given to the device, until they were heard.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::voice::end_notifier::EndNotifier;
use crate::voice::{PlaybackFlag, VoiceError};

/// From the device taking a sample until it is heard: twice the buffer asked for (50 ms), and a little.
const LATENCY: Duration = Duration::from_millis(120);

/// Playing and waiting to be played, in order.
#[derive(Default)]
pub struct Queue {
    clips: VecDeque<Clip>,
    /// Of the next clip; never used twice.
    number: u64,
}

struct Clip {
    number: u64,
    wanted: PlaybackFlag,
    ending: EndNotifier,
    /// When its last sample is heard, once the device took it.
    due: Option<Instant>,
}

impl Queue {
    /// Appends a clip; returns its number.
    pub fn add(&mut self, wanted: PlaybackFlag, ending: EndNotifier) -> u64 {
        let number = self.number;
        self.number += 1;
        self.clips.push_back(Clip {
            number,
            wanted,
            ending,
            due: None,
        });
        number
    }

    /// No clip is left.
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }

    /// Some clip is to be heard still.
    pub fn is_wanted(&self) -> bool {
        self.clips.iter().any(|clip| clip.wanted.is_wanted())
    }

    /// The device took all of the clip `last` at `now`, and so of those before it: the next one plays without a gap.
    pub fn taken(&mut self, last: u64, now: Instant) {
        for clip in self.clips.iter_mut().take_while(|clip| clip.number <= last) {
            clip.due.get_or_insert(now + LATENCY);
        }
        self.end_heard(now);
    }

    /// When the first clip will have been heard.
    pub fn due(&self) -> Option<Instant> {
        self.clips.front()?.due
    }

    /// Ends the clips heard by `now`.
    pub fn end_heard(&mut self, now: Instant) {
        while self.due().is_some_and(|due| due <= now) {
            self.clips
                .pop_front()
                .into_iter()
                .for_each(|clip| clip.ending.tell(Ok(())));
        }
    }

    /// Ends all clips, heard or not.
    pub fn end_all(&mut self, outcome: &Result<(), VoiceError>) {
        self.clips
            .drain(..)
            .for_each(|clip| clip.ending.tell(outcome.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    type Told = (u64, Result<(), String>);

    fn two_clips() -> (Queue, Receiver<Told>) {
        let (tell, told) = channel();
        let mut queue = Queue::default();
        for clip in 0..2 {
            let tell = tell.clone();
            let ended = move |outcome: Result<(), VoiceError>| {
                tell.send((clip, outcome.map_err(|error| error.to_string())))
                    .unwrap();
            };
            assert_eq!(
                queue.add(PlaybackFlag::default(), EndNotifier::new(Box::new(ended))),
                clip
            );
        }
        (queue, told)
    }

    #[test]
    fn a_clip_ends_when_its_last_sample_was_heard_not_when_the_device_took_it() {
        let (mut queue, told) = two_clips();
        let start = Instant::now();
        queue.taken(0, start);
        queue.taken(1, start + Duration::from_millis(50));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), []);
        assert_eq!(queue.due(), Some(start + LATENCY));
        queue.end_heard(start + LATENCY);
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [(0, Ok(()))]);
        queue.end_heard(start + LATENCY + Duration::from_millis(50));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [(1, Ok(()))]);
        assert!(queue.is_empty());
    }

    #[test]
    fn every_clip_of_a_lost_device_says_why() {
        let (mut queue, told) = two_clips();
        queue.end_all(&Err(VoiceError::NoSpeaker));
        let why = || Err("no speaker was found".to_owned());
        assert_eq!(
            told.try_iter().collect::<Vec<_>>(),
            [(0, why()), (1, why())]
        );
    }

    #[test]
    fn clips_still_queued_end_with_the_queue() {
        let (queue, told) = two_clips();
        drop(queue);
        assert_eq!(
            told.try_iter().collect::<Vec<_>>(),
            [(0, Ok(())), (1, Ok(()))]
        );
    }
}
