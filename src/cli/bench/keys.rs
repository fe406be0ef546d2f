//! From a key to the frame that shows it, in the real loop, while the microphone records and the model writes.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ratatui::Terminal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::figures::{Tail99, tail99};
use super::paper::{Frame, NoTerminal, Paper};
use super::recognition::ANSWER;
use crate::app::action::{Action, RuntimeEvent, TerminalEvent};
use crate::app::key::{Code, Key, Phase};
use crate::app::{App, InterviewerInfo, Mode, Setup, SpeechSettings, TopicItem};
use crate::backend::{Connector, Target};
use crate::cli::Context;
use crate::config::SpeechLanguage;
use crate::interview::Language;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::runtime::{
    Performer, QUEUE, Runtime, Services, SpeechOutput, Stopwatch, VoiceCommand, VoiceInput,
    VoiceInputSettings,
};
use crate::secrets;
use crate::ui::Theme;
use crate::voice::TranscriberHandle;

/// Keys typed.
const KEYS: u32 = 200;
/// Between two of them: a fast typist's, and not in step with the screen's own clock.
const PAUSE: Duration = Duration::from_millis(17);
/// The first letter typed; each key types another, so that its frame is known. Syllables the recorded speech does not hold.
const FIRST: u32 = 0xAC00;
/// A key that was not shown by then is not going to be.
const PATIENCE: Duration = Duration::from_secs(10);

/// Types into an interview of its own, in a temporary folder.
pub async fn measure(transcriber: TranscriberHandle, context: &Context) -> anyhow::Result<Tail99> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = folder.path().join("answer.flac");
    std::fs::write(&file, ANSWER).context("cannot write the bundled speech")?;
    let mut desk = Desk::open(folder.path(), file, transcriber, context)?;
    let times = desk.type_letters().await;
    desk.close().await?;
    Ok(tail99(times?))
}

/// A running interface, its keyboard and its frames.
struct Desk {
    keys: mpsc::Sender<Action>,
    awaited: Arc<AtomicU32>,
    frames: mpsc::UnboundedReceiver<Frame>,
    ended: JoinHandle<std::io::Result<u8>>,
    started: Instant,
}

impl Desk {
    fn open(
        folder: &std::path::Path,
        file: std::path::PathBuf,
        transcriber: TranscriberHandle,
        context: &Context,
    ) -> anyhow::Result<Self> {
        let (keys, actions) = mpsc::channel(QUEUE);
        let settings = VoiceInputSettings::for_files(
            vec![file],
            context.config.speech.clone(),
            Language::English,
        );
        let voice_input = VoiceInput::start(settings, keys.clone());
        voice_input.send(VoiceCommand::UseTranscriber(transcriber));
        let mut performer = Performer::new(services(folder, voice_input, keys.clone(), context)?);
        performer.start();
        let (app, effects) = App::new(setup());
        let (awaited, (shown, frames)) = (Arc::<AtomicU32>::default(), mpsc::unbounded_channel());
        let mut terminal = Terminal::new(Paper::new(awaited.clone(), shown))?;
        let started = Instant::now();
        let runtime = Runtime {
            app,
            theme: Theme::Colour,
            screen: NoTerminal,
            performer,
            actions,
            started,
            stopwatch: Stopwatch::default(),
        };
        let ended = tokio::spawn(async move { runtime.run(&mut terminal, effects).await });
        Ok(Self {
            keys,
            awaited,
            frames,
            ended,
            started,
        })
    }

    async fn type_letters(&mut self) -> anyhow::Result<Vec<Duration>> {
        self.press(Code::Enter, false).await?;
        // The question is on the screen once a letter is.
        self.shown('a').await?;
        self.press(Code::Char('u'), true).await?;
        self.press(Code::F(2), false).await?;
        let mut times = Vec::new();
        for letter in (FIRST..FIRST + KEYS).filter_map(char::from_u32) {
            times.push(self.shown(letter).await?);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(times)
    }

    /// From a letter typed to the frame that shows it.
    async fn shown(&mut self, letter: char) -> anyhow::Result<Duration> {
        self.awaited.store(letter.into(), Ordering::Relaxed);
        let typed = Instant::now();
        self.press(Code::Char(letter), false).await?;
        let frame = timeout(PATIENCE, self.frame_with(letter))
            .await
            .context("a key was not shown")??;
        Ok(frame.saturating_duration_since(typed))
    }

    /// Words that move draw letters again: frames of earlier ones are passed over.
    async fn frame_with(&mut self, letter: char) -> anyhow::Result<Instant> {
        loop {
            let (shown, at) = self.frames.recv().await.context("the interface ended")?;
            if shown == u32::from(letter) {
                return Ok(at);
            }
        }
    }

    async fn press(&self, code: Code, ctrl: bool) -> anyhow::Result<()> {
        let at = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let key = Key {
            code,
            ctrl,
            alt: false,
            shift: false,
            phase: Phase::Press,
            at,
        };
        self.keys
            .send(Action::Terminal(TerminalEvent::Key(key)))
            .await
            .context("the interface ended")
    }

    async fn close(self) -> anyhow::Result<()> {
        self.keys
            .send(Action::Runtime(RuntimeEvent::Terminate))
            .await
            .context("the interface ended")?;
        self.ended.await??;
        Ok(())
    }
}

fn setup() -> Setup {
    let topic = TopicItem {
        id: "backend".to_owned(),
        title: "Backend".to_owned(),
    };
    Setup {
        mode: Mode::Local,
        interviewer: InterviewerInfo::QuestionBank,
        language: Language::English,
        interview_language: Language::English,
        topics: vec![(Language::English, vec![topic])],
        questions: 5,
        consent: None,
        model_offer: None,
        first_run: false,
        can_finish: true,
        speaking: SpeechSettings::default(),
        spoken: SpeechLanguage::default(),
        size: (80, 24),
    }
}

fn services(
    folder: &std::path::Path,
    voice_input: VoiceInput,
    actions: mpsc::Sender<Action>,
    context: &Context,
) -> anyhow::Result<Services> {
    let paths = Paths::new(None, Some(folder))?;
    let connector = Connector {
        target: Target::Local(paths.database()),
        interviewer: Interviewer::question_bank(context.bank.clone()),
        narrator: Narrator::None,
        bank: context.bank.clone(),
        language: Language::English,
        secrets: Arc::new(secrets::MemoryStore::default()),
        preferences: Arc::new(Mutex::new(Preferences::load(&paths.preferences()))),
        http: context.http.clone(),
    };
    Ok(Services {
        connector,
        model_interviewer: None,
        speech_output: SpeechOutput::unavailable(),
        voice_input,
        offered: None,
        paths,
        language: Language::English,
        actions,
    })
}
