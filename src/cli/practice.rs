//! `practice`: a whole interview without a screen.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rust_i18n::t;
use uuid::Uuid;

use super::answers::Answers;
use super::background::BackgroundArgs;
use super::options::{
    CommonOptions, InterviewLanguageOption, InterviewerOption, NarratorOption, NetworkOption,
    Options, RecognitionOptions, ServerOptions, SpeakerOptions, file_path,
};
use super::session::Session;
use super::{CommandError, Context};
use crate::interview::{Language, Level, MOST_QUESTIONS, Topic};
use crate::practice::NewInterview;
use crate::report_files::{self, ReportFormat};
use crate::runtime::wording;

/// Hold a whole interview without a screen.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer practice --topic Rust --questions 3 --report rust.html
  mock-interviewer practice --topic databases --language ko --answer first.wav --answer second.txt")]
pub struct Args {
    /// Topic of the interview: a built-in topic or your own words
    #[arg(long, value_name = "TOPIC")]
    topic: String,
    /// Number of main questions [default: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_QUESTIONS)))]
    questions: Option<u32>,
    /// Level of the questions: junior, middle, senior
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    #[command(flatten)]
    background: BackgroundArgs,
    /// An answer: a recording (WAV, FLAC, MP3, M4A and others) or a text file; may be given several times
    /// [default: answers are read from standard input, one a line]
    #[arg(long = "answer", value_name = "FILE", value_parser = file_path())]
    answers: Vec<PathBuf>,
    /// Write the report to this file, as .md, .html or .json
    #[arg(long, value_name = "FILE", value_parser = file_path())]
    report: Option<PathBuf>,
    /// Speak the interviewer's words
    #[arg(long)]
    speak: bool,
    #[command(flatten)]
    interview_language: InterviewLanguageOption,
    #[command(flatten)]
    interviewer: InterviewerOption,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    recognition: RecognitionOptions,
    #[command(flatten)]
    narrator: NarratorOption,
    #[command(flatten)]
    speaker: SpeakerOptions,
    #[command(flatten)]
    network: NetworkOption,
    #[command(flatten)]
    common: CommonOptions,
}

impl Args {
    pub fn options(&self) -> Options {
        Options {
            interview_language: self.interview_language.clone(),
            interviewer: self.interviewer.clone(),
            server: self.server.clone(),
            recognition: self.recognition.clone(),
            narrator: self.narrator.clone(),
            speaker: self.speaker.clone(),
            network: self.network.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// Runs the command. An interview that breaks off gets a report, too.
pub async fn run(args: Args, context: Context) -> anyhow::Result<u8> {
    let report = args.report.as_deref();
    let report = report
        .map(|path| check_report(path, context.language))
        .transpose()?;
    let start = start(&args, &context)?;
    let mut answers = Answers::from_files(&args.answers, start.language, &context).await?;
    let mut session = Session::open(&context, args.speak).await?;
    if session.by_question_bank && start.background.is_given() {
        context.notice(&t!(
            "cli.bank_reads_nothing",
            locale = context.language.code()
        ));
    }
    let held = session.hold(start, &mut answers).await;
    let reported = match report {
        Some((path, format)) => write(&session, path, format, &context).await,
        None => Ok(()),
    };
    session.close().await;
    held.and(reported).map(|()| 0)
}

fn start(args: &Args, context: &Context) -> anyhow::Result<NewInterview> {
    let topic = Topic::parse(&args.topic).map_err(|error| {
        let words = wording::of(&error, context.language);
        CommandError::Usage(format!("--topic: {words}"))
    })?;
    Ok(NewInterview {
        topic: Some(topic),
        language: context.interview_language,
        level: args.level.as_deref().map(str::parse::<Level>).transpose()?,
        questions: Some(args.questions.unwrap_or(context.config.interview.questions)),
        background: args.background.read(context.language)?,
        seed: Uuid::new_v4().as_u64_pair().0,
    })
}

/// Checks that the report can be written, before the first question is asked.
fn check_report(path: &Path, language: Language) -> anyhow::Result<(&Path, ReportFormat)> {
    let format = report_files::format_of(path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder))
        .with_context(|| {
            let path = folder.display();
            t!("cli.report_folder", locale = language.code(), path = path)
        })?;
    Ok((path, format))
}

async fn write(
    session: &Session<'_>,
    path: &Path,
    format: ReportFormat,
    context: &Context,
) -> anyhow::Result<()> {
    let report = session.backend.report().await?;
    report_files::write(path, format, &report)?;
    context.notice(&t!(
        "cli.report_written",
        locale = context.language.code(),
        path = path.display()
    ));
    Ok(())
}
