//! The check of who asks the questions. A model server is only contacted if the user's interviews
//! would be held with it.

use rust_i18n::t;

use super::LIMIT;
use super::finding::{Finding, Status};
use crate::cli::Context;
use crate::cli::connection_check::{self, ConnectionCheck, Line};
use crate::cli::failure::words_of;
use crate::cli::interviewer_choice::{EndpointName, InterviewerChoice};
use crate::config::InterviewerEngine;

const CHECK: &str = "interviewer";

/// Checks the interviewer that the settings and the user's consent lead to.
pub async fn check(context: &Context) -> Vec<Finding> {
    let locale = context.language.code();
    match context.interviewer_choice() {
        Err(error) => {
            let remedy = t!("doctor.interviewer.remedy", locale = locale);
            vec![Finding::failed(
                CHECK,
                words_of(&error, context.language),
                remedy,
            )]
        }
        Ok(InterviewerChoice::Bank) => bank(context).await,
        Ok(InterviewerChoice::BankUntilConsent(endpoint)) => vec![undecided(context, &endpoint)],
        Ok(InterviewerChoice::Endpoint(_)) => endpoint(context).await,
    }
}

async fn bank(context: &Context) -> Vec<Finding> {
    let is_open = context.config.interviewer.engine == InterviewerEngine::Auto;
    if is_open && !context.has_endpoint() {
        let lines = ConnectionCheck::new(context).without_server().await;
        let details = lines.into_iter().map(|line| line.detail);
        return details.map(|detail| Finding::ok(CHECK, detail)).collect();
    }
    let locale = context.language.code();
    vec![Finding::ok(
        CHECK,
        t!("doctor.interviewer.bank", locale = locale),
    )]
}

fn undecided(context: &Context, endpoint: &EndpointName) -> Finding {
    let summary = t!(
        "doctor.interviewer.undecided",
        locale = context.language.code(),
        host = endpoint.host
    );
    Finding::ok(CHECK, summary)
}

async fn endpoint(context: &Context) -> Vec<Finding> {
    let check = ConnectionCheck::new(context).within(LIMIT);
    match check.server().await {
        Ok(lines) => lines
            .into_iter()
            .map(|line| of_line(line, context))
            .collect(),
        Err(error) => {
            let remedy = t!(
                "doctor.interviewer.remedy",
                locale = context.language.code()
            );
            vec![Finding::failed(
                CHECK,
                words_of(&error, context.language),
                remedy,
            )]
        }
    }
}

/// Returns the finding that a line of `config check --connect` stands for.
pub fn of_line(line: Line, context: &Context) -> Finding {
    let remedy = || {
        line.remedy.clone().unwrap_or_else(|| {
            t!(
                "doctor.interviewer.details",
                locale = context.language.code()
            )
            .into()
        })
    };
    let (status, remedy) = match line.status {
        connection_check::Status::Ok | connection_check::Status::Skipped => (Status::Ok, None),
        connection_check::Status::TimedOut => (Status::Warning, Some(remedy())),
        connection_check::Status::Failed => (Status::Failed, Some(remedy())),
    };
    Finding {
        check: line.step,
        status,
        summary: line.detail,
        remedy,
    }
}
