//! Keys: first what is the same everywhere, then what lies on top, then the screen.
use super::super::draft::Edit;
use super::super::effect::{Effect, TerminalEffect};
use super::super::interview::{Focus, Then};
use super::super::key::{Code, Key, Phase};
use super::super::keymap::{self, Command, Scope};
use super::super::notice::Notice;
use super::super::overlay::{Overlay, Question};
use super::super::{App, Screen};
use crate::config::{Rate, Volume};

/// The second Ctrl+C quits when it follows within this time, ms.
const INTERRUPT_TWICE: u64 = 2000;

impl App {
    pub(super) fn key(&mut self, key: &Key) {
        self.now = self.now.max(key.at);
        if self.is_talk_key(key) && self.talk_key(key) {
            return;
        }
        if key.phase == Phase::Release {
            return;
        }
        let command = keymap::lookup(&self.scopes(), key);
        if command != Some(Command::Interrupt) {
            self.forget_interrupt();
        }
        if command != Some(Command::Talk) {
            self.talk_key_is_up();
        }
        match command {
            Some(command) if key.phase == Phase::Repeat && !command.repeats() => {}
            Some(command) if self.everywhere(command) => {}
            command => self.on_screen(command, key),
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        match (&mut self.screen, self.overlays.is_empty()) {
            (Screen::SignIn(sign_in), true) => sign_in.insert(text),
            (Screen::Lobby, true) => self.type_search(text),
            (Screen::Interview(interview), true) if !interview.is_over() => {
                interview.focus = Focus::Draft;
                self.composing.draft.insert(text);
            }
            _ => {}
        }
    }

    /// Where the next key is looked up, the nearest first.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match (&self.screen, self.overlays.front()) {
            (_, Some(Overlay::Devices(_) | Overlay::Check(_))) => vec![Scope::Sound],
            (_, Some(_)) | (Screen::Unconnected(_), None) => vec![Scope::Dialog],
            (Screen::Connecting, None) => vec![],
            (Screen::SignIn(_), None) => vec![Scope::Form, Scope::Text],
            (Screen::Lobby, None) if self.lobby.field == super::super::lobby::Field::Topics => {
                // Left and right move the caret in the search, and change the other fields.
                vec![Scope::Text, Scope::Lobby]
            }
            (Screen::Lobby, None) => vec![Scope::Lobby, Scope::Text],
            (Screen::Interview(interview), None)
                if interview.focus == Focus::Draft && !interview.is_over() =>
            {
                vec![Scope::Draft, Scope::Interview, Scope::Text]
            }
            (Screen::Interview(_), None) => vec![Scope::Transcript, Scope::Interview],
        };
        scopes.push(Scope::Everywhere);
        scopes
    }

    fn everywhere(&mut self, command: Command) -> bool {
        match command {
            Command::Quit => self.quit(),
            Command::Interrupt => self.interrupt(),
            Command::Suspend => {
                self.stop_listening();
                self.emit(Effect::Terminal(TerminalEffect::Suspend));
            }
            Command::Help => self.toggle_help(),
            Command::Timings => self.toggle_timings(),
            Command::FetchModel => self.fetch_model(),
            _ => return false,
        }
        true
    }

    /// Leaves, with the words that are still to come; asked twice, without them.
    fn quit(&mut self) {
        self.stop_listening();
        if self.leaving || !self.is_hearing() {
            self.leaving = false;
            return self.emit(Effect::Terminal(TerminalEffect::Quit { code: 0 }));
        }
        self.leaving = true;
        self.notice = Some(Notice::Leaving);
        if let Some(interview) = self.interview() {
            interview.hearing.then = Then::Edit;
        }
    }

    fn interrupt(&mut self) {
        let first = self.interrupted.replace(self.now);
        if first.is_some_and(|first| self.now - first <= INTERRUPT_TWICE) {
            return self.emit(Effect::Terminal(TerminalEffect::Quit { code: 130 }));
        }
        self.notice = Some(Notice::InterruptAgain);
    }

    /// Time goes by: a first Ctrl+C is soon forgotten.
    pub(super) fn tick(&mut self, now: u64) {
        self.now = self.now.max(now);
        self.settle_talk_key();
        if self
            .interrupted
            .is_some_and(|first| self.now - first > INTERRUPT_TWICE)
        {
            self.forget_interrupt();
        }
    }

    fn forget_interrupt(&mut self) {
        self.interrupted = None;
        self.notice = self
            .notice
            .take()
            .filter(|notice| *notice != Notice::InterruptAgain);
    }

    fn toggle_help(&mut self) {
        match self.overlays.front() {
            Some(Overlay::Help(_)) => drop(self.overlays.pop_front()),
            _ => self.overlays.push_front(Overlay::Help(0)),
        }
    }

    fn toggle_timings(&mut self) {
        match self.overlays.front() {
            Some(Overlay::Timings) => drop(self.overlays.pop_front()),
            _ => self.overlays.push_front(Overlay::Timings),
        }
    }

    fn on_screen(&mut self, command: Option<Command>, key: &Key) {
        match (&self.screen, self.overlays.is_empty()) {
            (_, false) => self.overlay_key(command, key),
            (Screen::Connecting, true) => {}
            (Screen::Unconnected(_), true) => self.connect_again(command),
            (Screen::SignIn(_), true) => self.form_key(command, key),
            (Screen::Lobby, true) => self.lobby_key(command, key),
            (Screen::Interview(_), true) => self.interview_key(command, key),
        }
    }

    fn interview_key(&mut self, command: Option<Command>, key: &Key) {
        let page =
            isize::try_from(self.geometry().transcript.saturating_sub(1).max(1)).unwrap_or(1);
        match command {
            Some(Command::Talk) => self.talk_toggle(),
            Some(Command::Cancel) => self.cancel(),
            Some(Command::Replay) => self.replay(),
            Some(Command::Mute) => self.mute(),
            Some(Command::Skip) => self.skip(),
            Some(Command::Softer) => self.change_volume(Volume::less),
            Some(Command::Louder) => self.change_volume(Volume::more),
            Some(Command::Slower) => self.change_rate(Rate::less),
            Some(Command::Faster) => self.change_rate(Rate::more),
            Some(Command::Finish) => self.ask_finish(),
            Some(Command::Leave) => self.leave(),
            Some(Command::Accept) => self.leave_if_over(),
            Some(Command::Send) => self.send(),
            Some(Command::Focus) => self.switch_focus(),
            Some(Command::Up) => self.scroll(-1),
            Some(Command::Down) => self.scroll(1),
            Some(Command::PageUp) => self.scroll(-page),
            Some(Command::PageDown) => self.scroll(page),
            Some(Command::Top) => self.scroll(-isize::from(i16::MAX)),
            Some(Command::Bottom) => self.scroll(isize::from(i16::MAX)),
            Some(Command::Edit(edit)) => self.edit(edit),
            _ => self.type_letter(key),
        }
    }

    fn edit(&mut self, edit: Edit) {
        let width = self.geometry().draft_words();
        self.composing.draft.edit(edit, width);
        self.composing.edited();
    }

    fn type_letter(&mut self, key: &Key) {
        let drafting = matches!(&self.screen, Screen::Interview(open) if open.focus == Focus::Draft && !open.is_over());
        if let Some(letter) = keymap::typed(key).filter(|_| drafting) {
            self.composing.draft.type_char(letter);
        }
    }

    fn switch_focus(&mut self) {
        if let Some(interview) = self.interview().filter(|interview| !interview.is_over()) {
            interview.focus = if interview.focus == Focus::Draft {
                Focus::Transcript
            } else {
                Focus::Draft
            };
        }
    }

    /// F6: asks once all words are there; they belong to this interview.
    pub(super) fn ask_finish(&mut self) {
        let can_finish = self.can_finish;
        match self
            .interview()
            .map(|interview| (interview.is_over(), interview.asking.turn()))
        {
            Some((false, _)) if !can_finish => self.notice = Some(Notice::CannotFinish),
            Some((false, None)) => self.ask_finish_with_words(),
            Some((false, Some(_))) => self.notice = Some(Notice::StillAnswering),
            _ => {}
        }
    }

    fn ask_finish_with_words(&mut self) {
        self.stop_listening();
        if !self.is_hearing() {
            return self.ask(Question::Finish);
        }
        if let Some(interview) = self.interview() {
            interview.hearing.then = Then::Finish;
        }
    }

    fn leave_if_over(&mut self) {
        if self
            .interview()
            .is_some_and(|interview| interview.is_over())
        {
            self.leave();
        }
    }

    fn is_talk_key(&self, key: &Key) -> bool {
        // What lies over the screen takes the press; the release of a key held before must still end the recording.
        let reaches = self.overlays.is_empty() || key.phase == Phase::Release;
        key.code == Code::Char(' ') && !key.ctrl && !key.alt && reaches
    }
}
