//! The only loop: wait for one action, take what else is queued, update the app, perform its
//! effects, draw once.
//!
//! ```text
//! input · voice · backend · signals ─► mpsc<Action> ─► App::update ─► Effects ─► Performer
//!                                                          └─► ui::draw
//! ```
//!
//! Each direction of sound has one port, [`VoiceInput`] and [`SpeechOutput`]: commands go in,
//! actions come out. At rest nothing ticks: the loop sleeps until an action arrives.

mod drafts;
pub(crate) mod failures;
pub mod input;
pub mod panic_report;
mod panics;
mod perform;
mod session;
pub mod signals;
mod speech_output;
mod stopwatch;
pub mod terminal;
mod turn;
mod voice_input;
pub(crate) mod wording;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

pub use drafts::remove_drafts;
pub use perform::{ModelInterviewer, Performer, Services};
pub use speech_output::{SpeechCommand, SpeechOutput};
pub use stopwatch::Stopwatch;
pub use voice_input::{
    VoiceCommand, VoiceInput, VoiceInputSettings, model_missing, recognised_language,
};

use crate::app::App;
use crate::app::action::{Action, RuntimeEvent, TerminalEvent, VoiceEvent};
use crate::app::ctx::LastInterview;
use crate::app::effect::{Effect, TerminalEffect};
use crate::ui::{self, Theme};

/// The number of actions that may wait for the loop. A sender beyond it waits as well.
pub const QUEUE: usize = 256;

/// The time between two frames while something animates.
const TICK: Duration = Duration::from_millis(100);

/// A terminal's abilities besides drawing.
pub trait Screen {
    /// Gives the terminal back, stops the process, and takes the terminal again once it continues.
    fn suspend(&mut self);
    /// Makes the terminal report key releases, which it has said it can.
    fn report_key_releases(&mut self) {}
    /// Sets the title of the window.
    fn set_title(&mut self, title: &str);
}

/// The app with everything the loop needs to run it.
pub struct Runtime<S> {
    pub app: App,
    pub theme: Theme,
    pub screen: S,
    pub performer: Performer,
    pub actions: mpsc::Receiver<Action>,
    /// Zero of the app's clock.
    pub started: Instant,
    pub stopwatch: Stopwatch,
}

impl<S: Screen> Runtime<S> {
    /// Runs until the app quits or cannot be drawn, leaves in order, and returns the exit code and
    /// the interview that was last on the screen. `effects` are those of the app's creation.
    pub async fn run<B: Backend>(
        mut self,
        terminal: &mut Terminal<B>,
        effects: Vec<Effect>,
    ) -> Result<(u8, Option<LastInterview>), B::Error> {
        let outcome = self.run_until_quit(terminal, effects).await;
        self.stopwatch.log();
        self.performer.finish().await;
        let last = self.app.last_interview().cloned();
        outcome.map(|code| (code, last))
    }

    async fn run_until_quit<B: Backend>(
        &mut self,
        terminal: &mut Terminal<B>,
        effects: Vec<Effect>,
    ) -> Result<u8, B::Error> {
        let mut effects = effects;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            if let ControlFlow::Break(code) = self.perform(effects, terminal)? {
                return Ok(code);
            }
            self.draw(terminal)?;
            let action = self.next_action(&mut ticks).await;
            effects = self.update_with_queued(action);
        }
    }

    /// Waits for an action, or for the next tick while something animates.
    async fn next_action(&mut self, ticks: &mut Interval) -> Action {
        tokio::select! {
            Some(action) = self.actions.recv() => action,
            _ = ticks.tick(), if self.app.animates() => self.tick(),
        }
    }

    /// Updates the app with one action and with everything that waits behind it.
    fn update_with_queued(&mut self, action: Action) -> Vec<Effect> {
        let mut effects = self.update(action);
        for _ in 0..QUEUE {
            let Ok(action) = self.actions.try_recv() else {
                break;
            };
            effects.extend(self.update(action));
        }
        effects
    }

    fn update(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Terminal(TerminalEvent::KeyReleases { reported: true }) {
            self.screen.report_key_releases();
        }
        let waterfall = self.stopwatch.record_action(&action, Instant::now());
        let mut effects = self.app.update(action);
        if let Some(waterfall) = waterfall {
            let timed = Action::Runtime(RuntimeEvent::Timed(waterfall));
            effects.extend(self.app.update(timed));
        }
        for effect in &effects {
            self.stopwatch.record_effect(effect, Instant::now());
        }
        effects
    }

    fn tick(&self) -> Action {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Action::Tick { now }
    }

    /// Performs effects in order. Once the app quits, nothing else is begun, but a draft that came
    /// with the last actions is still stored.
    fn perform<B: Backend>(
        &mut self,
        effects: Vec<Effect>,
        terminal: &mut Terminal<B>,
    ) -> Result<ControlFlow<u8>, B::Error> {
        let mut flow = ControlFlow::Continue(());
        for effect in effects {
            match effect {
                Effect::Terminal(TerminalEffect::Quit { code }) => flow = ControlFlow::Break(code),
                Effect::SaveDraft { .. } => self.performer.perform(effect),
                Effect::Terminal(TerminalEffect::Suspend) if flow.is_continue() => {
                    self.screen.suspend();
                    redraw_all(terminal)?;
                }
                Effect::Terminal(TerminalEffect::Suspend) => {}
                Effect::Session(_)
                | Effect::LoadDraft { .. }
                | Effect::Turn { .. }
                | Effect::Voice(_)
                | Effect::Speech(_)
                | Effect::Device(_)
                | Effect::Model(_) => {
                    if flow.is_continue() {
                        self.performer.perform(effect);
                    }
                }
            }
        }
        Ok(flow)
    }

    fn draw<B: Backend>(&mut self, terminal: &mut Terminal<B>) -> Result<(), B::Error> {
        if self.app.animates() {
            let level = VoiceEvent::Level(self.performer.level());
            let effects = self.app.update(Action::Voice(level));
            debug_assert!(effects.is_empty(), "a level asks for nothing");
        }
        self.screen.set_title(&self.app.title());
        terminal.draw(|frame| ui::draw(&self.app, frame, self.theme))?;
        Ok(())
    }
}

/// Forgets what is on the screen, so that the next frame is drawn whole. `Terminal::clear` would
/// ask the terminal where its cursor is, and the reader of events would take the answer.
fn redraw_all<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let area = terminal.size()?.into();
    terminal.resize(area)
}
