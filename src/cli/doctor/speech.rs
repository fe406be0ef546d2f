//! The check of the speech engine.

use super::LIMIT;
use super::finding::{Finding, Status};
use super::interviewer::of_line;
use crate::cli::Context;
use crate::cli::connection_check::ConnectionCheck;
use crate::config::NarratorEngine;

/// Lets the narrator speak. An interview does without one, unless the settings name it.
pub async fn check(context: &Context) -> Finding {
    let line = ConnectionCheck::new(context).within(LIMIT).speech().await;
    let mut finding = of_line(line, context);
    let is_free = context.config.narrator.engine == NarratorEngine::Auto;
    if is_free && finding.status == Status::Failed {
        finding.status = Status::Warning;
    }
    finding
}
