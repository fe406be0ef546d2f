//! Writes reports to files: Markdown and HTML for people, JSON for programs.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::files;
use crate::interview::report::{Report, html, markdown};
use crate::interview::{UnknownValue, ValueKind};
use crate::printable::printable_json;

/// A file format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    Markdown,
    Html,
    Json,
}

impl FromStr for ReportFormat {
    type Err = UnknownValue;

    fn from_str(extension: &str) -> Result<Self, UnknownValue> {
        match extension {
            "md" => Ok(Self::Markdown),
            "html" => Ok(Self::Html),
            "json" => Ok(Self::Json),
            _ => Err(UnknownValue::new(
                ValueKind::ReportFormat,
                extension,
                "md, html, json",
            )),
        }
    }
}

/// The error for a report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report {}", path.display())]
pub struct WriteError {
    pub path: PathBuf,
    source: io::Error,
}

/// Returns the format that the extension of `path` asks for.
pub fn format_of(path: &Path) -> Result<ReportFormat, UnknownValue> {
    path.extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
        .parse()
}

/// Writes `report` to `path` and replaces an existing file.
pub fn write(path: &Path, format: ReportFormat, report: &Report) -> Result<(), WriteError> {
    let text = match format {
        ReportFormat::Markdown => markdown::render(report),
        ReportFormat::Html => html::render(report),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(report).expect("a report is plain data");
            format!("{}\n", printable_json(&json))
        }
    };
    files::replace(path, text.as_bytes()).map_err(|source| WriteError {
        path: path.to_owned(),
        source,
    })
}

/// Writes `report` as Markdown and as JSON into `folder` and returns the path of the Markdown file.
/// The files are named after the start and topic of the interview, so only a report of the same
/// interview is replaced.
pub fn write_into(folder: &Path, report: &Report) -> Result<PathBuf, WriteError> {
    let stem = stem(report);
    let path = folder.join(format!("{stem}.md"));
    write(&path, ReportFormat::Markdown, report)?;
    write(
        &folder.join(format!("{stem}.json")),
        ReportFormat::Json,
        report,
    )?;
    Ok(path)
}

/// Returns a file name such as `2026-11-23-081530-system-design`, which sorts by time. A server
/// does not say when an interview of an earlier run began; that report is named after its content.
fn stem(report: &Report) -> String {
    let start: String = report
        .started_at
        .chars()
        .filter(|c| *c != ':')
        .take("2026-11-23T081530".len())
        .collect();
    let when = if start.is_empty() {
        format!("interview-{}", fingerprint(report))
    } else {
        start
    };
    let topic: String = report
        .topic
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    // File names are limited in bytes, and a Korean letter takes three.
    let topic: String = topic.trim_matches('-').chars().take(40).collect();
    format!("{}-{topic}", when.replace('T', "-"))
        .trim_end_matches('-')
        .to_owned()
}

fn fingerprint(report: &Report) -> String {
    let questions: String = report
        .turns
        .iter()
        .map(|turn| turn.question.as_str())
        .collect();
    hex::encode(&Sha256::digest(questions)[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::Language;

    fn report(topic: &str) -> Report {
        Report {
            topic: topic.into(),
            title: None,
            language: Language::English,
            interviewer: "question bank".into(),
            started_at: "2026-11-23T08:15:30Z".into(),
            turns: vec![],
            feedback: None,
        }
    }

    #[test]
    fn a_report_is_named_after_its_start_and_topic() {
        assert_eq!(
            stem(&report("System design / 2")),
            "2026-11-23-081530-system-design---2"
        );
        assert_eq!(stem(&report("../../etc")), "2026-11-23-081530-etc");
    }

    #[test]
    fn a_report_without_a_start_is_named_by_its_content() {
        let unknown = Report {
            started_at: String::new(),
            ..report("")
        };
        assert_eq!(stem(&unknown), "interview-e3b0c442");
    }

    #[test]
    fn only_known_formats_are_written() {
        assert_eq!(format_of(Path::new("a.json")), Ok(ReportFormat::Json));
        assert_eq!(
            format_of(Path::new("a.pdf")).unwrap_err().to_string(),
            "\"pdf\" is not a report format; allowed: md, html, json"
        );
    }

    #[test]
    fn a_report_is_written_in_the_format_of_its_extension() {
        let folder = tempfile::tempdir().unwrap();
        for (name, start) in [
            ("a.md", "#"),
            ("a.html", "<!DOCTYPE html>"),
            ("a.json", "{"),
        ] {
            let path = folder.path().join(name);
            write(&path, format_of(&path).unwrap(), &report("Rust")).unwrap();
            let text = std::fs::read_to_string(path).unwrap();
            assert!(
                text.starts_with(start) && text.contains("Rust"),
                "{name}: {text}"
            );
        }
    }
}
