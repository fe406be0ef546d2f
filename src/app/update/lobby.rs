//! The lobby: choosing an interview, beginning it, going on with the last one, and coming back.
use super::super::action::TurnId;
use super::super::draft::Edit;
use super::super::effect::{BackendEffect, Effect, VoiceEffect};
use super::super::interview::{End, Interview, Request};
use super::super::key::Key;
use super::super::keymap::{self, Command};
use super::super::lobby::{Choice, Field};
use super::super::notice::{Again, Notice};
use super::super::transcript::{Entry, Who};
use super::super::{App, Screen};
use crate::interview::{Role, Topic};
use crate::practice::Conversation;

/// Rows a page of the list has.
const PAGE: isize = 8;

impl App {
    pub(super) fn lobby_key(&mut self, command: Option<Command>, key: &Key) {
        match command {
            Some(Command::Accept) if self.lobby.unloaded => self.load_again(),
            Some(Command::Accept) => self.accept_choice(),
            Some(Command::Up) => self.lobby.select(-1),
            Some(Command::Down) => self.lobby.select(1),
            Some(Command::PageUp) => self.lobby.select(-PAGE),
            Some(Command::PageDown) => self.lobby.select(PAGE),
            Some(Command::Next) => self.lobby.focus(1),
            Some(Command::Previous) => self.lobby.focus(-1),
            Some(Command::Less) => self.change_choice(-1),
            Some(Command::More) => self.change_choice(1),
            Some(Command::Cancel) => self.clear_search(),
            Some(Command::Devices) => self.pick_devices(),
            Some(Command::Check) => self.check_microphone(),
            Some(Command::Edit(edit)) => self.edit_search(edit),
            _ => {
                if let Some(letter) = keymap::typed(key) {
                    self.type_search(&letter.to_string());
                }
            }
        }
    }

    fn change_choice(&mut self, by: isize) {
        let before = self.lobby.spoken;
        self.lobby.change(by);
        if self.lobby.spoken != before {
            self.emit(Effect::Voice(VoiceEffect::SetLanguage(self.lobby.spoken)));
        }
    }

    pub(super) fn type_search(&mut self, text: &str) {
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let room = Topic::MAX_CHARS.saturating_sub(self.lobby.search.text().chars().count());
        if line.chars().count() > room {
            self.notice = Some(Notice::TopicTooLong);
            return;
        }
        self.lobby.search.insert(&line);
        self.lobby.searched();
    }

    fn edit_search(&mut self, edit: Edit) {
        let before = self.lobby.search.text().to_owned();
        self.lobby.search.edit(edit, usize::MAX);
        if self.lobby.search.text() != before {
            self.lobby.searched();
        }
    }

    fn clear_search(&mut self) {
        self.notice = None;
        self.lobby.search.set("");
        self.lobby.searched();
    }

    fn accept_choice(&mut self) {
        let language = self.lobby.language;
        match self.lobby.choice() {
            Some(Choice::Continue(conversation)) => {
                let conversation = conversation.clone();
                self.go_on(&conversation);
            }
            Some(Choice::Topic(topic)) => {
                let (id, title) = (topic.id.clone(), topic.title.clone());
                self.begin(&id, title);
            }
            Some(Choice::Own(words)) => {
                let own = words.to_owned();
                self.begin(&own, self.lobby.title(&own, language).to_owned());
            }
            None => self.lobby.field = Field::Topics,
        }
    }

    fn begin(&mut self, topic: &str, title: String) {
        let Ok(topic) = Topic::parse(topic) else {
            self.notice = Some(Notice::TopicTooLong);
            return;
        };
        let (language, level, questions) =
            (self.lobby.language, self.lobby.level, self.lobby.questions);
        self.open(Interview::new(title, language));
        let turn = self.request(Request::Start);
        self.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Start {
                topic: Some(topic),
                language,
                level,
                questions,
            },
        });
    }

    /// Shows an interview of earlier where it was left.
    fn go_on(&mut self, conversation: &Conversation) {
        let language = conversation.language.unwrap_or(self.lobby.language);
        let topic = conversation.topic.as_ref().map_or(String::new(), |topic| {
            self.lobby.title(topic.as_str(), language).to_owned()
        });
        let mut interview = Interview::new(topic, language);
        interview.question = conversation.question;
        interview.entries = conversation.messages.iter().filter_map(entry).collect();
        let last_answer = interview
            .entries
            .iter()
            .rev()
            .find(|entry| entry.who == Who::Candidate);
        let was_taken = last_answer
            .is_some_and(|entry| entry.text.trim() == self.composing.draft.text().trim());
        if was_taken {
            // Written to disk before the answer was taken, and found again: it is in the transcript already.
            self.composing.draft.take();
            self.notice = None;
        }
        self.open(interview);
    }

    fn open(&mut self, interview: Interview) {
        self.screen = Screen::Interview(Box::new(interview));
        self.emit(Effect::Voice(VoiceEffect::OpenMicrophone));
    }

    /// Back to the lobby by the user's wish; an interview that is not over can be continued.
    pub(super) fn leave(&mut self) {
        if self.cancel_request() {
            self.notice = None;
        }
        self.close_interview();
    }

    /// The interview leaves the screen; what is being said still comes to the draft.
    pub(super) fn close_interview(&mut self) {
        self.stop_listening();
        self.silence();
        let Screen::Interview(interview) = &self.screen else {
            return;
        };
        if matches!(interview.end, End::Writing(_)) {
            self.notice = None;
        }
        self.screen = Screen::Lobby;
        self.lobby.searched();
        self.emit(Effect::Voice(VoiceEffect::CloseMicrophone));
        self.load();
    }

    /// Asks for the current interview.
    pub(crate) fn load(&mut self) {
        let turn = self.fresh();
        self.loading = Some(turn);
        self.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Load,
        });
    }

    fn load_again(&mut self) {
        if self.loading.is_none() {
            self.notice = None;
            self.load();
        }
    }

    pub(super) fn loaded(&mut self, turn: TurnId, conversation: Box<Conversation>) {
        if self.loading != Some(turn) {
            return;
        }
        self.loading = None;
        self.lobby.unloaded = false;
        self.notice = self
            .notice
            .take()
            .filter(|notice| !matches!(notice, Notice::Retry(_, Again::Load)));
        self.count(conversation.count, conversation.limit);
        let open = !conversation.finished
            && conversation
                .messages
                .iter()
                .any(|message| message.role != Role::System);
        let had = self.lobby.unfinished.is_some();
        self.lobby.unfinished = open.then_some(conversation);
        let untouched = self.lobby.selected == 0;
        if !untouched && self.lobby.search.is_empty() && had != open {
            // A row came or went above the selection: it stays on the same topic.
            self.lobby.select(if open { 1 } else { -1 });
        }
    }
}

fn entry(message: &crate::interview::Message) -> Option<Entry> {
    let who = match message.role {
        Role::System => return None,
        Role::User => Who::Candidate,
        Role::Assistant => Who::Interviewer,
    };
    Some(Entry {
        who,
        text: message.content.clone(),
    })
}
