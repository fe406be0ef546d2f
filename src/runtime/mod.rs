//! The only loop: wait for one action, take what else is queued, update the app, perform its
//! effects, draw once.
//!
//! ```text
//! input · voice · backend · signals ─► mpsc<Action> ─► App::update ─► Effects ─► Performer
//!                                                          └─► ui::draw
//! ```
//!
//! At rest nothing ticks: the loop sleeps until an action arrives.

mod drafts;
mod failures;
pub mod input;
mod perform;
mod session;
pub mod signals;
mod speech_output;
mod stopwatch;
pub mod terminal;
mod turn;
#[cfg_attr(not(feature = "voice"), path = "deaf.rs")]
mod voice_input;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

pub use perform::{Performer, Services};
pub use speech_output::SpeechOutput;
pub use stopwatch::Stopwatch;
pub use voice_input::VoiceInput;
#[cfg(feature = "voice")]
pub use voice_input::{model_missing, spoken_in};

use crate::app::App;
use crate::app::action::{Action, RuntimeEvent, VoiceEvent};
use crate::app::effect::{Effect, TerminalEffect};
use crate::ui::{self, Theme};

/// Room for actions between two turns of the loop; whoever fills it waits.
pub const QUEUE: usize = 256;

/// While something animates the screen is drawn this often.
const TICK: Duration = Duration::from_millis(100);

/// What of a real terminal is not drawing.
pub trait Screen {
    /// Gives the terminal back, stops the process, and takes the terminal again once it goes on.
    fn suspend(&mut self);
    /// Names the window.
    fn set_title(&mut self, title: &str);
}

/// The app with everything the loop needs to run it.
pub struct Runtime<S> {
    /// The state.
    pub app: App,
    /// How it looks.
    pub theme: Theme,
    /// The terminal besides drawing.
    pub screen: S,
    /// Performs what the app asks for.
    pub performer: Performer,
    /// Everything that happens.
    pub actions: mpsc::Receiver<Action>,
    /// Zero of the app's clock.
    pub started: Instant,
    /// Times the turns.
    pub stopwatch: Stopwatch,
}

impl<S: Screen> Runtime<S> {
    /// Runs until the app quits or cannot be drawn, and leaves in order; gives its exit code. `effects` are those of the app's birth.
    pub async fn run<B: Backend>(
        mut self,
        terminal: &mut Terminal<B>,
        effects: Vec<Effect>,
    ) -> Result<u8, B::Error> {
        let outcome = self.until_quit(terminal, effects).await;
        self.stopwatch.log();
        self.performer.finish().await;
        outcome
    }

    async fn until_quit<B: Backend>(
        &mut self,
        terminal: &mut Terminal<B>,
        effects: Vec<Effect>,
    ) -> Result<u8, B::Error> {
        self.draw(terminal)?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        if let ControlFlow::Break(code) = self.perform(effects, terminal)? {
            return Ok(code);
        }
        loop {
            let action = tokio::select! {
                Some(action) = self.actions.recv() => action,
                _ = ticks.tick(), if self.app.animates() => self.tick(),
            };
            let effects = self.take(action);
            if let ControlFlow::Break(code) = self.perform(effects, terminal)? {
                return Ok(code);
            }
            self.draw(terminal)?;
        }
    }

    /// Updates with one action and with everything that waits behind it.
    fn take(&mut self, action: Action) -> Vec<Effect> {
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
        let timed = self.stopwatch.saw(&action, Instant::now());
        let mut effects = self.app.update(action);
        effects.extend(timed.into_iter().flat_map(|waterfall| {
            self.app
                .update(Action::Runtime(RuntimeEvent::Timed(waterfall)))
        }));
        for effect in &effects {
            self.stopwatch.asked(effect, Instant::now());
        }
        effects
    }

    fn tick(&mut self) -> Action {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Action::Tick { now }
    }

    fn perform<B: Backend>(
        &mut self,
        effects: Vec<Effect>,
        terminal: &mut Terminal<B>,
    ) -> Result<ControlFlow<u8>, B::Error> {
        let mut flow = ControlFlow::Continue(());
        for effect in effects {
            match effect {
                Effect::Terminal(TerminalEffect::Quit { code }) => flow = ControlFlow::Break(code),
                // Words that came with the last actions are kept; nothing else is begun on the way out.
                effect if flow.is_break() && !matches!(effect, Effect::SaveDraft(_)) => {}
                Effect::Terminal(TerminalEffect::Suspend) => {
                    self.screen.suspend();
                    redraw_all(terminal)?;
                }
                effect @ (Effect::Session(_)
                | Effect::Turn { .. }
                | Effect::Voice(_)
                | Effect::Speech(_)
                | Effect::Device(_)
                | Effect::Model(_)
                | Effect::SaveDraft(_)) => self.performer.perform(effect),
            }
        }
        Ok(flow)
    }

    fn draw<B: Backend>(&mut self, terminal: &mut Terminal<B>) -> Result<(), B::Error> {
        if self.app.animates()
            && let Some(level) = self.performer.level()
        {
            let effects = self.app.update(Action::Voice(VoiceEvent::Level(level)));
            debug_assert!(effects.is_empty(), "a level asks for nothing");
        }
        self.screen.set_title(&self.app.title());
        terminal.draw(|frame| ui::draw(&self.app, frame, self.theme))?;
        Ok(())
    }
}

/// Forgets what is on the screen, so that the next frame is drawn whole. `Terminal::clear` would ask the terminal where
/// its cursor is, and the reader of events would take the answer.
fn redraw_all<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let area = terminal.size()?.into();
    terminal.resize(area)
}
