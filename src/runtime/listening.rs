//! The candidate's voice: microphone and speech model, told of presses and reporting words.

use std::path::PathBuf;
use std::sync::Arc;

use rust_i18n::t;
use tokio::sync::{mpsc, watch};

use crate::app::action::{Action, Missing, Part, TurnId};
use crate::config;
use crate::interview::Language;
use crate::machine::Machine;
use crate::voice::{
    DeviceMicrophone, Heard, Listener, Microphone, SpeechLanguage, Transcriber, TranscriberHandle, VoiceError,
    WavMicrophone, Whisper,
};

/// Ears that can be opened and closed.
pub struct Ears {
    /// Instead of the system's default microphone, if there are any.
    files: Vec<PathBuf>,
    settings: config::Speech,
    interview: Language,
    interface: Language,
    level: watch::Receiver<f32>,
    level_sender: watch::Sender<f32>,
    actions: mpsc::Sender<Action>,
    listener: Option<Listener>,
    open: bool,
}

impl Ears {
    /// Nothing is opened or loaded yet.
    pub fn new(
        files: Vec<PathBuf>,
        settings: config::Speech,
        interface: Language,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let (level_sender, level) = watch::channel(0.0);
        Self {
            files,
            settings,
            interview: interface,
            interface,
            level,
            level_sender,
            actions,
            listener: None,
            open: false,
        }
    }

    /// Loads the model in the background and starts the listening thread.
    pub fn load(&mut self, model: PathBuf) {
        let (actions, spoken) = (self.actions.clone(), self.settings.language.during(self.interview));
        let threads = self.settings.threads;
        let load = move || {
            let whisper = Whisper::load(&model, crate::models::published_bytes(&model))?;
            Ok(Box::new(whisper.with_threads(threads)) as Box<dyn Transcriber>)
        };
        let ready = move |outcome: Result<(), VoiceError>| {
            let action = match outcome {
                Ok(()) => Action::TranscriberReady,
                Err(error) => Action::VoiceUnavailable(model_missing(error.to_string(), spoken)),
            };
            let _ = actions.blocking_send(action);
        };
        self.listen(TranscriberHandle::spawn(load, ready));
    }

    fn listen(&mut self, transcriber: TranscriberHandle) {
        let microphone = match self.microphone() {
            Ok(microphone) => microphone,
            Err(error) => return self.microphone_failed(&error),
        };
        let (actions, interface) = (self.actions.clone(), self.interface);
        let events = Arc::new(move |heard| {
            let _ = actions.blocking_send(action(heard, interface));
        });
        let listener = Listener::spawn(microphone, Some(transcriber), self.level_sender.clone(), events);
        if self.open {
            listener.open();
        }
        self.listener = Some(listener);
    }

    fn microphone(&self) -> Result<Box<dyn Microphone>, VoiceError> {
        Ok(if self.files.is_empty() {
            Box::new(DeviceMicrophone::default())
        } else {
            Box::new(WavMicrophone::new(self.files.clone())?)
        })
    }

    fn microphone_failed(&self, error: &VoiceError) {
        let action = action(Heard::MicrophoneFailed(error.to_string()), self.interface);
        // The queue is nearly empty while models are loaded; a full one costs one notice.
        let _ = self.actions.try_send(action);
    }

    /// An interview is on the screen. Without a microphone that may stay open the key will open it.
    pub fn open(&mut self) {
        self.open = self.settings.open_microphone;
        if !self.open {
            return;
        }
        if let Some(listener) = &self.listener {
            listener.open();
        }
    }

    /// It left the screen.
    pub fn close(&mut self) {
        self.open = false;
        if let Some(listener) = &self.listener {
            listener.close();
        }
    }

    /// The talk key went down.
    pub fn press(&self, turn: TurnId) {
        if let Some(listener) = &self.listener {
            listener.press(turn.0, spoken_in(self.settings.language, self.interview));
        }
    }

    /// It came up.
    pub fn release(&self, turn: TurnId) {
        if let Some(listener) = &self.listener {
            listener.release(turn.0);
        }
    }

    /// Forget that press.
    pub fn cancel(&self, turn: TurnId) {
        if let Some(listener) = &self.listener {
            listener.cancel(turn.0);
        }
    }

    /// The interview is held in this language.
    pub fn expect(&mut self, language: Language) {
        self.interview = language;
    }

    /// Input level, 0…1.
    pub fn level(&self) -> f32 {
        *self.level.borrow()
    }
}

/// What to recognise in an interview held in `interview`.
pub fn spoken_in(choice: config::SpeechLanguage, interview: Language) -> SpeechLanguage {
    choice.during(interview).map_or(SpeechLanguage::Auto, SpeechLanguage::Only)
}

fn action(heard: Heard, interface: Language) -> Action {
    match heard {
        Heard::Opened(name) => Action::MicrophoneOpened(name),
        Heard::MicrophoneFailed(reason) => Action::VoiceUnavailable(Missing {
            part: Part::Microphone,
            reason,
            remedy: t!("runtime.microphone_remedy", locale = interface.code()).into(),
        }),
        Heard::Recorded(id, _) => Action::Recorded(TurnId(id)),
        Heard::Partial(id, partial) => Action::HeardSoFar(TurnId(id), partial.written, partial.draft),
        Heard::Words(id, answer) => Action::Heard(TurnId(id), answer),
        Heard::Nothing(id) => Action::HeardNothing(TurnId(id)),
        Heard::Failed(id, reason) => Action::NotTranscribed(TurnId(id), reason),
    }
}

/// What is said when there is no usable speech model for what is spoken (`None`: it is detected).
pub fn model_missing(reason: String, spoken: Option<Language>) -> Missing {
    let name = crate::models::recommended(spoken, Machine::here()).model.name;
    Missing { part: Part::Model, reason, remedy: format!("mock-interviewer models download {name}") }
}
