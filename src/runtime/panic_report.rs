//! The report of a panic, a file in the state folder for a bug report: what happened, where and in
//! which task. It holds none of the user's words and no key.

use std::backtrace::Backtrace;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rust_i18n::t;

use crate::interview::Language;
use crate::stderr;

/// The size at which nothing more is written: a task that panics again and again fills no disk.
const MAX_BYTES: u64 = 256 * 1024;
/// The number of reports that are kept.
const KEPT: usize = 10;
/// The beginning of the name of a report.
const PREFIX: &str = "panic-";

/// The file of this process's report, which exists after the first panic, and the language of the
/// interface.
static INSTALLED: OnceLock<(PathBuf, Language)> = OnceLock::new();

tokio::task_local! {
    static TASK: &'static str;
}

/// Returns the file of the report, if [`install`] has been called.
pub fn file() -> Option<&'static Path> {
    INSTALLED.get().map(|(file, _)| file.as_path())
}

/// Returns the language that [`install`] was given.
pub fn language() -> Language {
    INSTALLED
        .get()
        .map_or(Language::English, |(_, language)| *language)
}

/// Runs `task` under the name that a report gives it.
pub async fn named<T>(name: &'static str, task: impl Future<Output = T>) -> T {
    TASK.scope(name, task).await
}

/// Writes the report of every later panic to `folder`. A panic of the main thread, which ends the
/// program, is also announced on standard error. `now` names the file.
pub fn install(folder: &Path, language: Language, now: jiff::Timestamp) {
    let time = now.strftime("%Y%m%dT%H%M%SZ");
    let name = format!("{PREFIX}{time}-{}.txt", std::process::id());
    if INSTALLED.set((folder.join(name), language)).is_err() {
        return;
    }
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        let file = report(panic).ok();
        if std::thread::current().id() == main {
            announce(file, language);
        }
    }));
}

fn report(panic: &PanicHookInfo) -> io::Result<&'static Path> {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_else(|| "an unknown place".to_owned());
    let message = without_words(panic);
    tracing::error!(%place, %message, "panicked");
    let file = file().ok_or(io::ErrorKind::NotFound)?;
    let thread = std::thread::current();
    let text = format!(
        "mock-interviewer {} on {} {}\ntask: {}, thread: {}\n{place}\n{message}\n\n{}\n\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        TASK.try_with(|name| *name).unwrap_or("none"),
        thread.name().unwrap_or("unnamed"),
        Backtrace::force_capture()
    );
    append(file, &text)?;
    Ok(file)
}

fn announce(file: Option<&Path>, language: Language) {
    let locale = language.code();
    let message = if let Some(file) = file {
        t!(
            "runtime.panicked_report",
            locale = locale,
            path = file.display()
        )
    } else {
        t!("runtime.panicked", locale = locale)
    };
    // The reader of standard error may be gone, which is no failure.
    let _ = writeln!(stderr::writer(), "mock-interviewer: {message}");
}

/// Appends to the file, which only the user can read.
fn append(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
        remove_old(folder)?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.create(true).append(true).open(file)?;
    if file.metadata()?.len() < MAX_BYTES {
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Removes the oldest reports. Their names begin with their time.
fn remove_old(folder: &Path) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let mut reports: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .collect();
    reports.sort();
    for old in reports.iter().rev().skip(KEPT) {
        fs::remove_file(old)?;
    }
    Ok(())
}

/// Returns the message of a panic. A formatted one may quote the text that was worked on, so what
/// stands in quotation marks is left out.
fn without_words(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    if let Some(fixed) = payload.downcast_ref::<&'static str>() {
        return (*fixed).to_owned();
    }
    let message = payload.downcast_ref::<String>().map(String::as_str);
    ['`', '"', '\''].into_iter().fold(
        message.unwrap_or("no message").to_owned(),
        |message, quote| without_quoted(&message, quote),
    )
}

/// Leaves out what stands between the first and the last of a quotation mark: a quoted text may hold
/// the mark itself. A mark that is not closed hides the rest.
fn without_quoted(message: &str, quote: char) -> String {
    let Some((before, rest)) = message.split_once(quote) else {
        return message.to_owned();
    };
    let after = rest.rsplit_once(quote).map_or("", |(_, after)| after);
    format!("{before}{quote}…{quote}{after}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "index out of bounds: the len is 3",
        '`',
        "index out of bounds: the len is 3"
    )]
    #[case("byte 1 of `my `own` words` is bad", '`', "byte 1 of `…` is bad")]
    #[case("cut: \"my words", '"', "cut: \"…\"")]
    fn quoted_words_stay_out_of_a_report(
        #[case] message: &str,
        #[case] quote: char,
        #[case] expected: &str,
    ) {
        assert_eq!(without_quoted(message, quote), expected);
    }

    #[test]
    fn the_newest_reports_are_kept_and_a_full_one_stops_growing() {
        let folder = tempfile::tempdir().unwrap();
        for number in 10..25 {
            let file = folder.path().join(format!("panic-{number}.txt"));
            append(&file, "once\n").unwrap();
        }
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names.first().unwrap(), "panic-14.txt");
        let newest = folder.path().join("panic-24.txt");
        fs::write(&newest, vec![b'a'; MAX_BYTES as usize]).unwrap();
        append(&newest, "more").unwrap();
        assert_eq!(fs::metadata(&newest).unwrap().len(), MAX_BYTES);
    }
}
