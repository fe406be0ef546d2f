//! Routes each action to the part of the app it concerns. Answers that nothing awaits change
//! nothing.

use super::action::{
    Action, BackendEvent, DeviceReport, Missing, Part, RuntimeEvent, SessionEvent, SpeechEvent,
    TerminalEvent, UtteranceEvent, VoiceEvent,
};
use super::composer::talk_state::AfterWords;
use super::effect::Effect;
use super::interview::InterviewRequest;
use super::notice::Notice;
use super::question::Question;
use super::setup::{ConsentQuestion, InterviewerInfo};
use super::turn_id::TurnId;
use super::voice::talk_keys::TalkKeys;
use super::{App, Screen, utterance};
use crate::interview::QuestionRef;
use crate::practice::{CompletedTurn, Conversation};
use crate::printable::{printable, printable_line};
use crate::voice::DeviceEvent;

impl App {
    /// Takes in one action and returns what is to be done about it.
    pub fn update(&mut self, action: Action) -> Vec<Effect> {
        let before = self.unsent();
        let before_of = self.ctx.draft_of.clone();
        self.route(action);
        self.follow_up();
        if self.ctx.leaving && !self.is_hearing() {
            self.ctx.leaving = false;
            self.ctx.quit(0);
        }
        self.save_draft(&before, before_of);
        self.ctx.take_effects()
    }

    /// Saves what was written in this update with the question it belongs to.
    fn save_draft(&mut self, before: &str, before_of: Option<QuestionRef>) {
        let unsent = self.unsent();
        let taken = std::mem::take(&mut self.ctx.draft_taken);
        let of = self.ctx.draft_of.clone();
        let same = of == before_of;
        if let Some(of) = of.filter(|_| (same && unsent != before) || (!same && !unsent.is_empty()))
        {
            self.ctx.save_draft(of, unsent);
        }
        if let Some(before_of) = before_of.filter(|_| taken && !same && !before.is_empty()) {
            self.ctx.save_draft(before_of, String::new());
        }
    }

    fn route(&mut self, action: Action) {
        match action {
            Action::Terminal(event) => self.terminal(event),
            Action::Tick { now } => self.tick(now),
            Action::Session(event) => self.session(event),
            Action::Turn { turn, event } => self.backend(turn, event),
            Action::Voice(event) => self.hear(event),
            Action::Speech(event) => self.speech(event),
            Action::Device(report) => self.device(report),
            Action::Model(event) => self.voice.update(event, &mut self.ctx),
            Action::Runtime(event) => self.runtime(event),
        }
    }

    /// Shows the screens and the questions that the update asked for.
    pub(super) fn follow_up(&mut self) {
        self.navigate();
        if self.screen == Screen::Lobby
            && let Some(server) = self.found_server.take()
        {
            self.ctx.ask(Question::Consent(server));
        }
        while let Some(question) = self.ctx.next_question() {
            self.overlays.ask(question);
        }
    }

