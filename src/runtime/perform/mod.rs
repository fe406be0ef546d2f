//! Performs what the app asks for, one file for each origin of effects. Nothing here waits: work
//! runs in tasks that answer with actions.

mod device;
mod discovery;
mod interviewer;
mod model;
mod preference_writer;
mod session;
mod speech;
mod turn;
mod voice;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use uuid::Uuid;

use super::drafts::DraftWriter;
use super::panics::{self, report_panic};
use super::session::Session;
use super::{SpeechCommand, SpeechOutput, VoiceInput};
use crate::app::action::{Action, RuntimeEvent, TurnId};
use crate::app::effect::Effect;
use crate::backend::Connector;
use crate::interview::{Language, QuestionRef};
use crate::interviewer::Interviewer;
use crate::models::Download;
use crate::paths::Paths;
use crate::upstream::discovery::Candidate;
use preference_writer::PreferenceWriter;

/// The longest that leaving waits for turns of an embedded server.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// The resources that effects need.
pub struct Services {
    pub connector: Connector,
    /// Replaces the question bank once the user agrees; `None` if there is nothing to agree to.
    pub model_interviewer: Option<ModelInterviewer>,
    /// The addresses to look for a model server at.
    pub candidates: Vec<Candidate>,
    pub speech_output: SpeechOutput,
    pub voice_input: VoiceInput,
    /// The download of the speech model that is offered.
    pub offered: Option<Download>,
    pub paths: Paths,
    /// The language of the user interface.
    pub language: Language,
    pub actions: mpsc::Sender<Action>,
}

/// A model that replaces the question bank once the user agrees.
pub struct ModelInterviewer {
    /// The host that answers are sent to.
    pub host: String,
    pub interviewer: Interviewer,
}

/// Performs effects.
pub struct Performer {
    services: Services,
    /// The model that the user is asked about, which may be found only later.
    model_interviewer: Arc<Mutex<Option<ModelInterviewer>>>,
    session: Session,
    drafts: DraftWriter,
    preferences: PreferenceWriter,
    requests: HashMap<TurnId, AbortHandle>,
    /// Tasks besides requests, which may wait for a server as well.
    background_tasks: Vec<AbortHandle>,
    idempotency_keys: HashMap<u64, Uuid>,
}

impl Performer {
    /// Returns a performer that is not connected yet. Needs a tokio runtime.
    pub fn new(mut services: Services) -> Self {
        let session = Session::new(
            services.connector.clone(),
            services.paths.clone(),
            services.language,
            services.actions.clone(),
        );
        Self {
            model_interviewer: Arc::new(Mutex::new(services.model_interviewer.take())),
            session,
            drafts: DraftWriter::start(services.paths.drafts()),
            preferences: PreferenceWriter::new(services.connector.preferences.clone()),
            requests: HashMap::new(),
            background_tasks: Vec::new(),
            idempotency_keys: HashMap::new(),
            services,
        }
    }

    /// Begins what happens by itself once the first frame is drawn.
    pub fn start(&mut self) {
        self.connect();
        self.prepare(self.services.connector.interviewer.clone());
        let candidates = std::mem::take(&mut self.services.candidates);
        self.discover(candidates);
    }

    /// Returns the level of the microphone, 0…1.
    pub fn level(&self) -> f32 {
        self.services.voice_input.level()
    }

    /// Leaves in order: writes the draft and the preferences, and lets an embedded server finish
    /// its turns if that does not take long.
    pub async fn finish(self) {
        for task in self.requests.into_values().chain(self.background_tasks) {
            task.abort();
        }
        self.drafts.finish().await;
        self.preferences.finish().await;
        if timeout(CLOSE_TIMEOUT, self.session.close()).await.is_err() {
            tracing::warn!("the session was not closed in time");
        }
    }

    /// Performs one effect. [`Effect::Terminal`] belongs to the loop, which owns the terminal.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Terminal(_) => {}
            Effect::Session(effect) => self.perform_session(effect),
            Effect::Turn { turn, effect } => self.perform_turn(turn, effect),
            Effect::Voice(effect) => self.perform_voice(effect),
            Effect::Speech(effect) => self.perform_speech(effect),
            Effect::Device(effect) => self.perform_device(effect),
            Effect::Model(effect) => self.perform_model(effect),
            Effect::SaveDraft { of, text } => self.drafts.save(of, text),
            Effect::LoadDraft { of } => self.load_draft(of),
        }
    }

    fn load_draft(&self, of: QuestionRef) {
        if let Some(text) = self.drafts.saved(&of) {
            self.send(Action::Runtime(RuntimeEvent::DraftFound { of, text }));
        }
    }

    /// Abandons the request of this turn, and silences what is spoken of it.
    fn cancel(&mut self, turn: TurnId) {
        if let Some(request) = self.requests.remove(&turn) {
            request.abort();
        }
        let silence = SpeechCommand::Silence(turn);
        self.services.speech_output.send(silence);
    }

    /// Spawns the request of a turn, which answers with `failure` if it panics.
    fn spawn_request(
        &mut self,
        turn: TurnId,
        failure: Action,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.requests.retain(|_, request| !request.is_finished());
        let task = report_panic("request", task, self.services.actions.clone(), failure);
        let request = tokio::spawn(task).abort_handle();
        self.requests.insert(turn, request);
    }

    /// Spawns a task besides the requests, which answers with `failure` if it panics.
    fn spawn_background(
        &mut self,
        failure: Action,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.background_tasks.retain(|task| !task.is_finished());
        let task = report_panic("background", task, self.services.actions.clone(), failure);
        self.background_tasks
            .push(tokio::spawn(task).abort_handle());
    }

    fn panic_message(&self) -> String {
        panics::message(self.services.language)
    }

    fn send(&self, action: Action) {
        let actions = self.services.actions.clone();
        tokio::spawn(async move { actions.send(action).await });
    }
}
