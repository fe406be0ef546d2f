//! The keys of the interview screen.

use super::super::composer::draft::Edit;
use super::super::composer::talk_state::AfterWords;
use super::super::ctx::Ctx;
use super::super::key::Key;
use super::super::keymap::{self, KeyCommand};
use super::super::notice::Notice;
use super::super::question::Question;
use super::super::voice::Voice;
use super::{Focus, Interview, RequestState};
use crate::config::{Rate, Volume};

impl Interview {
    pub(in super::super) fn key(
        &mut self,
        command: Option<KeyCommand>,
        key: &Key,
        voice: &mut Voice,
        ctx: &mut Ctx,
    ) {
        match command {
            Some(KeyCommand::Talk) => self.talk_key(voice, ctx),
            Some(KeyCommand::Cancel) => self.cancel(ctx),
            Some(KeyCommand::Replay) => self.replay(voice, ctx),
            Some(KeyCommand::Mute) => self.toggle_mute(voice, ctx),
            Some(KeyCommand::Skip) => self.skip_sentence(ctx),
            Some(KeyCommand::Softer) => voice.change_volume(Volume::less, ctx),
            Some(KeyCommand::Louder) => voice.change_volume(Volume::more, ctx),
            Some(KeyCommand::Slower) => voice.change_rate(Rate::less, ctx),
            Some(KeyCommand::Faster) => voice.change_rate(Rate::more, ctx),
            Some(KeyCommand::Finish) => self.ask_finish(ctx),
            Some(KeyCommand::Leave) => self.leave(ctx),
            Some(KeyCommand::Accept) if self.is_over() => self.leave(ctx),
            Some(KeyCommand::Accept) => {}
            Some(KeyCommand::Send) => self.send(ctx),
            Some(KeyCommand::Focus) => self.switch_focus(),
            Some(KeyCommand::Edit(edit)) => self.edit(edit, voice, ctx),
            Some(command) => self.scroll_key(command, key, voice, ctx),
            None => self.type_letter(key, ctx),
        }
    }

    fn scroll_key(&mut self, command: KeyCommand, key: &Key, voice: &Voice, ctx: &mut Ctx) {
        let geometry = self.geometry(voice, ctx);
        let rows = geometry.transcript.saturating_sub(1).max(1);
        let page = isize::try_from(rows).unwrap_or(1);
        let end = isize::from(i16::MAX);
        match command {
            KeyCommand::Up => self.scroll(-1, &geometry),
            KeyCommand::Down => self.scroll(1, &geometry),
            KeyCommand::PageUp => self.scroll(-page, &geometry),
            KeyCommand::PageDown => self.scroll(page, &geometry),
            KeyCommand::Top => self.scroll(-end, &geometry),
            KeyCommand::Bottom => self.scroll(end, &geometry),
            _ => self.type_letter(key, ctx),
        }
    }

    /// Inserts pasted text into the draft.
    pub(in super::super) fn paste(&mut self, text: &str, ctx: &mut Ctx) {
        if !self.is_over() {
            self.focus = Focus::Draft;
            ctx.composer.draft.insert(text);
        }
    }

    fn edit(&mut self, edit: Edit, voice: &Voice, ctx: &mut Ctx) {
        let width = self.geometry(voice, ctx).draft_words();
        ctx.composer.draft.edit(edit, width);
        ctx.composer.edited();
    }

    fn type_letter(&mut self, key: &Key, ctx: &mut Ctx) {
        let drafting = self.focus == Focus::Draft && !self.is_over();
        if let Some(letter) = keymap::typed(key).filter(|_| drafting) {
            ctx.composer.draft.type_char(letter);
        }
    }

    fn switch_focus(&mut self) {
        if !self.is_over() {
            self.focus = match self.focus {
                Focus::Draft => Focus::Transcript,
                Focus::Transcript => Focus::Draft,
            };
        }
    }

    /// Asks whether to end the interview, once all words are there: they belong to it.
    pub(in super::super) fn ask_finish(&mut self, ctx: &mut Ctx) {
        if self.is_over() {
            return;
        }
        if !ctx.can_finish {
            ctx.notify(Notice::CannotFinish);
            return;
        }
        if self.request != RequestState::Idle {
            ctx.notify(Notice::StillAnswering);
            return;
        }
        ctx.stop_listening();
        if ctx.composer.is_hearing() {
            ctx.composer.then = AfterWords::Finish;
        } else {
            ctx.ask(Question::Finish);
        }
    }
}
