//! `models list|llm|path|download|verify|remove|import`: the speech models of this machine.

mod bar;
mod list;
mod llm;

use std::io::Write;
use std::path::{Path, PathBuf};

use rust_i18n::t;
use url::Url;

use super::options::{
    CommonOptions, InterviewLanguageOption, NetworkOption, Options, RecognitionOptions,
    SpeechLanguageOption, file_path,
};
use super::{CommandError, Context, output};
use crate::interview::Language;
use crate::models::format::megabytes;
use crate::models::{
    self, Download, DownloadOutcome, DownloadStep, DownloadTimeouts, Model, ModelEntry, ModelError,
    ModelStatus, Recommendation,
};
use crate::upstream;
use bar::Bar;

/// Manage speech models, and list the models that can ask the questions.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer models list
  mock-interviewer models download base")]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub action: ModelsCommand,
    #[command(flatten)]
    common: CommonOptions,
}

impl ModelsArgs {
    pub fn options(&self) -> Options {
        let options = Options {
            common: self.common.clone(),
            ..Options::default()
        };
        match &self.action {
            ModelsCommand::List {
                interview_language,
                recognition,
                ..
            } => Options {
                interview_language: interview_language.clone(),
                recognition: recognition.clone(),
                ..options
            },
            ModelsCommand::Download {
                interview_language,
                speech_language,
                network,
                ..
            } => Options {
                interview_language: interview_language.clone(),
                recognition: RecognitionOptions {
                    model: None,
                    language: speech_language.clone(),
                },
                network: network.clone(),
                ..options
            },
            ModelsCommand::Llm { network, .. } => Options {
                network: network.clone(),
                ..options
            },
            ModelsCommand::Path
            | ModelsCommand::Verify { .. }
            | ModelsCommand::Remove { .. }
            | ModelsCommand::Import { .. } => options,
        }
    }
}

#[derive(Debug, clap::Subcommand)]
pub enum ModelsCommand {
    /// List the published models with those installed, used and recommended
    List {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        interview_language: InterviewLanguageOption,
        #[command(flatten)]
        recognition: RecognitionOptions,
    },
    /// List the models that can ask the questions, of the server in the settings and of servers on this
    /// computer
    Llm {
        /// Print one JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        network: NetworkOption,
    },
    /// Print the folder that holds the models
    Path,
    /// Download a model and check it, resuming an earlier download
    Download {
        /// A name that `models list` prints [default: the model recommended there]
        name: Option<String>,
        #[command(flatten)]
        interview_language: InterviewLanguageOption,
        #[command(flatten)]
        speech_language: SpeechLanguageOption,
        #[command(flatten)]
        network: NetworkOption,
    },
    /// Compare installed models with the published SHA-256
    Verify {
        /// Model to verify [default: all]
        name: Option<String>,
        /// Print one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Remove a model
    Remove {
        /// A name that `models list` prints
        name: String,
    },
    /// Install a model from a file: a published one, known by its SHA-256, or any whisper.cpp model
    Import {
        /// File of the model
        #[arg(value_parser = file_path())]
        file: PathBuf,
        /// Name for a model that is not published [default: the name of the file]
        #[arg(long)]
        name: Option<String>,
    },
}

/// The resources of the commands.
#[derive(Clone, Debug)]
pub(super) struct ModelCommands {
    /// The folder of the models.
    folder: PathBuf,
    /// The address to download from.
    mirror: Url,
    choice: Recommendation,
    /// The model file in use.
    used: Option<PathBuf>,
    offline: bool,
    quiet: bool,
    language: Language,
}

/// Runs the command with the settings.
pub async fn open(args: ModelsArgs, context: &Context) -> anyhow::Result<u8> {
    if let ModelsCommand::Llm { json, .. } = args.action {
        return llm::list(context, json, &mut output::stdout()).await;
    }
    let commands = ModelCommands {
        folder: context.paths.models(),
        mirror: context.config.mirror()?,
        choice: context.recommended_model(),
        used: context.speech_model(context.interview_language),
        offline: context.offline,
        quiet: context.quiet,
        language: context.language,
    };
    commands.run(args.action, &mut output::stdout()).await
}

impl ModelCommands {
    async fn run(
        &self,
        action: ModelsCommand,
        out: &mut (impl Write + Send),
    ) -> anyhow::Result<u8> {
        match action {
            ModelsCommand::List { json, .. } => list::list(self, json, out)?,
            ModelsCommand::Llm { .. } => {
                unreachable!("it needs more than the folder of the models")
            }
            ModelsCommand::Path => writeln!(out, "{}", self.folder.display())?,
            ModelsCommand::Download { name, .. } => {
                return self.download(name.as_deref(), out).await;
            }
            ModelsCommand::Verify { name, json } => {
                return self.verify(name.as_deref(), json, out).await;
            }
            ModelsCommand::Remove { name } => self.remove(&name)?,
            ModelsCommand::Import { file, name } => {
                return self.import(&file, name.as_deref(), out).await;
            }
        }
        Ok(0)
    }