    fn terminal(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Key(key) => self.key(&key),
            TerminalEvent::Paste(text) => self.paste(&text),
            TerminalEvent::Burst { text, at } => self.burst(&text, at),
            TerminalEvent::Scroll { rows } => self.scroll(isize::from(rows)),
            TerminalEvent::Resized { columns, rows } => self.ctx.size = (columns, rows),
            TerminalEvent::KeyReleases { reported } => self.voice.keys = TalkKeys::new(reported),
        }
    }

    fn scroll(&mut self, by: isize) {
        let geometry = self.geometry();
        if let Screen::Interview(interview) = &mut self.screen {
            interview.scroll(by, &geometry);
        }
    }

    fn session(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::NotConnected(failure) => self.not_connected(failure.printable()),
            SessionEvent::SignedIn { user } => self.signed_in(user),
            SessionEvent::SignedOut => self.signed_out(),
            SessionEvent::SignInFailed { turn, failure } => {
                if let Screen::SignIn(sign_in) = &mut self.screen {
                    sign_in.failed(turn, &failure.printable());
                }
            }
            SessionEvent::NoKeyring { reason } => {
                let reason = printable(&reason).into_owned();
                self.ctx.ask(Question::NoKeyring(reason));
            }
            SessionEvent::CanFinish(can_finish) => self.ctx.can_finish = can_finish,
            SessionEvent::ModelServerFound(server) => {
                let model = printable_line(&server.model);
                self.found_server = Some(ConsentQuestion { model, ..server });
            }
            SessionEvent::ModelNamed { model, host } => {
                let model = printable_line(&model);
                self.interviewer = InterviewerInfo::Model { model, host };
            }
        }
    }

    fn backend(&mut self, turn: TurnId, event: BackendEvent) {
        if let BackendEvent::Failed(failure) = event {
            return self.failed(turn, failure);
        }
        if let BackendEvent::Loaded(conversation) = event {
            return self.loaded(turn, conversation);
        }
        let Screen::Interview(interview) = &mut self.screen else {
            return;
        };
        match event {
            BackendEvent::Delta(piece) => interview.reply_delta(turn, &piece),
            BackendEvent::Done(done) => self.done(turn, *done),
            BackendEvent::ReportWritten { path } => {
                interview.report_written(turn, path, &mut self.ctx);
            }
            BackendEvent::Failed(_) | BackendEvent::Loaded(_) => {}
        }
    }

    /// Takes in the current interview for the lobby, or the one on the screen, which has moved on.
    fn loaded(&mut self, turn: TurnId, conversation: Box<Conversation>) {
        if self.lobby.loading == Some(turn) {
            let shown = self.screen == Screen::Lobby;
            self.lobby.loaded(conversation, shown, &mut self.ctx);
        } else if let Screen::Interview(interview) = &mut self.screen {
            interview.reloaded(turn, *conversation, &mut self.ctx);
        }
    }

    fn done(&mut self, turn: TurnId, done: CompletedTurn) {
        let Screen::Interview(interview) = &mut self.screen else {
            return;
        };
        let finished = done.finished;
        let Some(request) = interview.done(turn, done, &mut self.ctx) else {
            return;
        };
        if request == InterviewRequest::Start {
            self.lobby.interview_begun();
        }
        if finished {
            self.lobby.interview_finished();
        }
    }

    fn failed(&mut self, turn: TurnId, failure: super::action::Failure) {
        if self.lobby.loading == Some(turn) {
            let shown = self.screen == Screen::Lobby;
            self.lobby.not_loaded(failure, shown, &mut self.ctx);
        } else if let Screen::Interview(interview) = &mut self.screen {
            interview.failed(turn, failure, &mut self.ctx);
        }
    }

    fn hear(&mut self, event: VoiceEvent) {
        match event {
            VoiceEvent::Level(level) => {
                let level = level.clamp(0.0, 1.0);
                self.overlays.set_level(level);
                self.ctx.composer.set_level(level);
            }
            VoiceEvent::Unavailable(missing) => self.cannot_hear(missing),
            VoiceEvent::Utterance { utterance, event } => self.utterance(utterance, event),
        }
    }

    /// Keeps what was said until now. A notice appears again during a recording, even if it is
    /// known.
    fn cannot_hear(&mut self, missing: Missing) {
        if let Some(utterance) = self.ctx.composer.talk.utterance() {
            self.ctx.composer.keep_live(utterance);
            self.voice.has(missing.part);
        }
        self.ctx.cancel_listening();
        self.lacks(missing);
    }

    fn lacks(&mut self, missing: Missing) {
        let in_interview = matches!(self.screen, Screen::Interview(_));
        self.voice.lacks(missing, in_interview, &mut self.ctx);
    }

    /// Does what Enter or F6 was pressed for, once all words are there.
    fn utterance(&mut self, utterance: TurnId, event: UtteranceEvent) {
        let next = utterance::update(utterance, event, &mut self.ctx);
        let Screen::Interview(interview) = &mut self.screen else {
            return;
        };
        let Some(next) = next else { return };
        self.ctx.composer.then = AfterWords::Edit;
        match next {
            AfterWords::Edit => {}
            AfterWords::Send => interview.send(&mut self.ctx),
            AfterWords::Finish => interview.ask_finish(&mut self.ctx),
        }
    }

    fn speech(&mut self, event: SpeechEvent) {
        match event {
            SpeechEvent::Sentence { turn, index, text } => {
                if let Screen::Interview(interview) = &mut self.screen {
                    interview.sentence_started(turn, index, &text);
                }
                self.voice.speaks(&mut self.ctx);
            }
            SpeechEvent::Ended { turn } => self.speech_ended(turn),
            SpeechEvent::NotNarrated { turn } => {
                self.speech_ended(turn);
                let missing = self.voice.missing_for_speech().cloned();
                self.ctx
                    .notify(missing.map_or(Notice::Unspoken, Notice::Missing));
            }
            SpeechEvent::Unavailable(missing) => {
                self.overlays.check_not_played(&missing.reason);
                self.loudspeaker_lost(&missing);
                self.lacks(missing);
            }
        }
    }

    /// Ends what was spoken if the loudspeaker is gone: a task that panicked reports no other end.
    fn loudspeaker_lost(&mut self, missing: &Missing) {
        if let (Part::Speaker, Screen::Interview(interview)) = (missing.part, &mut self.screen) {
            interview.silence_lost();
        }
    }

    fn speech_ended(&mut self, turn: TurnId) {
        self.overlays.check_played(turn);
        if let Screen::Interview(interview) = &mut self.screen {
            interview.speech_ended(turn);
        }
    }

    fn device(&mut self, report: DeviceReport) {
        match report {
            DeviceReport::MicrophoneOpened { name } => {
                self.voice.microphone_opened(name, &mut self.ctx);
            }
            DeviceReport::Changed { part, event } => self.device_changed(part, event),
            DeviceReport::Listed { turn, devices } => self.overlays.devices_listed(turn, devices),
            DeviceReport::Check { turn, event } => {
                self.overlays.checked(turn, event, self.ctx.now);
            }
        }
    }

    /// Shows what became of a device. Samples that were lost while nobody talked are no loss.
    fn device_changed(&mut self, part: Part, event: DeviceEvent) {
        if !matches!(event, DeviceEvent::Overrun(_)) || self.is_hearing() {
            if part == Part::Microphone && !matches!(event, DeviceEvent::Overrun(_)) {
                // It is another microphone now, which may well be heard.
                self.ctx.forget_dead_microphone();
            }
            self.ctx.notify(Notice::Device(part, event));
        }
    }

    fn runtime(&mut self, event: RuntimeEvent) {
        match event {
            RuntimeEvent::DraftFound { of, text } => self.draft_found(&of, &text),
            RuntimeEvent::Timed(waterfall) => self.waterfall = waterfall,
            RuntimeEvent::Notice(words) => self.ctx.notify(Notice::Words(words)),
            RuntimeEvent::Terminate => self.ctx.quit(130),
        }
    }

    fn draft_found(&mut self, of: &QuestionRef, text: &str) {
        if self.ctx.draft_of.as_ref() == Some(of) && !text.trim().is_empty() {
            self.ctx.composer.found(text);
            self.ctx.notify(Notice::DraftFound);
        }
    }
}
