//! `models list` and `models verify`: tables and JSON.

use std::io::{self, Write};
use std::path::Path;

use rust_i18n::t;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::ModelCommands;
use crate::interview::Language;
use crate::models::format::megabytes;
use crate::models::{self, Fingerprint, ModelEntry, ModelStatus, TransferProgress, Verification};
use crate::printable::printable_json;

/// One model of `list --json`.
#[derive(Debug, Serialize)]
struct ListedModel<'a> {
    name: &'a str,
    languages: &'static [&'static str],
    bytes: u64,
    /// The checksum in hex; null for a model that is not published.
    sha256: Option<&'a str>,
    state: &'static str,
    installed: bool,
    /// The number of bytes on disk.
    found: u64,
    file: Option<String>,
    used: bool,
    recommended: bool,
    reason: Option<String>,
}

/// One model of `verify --json`. A size is a number of bytes, a checksum SHA-256 in hex.
#[derive(Debug, Serialize)]
struct VerifiedModel<'a> {
    name: &'a str,
    file: String,
    ok: bool,
    expected: Option<String>,
    found: Option<String>,
    problem: Option<String>,
}

/// Lists every model: what is installed, used and recommended.
pub(super) fn list(commands: &ModelCommands, json: bool, out: &mut impl Write) -> io::Result<()> {
    let mut entries = models::list(&commands.folder);
    entries.extend(
        commands
            .used
            .as_deref()
            .filter(|used| entries.iter().all(|entry| entry.file != *used))
            .map(elsewhere),
    );
    if json {
        let rows: Vec<ListedModel<'_>> = entries.iter().map(|entry| row(commands, entry)).collect();
        return writeln!(out, "{}", printable_json(&serde_json::to_string(&rows)?));
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
            description(commands, entry)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out, "\n{}", commands.choice.describe(commands.language))
}

/// Returns the entry of a model file outside the models folder that the settings name.
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

fn is_used(commands: &ModelCommands, entry: &ModelEntry) -> bool {
    commands.used.as_deref() == Some(&*entry.file)
}

fn row<'a>(commands: &ModelCommands, entry: &'a ModelEntry) -> ListedModel<'a> {
    let recommended = commands.choice.model.name == entry.name;
    let (state, found) = match entry.status {
        ModelStatus::Absent => ("absent", 0),
        ModelStatus::Partial(found) => ("partial", found),
        ModelStatus::Installed => ("installed", entry.bytes),
        ModelStatus::Broken(found) => ("broken", found),
    };
    ListedModel {
        name: &entry.name,
        languages: languages(entry),
        bytes: entry.bytes,
        sha256: entry.published.as_ref().map(|model| model.sha256.as_str()),
        state,
        installed: entry.status == ModelStatus::Installed,
        found,
        file: entry.has_file().then(|| entry.file.display().to_string()),
        used: is_used(commands, entry),
        recommended,
        reason: recommended.then(|| commands.choice.describe(commands.language)),
    }
}

/// Returns the description of a model, such as `installed, in use, recommended`.
fn description(commands: &ModelCommands, entry: &ModelEntry) -> String {
    let locale = commands.language.code();
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
    let used = is_used(commands, entry).then(|| t!("models.list.used", locale = locale));
    let recommended = (commands.choice.model.name == entry.name)
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

/// Verifies `entries` and prints the results. Returns whether all are intact.
pub(super) async fn verify(
    commands: &ModelCommands,
    entries: &[ModelEntry],
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut verdicts = Vec::new();
    for entry in entries {
        let verdict = entry
            .verify()
            .await
            .map_err(|error| super::localized(&error, commands.language))?;
        if !json {
            writeln!(
                out,
                "{}: {}",
                entry.name,
                words(&verdict, commands.language)
            )?;
            out.flush()?;
        }
        verdicts.push((entry, verdict));
    }
    if json {
        let checked: Vec<VerifiedModel<'_>> = verdicts
            .iter()
            .map(|(entry, verdict)| checked(entry, verdict))
            .collect();
        writeln!(out, "{}", printable_json(&serde_json::to_string(&checked)?))?;
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
            let expected = expected.message(language);
            let found = found.message(language);
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

fn checked<'a>(entry: &'a ModelEntry, verdict: &Verification) -> VerifiedModel<'a> {
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
    let name = &*entry.name;
    let file = entry.file.display().to_string();
    let ok = is_fine(verdict);
    VerifiedModel {
        name,
        file,
        ok,
        expected,
        found,
        problem,
    }
}
