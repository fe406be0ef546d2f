//! Requests to the interviewer, their replies and their failures. Whatever fails, the words come back to the draft.
use super::super::action::{Failure, TurnId};
use super::super::effect::{BackendEffect, Effect, VoiceEffect};
use super::super::form::{Form, SignIn};
use super::super::interview::{Asking, End, Focus, Mouth, Request, Then};
use super::super::notice::{Again, Notice};
use super::super::transcript::{Entry, Scroll, Who};
use super::super::{App, Screen};
use crate::practice::CompletedTurn;

impl App {
    /// Enter: sends the draft, once all words are there and the last reply is complete.
    pub(super) fn send(&mut self) {
        self.stop_listening();
        let hearing = self.is_hearing();
        let Some(interview) = self.interview().filter(|interview| !interview.is_over()) else {
            return;
        };
        if hearing {
            interview.hearing.then = Then::Send;
            return;
        }
        if interview.asking != Asking::Idle {
            self.notice = Some(Notice::StillAnswering);
            return;
        }
        let Some(sent) = self.composing.take() else {
            return;
        };
        let (answer, attempt) = (sent.answer.clone(), sent.attempt);
        let turn = self.request(Request::Answer(sent));
        let Some(interview) = self.interview() else {
            return;
        };
        let language = interview.language;
        interview.entries.push(Entry {
            who: Who::Candidate,
            text: answer.text.clone(),
        });
        self.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Send {
                attempt,
                answer,
                language,
            },
        });
    }

    /// Ends the interview with feedback.
    pub(super) fn finish(&mut self) {
        let Some(interview) = self.interview() else {
            return;
        };
        if interview.asking == Asking::Idle && !interview.is_over() {
            let language = interview.language;
            let turn = self.request(Request::Finish);
            self.emit(Effect::Turn {
                turn,
                effect: BackendEffect::Finish { language },
            });
        }
    }

    /// A request is under way: older speech is silenced, this one's is expected.
    pub(super) fn request(&mut self, request: Request) -> TurnId {
        self.silence();
        self.notice = None;
        let (turn, since) = (self.fresh(), self.now);
        if let Some(interview) = self.interview() {
            interview.asking = Asking::Waiting {
                turn,
                request,
                since,
            };
            interview.mouth = Mouth::Expected(turn);
            interview.scroll = Scroll::Follow;
        }
        turn
    }

    pub(super) fn replied(&mut self, turn: TurnId, piece: &str) {
        if let Some(interview) = self.interview() {
            interview.asking.push(turn, piece);
        }
    }

    pub(super) fn done(&mut self, turn: TurnId, done: CompletedTurn) {
        let Some(interview) = self
            .interview()
            .filter(|interview| interview.asking.turn() == Some(turn))
        else {
            return;
        };
        let begun = interview.asking.take() == Some(Request::Start);
        interview.entries.push(Entry {
            who: Who::Interviewer,
            text: done.response,
        });
        interview.question = done.question.or(interview.question);
        if begun {
            // What it was chosen by has served: left in the lobby it would hide the interview that can be continued.
            self.lobby.search.take();
        }
        self.count(done.count, done.limit);
        if done.finished {
            self.finished();
        }
    }

    fn finished(&mut self) {
        self.stop_listening();
        let report = self.fresh();
        if let Some(interview) = self.interview() {
            interview.end = End::Writing(report);
            interview.focus = Focus::Transcript;
            interview.hearing.then = Then::Edit;
        }
        self.lobby.unfinished = None;
        self.emit(Effect::Turn {
            turn: report,
            effect: BackendEffect::WriteReport,
        });
    }

    pub(super) fn failed(&mut self, turn: TurnId, failure: Failure) {
        if self.loading == Some(turn) {
            self.loading = None;
            return self.not_loaded(failure);
        }
        let Some(interview) = self.interview() else {
            return;
        };
        if interview.end == End::Writing(turn) {
            interview.end = End::Over(None);
            return self.explain(failure, Again::Never);
        }
        if interview.asking.turn() == Some(turn) {
            let again = self.give_back();
            self.explain(failure, again);
        }
    }

    /// What there is to go on with is not known; where it is of use, Enter asks again.
    pub(super) fn not_loaded(&mut self, failure: Failure) {
        self.lobby.unloaded = matches!(failure, Failure::Retry(_));
        let again = if self.screen == Screen::Lobby {
            Again::Load
        } else {
            Again::Never
        };
        self.explain(failure, again);
    }

    /// Esc: calls the running request off; false when there is none.
    pub(super) fn cancel_request(&mut self) -> bool {
        let Some(turn) = self
            .interview()
            .and_then(|interview| interview.asking.turn())
        else {
            return false;
        };
        self.silence();
        self.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Cancel,
        });
        self.give_back();
        self.notice = Some(Notice::Cancelled);
        true
    }

    /// Ends the running request as if it had not been made, and says how it is made again.
    fn give_back(&mut self) -> Again {
        self.silence();
        let Some(interview) = self.interview() else {
            return Again::Never;
        };
        match interview.asking.take() {
            Some(Request::Answer(sent)) => {
                interview.entries.pop();
                interview.focus = Focus::Draft;
                self.composing.give_back(sent);
                Again::Enter
            }
            Some(Request::Start) => {
                self.close_interview();
                Again::Enter
            }
            Some(Request::Finish) => Again::Finish,
            None => Again::Never,
        }
    }

    fn explain(&mut self, failure: Failure, again: Again) {
        if failure == Failure::Unauthorized {
            // Nor will a request that is running be answered.
            self.cancel_request();
        }
        self.notice = Some(match failure {
            Failure::Unauthorized => Notice::SignInAgain,
            Failure::LimitReached(reason) => Notice::Limit(reason),
            Failure::Retry(reason) => Notice::Retry(reason, again),
            Failure::Refused(reason) => Notice::Refused(reason),
        });
        if self.notice == Some(Notice::SignInAgain) && !matches!(self.screen, Screen::SignIn(_)) {
            self.show_sign_in(Form::SignIn);
        }
    }

    /// The sign-in screen; an open interview waits behind it.
    pub(super) fn show_sign_in(&mut self, form: Form) {
        self.stop_listening();
        self.silence();
        let back = match std::mem::replace(&mut self.screen, Screen::Connecting) {
            Screen::Interview(interview) => {
                self.emit(Effect::Voice(VoiceEffect::CloseMicrophone));
                Some(interview)
            }
            Screen::SignIn(sign_in) => sign_in.back,
            _ => None,
        };
        self.screen = Screen::SignIn(Box::new(SignIn::new(form, &self.user, back)));
    }
}
