//! `history`: past interviews, on this computer or on the server signed in to.

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use rust_i18n::t;

use super::account::AccountOptions;
use super::errors::print;
use super::options::Options;
use super::{Context, account};
use crate::api::interviews::InterviewSummary;
use crate::backend::Backend;
use crate::interview::Topic;
use crate::interview::report::markdown;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::report_files;

/// Letters of a key that the list shows: enough to tell thousands of interviews apart.
const SHOWN: usize = 8;

/// List, show, export or delete past interviews.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer history list
  mock-interviewer history export 01997d1e report.html")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    account: AccountOptions,
}

impl Args {
    pub fn options(&self) -> Options {
        self.account.options()
    }
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All of them, newest first: key, when, language, answers, topic
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What was said, and the feedback, as Markdown
    Show {
        /// Its key, or the start of it
        id: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the report of one to a file
    Export {
        /// Its key, or the start of it
        id: String,
        /// Ends in .md, .html or .json
        file: PathBuf,
    },
    /// Delete one with all that was said in it
    Delete {
        /// Its key, or the start of it
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs it.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<u8> {
    // Nobody is asked anything.
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

async fn act(action: Action, backend: &Backend, context: &Context) -> anyhow::Result<()> {
    match action {
        Action::List { json } => list(&backend.interviews_with_prefix("").await?, json, context),
        Action::Show { id, json } => {
            let report = backend
                .report_by_id(&one(backend, &id, context).await?.id)
                .await?;
            let text = if json {
                serde_json::to_string_pretty(&report)? + "\n"
            } else {
                markdown::render(&report)
            };
            Ok(print(&text)?)
        }
        Action::Export { id, file } => {
            let format = report_files::format_of(&file)?;
            let report = backend
                .report_by_id(&one(backend, &id, context).await?.id)
                .await?;
            report_files::write(&file, format, &report)?;
            context.notice(&t!(
                "cli.report_written",
                locale = context.language.code(),
                path = file.display()
            ));
            Ok(())
        }
        Action::Delete { id, yes } => {
            delete(backend, one(backend, &id, context).await?, yes, context).await
        }
    }
}

fn list(interviews: &[InterviewSummary], json: bool, context: &Context) -> anyhow::Result<()> {
    if json {
        return Ok(print(&(serde_json::to_string_pretty(interviews)? + "\n"))?);
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
    // To the minute: 2026-11-23T08:15:30+09:00.
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
    let (key, language) = (
        &interview.id[..SHOWN.min(interview.id.len())],
        interview.language.code(),
    );
    let topic = Topic::parse(&interview.topic).ok();
    let title = topic.and_then(|topic| context.bank.title_of(&topic, interview.language));
    format!(
        "{key}  {when}  {language}  {answers}  {}\n",
        title.unwrap_or(&interview.topic)
    )
}

/// The one whose key begins so.
async fn one(
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
    if !(yes || context.can_ask() && is_sure(&interview, context)?) {
        bail!("{}", t!("history.kept", locale = locale));
    }
    backend.delete(&interview.id).await?;
    context.notice(&t!("history.deleted", locale = locale));
    Ok(())
}

fn is_sure(interview: &InterviewSummary, context: &Context) -> std::io::Result<bool> {
    let question = t!("history.sure", locale = context.language.code());
    print(&format!("{}{question}", line(interview, context)))?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
