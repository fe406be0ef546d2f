//! `doctor`: what the program finds on this computer, what is wrong, and what helps.
//!
//! Each check is a function of its own that returns [`Finding`]s. Whatever they say passes through
//! [`redaction`] before it is printed, since people show the output to others.

mod database;
mod finding;
mod folders;
mod interviewer;
mod keyring;
mod redaction;
mod server;
mod settings;
mod speech;
mod terminal;
#[cfg(feature = "voice")]
mod voice;

use std::time::Duration;

use rust_i18n::t;

use self::finding::{Finding, Status};
use super::options::{
    CommonOptions, InterviewLanguageOption, InterviewerOption, NarratorOption, NetworkOption,
    Options, RecognitionOptions, ServerOptions,
};
use super::output::{print, print_json};
use super::{Context, Environment, report_panics};
use crate::config::Mode;
use crate::interview::Language;
use crate::printable::printable_line;

/// The time for each answer of a server or a database. A healthy one needs far less, and nobody
/// waits long to hear what is wrong.
const LIMIT: Duration = Duration::from_secs(5);

/// Check the settings, folders, models, devices and servers, and say what helps
///
/// Exits with 1 if something failed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer doctor
  mock-interviewer doctor --offline --json")]
pub struct Args {
    /// Print one JSON array
    #[arg(long)]
    json: bool,
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
            network: self.network.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// Runs every check. Exit code 1 if one failed.
pub async fn run(args: &Args, environment: Environment) -> anyhow::Result<u8> {
    let loaded = settings::load(args.options(), environment)?;
    let secrets = redaction::secrets_of(&loaded.context.environment, &loaded.context.config);
    report_panics(&loaded.context);
    let mut findings = vec![loaded.finding];
    findings.extend(check(&loaded.context, loaded.are_right).await);
    for finding in &mut findings {
        redaction::redact(finding, &secrets);
    }
    if args.json {
        print_json(&format!("{}\n", serde_json::to_string(&findings)?))?;
    } else {
        print(&text(&findings, loaded.context.language))?;
    }
    let has_failed = findings
        .iter()
        .any(|finding| finding.status == Status::Failed);
    Ok(u8::from(has_failed))
}

/// Runs the checks that need the settings. Wrong settings name no model server for sure, and so
/// none is asked.
async fn check(context: &Context, settings_are_right: bool) -> Vec<Finding> {
    let interviewer = async {
        if settings_are_right && context.config.mode != Mode::Server {
            interviewer::check(context).await
        } else {
            vec![]
        }
    };
    let storage = async {
        match context.config.mode {
            Mode::Server => server::check(context).await,
            Mode::Local | Mode::Embedded => database::check(context).await,
        }
    };
    let (storage, interviewer, voice, speech, keyring) = tokio::join!(
        storage,
        interviewer,
        voice_findings(context),
        speech::check(context),
        keyring::check(context),
    );
    let mut findings = folders::check(&context.paths, context.language);
    findings.push(storage);
    findings.extend(interviewer);
    findings.extend(voice);
    findings.extend([speech, keyring]);
    findings.extend(terminal::check(&context.environment, context.language));
    findings
}

#[cfg(feature = "voice")]
async fn voice_findings(context: &Context) -> Vec<Finding> {
    let mut findings = vec![voice::speech_model(context)];
    findings.extend(voice::devices(context).await);
    findings
}

#[cfg(not(feature = "voice"))]
#[expect(
    clippy::unused_async,
    reason = "with the feature it waits for the devices"
)]
async fn voice_findings(_context: &Context) -> Vec<Finding> {
    vec![]
}

/// Returns one line for each finding, with its remedy indented below.
fn text(findings: &[Finding], language: Language) -> String {
    findings
        .iter()
        .map(|finding| lines(finding, language.code()))
        .collect()
}

fn lines(finding: &Finding, locale: &str) -> String {
    let status = match finding.status {
        Status::Ok => t!("doctor.ok", locale = locale),
        Status::Warning => t!("doctor.warning", locale = locale),
        Status::Failed => t!("doctor.failed", locale = locale),
    };
    let name = t!(format!("doctor.name.{}", finding.check), locale = locale);
    // A reason of several lines could pass for other findings.
    let summary = printable_line(&finding.summary);
    let remedy = finding.remedy.as_deref().map(printable_line);
    let remedy = remedy.map_or_else(String::new, |remedy| format!("\t{remedy}\n"));
    format!("{status}\t{name}: {summary}\n{remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_stands_indented_below_its_finding_of_one_line() {
        let findings = [
            Finding::ok("keyring", "works\nok"),
            Finding::failed("database", "locked", "Close it"),
        ];
        assert_eq!(
            text(&findings, Language::English),
            "ok\tkeyring: works ok\nfailed\tdatabase: locked\n\tClose it\n"
        );
    }
}
