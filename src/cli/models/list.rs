//! `models list` and `models verify`: tables for people, JSON for scripts.

use std::io::{self, Write};
use std::path::Path;

use rust_i18n::t;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Desk;
use crate::interview::Language;
use crate::models::format::megabytes;
use crate::models::{self, Fingerprint, ModelEntry, ModelStatus, TransferProgress, Verification};

/// One model of `list --json`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    languages: &'static [&'static str],
    bytes: u64,
    /// Hex; null where nobody published it.
    sha256: Option<&'a str>,
    state: &'static str,
    installed: bool,
    /// Bytes of it that lie there.
    found: u64,
    file: Option<String>,
    used: bool,
    recommended: bool,
    /// Why it is recommended.
    reason: Option<String>,
}

/// One model of `verify --json`; sizes are numbers of bytes, sums SHA-256 in hex.
#[derive(Debug, Serialize)]
struct Checked<'a> {
    name: &'a str,
    file: String,
    ok: bool,
    expected: Option<String>,
    found: Option<String>,
    problem: Option<String>,
}

/// Every model, what is there of it, which is used and which is recommended.
pub(super) fn list(desk: &Desk, json: bool, out: &mut impl Write) -> io::Result<()> {
    let mut entries = models::list(&desk.folder);
    entries.extend(
        desk.used
            .as_deref()
            .filter(|used| entries.iter().all(|entry| entry.file != *used))
            .map(elsewhere),
    );
    if json {
        let rows: Vec<Row<'_>> = entries.iter().map(|entry| row(desk, entry)).collect();
        return writeln!(out, "{}", serde_json::to_string(&rows)?);
    }
    let width = entries
        .iter()
        .map(|entry| entry.name.width())
        .max()
        .unwrap_or(0);
    for entry in &entries {
        let speaks = languages(entry).join(" ");
        let gap = " ".repeat(width - entry.name.width());
        let line = format!(
            "{}{gap}  {speaks:<6} {:>8}  {}",
            entry.name,
            megabytes(entry.bytes),
            about(desk, entry)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "\n{}", desk.choice.describe(desk.language))
}

/// A model file that the settings name and that lies somewhere else.
fn elsewhere(file: &Path) -> ModelEntry {
    let found = std::fs::metadata(file).map(|found| found.len());
    ModelEntry {
        name: file.display().to_string(),
        published: None,
        english_only: false,
        bytes: found.as_ref().copied().unwrap_or(0),
        file: file.to_owned(),
        status: if found.is_ok() {
            ModelStatus::Installed
        } else {
            ModelStatus::Absent
        },
    }
}

fn languages(entry: &ModelEntry) -> &'static [&'static str] {
    if entry.english_only {
        &["en"]
    } else {
        &["en", "ko"]
    }
}

fn is_used(desk: &Desk, entry: &ModelEntry) -> bool {
    desk.used.as_deref() == Some(&*entry.file)
}

fn row<'a>(desk: &Desk, entry: &'a ModelEntry) -> Row<'a> {
    let recommended = desk.choice.model.name == entry.name;
    let (state, found) = match entry.status {
        ModelStatus::Absent => ("absent", 0),
        ModelStatus::Partial(found) => ("partial", found),
        ModelStatus::Installed => ("installed", entry.bytes),
        ModelStatus::Broken(found) => ("broken", found),
    };
    Row {
        name: &entry.name,
        languages: languages(entry),
        bytes: entry.bytes,
        sha256: entry.published.as_ref().map(|model| model.sha256.as_str()),
        state,
        installed: entry.status == ModelStatus::Installed,
        found,
        file: entry.has_file().then(|| entry.file.display().to_string()),
        used: is_used(desk, entry),
        recommended,
        reason: recommended.then(|| desk.choice.describe(desk.language)),
    }
}

/// `installed, in use, recommended`.
fn about(desk: &Desk, entry: &ModelEntry) -> String {
    let locale = desk.language.code();
    let state = match entry.status {
        ModelStatus::Absent => None,
        ModelStatus::Partial(found) => {
            let percent = TransferProgress::new(found, entry.bytes).percent();
            Some(t!(
                "models.list.partial",
                locale = locale,
                percent = percent
            ))
        }
        ModelStatus::Installed => Some(t!("models.list.installed", locale = locale)),
        ModelStatus::Broken(found) => Some(t!(
            "models.list.broken",
            locale = locale,
            found = megabytes(found)
        )),
    };
    let used = is_used(desk, entry).then(|| t!("models.list.used", locale = locale));
    let recommended = (desk.choice.model.name == entry.name)
        .then(|| t!("models.list.recommended", locale = locale));
    let own = entry
        .published
        .is_none()
        .then(|| t!("models.list.own", locale = locale));
    [state, used, recommended, own]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Checks `entries` and writes what is found; whether all are right.
pub(super) async fn verify(
    desk: &Desk,
    entries: &[ModelEntry],
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut verdicts = Vec::new();
    for entry in entries {
        let verdict = entry
            .verify()
            .await
            .map_err(|error| super::told(&error, desk.language))?;
        if !json {
            writeln!(out, "{}: {}", entry.name, words(&verdict, desk.language))?;
            out.flush()?;
        }
        verdicts.push((entry, verdict));
    }
    if json {
        let checked: Vec<Checked<'_>> = verdicts
            .iter()
            .map(|(entry, verdict)| checked(entry, verdict))
            .collect();
        writeln!(out, "{}", serde_json::to_string(&checked)?)?;
    }
    Ok(verdicts.iter().all(|(_, verdict)| is_fine(verdict)))
}

fn is_fine(verdict: &Verification) -> bool {
    matches!(verdict, Verification::Matches | Verification::Unlisted(_))
}

fn words(verdict: &Verification, language: Language) -> String {
    let locale = language.code();
    match verdict {
        Verification::Matches => t!("models.verify.right", locale = locale),
        Verification::Differs { expected, found } => {
            let (expected, found) = (expected.message(language), found.message(language));
            t!(
                "models.verify.wrong",
                locale = locale,
                expected = expected,
                found = found
            )
        }
        Verification::Unlisted(sum) => t!("models.verify.unlisted", locale = locale, sum = sum),
        Verification::Unusable(reason) => {
            t!("models.verify.unusable", locale = locale, reason = reason)
        }
    }
    .into_owned()
}

fn checked<'a>(entry: &'a ModelEntry, verdict: &Verification) -> Checked<'a> {
    let plain = |sum: &Fingerprint| match sum {
        Fingerprint::Size(bytes) | Fingerprint::MoreThan(bytes) => bytes.to_string(),
        Fingerprint::Sha256(sum) => sum.clone(),
    };
    let published = entry.published.as_ref().map(|model| model.sha256.clone());
    let (expected, found, problem) = match verdict {
        Verification::Matches => (published.clone(), published, None),
        Verification::Differs { expected, found } => {
            (Some(plain(expected)), Some(plain(found)), None)
        }
        Verification::Unlisted(sum) => (None, Some(sum.clone()), None),
        Verification::Unusable(reason) => (None, None, Some(reason.clone())),
    };
    let (name, file, ok) = (
        &*entry.name,
        entry.file.display().to_string(),
        is_fine(verdict),
    );
    Checked {
        name,
        file,
        ok,
        expected,
        found,
        problem,
    }
}