    async fn download(
        &self,
        name: Option<&str>,
        out: &mut (impl Write + Send),
    ) -> anyhow::Result<u8> {
        let model = match name {
            Some(name) => models::published(name).ok_or_else(|| self.unknown(name))?,
            None => self.recommended(),
        };
        if self.offline {
            return Err(CommandError::Usage(
                t!("models.list.offline", locale = self.language.code()).into(),
            )
            .into());
        }
        let mut bar = Bar::new(&model.name, self.quiet, self.language);
        let outcome = interruptible(self.fetch(&model, &mut bar)).await;
        bar.clear();
        let Some(outcome) = outcome else {
            self.notice(&t!(
                "models.step.stopped",
                locale = self.language.code(),
                name = model.name
            ));
            return Ok(130);
        };
        let arrival = outcome?;
        let said = match arrival {
            DownloadOutcome::AlreadyPresent(_) => "models.step.present",
            DownloadOutcome::Downloaded(_) => "models.step.arrived",
        };
        self.notice(&t!(said, locale = self.language.code(), name = model.name));
        writeln!(out, "{}", arrival.file().display())?;
        Ok(0)
    }

    /// Returns the recommended model, and prints the reason.
    fn recommended(&self) -> Model {
        self.notice(&self.choice.describe(self.language));
        self.choice.model.clone()
    }

    async fn fetch(&self, model: &Model, bar: &mut Bar) -> anyhow::Result<DownloadOutcome> {
        let download = Download {
            http: upstream::http_client_for_files(&self.mirror)?,
            mirror: self.mirror.clone(),
            model: model.clone(),
            folder: self.folder.clone(),
            timeouts: DownloadTimeouts::default(),
        };
        let all = megabytes(model.bytes);
        let host = upstream::host_of(&self.mirror);
        bar.print(&t!(
            "models.step.begins",
            locale = self.language.code(),
            name = model.name,
            all = all,
            url = host
        ));
        let arrival = download.run(|step| self.step(step, &model.name, bar)).await;
        arrival.map_err(|error| localized(&error, self.language))
    }

    fn step(&self, step: DownloadStep, name: &str, bar: &mut Bar) {
        let locale = self.language.code();
        match step {
            DownloadStep::Progress(progress) => bar.update(progress),
            DownloadStep::Waiting => {
                bar.print(&t!("models.step.waiting", locale = locale, name = name));
            }
            DownloadStep::Restarting => {
                bar.print(&t!("models.step.again", locale = locale, name = name));
            }
            DownloadStep::Resuming(done) => {
                bar.print(&t!(
                    "models.step.going_on",
                    locale = locale,
                    name = name,
                    done = megabytes(done)
                ));
            }
        }
    }

    async fn verify(
        &self,
        name: Option<&str>,
        json: bool,
        out: &mut (impl Write + Send),
    ) -> anyhow::Result<u8> {
        let entries: Vec<ModelEntry> = match name {
            Some(name) => vec![self.installed(name)?],
            None => models::list(&self.folder)
                .into_iter()
                .filter(ModelEntry::has_file)
                .collect(),
        };
        if entries.is_empty() {
            self.notice(&t!("models.verify.none", locale = self.language.code()));
        }
        Ok(u8::from(!list::verify(self, &entries, json, out).await?))
    }

    fn remove(&self, name: &str) -> anyhow::Result<()> {
        let entry = models::find(&self.folder, name).ok_or_else(|| self.unknown(name))?;
        entry
            .remove()
            .map_err(|error| localized(&error, self.language))?;
        self.notice(&t!(
            "models.step.removed",
            locale = self.language.code(),
            name = name
        ));
        Ok(())
    }

    async fn import(
        &self,
        file: &Path,
        name: Option<&str>,
        out: &mut (impl Write + Send),
    ) -> anyhow::Result<u8> {
        let mut bar = Bar::new(&file.display().to_string(), self.quiet, self.language);
        let work = models::import(&self.folder, file, name, |progress| bar.update(progress));
        let outcome = interruptible(work).await;
        bar.clear();
        let Some(outcome) = outcome else {
            return Ok(130);
        };
        let imported = outcome.map_err(|error| localized(&error, self.language))?;
        let locale = self.language.code();
        let name = &imported.name;
        if imported.published {
            self.notice(&t!("models.step.replaced", locale = locale, name = name));
        } else {
            self.notice(&t!("models.step.unpublished", locale = locale, name = name));
            self.notice(&t!("models.step.use_it", locale = locale, name = name));
        }
        writeln!(out, "{}", imported.file.display())?;
        Ok(0)
    }

    /// Returns the installed model of that name.
    fn installed(&self, name: &str) -> anyhow::Result<ModelEntry> {
        let entry = models::find(&self.folder, name).ok_or_else(|| self.unknown(name))?;
        match entry.status {
            ModelStatus::Installed | ModelStatus::Broken(_) => Ok(entry),
            ModelStatus::Absent | ModelStatus::Partial(_) => Err(localized(
                &ModelError::NotInstalled(name.to_owned()),
                self.language,
            )),
        }
    }

    fn unknown(&self, name: &str) -> CommandError {
        CommandError::Usage(
            t!(
                "models.list.unknown",
                locale = self.language.code(),
                name = name
            )
            .into(),
        )
    }

    fn notice(&self, text: &str) {
        if !self.quiet {
            bar::print_line(text);
        }
    }
}

/// Returns an error in the user's language.
fn localized(error: &ModelError, language: Language) -> anyhow::Error {
    let words = error.message(language);
    match error {
        ModelError::InvalidName(_) | ModelError::PublishedAs { .. } => {
            CommandError::Usage(words).into()
        }
        _ => anyhow::Error::msg(words),
    }
}

/// Returns the output of `work`, or `None` after Ctrl-C.
async fn interruptible<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        outcome = work => Some(outcome),
        // If the signal cannot be caught, Ctrl-C ends the process.
        Ok(()) = tokio::signal::ctrl_c() => None,
    }
}
