//! Push to talk. Where releases are reported the space bar is held; elsewhere it is tapped, and the terminal's
//! auto-repeat of a held key must not look like taps.
use super::super::action::Part;
use super::super::effect::{Effect, VoiceEffect};
use super::super::interview::{By, Focus, Talk, Then};
use super::super::key::{Key, Phase};
use super::super::notice::Notice;
use super::super::{App, Screen, TalkKeys};

/// A shorter hold is a blank, ms.
const SHORTEST_HOLD: u64 = 250;

/// Presses closer together come from a held key, ms: the slowest common repeat rate is 15 a second.
const REPEAT_GAP: u64 = 100;

/// A held key starts repeating within this time, ms (X11 waits longest, 660): a second press before is no tap.
const REPEAT_DELAY: u64 = 700;

impl App {
    /// The space bar during an interview; false when it is a letter like any other.
    pub(super) fn talk_key(&mut self, key: &Key) -> bool {
        let Screen::Interview(interview) = &self.screen else {
            return false;
        };
        if interview.is_over() {
            return false;
        }
        match (self.voice.keys, key.phase) {
            (TalkKeys::Hold { seen, .. }, Phase::Press) => self.space_down(key.at, seen),
            (TalkKeys::Hold { .. }, Phase::Release) => self.space_up(key.at),
            (TalkKeys::Hold { swallowed, .. }, Phase::Repeat) => {
                swallowed || self.listening().is_some()
            }
            (TalkKeys::Tap { .. }, Phase::Press) => self.space_tap(key.at),
            (TalkKeys::Tap { .. }, _) => true,
        }
    }

    /// Some terminals report a release, but repeat a held key as plain presses: those must not stop. A press long after
    /// the last one means that the release was lost, to another window for instance.
    fn space_down(&mut self, at: u64, seen: Option<u64>) -> bool {
        let repeats = seen.is_some_and(|seen| at.saturating_sub(seen) < REPEAT_DELAY);
        let talks = if let Some((_, by)) = self.listening() {
            if !(repeats && by == By::Hold) {
                self.stop_listening();
            }
            true
        } else if self.composing.draft.is_empty() {
            self.start_listening(By::Hold);
            true
        } else {
            false
        };
        self.voice.keys = TalkKeys::Hold {
            swallowed: talks,
            seen: Some(at),
        };
        talks
    }

    fn space_up(&mut self, at: u64) -> bool {
        self.voice.keys = TalkKeys::Hold {
            swallowed: false,
            seen: None,
        };
        match self.listening() {
            Some((since, By::Hold)) if at.saturating_sub(since) < SHORTEST_HOLD => {
                self.cancel_listening();
                self.composing.draft.type_char(' ');
            }
            Some((_, By::Hold)) => self.stop_listening(),
            _ => {}
        }
        true
    }

    fn space_tap(&mut self, at: u64) -> bool {
        if self.listening().is_none() && !self.composing.draft.is_empty() {
            return false;
        }
        if !self.is_repeat(at) {
            self.toggle();
        }
        true
    }

    /// F2.
    pub(super) fn talk_toggle(&mut self) {
        let is_over = self.interview().is_none_or(|interview| interview.is_over());
        if !is_over && !self.is_repeat(self.now) {
            self.toggle();
        }
    }

    fn toggle(&mut self) {
        if self.listening().is_some() {
            self.stop_listening()
        } else {
            self.start_listening(By::Tap)
        }
    }

    /// Whether this press of a talk key comes from holding it, in a terminal that cannot tell, or may come from it.
    fn is_repeat(&mut self, at: u64) -> bool {
        let TalkKeys::Tap {
            seen,
            acted,
            doubtful,
        } = &mut self.voice.keys
        else {
            return false;
        };
        let within = |earlier: Option<u64>, time| {
            earlier.is_some_and(|earlier| at.saturating_sub(earlier) < time)
        };
        let (held, soon) = (within(*seen, REPEAT_GAP), within(*acted, REPEAT_DELAY));
        *seen = Some(at);
        *doubtful = (soon && !held).then_some(at);
        if !held && !soon {
            *acted = Some(at);
        }
        held || soon
    }

