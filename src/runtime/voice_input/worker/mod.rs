//! The task that owns the microphone, the recorder and the speech model.

mod check;
mod device_list;
mod events;
mod reconnect;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use super::{VoiceCommand, VoiceInputSettings, model_missing, recognised_language};
use crate::app::action::{Action, DeviceReport, Missing, ModelEvent, Part, TurnId, VoiceEvent};
use crate::app::check::CheckEvent;
use crate::interview::Language;
use crate::preferences::SelectedDevices;
use crate::runtime::panics::{self, report_panic};
use crate::voice::{
    DeviceMicrophone, DevicePreference, Microphone, Recorder, RecorderEvent, SpeechLanguage,
    Transcriber, TranscriberHandle, VoiceError, WavMicrophone, Whisper,
};
use check::MicrophoneCheck;
use events::EventTranslator;
use reconnect::Reconnect;

/// Starts the task, and returns the way to command it and the level it measures.
pub(super) fn spawn(
    settings: VoiceInputSettings,
    actions: mpsc::Sender<Action>,
) -> (mpsc::UnboundedSender<VoiceCommand>, watch::Receiver<f32>) {
    let (commands, inbox) = mpsc::unbounded_channel();
    let (level_sender, level) = watch::channel(0.0);
    let failure = Action::Voice(VoiceEvent::Unavailable(Missing {
        part: Part::Voice,
        reason: panics::message(settings.interface),
        remedy: String::new(),
    }));
    let worker = Worker::new(settings, level_sender, actions.clone());
    tokio::spawn(report_panic("voice", worker.run(inbox), actions, failure));
    (commands, level)
}

/// Executes the commands of a [`super::VoiceInput`].
struct Worker {
    settings: VoiceInputSettings,
    level: watch::Sender<f32>,
    actions: mpsc::Sender<Action>,
    transcriber: Option<TranscriberHandle>,
    recorder: Option<Arc<Recorder>>,
    reconnect: Reconnect,
    /// The microphone should be open.
    open: bool,
    /// Set to end the running check.
    check_cancelled: Arc<AtomicBool>,
}

impl Worker {
    fn new(
        settings: VoiceInputSettings,
        level: watch::Sender<f32>,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        Self {
            settings,
            level,
            actions,
            transcriber: None,
            recorder: None,
            reconnect: Reconnect::default(),
            open: false,
            check_cancelled: Arc::default(),
        }
    }

    /// Runs until the port is dropped.
    async fn run(mut self, mut commands: mpsc::UnboundedReceiver<VoiceCommand>) {
        while let Some(command) = commands.recv().await {
            self.execute(command).await;
        }
    }

    async fn execute(&mut self, command: VoiceCommand) {
        match command {
            VoiceCommand::LoadModel(file) => self.load_model(file).await,
            VoiceCommand::UseTranscriber(transcriber) => self.start_recorder(transcriber).await,
            VoiceCommand::SetInterviewLanguage(language) => self.settings.interview = language,
            VoiceCommand::SetSpeechLanguage(language) => self.settings.speech.language = language,
            VoiceCommand::UseDevices(devices) => self.use_devices(devices),
            VoiceCommand::Open => self.open(),
            VoiceCommand::Close => self.close(),
            VoiceCommand::Press(turn) => self.press(turn),
            VoiceCommand::Release(turn) => self.release(turn),
            VoiceCommand::Cancel(turn) => self.cancel(turn),
            VoiceCommand::ListDevices(turn) => self.list_devices(turn),
            VoiceCommand::Check {
                turn,
                language,
                play_back,
            } => self.check(turn, language, play_back).await,
            VoiceCommand::CancelCheck => self.cancel_check(),
        }
    }

    async fn load_model(&mut self, file: PathBuf) {
        let settings = self.settings.speech.clone();
        let load = move || {
            let whisper = Whisper::load(&file, crate::models::published_bytes(&file))?;
            Ok(Box::new(whisper.with_settings(&settings)) as Box<dyn Transcriber>)
        };
        let interface = self.settings.interface;
        let spoken = self
            .settings
            .speech
            .language
            .during(self.settings.interview);
        let actions = self.actions.clone();
        let ready = move |outcome: Result<(), VoiceError>| {
            let action = match outcome {
                Ok(()) => Action::Model(ModelEvent::Loaded),
                Err(error) => {
                    let missing = model_missing(error.message(interface), spoken);
                    Action::Voice(VoiceEvent::Unavailable(missing))
                }
            };
            let _ = actions.blocking_send(action);
        };
        self.start_recorder(TranscriberHandle::spawn(load, ready))
            .await;
    }

