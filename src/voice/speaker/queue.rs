//! The clips given to the device, until they have been heard.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::voice::end_notifier::EndNotifier;
use crate::voice::{PlaybackFlag, VoiceError};

/// The time from the device taking a sample until it is heard: twice the requested buffer (50 ms),
/// and a little more.
const LATENCY: Duration = Duration::from_millis(120);

/// The clips that play or wait to be played, in order.
#[derive(Default)]
pub struct ClipQueue {
    clips: VecDeque<QueuedClip>,
    next_number: u64,
}

struct QueuedClip {
    number: u64,
    playback: PlaybackFlag,
    end: EndNotifier,
    /// The time at which its last sample is heard, once the device has taken that.
    due: Option<Instant>,
}

impl ClipQueue {
    /// Appends a clip and returns its number, which is never used twice.
    pub fn push(&mut self, playback: PlaybackFlag, end: EndNotifier) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        self.clips.push_back(QueuedClip {
            number,
            playback,
            end,
            due: None,
        });
        number
    }

    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }

    /// Returns whether some clip should still be heard.
    pub fn is_wanted(&self) -> bool {
        self.clips.iter().any(|clip| clip.playback.is_alive())
    }

    /// Notes that the device has taken the whole clip `last` at `now`, and so those before it, because
    /// clips play without a gap.
    pub fn mark_taken(&mut self, last: u64, now: Instant) {
        for clip in self.clips.iter_mut().take_while(|clip| clip.number <= last) {
            clip.due.get_or_insert(now + LATENCY);
        }
        self.end_heard(now);
    }

    /// Returns the time at which the first clip will have been heard, if that is known.
    pub fn due(&self) -> Option<Instant> {
        self.clips.front()?.due
    }

    /// Ends the clips that have been heard by `now`.
    pub fn end_heard(&mut self, now: Instant) {
        while self.due().is_some_and(|due| due <= now) {
            if let Some(clip) = self.clips.pop_front() {
                clip.end.notify(Ok(()));
            }
        }
    }

    /// Ends all clips, whether they have been heard or not.
    pub fn end_all(&mut self, outcome: &Result<(), VoiceError>) {
        for clip in self.clips.drain(..) {
            clip.end.notify(outcome.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    type ClipEnd = (u64, Result<(), String>);

    fn two_clips() -> (ClipQueue, Receiver<ClipEnd>) {
        let (sender, ends) = channel();
        let mut queue = ClipQueue::default();
        for clip in 0..2 {
            let sender = sender.clone();
            let on_end = move |outcome: Result<(), VoiceError>| {
                sender
                    .send((clip, outcome.map_err(|error| error.to_string())))
                    .unwrap();
            };
            assert_eq!(
                queue.push(PlaybackFlag::default(), EndNotifier::new(Box::new(on_end))),
                clip
            );
        }
        (queue, ends)
    }

    #[test]
    fn a_clip_ends_when_its_last_sample_is_heard_and_not_when_the_device_takes_it() {
        let (mut queue, ends) = two_clips();
        let start = Instant::now();
        queue.mark_taken(0, start);
        queue.mark_taken(1, start + Duration::from_millis(50));
        assert_eq!(ends.try_iter().collect::<Vec<_>>(), []);
        assert_eq!(queue.due(), Some(start + LATENCY));
        queue.end_heard(start + LATENCY);
        assert_eq!(ends.try_iter().collect::<Vec<_>>(), [(0, Ok(()))]);
        queue.end_heard(start + LATENCY + Duration::from_millis(50));
        assert_eq!(ends.try_iter().collect::<Vec<_>>(), [(1, Ok(()))]);
        assert!(queue.is_empty());
    }

    #[test]
    fn every_clip_of_a_lost_device_ends_with_the_reason() {
        let (mut queue, ends) = two_clips();
        queue.end_all(&Err(VoiceError::NoSpeaker));
        let reason = || Err("no speaker was found".to_owned());
        assert_eq!(
            ends.try_iter().collect::<Vec<_>>(),
            [(0, reason()), (1, reason())]
        );
    }

    #[test]
    fn clips_still_queued_end_with_the_queue() {
        let (queue, ends) = two_clips();
        drop(queue);
        assert_eq!(
            ends.try_iter().collect::<Vec<_>>(),
            [(0, Ok(())), (1, Ok(()))]
        );
    }
}
