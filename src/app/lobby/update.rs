//! The keys of the lobby, and the interview that can be continued.

use super::super::action::Failure;
use super::super::composer::draft::Edit;
use super::super::ctx::Ctx;
use super::super::effect::{BackendEffect, Effect, VoiceEffect};
use super::super::interview::Interview;
use super::super::key::Key;
use super::super::keymap::{self, KeyCommand};
use super::super::notice::{Notice, RetryKey};
use super::super::transcript;
use super::{Choice, Lobby, LobbyField};
use crate::interview::{Role, Topic};
use crate::practice::Conversation;

/// The number of rows in a page of the list.
const PAGE: isize = 8;

/// The result of a key press in the lobby.
#[derive(Debug)]
pub enum LobbyOutcome {
    Stay,
    Open(Box<Interview>),
    PickDevices,
    CheckMicrophone,
}

impl Lobby {
    pub(in super::super) fn key(
        &mut self,
        command: Option<KeyCommand>,
        key: &Key,
        ctx: &mut Ctx,
    ) -> LobbyOutcome {
        match command {
            Some(KeyCommand::Devices) => return LobbyOutcome::PickDevices,
            Some(KeyCommand::Check) => return LobbyOutcome::CheckMicrophone,
            Some(KeyCommand::Accept) if self.unloaded => self.load_again(ctx),
            Some(KeyCommand::Accept) => {
                let opened = self.accept(ctx).map(Box::new);
                return opened.map_or(LobbyOutcome::Stay, LobbyOutcome::Open);
            }
            Some(KeyCommand::Up) => self.select(-1),
            Some(KeyCommand::Down) => self.select(1),
            Some(KeyCommand::PageUp) => self.select(-PAGE),
            Some(KeyCommand::PageDown) => self.select(PAGE),
            Some(KeyCommand::Next) => self.focus(1),
            Some(KeyCommand::Previous) => self.focus(-1),
            Some(KeyCommand::Less) => self.change_field(-1, ctx),
            Some(KeyCommand::More) => self.change_field(1, ctx),
            Some(KeyCommand::Cancel) => self.clear_search(ctx),
            Some(KeyCommand::Edit(edit)) => self.edit_search(edit),
            _ => {
                if let Some(letter) = keymap::typed(key) {
                    self.type_search(&letter.to_string(), ctx);
                }
            }
        }
        LobbyOutcome::Stay
    }

    fn change_field(&mut self, by: isize, ctx: &mut Ctx) {
        let before = self.spoken;
        self.change(by);
        if self.spoken != before {
            ctx.emit(Effect::Voice(VoiceEffect::SetLanguage(self.spoken)));
        }
    }

    /// Adds typed or pasted text to the search.
    pub(in super::super) fn type_search(&mut self, text: &str, ctx: &mut Ctx) {
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let room = Topic::MAX_CHARS.saturating_sub(self.search.text().chars().count());
        if line.chars().count() > room {
            ctx.notify(Notice::TopicTooLong);
            return;
        }
        self.search.insert(&line);
        self.select_best();
    }

    fn edit_search(&mut self, edit: Edit) {
        let before = self.search.text().to_owned();
        self.search.edit(edit, usize::MAX);
        if self.search.text() != before {
            self.select_best();
        }
    }

    fn clear_search(&mut self, ctx: &mut Ctx) {
        ctx.notices.dismiss();
        self.search.set("");
        self.select_best();
    }

    /// Opens the interview of the selected row.
    fn accept(&mut self, ctx: &mut Ctx) -> Option<Interview> {
        match self.choice() {
            Some(Choice::Continue(conversation)) => Some(self.continued(conversation, ctx)),
            Some(Choice::Topic(topic)) => self.begin(&topic.id, topic.title.clone(), ctx),
            Some(Choice::Own(words)) => {
                let title = self.title(words, self.language).to_owned();
                self.begin(words, title, ctx)
            }
            None => {
                self.field = LobbyField::Topics;
                None
            }
        }
    }

    fn begin(&self, topic: &str, title: String, ctx: &mut Ctx) -> Option<Interview> {
        let Ok(topic) = Topic::parse(topic) else {
            ctx.notify(Notice::TopicTooLong);
            return None;
        };
        let mut interview = Interview::new(title, self.language);
        ctx.set_draft_aside();
        ctx.emit(Effect::Voice(VoiceEffect::OpenMicrophone));
        let start = BackendEffect::Start {
            topic: Some(topic),
            language: self.language,
            level: self.level,
            questions: self.questions,
        };
        interview.start(start, ctx);
        Some(interview)
    }

    /// Returns an earlier interview as it was left.
    fn continued(&self, conversation: &Conversation, ctx: &mut Ctx) -> Interview {
        let language = conversation.language.unwrap_or(self.language);
        let topic = conversation.topic.as_ref();
        let title = topic.map_or("", |topic| self.title(topic.as_str(), language));
        let mut interview = Interview::new(title.to_owned(), language);
        interview.question = conversation.question;
        interview.open.clone_from(&conversation.open);
        ctx.write_for(conversation.open.clone());
        interview.entries = conversation
            .messages
            .iter()
            .filter_map(transcript::entry)
            .collect();
        ctx.emit(Effect::Voice(VoiceEffect::OpenMicrophone));
        interview.remember(ctx);
        interview
    }

    /// Requests the current interview.
    pub(in super::super) fn load(&mut self, ctx: &mut Ctx) {
        let turn = ctx.fresh_turn();
        self.loading = Some(turn);
        ctx.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Load,
        });
    }

    fn load_again(&mut self, ctx: &mut Ctx) {
        if self.loading.is_none() {
            ctx.notices.next_step();
            self.load(ctx);
        }
    }

    /// Takes in the current interview, which can be continued unless it is over.
    pub(in super::super) fn loaded(
        &mut self,
        conversation: Box<Conversation>,
        shown: bool,
        ctx: &mut Ctx,
    ) {
        self.loading = None;
        self.unloaded = false;
        ctx.notices
            .remove(|notice| matches!(notice, Notice::Retry(_, RetryKey::Load)));
        ctx.count(conversation.count, conversation.limit);
        let mut messages = conversation.messages.iter();
        let open = !conversation.finished && messages.any(|message| message.role != Role::System);
        if open && shown {
            ctx.write_for(conversation.open.clone());
        }
        let had = self.unfinished.is_some();
        self.unfinished = open.then_some(conversation);
        let untouched = self.selected == 0;
        if !untouched && self.search.is_empty() && had != open {
            // A row came or went above the selection, which stays on the same topic.
            self.select(if open { 1 } else { -1 });
        }
    }

    /// Takes in that the current interview could not be loaded. Enter tries again where that is of
    /// use.
    pub(in super::super) fn not_loaded(&mut self, failure: Failure, shown: bool, ctx: &mut Ctx) {
        self.loading = None;
        self.unloaded = matches!(failure, Failure::Retry(_));
        let again = if shown {
            RetryKey::Load
        } else {
            RetryKey::Never
        };
        ctx.explain(failure, again);
    }

    /// Notes that an interview was begun. The search that led to it would hide that it can be
    /// continued.
    pub(in super::super) fn interview_begun(&mut self) {
        self.search.take();
    }

    /// Notes that the interview is over, so that it cannot be continued.
    pub(in super::super) fn interview_finished(&mut self) {
        self.unfinished = None;
    }

    /// Selects the best match of the search, which is the first row.
    pub(in super::super) fn select_best(&mut self) {
        self.selected = 0;
        self.field = LobbyField::Topics;
    }
}
