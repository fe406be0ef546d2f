//! The real loop with scripted keys: a terminal in memory, the local database, the question bank and, where a test
//! talks, files as microphone and loudspeaker with the real recogniser.

mod bad_days;
#[cfg(feature = "voice")]
mod fetching;
mod screen;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mock_interviewer::app::action::{Action, TerminalEvent};
use mock_interviewer::app::key::{Code, Key, Phase};
use mock_interviewer::app::{App, Asks, Mode, Setup, Speaking, TopicItem};
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
use screen::{NoTerminal, Published, Watcher, published};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A running interface, its keyboard and its screen.
struct Session {
    keys: mpsc::Sender<Action>,
    started: Instant,
    screen: Watcher,
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
        voices: impl FnOnce(&mpsc::Sender<Action>) -> VoicePorts,
    ) -> Self {
        let (keys, actions) = mpsc::channel(QUEUE);
        Self::run(
            setup(language),
            services(folder, language, voices(&keys), keys),
            actions,
        )
    }

    fn run(setup: Setup, services: Services, actions: mpsc::Receiver<Action>) -> Self {
        let keys = services.actions.clone();
        let (backend, screen) = published(80, 24);
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
        let mut terminal: Terminal<Published> = Terminal::new(backend).unwrap();
        let ended = tokio::spawn(async move { runtime.run(&mut terminal, effects).await.unwrap() });
        Self {
            keys,
            started,
            screen,
            ended,
        }
    }

    async fn act(&self, action: Action) {
        self.keys.send(action).await.unwrap();
    }

    async fn phase(&self, code: Code, phase: Phase, ctrl: bool) {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap();
        self.act(Action::Terminal(TerminalEvent::Key(Key {
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
        self.phase(code, Phase::Press, false).await;
    }

    async fn write(&self, text: &str) {
        for character in text.chars() {
            self.press(Code::Char(character)).await;
        }
    }

    async fn quit(self) -> u8 {
        self.phase(Code::Char('q'), Phase::Press, true).await;
        self.ended.await.unwrap()
    }
}

fn setup(language: Language) -> Setup {
    let bank = Bank::built_in();
    let item = |topic: &mock_interviewer::interview::bank::TopicBank| TopicItem {
        id: topic.id.clone(),
        title: topic.title.clone(),
    };
    Setup {
        mode: Mode::Local,
        asks: Asks::QuestionBank,
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
        speaking: Speaking::default(),
        spoken: SpeechLanguage::default(),
        size: (80, 24),
    }
}

fn services(
    folder: &Path,
    language: Language,
    voices: VoicePorts,
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
    } = voices;
    Services {
        connector,
        model_interviewer: None,
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
    session.screen.shows("Databases").await;
    session.write("databases").await;
    session.press(Code::Enter).await;
    session.screen.shows("question 1 of 2").await;
    session
        .write("an index makes reads fast and writes slow")
        .await;
    session.press(Code::Enter).await;
    session.screen.shows("question 2 of 2").await;
    session.write("I do not know").await;
    session.press(Code::Enter).await;
    session.screen.shows("reports").await;
    assert_eq!(session.quit().await, 0);
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&reports(folder.path())[0]).unwrap()).unwrap();
    assert_eq!(
        report["turns"][0]["answer"]["text"],
        "an index makes reads fast and writes slow"
    );
    assert_eq!(report["turns"].as_array().unwrap().len(), 2);
    assert!(report["feedback"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsent_draft_is_there_again_in_the_next_run() {
    let folder = TempDir::new().unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.shows("Backend").await;
    session.press(Code::Enter).await;
    session.screen.shows("question 1 of 2").await;
    session.write("half an ans").await;
    session.screen.shows("half an ans").await;
    assert_eq!(session.quit().await, 0);

    let mut session = Session::start(folder.path(), Language::English);
    session.screen.shows("Continue").await;
    session.press(Code::Enter).await;
    session.screen.shows("half an ans").await;
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

    fn voices(
        folder: &Path,
        file: &str,
        language: Language,
        actions: &mpsc::Sender<Action>,
    ) -> VoicePorts {
        // One thread: beside other tests two wait for each other.
        let settings = SpeechConfig {
            threads: 1,
            ..SpeechConfig::default()
        };
        let settings = VoiceInputSettings::for_files(vec![recording(file)], settings, language);
        let voice_input = VoiceInput::start(settings, actions.clone());
        voice_input.send(VoiceCommand::LoadModel(model()));
        let speaker = Box::new(WavSpeaker::create(&folder.join("heard.wav")).unwrap());
        let speech_output = SpeechOutput::start(
            Narrator::Espeak(EspeakNarrator::default()),
            speaker,
            actions.clone(),
        );
        VoicePorts {
            voice_input,
            speech_output,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_held_key_turns_speech_into_the_draft_and_the_reply_into_sound() {
        let folder = TempDir::new().unwrap();
        let voices = |actions: &_| voices(folder.path(), "short-en-1", Language::English, actions);
        let mut session = Session::start_with(folder.path(), Language::English, voices);
        session
            .act(Action::Terminal(TerminalEvent::KeyReleases {
                reported: true,
            }))
            .await;
        session.screen.shows("Backend").await;
        session.press(Code::Enter).await;
        session.screen.shows("the interviewer is speaking").await;
        // Talking silences the interviewer.
        session.press(Code::Char(' ')).await;
        session.screen.shows("listening 0:03").await;
        session.phase(Code::Char(' '), Phase::Release, false).await;
        session.screen.shows("I learned to write clear code.").await;
        session.press(Code::Enter).await;
        session.screen.shows("question 2 of 2").await;
        session.screen.shows("the interviewer is speaking").await;
        assert_eq!(session.quit().await, 0);
        let heard = hound::WavReader::open(folder.path().join("heard.wav")).unwrap();
        assert!(heard.duration() > 0, "nothing was heard of the interviewer");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reply_is_over_once_its_sentences_were_skipped_and_the_volume_is_remembered() {
        let folder = TempDir::new().unwrap();
        let voices = |actions: &_| voices(folder.path(), "short-en-1", Language::English, actions);
        let mut session = Session::start_with(folder.path(), Language::English, voices);
        session.screen.shows("Backend").await;
        session.press(Code::Enter).await;
        session.screen.shows("the interviewer is speaking").await;
        session.press(Code::F(7)).await;
        session.screen.shows("Volume 90 %").await;
        let mut frame = "the interviewer is speaking".to_owned();
        while frame.contains("the interviewer is speaking") {
            session.press(Code::F(5)).await;
            frame = session.screen.next().await;
        }
        assert_eq!(session.quit().await, 0);
        let heard = hound::WavReader::open(folder.path().join("heard.wav")).unwrap();
        // Whole, greeting and question take a quarter of a minute.
        assert!(
            heard.duration() < 5 * heard.spec().sample_rate,
            "{} samples",
            heard.duration()
        );
        let preferences =
            Preferences::load(&Paths::new(None, Some(folder.path())).unwrap().preferences());
        assert_eq!(preferences.volume(), Some(90.try_into().unwrap()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_being_said_when_one_leaves_is_in_the_draft_of_the_next_run() {
        let folder = TempDir::new().unwrap();
        let voices = |actions: &_| voices(folder.path(), "short-en-1", Language::English, actions);
        let mut session = Session::start_with(folder.path(), Language::English, voices);
        session.screen.shows("Backend").await;
        session.press(Code::Enter).await;
        session.screen.shows("question 1 of 2").await;
        session.press(Code::F(2)).await;
        session.screen.shows("listening 0:03").await;
        assert_eq!(session.quit().await, 0);
        let draft = Paths::new(None, Some(folder.path())).unwrap().draft();
        assert_eq!(
            std::fs::read_to_string(draft).unwrap(),
            "I learned to write clear code."
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_missing_model_leaves_the_interview_in_text_and_names_the_remedy() {
        let folder = TempDir::new().unwrap();
        let mut session = Session::start(folder.path(), Language::English);
        let part = mock_interviewer::app::action::Part::Model;
        let remedy = "mock-interviewer models download base.en".to_owned();
        session
            .act(Action::Voice(VoiceEvent::Unavailable(Missing {
                part,
                reason: String::new(),
                remedy,
            })))
            .await;
        session.screen.shows("models download base.en").await;
        session.press(Code::Enter).await;
        session.screen.shows("question 1 of 2").await;
        session.press(Code::F(2)).await;
        session.write("typed instead").await;
        session.screen.shows("typed instead").await;
        assert_eq!(session.quit().await, 0);
    }
}
