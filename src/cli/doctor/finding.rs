//! What one check found.

use serde::Serialize;

/// The gravity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    /// Something is missing that an interview does without.
    Warning,
    Failed,
}

/// The result of one check, as `--json` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check, which is the same in every language.
    pub check: &'static str,
    pub status: Status,
    pub summary: String,
    /// The remedy; null if all is well.
    pub remedy: Option<String>,
}

impl Finding {
    pub fn ok(check: &'static str, summary: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            summary: summary.into(),
            remedy: None,
        }
    }

    pub fn warning(
        check: &'static str,
        summary: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Status::Warning,
            summary: summary.into(),
            remedy: Some(remedy.into()),
        }
    }

    pub fn failed(
        check: &'static str,
        summary: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Status::Failed,
            summary: summary.into(),
            remedy: Some(remedy.into()),
        }
    }
}
