//! The queue of notices. One is shown, and none hides another for good: a failure goes before the
//! answer to a key, and that before what is merely so.

use super::notice::{Notice, Priority};

/// More notices than this are never kept; the least pressing one goes first.
const MOST: usize = 8;

/// The notices that were not dismissed yet, in the order in which they are shown.
#[derive(Debug, Default)]
pub struct Notices {
    queue: Vec<QueuedNotice>,
}

#[derive(Debug)]
struct QueuedNotice {
    notice: Notice,
    /// The ticks for which it is still shown while others wait; `None` until it is dismissed.
    ticks: Option<u16>,
}

impl Notices {
    /// Adds a notice. It takes the place of an earlier one that it makes obsolete.
    pub(super) fn push(&mut self, notice: Notice) {
        let priority = notice.priority();
        let ticks = notice.lifetime();
        let queued = QueuedNotice { notice, ticks };
        let is_obsolete = |old: &QueuedNotice| queued.notice.replaces(&old.notice);
        if let Some(place) = self.queue.iter().position(is_obsolete) {
            self.queue[place] = queued;
        } else {
            let is_later = |other: &QueuedNotice| other.notice.priority() > priority;
            let place = self.queue.iter().position(is_later);
            self.queue.insert(place.unwrap_or(self.queue.len()), queued);
        }
        self.queue.truncate(MOST);
    }

    /// Returns the notice to show.
    pub fn first(&self) -> Option<&Notice> {
        self.queue.first().map(|queued| &queued.notice)
    }

    /// Returns how many notices wait behind the one that is shown.
    pub fn waiting(&self) -> usize {
        self.queue.len().saturating_sub(1)
    }

    pub(super) fn any(&self, is_sought: impl Fn(&Notice) -> bool) -> bool {
        self.queue.iter().any(|queued| is_sought(&queued.notice))
    }

    /// Removes the notice that is shown, so that the next one is.
    pub(super) fn dismiss(&mut self) {
        if !self.queue.is_empty() {
            self.queue.remove(0);
        }
    }

    /// Removes what is no longer so.
    pub(super) fn remove(&mut self, is_over: impl Fn(&Notice) -> bool) {
        self.queue.retain(|queued| !is_over(&queued.notice));
    }

    /// Removes what the user has seen or overcome by going on: the notice that is shown, failed
    /// requests, and answers to keys. What was not shown yet still will be.
    pub(super) fn next_step(&mut self) {
        self.dismiss();
        self.queue
            .retain(|queued| queued.notice.priority() > Priority::Response);
    }

    /// Whether ticks are needed, because another notice waits for the shown one to end.
    pub(super) fn animates(&self) -> bool {
        let is_timed = |shown: &QueuedNotice| shown.ticks.is_some();
        self.waiting() > 0 && self.queue.first().is_some_and(is_timed)
    }

    /// Lets a tick go by, which counts only while another notice waits.
    pub(super) fn tick(&mut self) {
        if self.waiting() == 0 {
            return;
        }
        let Some(ticks) = self
            .queue
            .first_mut()
            .and_then(|shown| shown.ticks.as_mut())
        else {
            return;
        };
        *ticks = ticks.saturating_sub(1);
        if *ticks == 0 {
            self.dismiss();
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::app::action::{Missing, Part};
    use crate::app::notice::RetryKey;

    fn missing(part: Part) -> Notice {
        Notice::Missing(Missing {
            part,
            reason: String::new(),
            remedy: String::new(),
        })
    }

    fn retry(reason: &str) -> Notice {
        Notice::Retry(reason.to_owned(), RetryKey::Enter)
    }

    fn report() -> Notice {
        Notice::Report("r.md".to_owned())
    }

    /// Returns all notices in the order in which dismissing shows them.
    fn shown(pushed: Vec<Notice>) -> Vec<Notice> {
        let mut notices = Notices::default();
        for notice in pushed {
            notices.push(notice);
        }
        std::iter::from_fn(|| {
            let first = notices.first().cloned();
            notices.dismiss();
            first
        })
        .collect()
    }

    #[rstest]
    #[case::a_report_before_a_missing_part(
        vec![missing(Part::Speaker), report()],
        vec![report(), missing(Part::Speaker)]
    )]
    #[case::an_error_before_a_hint(
        vec![Notice::Muted(true), retry("a")],
        vec![retry("a"), Notice::Muted(true)]
    )]
    #[case::the_oldest_first(
        vec![missing(Part::Model), missing(Part::Speaker)],
        vec![missing(Part::Model), missing(Part::Speaker)]
    )]
    #[case::identical_ones_once(
        vec![Notice::Words("a".into()), Notice::Words("b".into()), Notice::Words("a".into())],
        vec![Notice::Words("a".into()), Notice::Words("b".into())]
    )]
    #[case::only_the_answer_to_the_newest_key(
        vec![Notice::Muted(true), Notice::FixedRate],
        vec![Notice::FixedRate]
    )]
    #[case::the_newest_failure_of_a_request(
        vec![retry("a"), retry("b")],
        vec![retry("b")]
    )]
    fn notices_are_shown_in_the_order_of_their_weight(
        #[case] pushed: Vec<Notice>,
        #[case] expected: Vec<Notice>,
    ) {
        assert_eq!(shown(pushed), expected);
    }

    #[test]
    fn an_answer_to_a_key_ends_by_itself_only_while_another_notice_waits() {
        let mut notices = Notices::default();
        notices.push(Notice::Muted(true));
        assert!(!notices.animates(), "at rest nothing ticks");
        notices.push(report());
        assert!(notices.animates());
        for _ in 0..100 {
            notices.tick();
        }
        assert_eq!(notices.first(), Some(&report()));
        assert!(!notices.animates());
    }

    #[test]
    fn a_failure_stays_until_it_is_dismissed() {
        let mut notices = Notices::default();
        notices.push(retry("a"));
        notices.push(report());
        assert!(!notices.animates());
        for _ in 0..1000 {
            notices.tick();
        }
        assert_eq!((notices.first(), notices.waiting()), (Some(&retry("a")), 1));
    }

    #[test]
    fn what_was_not_shown_yet_outlives_the_next_step() {
        let mut notices = Notices::default();
        notices.push(missing(Part::Model));
        notices.push(missing(Part::Speaker));
        notices.push(Notice::Muted(true));
        notices.push(retry("a"));
        notices.next_step();
        assert_eq!(notices.first(), Some(&missing(Part::Model)));
        notices.next_step();
        assert_eq!(notices.first(), Some(&missing(Part::Speaker)));
        notices.next_step();
        assert_eq!(notices.first(), None);
    }

    #[test]
    fn a_flood_of_notices_keeps_the_most_pressing_ones() {
        let flood = (0..100).map(|number| Notice::Words(number.to_string()));
        let kept = shown(flood.chain([retry("a")]).collect());
        assert_eq!((kept.len(), &kept[0]), (MOST, &retry("a")));
    }
}
