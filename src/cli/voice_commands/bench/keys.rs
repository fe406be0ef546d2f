//! The time from a key to the frame that shows it, in the real loop, while the microphone records
//! and the model transcribes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::figures::{MedianAndP99, percentile};
use super::recognition::ANSWER;
use crate::app::App;
use crate::app::action::{Action, RuntimeEvent, TerminalEvent};
use crate::app::key::{Code, Key, Phase};
use crate::cli::interviewer_choice::InterviewerChoice;
use crate::cli::{Context, interface};
use crate::config::{Config, NarratorEngine};
use crate::interview::Language;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::runtime::{Performer, QUEUE, Runtime, Screen, Stopwatch};
use crate::secrets::MemoryStore;
use crate::ui::Theme;

const KEYS: u32 = 200;
/// The time between two keys: a fast typist's, and not in step with the screen's own clock.
const PAUSE: Duration = Duration::from_millis(17);
/// The first letter typed. Each key types another syllable, which the recorded speech does not
/// hold, so that its frame is known.
const FIRST: u32 = 0xAC00;
/// The longest wait for a frame before the measurement fails.
const TIMEOUT: Duration = Duration::from_secs(10);
const SIZE: (u16, u16) = (80, 24);

/// Types into an interview of its own, in a temporary folder.
pub async fn measure(model: PathBuf, context: &Context) -> anyhow::Result<MedianAndP99> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let context = separate_context(folder.path(), context)?;
    let choice = InterviewerChoice::Bank;
    let (keys, actions) = mpsc::channel(QUEUE);
    let services = interface::services(&context, &choice, None, Some(model), keys.clone())?;
    let mut performer = Performer::new(services);
    performer.start();
    let (app, effects) = App::new(interface::setup(&context, &choice, None, SIZE)?);
    let (sender, frames) = mpsc::unbounded_channel();
    let mut terminal = terminal(sender)?;
    let started = Instant::now();
    let runtime = Runtime {
        app,
        theme: Theme::Colour,
        screen: NoScreen,
        performer,
        actions,
        started,
        stopwatch: Stopwatch::default(),
    };
    let running = tokio::spawn(async move { runtime.run(&mut terminal, effects).await });
    let mut typist = Typist { keys, frames };
    let times = typist.type_letters().await;
    typist
        .send(Action::Runtime(RuntimeEvent::Terminate))
        .await?;
    running.await??;
    let mut times = times?;
    Ok(MedianAndP99 {
        p50: percentile(&mut times, 50),
        p99: percentile(&mut times, 99),
    })
}

/// Returns a context that shares only the speech settings with `context`.
fn separate_context(folder: &Path, context: &Context) -> anyhow::Result<Context> {
    let recording = folder.join("answer.flac");
    std::fs::write(&recording, ANSWER).context("cannot write the bundled speech")?;
    let paths = Paths::new(None, Some(folder))?;
    let mut config = Config {
        speech: context.config.speech.clone(),
        ..Config::default()
    };
    config.narrator.engine = NarratorEngine::None;
    Ok(Context {
        config,
        preferences: Arc::new(Mutex::new(Preferences::load(&paths.preferences()))),
        secrets: Arc::new(MemoryStore::default()),
        language: Language::English,
        interview_language: Language::English,
        mic_files: vec![recording],
        speaker_file: Some(folder.join("speech.wav")),
        paths,
        ..context.clone()
    })
}

fn terminal(
    frames: mpsc::UnboundedSender<Frame>,
) -> io::Result<Terminal<CrosstermBackend<FrameSink>>> {
    let sink = FrameSink {
        drawn: Vec::new(),
        frames,
    };
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
    Terminal::with_options(CrosstermBackend::new(sink), TerminalOptions { viewport })
}

/// The bytes of a frame and the time it was complete.
type Frame = (Vec<u8>, Instant);

/// Passes on what is drawn instead of showing it.
struct FrameSink {
    drawn: Vec<u8>,
    frames: mpsc::UnboundedSender<Frame>,
}

impl Write for FrameSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.drawn.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // At the end nobody receives frames any more.
        let _ = self
            .frames
            .send((std::mem::take(&mut self.drawn), Instant::now()));
        Ok(())
    }
}

struct NoScreen;

impl Screen for NoScreen {
    fn suspend(&mut self) {}

    fn set_title(&mut self, _title: &str) {}
}

struct Typist {
    keys: mpsc::Sender<Action>,
    frames: mpsc::UnboundedReceiver<Frame>,
}

impl Typist {
    async fn type_letters(&mut self) -> anyhow::Result<Vec<Duration>> {
        self.press(Code::Enter, false).await?;
        // A letter is shown only once the interview's question is.
        self.time_letter('a').await?;
        self.press(Code::Char('u'), true).await?;
        self.press(Code::F(2), false).await?;
        let mut times = Vec::new();
        for letter in (FIRST..FIRST + KEYS).filter_map(char::from_u32) {
            times.push(self.time_letter(letter).await?);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(times)
    }

    /// Returns the time from typing a letter to the frame that shows it.
    async fn time_letter(&mut self, letter: char) -> anyhow::Result<Duration> {
        while self.frames.try_recv().is_ok() {}
        let typed = Instant::now();
        self.press(Code::Char(letter), false).await?;
        let shown = timeout(TIMEOUT, self.frame_with(letter)).await;
        Ok(shown.context("a key was not shown")??.duration_since(typed))
    }

    async fn frame_with(&mut self, letter: char) -> anyhow::Result<Instant> {
        let mut buffer = [0; 4];
        let encoded = letter.encode_utf8(&mut buffer).as_bytes();
        loop {
            let frame = self.frames.recv().await;
            let (drawn, at) = frame.context("the interface ended")?;
            if drawn.windows(encoded.len()).any(|bytes| bytes == encoded) {
                return Ok(at);
            }
        }
    }

    async fn press(&self, code: Code, ctrl: bool) -> anyhow::Result<()> {
        let key = Key {
            code,
            ctrl,
            alt: false,
            shift: false,
            phase: Phase::Press,
            at: 0,
        };
        self.send(Action::Terminal(TerminalEvent::Key(key))).await
    }

    async fn send(&self, action: Action) -> anyhow::Result<()> {
        self.keys.send(action).await.context("the interface ended")
    }
}
