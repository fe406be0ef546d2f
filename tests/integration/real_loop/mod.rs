//! The real loop with scripted keys: a terminal in memory, the local database and the question
//! bank. Tests of speech use files as microphone and loudspeaker, with the real recogniser.

mod failures;
#[cfg(feature = "voice")]
mod model_download;
mod screen;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mock_interviewer::app::action::{Action, TerminalEvent};
use mock_interviewer::app::key::{Code, Key, Phase};
use mock_interviewer::app::{App, InterviewerInfo, Mode, Setup, SpeechSettings, TopicItem};
use mock_interviewer::backend::{Connector, Target};
use mock_interviewer::config::SpeechLanguage;
use mock_interviewer::interview::Language;
use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::paths::Paths;
use mock_interviewer::preferences::Preferences;
use mock_interviewer::runtime::{
    Performer, QUEUE, Runtime, Services, SpeechOutput, Stopwatch, VoiceInput,
};
use mock_interviewer::secrets::MemoryStore;
use mock_interviewer::ui::Theme;
use mock_interviewer::upstream;
use ratatui::Terminal;
use screen::{FrameWatcher, NoTerminal, PublishingBackend, publishing_terminal};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A running app with its keyboard and its screen.
struct Session {
    keys: mpsc::Sender<Action>,
    started: Instant,
    screen: FrameWatcher,
    ended: JoinHandle<u8>,
}

/// The two directions of sound of a session.
struct VoicePorts {
    voice_input: VoiceInput,
    speech_output: SpeechOutput,
}

impl VoicePorts {
    fn unavailable() -> Self {
        Self {
            voice_input: VoiceInput::unavailable(),
            speech_output: SpeechOutput::unavailable(),
        }
    }
}

impl Session {
    fn start(folder: &Path, language: Language) -> Self {
        Self::start_with(folder, language, |_| VoicePorts::unavailable())
    }

    fn start_with(
        folder: &Path,
        language: Language,
        ports: impl FnOnce(&mpsc::Sender<Action>) -> VoicePorts,
    ) -> Self {
        let (keys, actions) = mpsc::channel(QUEUE);
        Self::run(
            setup(language),
            services(folder, language, ports(&keys), keys),
            actions,
        )
    }

    fn run(setup: Setup, services: Services, actions: mpsc::Receiver<Action>) -> Self {
        let keys = services.actions.clone();
        let (backend, screen) = publishing_terminal(80, 24);
        let (app, effects) = App::new(setup);
        let mut performer = Performer::new(services);
        performer.start();
        let started = Instant::now();
        let runtime = Runtime {
            app,
            theme: Theme::Plain,
            screen: NoTerminal,
            performer,
            actions,
            started,
            stopwatch: Stopwatch::default(),
        };
        let mut terminal: Terminal<PublishingBackend> = Terminal::new(backend).unwrap();
        let ended =
            tokio::spawn(async move { runtime.run(&mut terminal, effects).await.unwrap().0 });
        Self {
            keys,
            started,
            screen,
            ended,
        }
    }

    async fn send(&self, action: Action) {
        self.keys.send(action).await.unwrap();
    }

    async fn key(&self, code: Code, phase: Phase, ctrl: bool) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap();
        self.send(Action::Terminal(TerminalEvent::Key(Key {
            code,
            ctrl,
            alt: false,
            shift: false,
            phase,
            at,
        })))
        .await;
    }

    async fn press(&self, code: Code) {
        self.key(code, Phase::Press, false).await;
    }

    async fn type_text(&self, text: &str) {
        for character in text.chars() {
            self.press(Code::Char(character)).await;
        }
    }

    async fn quit(self) -> u8 {
        self.key(Code::Char('q'), Phase::Press, true).await;
        self.ended.await.unwrap()
    }
}

