//! Performs what the app asks for. Nothing here waits: work runs in tasks that answer with actions.

mod preference_writer;
mod voice;

use std::collections::HashMap;
use std::time::Duration;

use rust_i18n::t;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use uuid::Uuid;

use super::drafts::{self, Drafts};
use super::failures;
use super::session::Session;
use super::speech_output::SpeechOutput;
use super::turn::Turn;
use super::voice_input::VoiceInput;
use crate::app::action::{Action, BackendEvent, Failure, RuntimeEvent, TurnId};
use crate::app::effect::{BackendEffect, Effect, SessionEffect, TerminalEffect};
use crate::backend::{Backend, BackendError, Connector, TurnAttempt};
use crate::interview::report::Report;
use crate::interview::{Answer, Background, Language};
use crate::interviewer::Interviewer;
use crate::models::Download;
use crate::paths::Paths;
use crate::practice::{NewInterview, TurnInput};
use crate::report_files;
use preference_writer::PreferenceWriter;

/// Leaving waits no longer than this for turns of an embedded server.
const LEAVING: Duration = Duration::from_secs(3);

/// What a performer works with.
pub struct Services {
    /// Makes the backend.
    pub connector: Connector,
    /// Asks instead of the question bank once the user agrees; `None`: there is nothing to agree to.
    pub model_interviewer: Option<(String, Interviewer)>,
    /// The loudspeaker, if there is one.
    pub speech_output: Option<SpeechOutput>,
    /// The microphone, if there is one.
    pub voice_input: Option<VoiceInput>,
    /// The download of the speech model to offer.
    pub offered: Option<Download>,
    /// Where files go.
    pub paths: Paths,
    /// Of the interface.
    pub language: Language,
    /// Where results go.
    pub actions: mpsc::Sender<Action>,
}

/// Performs effects.
pub struct Performer {
    services: Services,
    session: Session,
    drafts: Drafts,
    requests: HashMap<TurnId, AbortHandle>,
    /// What is done with the session besides requests; it may wait for a server.
    dealings: Vec<AbortHandle>,
    attempts: HashMap<u64, Uuid>,
    preferences: PreferenceWriter,
}

impl Performer {
    /// Over what it works with. Needs a tokio runtime.
    pub fn new(services: Services) -> Self {
        let session = Session::new(
            services.connector.clone(),
            services.paths.clone(),
            services.language,
            services.actions.clone(),
        );
        let drafts = Drafts::start(services.paths.draft());
        let preferences = PreferenceWriter::new(services.connector.preferences.clone());
        Self {
            services,
            session,
            drafts,
            requests: HashMap::new(),
            dealings: Vec::new(),
            attempts: HashMap::new(),
            preferences,
        }
    }

    /// What happens by itself once the first frame is drawn.
    pub fn start(&mut self) {
        if let Some(text) = drafts::left(&self.services.paths.draft()) {
            self.tell(Action::Runtime(RuntimeEvent::DraftFound(text)));
        }
        self.connect();
    }

    fn connect(&mut self) {
        self.deal(self.session.clone().connect());
    }

    /// Level of the microphone, if there is one.
    pub fn level(&self) -> Option<f32> {
        self.services.voice_input.as_ref().map(VoiceInput::level)
    }

    /// Leaves in order: the draft is written, turns of an embedded server are finished if they do not take long.
    pub async fn finish(self) {
        for task in self.requests.into_values().chain(self.dealings) {
            task.abort();
        }
        self.drafts.finish().await;
        self.preferences.finish().await;
        if timeout(LEAVING, self.session.close()).await.is_err() {
            tracing::warn!("the session was not closed in time");
        }
    }