    async fn start_recorder(&mut self, transcriber: TranscriberHandle) {
        self.transcriber = Some(transcriber.clone());
        let translator = self.translator();
        let microphone = match self.microphone() {
            Ok(microphone) => microphone,
            Err(error) => {
                let action = translator.action(RecorderEvent::MicrophoneFailed(error));
                return self.report(action).await;
            }
        };
        let reconnect = self.reconnect.clone();
        let runtime = Handle::current();
        let actions = self.actions.clone();
        let events = Arc::new(move |event| {
            reconnect.observe(&event, &runtime);
            let _ = actions.blocking_send(translator.action(event));
        });
        let level = self.level.clone();
        let recorder = Recorder::spawn(microphone, Some(transcriber), level, events);
        let recorder = Arc::new(recorder);
        self.reconnect.set_recorder(&recorder);
        if self.open {
            recorder.open();
        }
        self.recorder = Some(recorder);
    }

    fn translator(&self) -> EventTranslator {
        EventTranslator {
            interface: self.settings.interface,
            is_file: !self.settings.files.is_empty(),
        }
    }

    fn microphone(&self) -> Result<Box<dyn Microphone>, VoiceError> {
        if !self.settings.files.is_empty() {
            let files = self.settings.files.clone();
            return Ok(Box::new(WavMicrophone::new(files)?));
        }
        let actions = self.actions.clone();
        let report = Arc::new(move |event| {
            let report = DeviceReport::Changed {
                part: Part::Microphone,
                event,
            };
            drop(actions.blocking_send(Action::Device(report)));
        });
        let microphone = DeviceMicrophone::new(self.settings.microphone.clone(), report);
        Ok(Box::new(microphone))
    }

    fn open(&mut self) {
        self.open = self.settings.speech.open_microphone;
        self.reconnect.enable(self.open);
        if let Some(recorder) = self.recorder.as_ref().filter(|_| self.open) {
            recorder.open();
        }
    }

    fn close(&mut self) {
        self.open = false;
        self.reconnect.enable(false);
        if let Some(recorder) = &self.recorder {
            recorder.close();
        }
    }

    fn press(&self, turn: TurnId) {
        if let Some(recorder) = &self.recorder {
            recorder.press(turn.0, self.recognised(self.settings.interview));
        }
    }

    fn release(&self, turn: TurnId) {
        if let Some(recorder) = &self.recorder {
            recorder.release(turn.0);
        }
    }

    fn cancel(&self, turn: TurnId) {
        if let Some(recorder) = &self.recorder {
            recorder.cancel(turn.0);
        }
    }

    fn recognised(&self, interview: Language) -> SpeechLanguage {
        recognised_language(self.settings.speech.language, interview)
    }

    /// Asks the system for its devices on a thread of its own, since that may take seconds.
    fn list_devices(&self, turn: TurnId) {
        let microphone = self.settings.microphone.get();
        let speaker = self.settings.speaker.get();
        let interface = self.settings.interface;
        let actions = self.actions.clone();
        tokio::task::spawn_blocking(move || {
            let devices = device_list::list(&microphone, &speaker)
                .map(Box::new)
                .map_err(|error| error.message(interface));
            let _ = actions.blocking_send(Action::Device(DeviceReport::Listed { turn, devices }));
        });
    }

    fn use_devices(&self, devices: SelectedDevices) {
        self.settings.microphone.set(DevicePreference {
            name: devices.microphone,
            channel: devices.channel,
        });
        self.settings.speaker.set(DevicePreference {
            name: devices.speaker,
            ..DevicePreference::default()
        });
    }

    async fn check(&mut self, turn: TurnId, language: Language, play_back: bool) {
        self.cancel_check();
        self.check_cancelled = Arc::default();
        let microphone = match self.microphone() {
            Ok(microphone) => microphone,
            Err(error) => {
                let reason = error.message(language);
                return self.check_failed(turn, reason).await;
            }
        };
        let check = MicrophoneCheck {
            turn,
            microphone,
            transcriber: self.transcriber.clone(),
            spoken: self.recognised(language),
            playback: play_back.then(|| self.settings.speech_output.clone()),
            language,
            level: self.level.clone(),
            actions: self.actions.clone(),
            cancelled: self.check_cancelled.clone(),
        };
        if let Err(error) = check.start() {
            self.check_failed(turn, error.to_string()).await;
        }
    }

    async fn check_failed(&self, turn: TurnId, reason: String) {
        let event = CheckEvent::Failed(reason);
        self.report(Action::Device(DeviceReport::Check { turn, event }))
            .await;
    }

    fn cancel_check(&self) {
        self.check_cancelled.store(true, Ordering::Relaxed);
    }

    async fn report(&self, action: Action) {
        // Once the loop is gone, nobody needs the report.
        let _ = self.actions.send(action).await;
    }
}
