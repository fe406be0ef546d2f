//! Progress on standard error: a bar where somebody sees it, else a line now and then.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interview::Language;
use crate::models::TransferProgress;

/// Lines in a log are this far apart.
const LINES: Duration = Duration::from_secs(10);

/// Shows how far something is.
#[derive(Debug)]
pub(super) struct Bar {
    name: String,
    language: Language,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Drawn(ProgressBar),
    /// When the last line was written, or the first may be.
    Lines(Instant),
    Quiet,
}

impl Bar {
    /// For `name`; nothing is shown yet.
    pub fn new(name: &str, quiet: bool, language: Language) -> Self {
        let shown = match (quiet, io::stderr().is_terminal()) {
            (true, _) => Shown::Quiet,
            (false, true) => Shown::Drawn(drawn(name)),
            (false, false) => Shown::Lines(Instant::now()),
        };
        Self {
            name: name.to_owned(),
            language,
            shown,
        }
    }

    /// It is so far.
    pub fn at(&mut self, progress: TransferProgress) {
        match &mut self.shown {
            Shown::Drawn(bar) => {
                bar.set_length(progress.all);
                bar.set_position(progress.done);
                bar.set_message(progress.describe(self.language));
            }
            Shown::Lines(last) if last.elapsed() >= LINES => {
                *last = Instant::now();
                line(&format!(
                    "{}: {}",
                    self.name,
                    progress.describe(self.language)
                ));
            }
            Shown::Lines(_) | Shown::Quiet => {}
        }
    }

    /// A line beside it.
    pub fn print(&self, words: &str) {
        match &self.shown {
            Shown::Drawn(bar) => bar.suspend(|| line(words)),
            Shown::Lines(_) => line(words),
            Shown::Quiet => {}
        }
    }

    /// The bar has done its work.
    pub fn clear(&self) {
        if let Shown::Drawn(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

/// A line on standard error. Where nobody reads it any more, that is no reason to stop.
pub(super) fn line(words: &str) {
    let _ = writeln!(io::stderr(), "{words}");
}

fn drawn(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_prefix(name.to_owned())
}
