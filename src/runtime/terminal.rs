//! Takes the terminal over, and gives it back on every way out.

use std::fs::File;
use std::io::{self, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::Screen;
use crate::printable::printable_line;
use crate::stderr;

/// The terminal while the app uses it. Dropping the guard gives the terminal back.
pub struct TerminalGuard {
    state: Arc<TerminalState>,
    title: String,
}

/// The state that the guard shares with the panic hook.
struct TerminalState {
    taken: AtomicBool,
    key_releases: AtomicBool,
    /// Where what libraries write to standard error goes.
    log: File,
}

impl TerminalGuard {
    /// Takes the terminal. What libraries write to standard error goes to `log` from now on.
    pub fn take(log: File) -> io::Result<(Self, Terminal<CrosstermBackend<Stdout>>)> {
        let state = Arc::new(TerminalState {
            taken: AtomicBool::new(false),
            key_releases: AtomicBool::new(false),
            log,
        });
        restore_on_panic(state.clone());
        // From here on, dropping the guard after a failure gives back what was taken.
        let guard = Self {
            state,
            title: String::new(),
        };
        guard.state.take()?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok((guard, terminal))
    }

    /// Asks the terminal whether it knows the kitty keyboard protocol. Its reply comes as input, if
    /// it does. Call it after the first frame.
    pub fn ask_keyboard_protocol(&self) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(b"\x1b[?u")?;
        out.flush()
    }
}

/// Returns the keyboard protocol that is used. Enter and Backspace stay plain, because Korean input
/// breaks when they are reported as escape codes.
fn keyboard_flags() -> KeyboardEnhancementFlags {
    KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
        | KeyboardEnhancementFlags::REPORT_EVENT_TYPES
}

impl TerminalState {
    fn take(&self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        stderr::redirect(&self.log)?;
        enable_raw_mode()?;
        let mut out = io::stdout();
        queue!(
            out,
            EnterAlternateScreen,
            // Some terminals have one screen only, or keep what stood on the other one.
            Clear(ClearType::All),
            EnableBracketedPaste,
            EnableMouseCapture
        )?;
        if self.key_releases.load(Ordering::SeqCst) {
            queue!(out, PushKeyboardEnhancementFlags(keyboard_flags()))?;
        }
        out.flush()
    }

    /// Undoes everything, once. Nobody could act on a failure by then.
    fn give_back(&self) {
        if !self.taken.swap(false, Ordering::SeqCst) {
            return;
        }
        let mut out = io::stdout();
        if self.key_releases.load(Ordering::SeqCst) {
            let _ = queue!(out, PopKeyboardEnhancementFlags);
        }
        let _ = queue!(
            out,
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show,
            SetTitle("")
        );
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// Gives the terminal back if the main thread panics, which ends the program: the message must
/// land on a usable screen. A panic elsewhere goes to the log, and the app goes on.
fn restore_on_panic(state: Arc<TerminalState>) {
    let main = std::thread::current().id();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == main {
            state.give_back();
        }
        report(panic);
    }));
}

impl Screen for TerminalGuard {
    fn suspend(&mut self) {
        self.state.give_back();
        // The whole process group stops, as the terminal itself would do it: a `make` that waits for
        // this process stops as well.
        if let Err(error) =
            rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)
        {
            tracing::error!(%error, "cannot stop the process");
        }
        if let Err(error) = self.state.take() {
            tracing::error!(%error, "cannot take the terminal again");
        }
        self.title.clear();
    }

    fn report_key_releases(&mut self) {
        if !self.state.key_releases.swap(true, Ordering::SeqCst) {
            let _ = execute!(io::stdout(), PushKeyboardEnhancementFlags(keyboard_flags()));
        }
    }

    fn set_title(&mut self, title: &str) {
        let title = printable_line(title);
        if self.title != title {
            title.clone_into(&mut self.title);
            let _ = execute!(io::stdout(), SetTitle(title));
        }
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        self.state.give_back();
    }
}
