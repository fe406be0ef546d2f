//! Progress on standard error: a bar on a terminal, else a line now and then.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use crate::interview::Language;
use crate::models::TransferProgress;
use crate::printable::printable_line;

/// The time between two lines of progress.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The progress of one file.
#[derive(Debug)]
pub(super) struct Bar {
    name: String,
    language: Language,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Drawn(ProgressBar),
    /// Lines, with the time of the last one or of the start.
    Lines(Instant),
    Quiet,
}

impl Bar {
    /// Creates the progress of the file `name`, without showing it.
    pub fn new(name: &str, quiet: bool, language: Language) -> Self {
        let shown = match (quiet, io::stderr().is_terminal()) {
            (true, _) => Shown::Quiet,
            (false, true) => Shown::Drawn(progress_bar(name)),
            (false, false) => Shown::Lines(Instant::now()),
        };
        Self {
            name: name.to_owned(),
            language,
            shown,
        }
    }

    /// Shows how far the work is.
    pub fn update(&mut self, progress: TransferProgress) {
        match &mut self.shown {
            Shown::Drawn(bar) => {
                bar.set_length(progress.all);
                bar.set_position(progress.done);
                bar.set_message(progress.describe(self.language));
            }
            Shown::Lines(last) if last.elapsed() >= LINE_INTERVAL => {
                *last = Instant::now();
                print_line(&format!(
                    "{}: {}",
                    self.name,
                    progress.describe(self.language)
                ));
            }
            Shown::Lines(_) | Shown::Quiet => {}
        }
    }

    /// Prints a line beside the bar.
    pub fn print(&self, words: &str) {
        match &self.shown {
            Shown::Drawn(bar) => bar.suspend(|| print_line(words)),
            Shown::Lines(_) => print_line(words),
            Shown::Quiet => {}
        }
    }

    /// Removes the bar.
    pub fn clear(&self) {
        if let Shown::Drawn(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

/// Prints a line to standard error, whose reader may be gone without harm.
pub(super) fn print_line(words: &str) {
    output::print_notice(words);
}

fn progress_bar(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_prefix(printable_line(name))
}
