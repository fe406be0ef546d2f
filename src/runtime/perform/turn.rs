//! Performs calls to the backend.

use rust_i18n::t;
use uuid::Uuid;

use super::Performer;
use crate::app::action::{Action, BackendEvent, Failure, TurnId};
use crate::app::effect::BackendEffect;
use crate::backend::{Backend, BackendError, TurnAttempt};
use crate::interview::report::Report;
use crate::interview::{Answer, Background, Language, Level, QuestionRef, Topic};
use crate::paths::Paths;
use crate::practice::{NewInterview, TurnInput};
use crate::report_files;
use crate::runtime::turn::RunningTurn;
use crate::runtime::{SpeechCommand, VoiceCommand};
use crate::runtime::{failures, wording};

impl Performer {
    pub(super) fn perform_turn(&mut self, turn: TurnId, effect: BackendEffect) {
        match effect {
            BackendEffect::Load => self.load(turn),
            BackendEffect::Reload { open } => self.reload(turn, open),
            BackendEffect::Start {
                topic,
                language,
                level,
                questions,
            } => self.start_interview(turn, topic, language, level, questions),
            BackendEffect::Send {
                attempt,
                answer,
                open,
                language,
            } => self.send_answer(turn, attempt, answer, open, language),
            BackendEffect::Finish { open, language } => {
                let attempt = attempt(TurnInput::Finish(None), open);
                self.run_turn(turn, language, attempt);
            }
            BackendEffect::WriteReport => self.write_report(turn),
            BackendEffect::Cancel => self.cancel(turn),
        }
    }

    fn start_interview(
        &mut self,
        turn: TurnId,
        topic: Option<Topic>,
        language: Language,
        level: Option<Level>,
        questions: u32,
    ) {
        let start = NewInterview {
            topic,
            level,
            questions: Some(questions),
            ..general_start(language)
        };
        self.set_interview_language(language);
        self.run_turn(turn, language, attempt(TurnInput::Start(start), None));
    }

    fn send_answer(
        &mut self,
        turn: TurnId,
        attempt: u64,
        answer: Answer,
        open: Option<QuestionRef>,
        language: Language,
    ) {
        let key = self.idempotency_keys.entry(attempt);
        let key = *key.or_insert_with(Uuid::new_v4);
        let otherwise = general_start(language);
        self.set_interview_language(language);
        let attempt = TurnAttempt {
            input: TurnInput::Answer { answer, otherwise },
            attempt: key,
            open,
        };
        self.run_turn(turn, language, attempt);
    }

    fn set_interview_language(&self, language: Language) {
        let command = VoiceCommand::SetInterviewLanguage(language);
        self.services.voice_input.send(command);
    }

    fn run_turn(&mut self, id: TurnId, language: Language, request: TurnAttempt) {
        self.services.speech_output.send(SpeechCommand::Prepare);
        let session = self.session.clone();
        let interface = self.services.language;
        let actions = self.services.actions.clone();
        let speech_output = self.services.speech_output.clone();
        let run = async move {
            match session.backend().await {
                Ok(backend) => {
                    let turn = RunningTurn {
                        id,
                        language,
                        interface,
                        backend,
                        actions,
                        speech_output,
                    };
                    turn.run(request).await;
                }
                Err(failure) => drop(actions.send(failed(id, failure)).await),
            }
        };
        self.spawn_request(id, self.panicked(id), run);
    }

    fn load(&mut self, turn: TurnId) {
        let load = |backend: Backend| async move { backend.current().await };
        self.call_backend(turn, load, |conversation| {
            BackendEvent::Loaded(Box::new(conversation))
        });
    }

    fn reload(&mut self, turn: TurnId, open: QuestionRef) {
        let load = |backend: Backend| async move { backend.reload(&open).await };
        self.call_backend(turn, load, |conversation| {
            BackendEvent::Loaded(Box::new(conversation))
        });
    }

    fn write_report(&mut self, turn: TurnId) {
        let paths = self.services.paths.clone();
        let language = self.services.language;
        let load = |backend: Backend| async move { backend.report().await };
        self.call_backend(turn, load, move |report| {
            write_report(&paths, &report, language)
        });
    }

    /// Calls the backend, and sends the event that `on_success` makes of its answer, or a failure.
    fn call_backend<T, F>(
        &mut self,
        turn: TurnId,
        call: impl FnOnce(Backend) -> F + Send + 'static,
        on_success: impl FnOnce(T) -> BackendEvent + Send + 'static,
    ) where
        F: Future<Output = Result<T, BackendError>> + Send,
        T: Send,
    {
        let session = self.session.clone();
        let actions = self.services.actions.clone();
        let language = self.services.language;
        let task = async move {
            let event = match session.backend().await {
                Ok(backend) => match call(backend).await {
                    Ok(answer) => on_success(answer),
                    Err(error) => BackendEvent::Failed(failures::of_request(&error, language)),
                },
                Err(failure) => BackendEvent::Failed(failure),
            };
            let _ = actions.send(Action::Turn { turn, event }).await;
        };
        self.spawn_request(turn, self.panicked(turn), task);
    }

    fn panicked(&self, turn: TurnId) -> Action {
        failed(turn, Failure::Retry(self.panic_message()))
    }
}

/// Returns a first attempt at a turn.
fn attempt(input: TurnInput, open: Option<QuestionRef>) -> TurnAttempt {
    TurnAttempt {
        input,
        attempt: Uuid::new_v4(),
        open,
    }
}

fn failed(turn: TurnId, failure: Failure) -> Action {
    Action::Turn {
        turn,
        event: BackendEvent::Failed(failure),
    }
}

/// Returns the start of an interview without a topic, with a fresh order of questions.
fn general_start(language: Language) -> NewInterview {
    NewInterview {
        topic: None,
        language,
        level: None,
        questions: None,
        background: Background::default(),
        seed: Uuid::new_v4().as_u64_pair().0,
    }
}

fn write_report(paths: &Paths, report: &Report, language: Language) -> BackendEvent {
    match report_files::write_into(&paths.reports(), report) {
        Ok(path) => BackendEvent::ReportWritten {
            path: crate::paths::shown(&path),
        },
        Err(error) => {
            let message = t!(
                "runtime.report_failed",
                locale = language.code(),
                reason = wording::of(&error, language)
            );
            BackendEvent::Failed(Failure::Refused(message.into()))
        }
    }
}