/// Returns the only draft on the disk.
fn draft(folder: &Path) -> String {
    let drafts = Paths::new(None, Some(folder)).unwrap().drafts();
    let files: Vec<_> = std::fs::read_dir(drafts).unwrap().flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    std::fs::read_to_string(files[0].path()).unwrap()
}

fn setup(language: Language) -> Setup {
    let bank = Bank::built_in();
    let item = |topic: &mock_interviewer::interview::bank::TopicBank| TopicItem {
        id: topic.id.clone(),
        title: topic.title.clone(),
    };
    Setup {
        mode: Mode::Local,
        interviewer: InterviewerInfo::QuestionBank,
        language,
        interview_language: language,
        topics: Language::ALL
            .into_iter()
            .map(|language| (language, bank.topics(language).map(item).collect()))
            .collect(),
        questions: 2,
        consent: None,
        model_offer: None,
        first_run: true,
        can_finish: true,
        speaking: SpeechSettings::default(),
        spoken: SpeechLanguage::default(),
        size: (80, 24),
    }
}

fn services(
    folder: &Path,
    language: Language,
    ports: VoicePorts,
    actions: mpsc::Sender<Action>,
) -> Services {
    let bank = Arc::new(Bank::built_in());
    let paths = Paths::new(None, Some(folder)).unwrap();
    let connector = Connector {
        target: Target::Local(paths.database()),
        interviewer: Interviewer::question_bank(bank.clone()),
        narrator: Narrator::None,
        bank,
        language,
        secrets: Arc::new(MemoryStore::default()),
        preferences: Arc::new(Mutex::new(Preferences::load(&paths.preferences()))),
        http: upstream::http_client().unwrap(),
    };
    let VoicePorts {
        voice_input,
        speech_output,
    } = ports;
    Services {
        connector,
        model_interviewer: None,
        candidates: vec![],
        speech_output,
        voice_input,
        offered: None,
        paths,
        language,
        actions,
    }
}

