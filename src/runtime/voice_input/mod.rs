//! The candidate's voice: microphone and speech model, told of presses and reporting words.

mod check;
mod device_list;
mod reconnect;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rust_i18n::t;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::SpeechOutput;
use crate::app::action::{
    Action, Dead, DeviceReport, Missing, ModelEvent, Part, TurnId, UtteranceEvent, VoiceEvent,
};
use crate::app::check::Checked;
use crate::app::waterfall::Tail;
use crate::config;
use crate::interview::Language;
use crate::machine::Machine;
use crate::preferences::SelectedDevices;
use crate::voice::{
    DeviceMicrophone, Heard, Listener, Microphone, SharedWish, SpeechLanguage, Transcriber,
    TranscriberHandle, VoiceError, WavMicrophone, Whisper, Wish,
};
use check::MicrophoneCheck;
use reconnect::Reconnect;

/// VoiceInput that can be opened and closed.
pub struct VoiceInput {
    /// Instead of a microphone, if there are any.
    files: Vec<PathBuf>,
    microphone: SharedWish,
    speaker: SharedWish,
    settings: config::SpeechConfig,
    interview: Language,
    interface: Language,
    level: watch::Receiver<f32>,
    level_sender: watch::Sender<f32>,
    actions: mpsc::Sender<Action>,
    transcriber: Option<TranscriberHandle>,
    listener: Option<Arc<Listener>>,
    reconnect: Reconnect,
    open: bool,
    /// Ends the check that goes on.
    checking: Arc<AtomicBool>,
}

impl VoiceInput {
    /// Nothing is opened or loaded yet.
    pub fn new(
        files: Vec<PathBuf>,
        settings: config::SpeechConfig,
        interface: Language,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let (level_sender, level) = watch::channel(0.0);
        Self {
            files,
            microphone: SharedWish::default(),
            speaker: SharedWish::default(),
            settings,
            interview: interface,
            interface,
            level,
            level_sender,
            actions,
            transcriber: None,
            listener: None,
            reconnect: Reconnect::default(),
            open: false,
            checking: Arc::default(),
        }
    }

    /// With these devices instead of the system's default ones. `speaker` is shared with the loudspeaker.
    #[must_use]
    pub fn with_devices(self, microphone: SharedWish, speaker: SharedWish) -> Self {
        Self {
            microphone,
            speaker,
            ..self
        }
    }

    /// Loads the model in the background and starts the listening thread.
    pub fn load(&mut self, model: PathBuf) {
        let (actions, interface) = (self.actions.clone(), self.interface);
        let spoken = self.settings.language.during(self.interview);
        let settings = self.settings.clone();
        let load = move || {
            let whisper = Whisper::load(&model, crate::models::published_bytes(&model))?;
            Ok(Box::new(whisper.with_settings(&settings)) as Box<dyn Transcriber>)
        };
        let ready = move |outcome: Result<(), VoiceError>| {
            let action = match outcome {
                Ok(()) => Action::Model(ModelEvent::Loaded),
                Err(error) => Action::Voice(VoiceEvent::Unavailable(model_missing(
                    error.told(interface),
                    spoken,
                ))),
            };
            let _ = actions.blocking_send(action);
        };
        self.listen(TranscriberHandle::spawn(load, ready));
    }

    /// With a model that is loaded already, or being loaded elsewhere.
    pub fn attend(&mut self, transcriber: TranscriberHandle) {
        self.listen(transcriber);
    }

    fn listen(&mut self, transcriber: TranscriberHandle) {
        self.transcriber = Some(transcriber.clone());
        let microphone = match self.microphone() {
            Ok(microphone) => microphone,
            Err(error) => return self.microphone_failed(error),
        };
        let (actions, interface, is_file) =
            (self.actions.clone(), self.interface, !self.files.is_empty());
        let (reconnect, handle) = (self.reconnect.clone(), Handle::current());
        let events = Arc::new(move |heard| {
            match &heard {
                Heard::Opened(_) => reconnect.opened(),
                Heard::MicrophoneFailed(_) => reconnect.failed(&handle),
                _ => {}
            }
            let _ = actions.blocking_send(action(heard, interface, is_file));
        });
        let listener = Arc::new(Listener::spawn(
            microphone,
            Some(transcriber),
            self.level_sender.clone(),
            events,
        ));
        self.reconnect.attend(&listener);
        if self.open {
            listener.open();
        }
        self.listener = Some(listener);
    }

