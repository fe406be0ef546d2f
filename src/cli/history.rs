//! `history`: past interviews, on this computer or on the server.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use rust_i18n::t;

use super::account::AccountOptions;
use super::options::{Options, file_path};
use super::output::{print, print_json};
use super::{Context, account};
use crate::api::interviews::InterviewSummary;
use crate::backend::Backend;
use crate::interview::Topic;
use crate::interview::report::markdown;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::{report_files, runtime};

/// The length of the IDs in the list: enough to distinguish thousands of interviews.
const SHORT_ID: usize = 8;

/// List, show, export or delete past interviews.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer history list
  mock-interviewer history export 01997d1e report.html")]
pub struct Args {
    #[command(subcommand)]
    action: HistoryCommand,
    #[command(flatten)]
    account: AccountOptions,
}

impl Args {
    pub fn options(&self) -> Options {
        self.account.options()
    }
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// List all interviews, newest first: ID, time, language, answers, topic
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the report of an interview as Markdown
    Show {
        /// ID of the interview, or its beginning
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the report of an interview to a file
    Export {
        /// ID of the interview, or its beginning
        id: String,
        /// File whose name ends in .md, .html or .json
        #[arg(value_parser = file_path())]
        file: PathBuf,
    },
    /// Delete an interview with its answers
    Delete {
        /// ID of the interview, or its beginning
        id: String,
        /// Delete without asking
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    // No question is asked, so it does not matter who would ask it.
    let connector = context.connector(
        Interviewer::question_bank(context.bank.clone()),
        Narrator::None,
    )?;
    let (backend, link) = account::signed_in(connector.connect().await?, context)?;
    let done = act(args.action, &backend, context).await;
    if let Some(link) = link {
        account::close(link).await;
    }
    done.map(|()| 0)
}

async fn act(action: HistoryCommand, backend: &Backend, context: &Context) -> anyhow::Result<()> {
    match action {
        HistoryCommand::List { json } => {
            list(&backend.interviews_with_prefix("").await?, json, context)
        }
        HistoryCommand::Show { id, json } => {
            let report = backend
                .report_by_id(&find(backend, &id, context).await?.id)
                .await?;
            if json {
                return Ok(print_json(
                    &(serde_json::to_string_pretty(&report)? + "\n"),
                )?);
            }
            Ok(print(&markdown::render(&report))?)
        }
        HistoryCommand::Export { id, file } => {
            let format = report_files::format_of(&file)?;
            let report = backend
                .report_by_id(&find(backend, &id, context).await?.id)
                .await?;
            report_files::write(&file, format, &report)?;
            context.notice(&t!(
                "cli.report_written",
                locale = context.language.code(),
                path = file.display()
            ));
            Ok(())
        }
        HistoryCommand::Delete { id, yes } => {
            delete(backend, find(backend, &id, context).await?, yes, context).await
        }
    }
}

fn list(interviews: &[InterviewSummary], json: bool, context: &Context) -> anyhow::Result<()> {
    if json {
        return Ok(print_json(
            &(serde_json::to_string_pretty(interviews)? + "\n"),
        )?);
    }
    if interviews.is_empty() {
        context.notice(&t!("history.none", locale = context.language.code()));
    }
    Ok(print(
        &interviews
            .iter()
            .map(|interview| line(interview, context))
            .collect::<String>(),
    )?)
}

fn line(interview: &InterviewSummary, context: &Context) -> String {
    // The time is cut to the minute, from 2026-11-23T08:15:30+09:00.
    let when = interview
        .started_at
        .get(..16)
        .unwrap_or_default()
        .replace('T', " ");
    let answers = t!(
        "history.answers",
        locale = context.language.code(),
        answers = format!("{:2}", interview.answers)
    );
    let id = &interview.id[..SHORT_ID.min(interview.id.len())];
    let language = interview.language.code();
    let topic = Topic::parse(&interview.topic).ok();
    let title = topic.and_then(|topic| context.bank.title_of(&topic, interview.language));
    let topic_name = match interview.topic.as_str() {
        "" => t!("history.topic_unknown", locale = context.language.code()),
        topic => topic.into(),
    };
    format!(
        "{id}  {when:16}  {language}  {answers}  {}\n",
        title.unwrap_or(&topic_name)
    )
}

/// Returns the interview whose ID starts with `start`.
async fn find(
    backend: &Backend,
    start: &str,
    context: &Context,
) -> anyhow::Result<InterviewSummary> {
    let locale = context.language.code();
    let mut called = backend
        .interviews_with_prefix(&start.to_lowercase())
        .await?;
    match called.len() {
        1 => Ok(called.remove(0)),
        0 => bail!("{}", t!("history.unknown", locale = locale, id = start)),
        several => bail!(
            "{}",
            t!(
                "history.several",
                locale = locale,
                id = start,
                several = several
            )
        ),
    }
}

async fn delete(
    backend: &Backend,
    interview: InterviewSummary,
    yes: bool,
    context: &Context,
) -> anyhow::Result<()> {
    let locale = context.language.code();
    if !(yes || context.can_ask() && confirm(&interview, context)?) {
        bail!("{}", t!("history.kept", locale = locale));
    }
    backend.delete(&interview.id).await?;
    runtime::remove_drafts(&context.paths.drafts(), &interview.id);
    context.notice(&t!("history.deleted", locale = locale));
    Ok(())
}

fn confirm(interview: &InterviewSummary, context: &Context) -> std::io::Result<bool> {
    let question = t!("history.sure", locale = context.language.code());
    print(&format!("{}{question}", line(interview, context)))?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