    /// Performs one effect. [`Effect::Terminal`] belongs to the loop.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Terminal(TerminalEffect::Quit { .. } | TerminalEffect::Suspend) => {}
            Effect::Session(effect) => self.perform_session(effect),
            Effect::Turn { turn, effect } => self.perform_turn(turn, effect),
            Effect::Voice(effect) => self.perform_voice(effect),
            Effect::Speech(effect) => self.perform_speech(effect),
            Effect::Device(effect) => self.perform_device(effect),
            Effect::Model(effect) => self.perform_model(effect),
            Effect::SaveDraft(text) => self.drafts.keep(text),
        }
    }

    fn perform_session(&mut self, effect: SessionEffect) {
        match effect {
            SessionEffect::Connect => self.connect(),
            SessionEffect::SignIn {
                turn,
                username,
                password,
            } => {
                let password = password.into_secret();
                let session = self.session.clone();
                self.spawn(turn, session.sign_in(turn, username, None, password));
            }
            SessionEffect::Register {
                turn,
                username,
                email,
                password,
            } => {
                let password = password.into_secret();
                let session = self.session.clone();
                self.spawn(turn, session.sign_in(turn, username, Some(email), password));
            }
            SessionEffect::StoreToken(place) => self.deal(self.session.clone().keep(place)),
            SessionEffect::Consent { granted } => self.consent(granted),
        }
    }

    fn perform_turn(&mut self, turn: TurnId, effect: BackendEffect) {
        match effect {
            BackendEffect::Load => self.load(turn),
            BackendEffect::Start {
                topic,
                language,
                level,
                questions,
            } => {
                self.expect(language);
                let start = NewInterview {
                    topic,
                    language,
                    level,
                    questions: Some(questions),
                    background: Background::default(),
                    seed: seed(),
                };
                self.take(turn, language, TurnInput::Start(start), Uuid::new_v4());
            }
            BackendEffect::Send {
                attempt,
                answer,
                language,
            } => self.send(turn, attempt, answer, language),
            BackendEffect::Finish { language } => {
                self.take(turn, language, TurnInput::Finish(None), Uuid::new_v4());
            }
            BackendEffect::WriteReport => self.write_report(turn),
            BackendEffect::Cancel => self.cancel(turn),
        }
    }

    fn consent(&mut self, granted: bool) {
        if let Some((host, interviewer)) = self.services.model_interviewer.take() {
            self.preferences
                .remember(move |preferences| preferences.set_consent(&host, granted));
            if granted {
                self.session.ask_with(interviewer);
                self.connect();
            }
        }
    }

    fn expect(&mut self, language: Language) {
        if let Some(voice_input) = &mut self.services.voice_input {
            voice_input.expect(language);
        }
    }

    fn send(&mut self, turn: TurnId, attempt: u64, answer: Answer, language: Language) {
        let key = *self.attempts.entry(attempt).or_insert_with(Uuid::new_v4);
        self.expect(language);
        let otherwise = NewInterview {
            topic: None,
            language,
            level: None,
            questions: None,
            background: Background::default(),
            seed: seed(),
        };
        self.take(turn, language, TurnInput::Answer { answer, otherwise }, key);
    }

    fn take(&mut self, id: TurnId, language: Language, input: TurnInput, attempt: Uuid) {
        self.services
            .speech_output
            .iter()
            .for_each(SpeechOutput::expect);
        let (session, speech_output) = (self.session.clone(), self.services.speech_output.clone());
        let (actions, interface) = (self.services.actions.clone(), self.services.language);
        self.spawn(id, async move {
            match session.backend().await {
                Ok(backend) => {
                    let turn = Turn {
                        id,
                        language,
                        interface,
                        backend,
                        actions,
                        speech_output,
                    };
                    turn.take(TurnAttempt { input, attempt }).await;
                }
                Err(failure) => drop(
                    actions
                        .send(Action::Turn {
                            turn: id,
                            event: BackendEvent::Failed(failure),
                        })
                        .await,
                ),
            }
        });
    }

    fn load(&mut self, turn: TurnId) {
        self.ask(
            turn,
            |backend| async move { backend.current().await },
            move |conversation| Action::Turn {
                turn,
                event: BackendEvent::Loaded(Box::new(conversation)),
            },
        );
    }

    fn write_report(&mut self, turn: TurnId) {
        let (folder, language) = (self.services.paths.reports(), self.services.language);
        let written = move |report: Report| match report_files::write_into(&folder, &report) {
            Ok(path) => Action::Turn {
                turn,
                event: BackendEvent::ReportWritten {
                    path: crate::paths::shown(&path),
                },
            },
            Err(error) => {
                let reason = failures::chain(&error);
                let words = t!(
                    "runtime.report_failed",
                    locale = language.code(),
                    reason = reason
                );
                Action::Turn {
                    turn,
                    event: BackendEvent::Failed(Failure::Refused(words.into())),
                }
            }
        };
        self.ask(
            turn,
            |backend| async move { backend.report().await },
            written,
        );
    }

    /// Asks the backend for something and tells the app what came of it.
    fn ask<T, F>(
        &mut self,
        turn: TurnId,
        question: impl FnOnce(Backend) -> F + Send + 'static,
        tell: impl FnOnce(T) -> Action + Send + 'static,
    ) where
        F: Future<Output = Result<T, BackendError>> + Send,
        T: Send,
    {
        let (session, actions, language) = (
            self.session.clone(),
            self.services.actions.clone(),
            self.services.language,
        );
        self.spawn(turn, async move {
            let action = match session.backend().await {
                Ok(backend) => match question(backend).await {
                    Ok(answer) => tell(answer),
                    Err(error) => Action::Turn {
                        turn,
                        event: BackendEvent::Failed(failures::failure(&error, language)),
                    },
                },
                Err(failure) => Action::Turn {
                    turn,
                    event: BackendEvent::Failed(failure),
                },
            };
            let _ = actions.send(action).await;
        });
    }

    fn cancel(&mut self, turn: TurnId) {
        if let Some(request) = self.requests.remove(&turn) {
            request.abort();
        }
        if let Some(speech_output) = &self.services.speech_output {
            speech_output.silence(turn);
        }
    }

    fn spawn(&mut self, turn: TurnId, task: impl Future<Output = ()> + Send + 'static) {
        self.requests.retain(|_, request| !request.is_finished());
        self.requests
            .insert(turn, tokio::spawn(task).abort_handle());
    }

    fn deal(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.dealings.retain(|task| !task.is_finished());
        self.dealings.push(tokio::spawn(task).abort_handle());
    }

    fn tell(&self, action: Action) {
        let actions = self.services.actions.clone();
        tokio::spawn(async move { actions.send(action).await });
    }
}

/// A fresh order of questions.
fn seed() -> u64 {
    Uuid::new_v4().as_u64_pair().0
}