    /// Time goes by: a press that no other followed was no repeat.
    pub(super) fn settle_talk_key(&mut self) {
        let TalkKeys::Tap {
            acted, doubtful, ..
        } = &mut self.voice.keys
        else {
            return;
        };
        if let Some(at) = doubtful.take_if(|at| self.now.saturating_sub(*at) > REPEAT_GAP) {
            *acted = Some(at);
            self.toggle_unless_over();
        }
    }

    /// Another key was pressed: no talk key is held, and the next press of one is a tap, however soon.
    pub(super) fn talk_key_is_up(&mut self) {
        if let TalkKeys::Tap {
            seen,
            acted,
            doubtful,
        } = &mut self.voice.keys
        {
            (*seen, *acted) = (None, None);
            if doubtful.take().is_some() {
                self.toggle_unless_over();
            }
        }
    }

    fn toggle_unless_over(&mut self) {
        if self
            .interview()
            .is_some_and(|interview| !interview.is_over())
        {
            self.toggle();
        }
    }

    /// Since when, and by which key, the candidate is being listened to.
    pub(super) fn listening(&self) -> Option<(u64, By)> {
        match &self.screen {
            Screen::Interview(interview) => match interview.hearing.talk {
                Talk::Listening { since, by, .. } => Some((since, by)),
                Talk::Quiet => None,
            },
            _ => None,
        }
    }

    fn start_listening(&mut self, by: By) {
        // A microphone that could not be opened may be there by now: the key tries it.
        if let Some(missing) = self
            .voice
            .lacking()
            .find(|missing| missing.part != Part::Microphone)
        {
            // How far a model on its way is says more than how to fetch it.
            let on_its_way = missing.part == Part::Model && self.voice.download.is_some();
            self.notice = (!on_its_way).then(|| Notice::Missing(missing.clone()));
            return;
        }
        self.silence();
        (self.leaving, self.interrupted) = (false, None);
        let (utterance, since) = (self.fresh(), self.now);
        let Some(interview) = self.interview() else {
            return;
        };
        interview.hearing.talk = Talk::Listening {
            utterance,
            since,
            level: 0.0,
            by,
        };
        interview.hearing.then = Then::Edit;
        interview.focus = Focus::Draft;
        self.notice = None;
        self.composing.begin(utterance);
        self.emit(Effect::Voice(VoiceEffect::Start { utterance }));
    }

    pub(super) fn stop_listening(&mut self) {
        let Some(interview) = self.interview() else {
            return;
        };
        if let Talk::Listening { utterance, .. } = std::mem::take(&mut interview.hearing.talk) {
            self.composing.await_words(utterance);
            self.emit(Effect::Voice(VoiceEffect::Stop { utterance }));
        }
    }

    /// Forgets what is being said; the draft stays.
    pub(super) fn cancel_listening(&mut self) -> bool {
        let Some(interview) = self.interview() else {
            return false;
        };
        let Talk::Listening { utterance, .. } = std::mem::take(&mut interview.hearing.talk) else {
            return false;
        };
        self.forget_dead();
        self.composing.forget_live(utterance);
        self.emit(Effect::Voice(VoiceEffect::Cancel { utterance }));
        true
    }

    /// Forgets the newest words that are still being written down.
    fn cancel_words(&mut self) -> bool {
        let Some(interview) = self.interview() else {
            return false;
        };
        if std::mem::take(&mut interview.hearing.then) != Then::Edit {
            return true;
        }
        let Some(utterance) = self.composing.forget_newest() else {
            return false;
        };
        self.emit(Effect::Voice(VoiceEffect::Cancel { utterance }));
        true
    }

    /// Esc: the first that applies.
    pub(super) fn cancel(&mut self) {
        let done = self.cancel_listening()
            || self.cancel_words()
            || self.silence_speech()
            || self.cancel_request();
        if !done {
            // A reply that is about to sound does not begin.
            self.silence();
            self.notice = None;
        }
    }
}