    fn microphone(&self) -> Result<Box<dyn Microphone>, VoiceError> {
        Ok(if self.files.is_empty() {
            let actions = self.actions.clone();
            let tell = Arc::new(move |news| {
                drop(actions.blocking_send(Action::Device(DeviceReport::Changed {
                    part: Part::Microphone,
                    event: news,
                })))
            });
            Box::new(DeviceMicrophone::new(self.microphone.clone(), tell))
        } else {
            Box::new(WavMicrophone::new(self.files.clone())?)
        })
    }

    fn microphone_failed(&self, error: VoiceError) {
        let action = action(
            Heard::MicrophoneFailed(error),
            self.interface,
            !self.files.is_empty(),
        );
        // The queue is nearly empty while models are loaded; a full one costs one notice.
        let _ = self.actions.try_send(action);
    }

    /// An interview is on the screen. Without a microphone that may stay open the key will open it.
    pub fn open(&mut self) {
        self.open = self.settings.open_microphone;
        self.reconnect.want(self.open);
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
        self.reconnect.want(false);
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

    /// Tells the devices there are.
    pub fn list(&self, turn: TurnId) {
        let (microphone, speaker, actions) = (
            self.microphone.get(),
            self.speaker.get(),
            self.actions.clone(),
        );
        let interface = self.interface;
        tokio::task::spawn_blocking(move || {
            let devices = device_list::list(&microphone, &speaker)
                .map(Box::new)
                .map_err(|error| error.told(interface));
            let _ = actions.blocking_send(Action::Device(DeviceReport::Listed { turn, devices }));
        });
    }

    /// Other devices from the next opening on.
    pub fn use_devices(&self, audio: &SelectedDevices) {
        self.microphone.set(Wish {
            name: audio.microphone.clone(),
            channel: audio.channel,
        });
        self.speaker.set(Wish {
            name: audio.speaker.clone(),
            ..Wish::default()
        });
    }

    /// Tries the microphone out; what was said is played back by `speech_output`.
    pub fn check(&mut self, turn: TurnId, language: Language, speech_output: Option<SpeechOutput>) {
        self.cancel_check();
        self.checking = Arc::default();
        match self.microphone() {
            Ok(microphone) => MicrophoneCheck {
                turn,
                microphone,
                transcriber: self.transcriber.clone(),
                spoken: spoken_in(self.settings.language, language),
                speech_output,
                language,
                level: self.level_sender.clone(),
                actions: self.actions.clone(),
                cancelled: self.checking.clone(),
            }
            .start(),
            Err(error) => {
                // The queue is nearly empty in the lobby; a full one costs one look at the reason.
                let _ = self.actions.try_send(Action::Device(DeviceReport::Check {
                    turn,
                    event: Checked::Failed(error.told(language)),
                }));
            }
        }
    }

    /// Nobody waits for the check any more.
    pub fn cancel_check(&self) {
        self.checking.store(true, Ordering::Relaxed);
    }

    /// What is spoken, whatever the settings say.
    pub fn recognise(&mut self, language: config::SpeechLanguage) {
        self.settings.language = language;
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
    choice
        .during(interview)
        .map_or(SpeechLanguage::Auto, SpeechLanguage::Only)
}

fn action(heard: Heard, interface: Language, is_file: bool) -> Action {
    match heard {
        Heard::Opened(name) => Action::Device(DeviceReport::MicrophoneOpened { name }),
        Heard::MicrophoneFailed(error) => Action::Voice(VoiceEvent::Unavailable(Missing {
            part: Part::Microphone,
            reason: error.told(interface),
            remedy: t!("runtime.microphone_remedy", locale = interface.code()).into(),
        })),
        Heard::Recorded(id, end) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::Recorded(Tail {
                drain: end.drain,
                voice_activity: end.voice_activity,
            }),
        }),
        Heard::Partial(id, partial) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::Partial {
                stable: partial.written,
                provisional: partial.draft,
            },
        }),
        Heard::Words(id, answer) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::Transcribed(answer),
        }),
        Heard::Nothing(id) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::NoSpeech,
        }),
        Heard::Failed(id, error) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::NotTranscribed {
                reason: error.told(interface),
            },
        }),
        Heard::Dead(id, name) if is_file => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::MicrophoneDead(Dead::File(name)),
        }),
        Heard::Dead(id, name) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::MicrophoneDead(Dead::Device(name)),
        }),
        Heard::Alive(id) => Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(id),
            event: UtteranceEvent::MicrophoneAlive,
        }),
    }
}

/// What is said when there is no usable speech model for what is spoken (`None`: it is detected).
pub fn model_missing(reason: String, spoken: Option<Language>) -> Missing {
    let name = crate::models::recommended(spoken, Machine::here())
        .model
        .name;
    Missing {
        part: Part::Model,
        reason,
        remedy: format!("mock-interviewer models download {name}"),
    }
}