fn reports(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("reports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_interview_goes_from_the_lobby_to_its_report() {
    let folder = TempDir::new().unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("Databases").await;
    session.type_text("databases").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("question 1 of 2").await;
    session.type_text("I do not know, sorry").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("question 2 of 2").await;
    session.type_text("I do not know").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("reports").await;
    assert_eq!(session.quit().await, 0);
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&reports(folder.path())[0]).unwrap()).unwrap();
    assert_eq!(report["turns"][0]["answer"]["text"], "I do not know, sorry");
    assert_eq!(report["turns"].as_array().unwrap().len(), 2);
    assert!(report["feedback"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsent_draft_returns_in_the_next_run() {
    let folder = TempDir::new().unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("Backend").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("question 1 of 2").await;
    session.type_text("half an ans").await;
    session.screen.wait_for("half an ans").await;
    assert_eq!(session.quit().await, 0);

    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("Continue").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("half an ans").await;
    assert_eq!(session.quit().await, 0);
}

#[cfg(feature = "voice")]
mod spoken {
    use mock_interviewer::app::action::{Missing, VoiceEvent};
    use mock_interviewer::config::SpeechConfig;
    use mock_interviewer::narrator::espeak::EspeakNarrator;
    use mock_interviewer::runtime::{VoiceCommand, VoiceInputSettings};
    use mock_interviewer::voice::WavSpeaker;

    use super::*;
    use crate::voice::{model, recording};

    fn voice_ports(folder: &Path, actions: &mpsc::Sender<Action>) -> VoicePorts {
        // With two threads the recogniser waits for cores that other tests use.
        let speech = SpeechConfig {
            threads: 1,
            ..SpeechConfig::default()
        };
        let files = vec![recording("short-en-1")];
        let settings = VoiceInputSettings::for_files(files, speech, Language::English);
        let voice_input = VoiceInput::start(settings, actions.clone());
        voice_input.send(VoiceCommand::LoadModel(model()));
        let narrator = Narrator::Espeak(EspeakNarrator::default());
        let speaker = Box::new(WavSpeaker::create(&folder.join("speech.wav")).unwrap());
        VoicePorts {
            voice_input,
            speech_output: SpeechOutput::start(narrator, speaker, actions.clone()),
        }
    }

    fn start_with_voice(folder: &Path) -> Session {
        let ports = |actions: &_| voice_ports(folder, actions);
        Session::start_with(folder, Language::English, ports)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_held_key_turns_speech_into_the_draft_and_the_reply_into_sound() {
        let folder = TempDir::new().unwrap();
        let mut session = start_with_voice(folder.path());
        session
            .send(Action::Terminal(TerminalEvent::KeyReleases {
                reported: true,
            }))
            .await;
        session.screen.wait_for("Backend").await;
        session.press(Code::Enter).await;
        session.screen.wait_for("the interviewer is speaking").await;
        // Pressing the talk key silences the interviewer.
        session.press(Code::Char(' ')).await;
        session.screen.wait_for("listening 0:03").await;
        session.key(Code::Char(' '), Phase::Release, false).await;
        session
            .screen
            .wait_for("I learned to write clear code.")
            .await;
        session.press(Code::Enter).await;
        // The next question is a new one or a follow-up.
        session.screen.wait_for("Thank you.").await;
        session.screen.wait_for("the interviewer is speaking").await;
        assert_eq!(session.quit().await, 0);
        let speech = hound::WavReader::open(folder.path().join("speech.wav")).unwrap();
        assert!(speech.duration() > 0, "the interviewer said nothing");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reply_ends_once_its_sentences_are_skipped_and_the_volume_is_remembered() {
        let folder = TempDir::new().unwrap();
        let mut session = start_with_voice(folder.path());
        session.screen.wait_for("Backend").await;
        session.press(Code::Enter).await;
        session.screen.wait_for("the interviewer is speaking").await;
        session.press(Code::F(7)).await;
        session.screen.wait_for("Volume 90 %").await;
        let mut frame = "the interviewer is speaking".to_owned();
        while frame.contains("the interviewer is speaking") {
            session.press(Code::F(5)).await;
            frame = session.screen.next_frame().await;
        }
        assert_eq!(session.quit().await, 0);
        let speech = hound::WavReader::open(folder.path().join("speech.wav")).unwrap();
        // The whole greeting and question take a quarter of a minute.
        assert!(
            speech.duration() < 5 * speech.spec().sample_rate,
            "{} samples",
            speech.duration()
        );
        let preferences =
            Preferences::load(&Paths::new(None, Some(folder.path())).unwrap().preferences());
        assert_eq!(preferences.volume(), Some(90.try_into().unwrap()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn words_spoken_while_the_user_leaves_are_in_the_draft_of_the_next_run() {
        let folder = TempDir::new().unwrap();
        let mut session = start_with_voice(folder.path());
        session.screen.wait_for("Backend").await;
        session.press(Code::Enter).await;
        session.screen.wait_for("question 1 of 2").await;
        session.press(Code::F(2)).await;
        session.screen.wait_for("listening 0:03").await;
        assert_eq!(session.quit().await, 0);
        assert_eq!(draft(folder.path()), "I learned to write clear code.");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_missing_model_leaves_the_interview_in_text_and_names_the_remedy() {
        let folder = TempDir::new().unwrap();
        let mut session = Session::start(folder.path(), Language::English);
        let part = mock_interviewer::app::action::Part::Model;
        let remedy = "mock-interviewer models download base.en".to_owned();
        session
            .send(Action::Voice(VoiceEvent::Unavailable(Missing {
                part,
                reason: String::new(),
                remedy,
            })))
            .await;
        session.screen.wait_for("models download base.en").await;
        session.press(Code::Enter).await;
        session.screen.wait_for("question 1 of 2").await;
        session.press(Code::F(2)).await;
        session.type_text("typed instead").await;
        session.screen.wait_for("typed instead").await;
        assert_eq!(session.quit().await, 0);
    }
}
