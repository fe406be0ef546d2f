//! `models list|path|download NAME`: the speech models of this machine.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rust_i18n::t;
use url::Url;

use super::{Context, Fail};
use crate::interview::Language;
use crate::models::{self, Model};

/// Lists and downloads speech models.
#[derive(Debug, clap::Args)]
pub struct ModelsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with models.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Lists the published models and marks those on this machine.
    List,
    /// Writes the folder the models lie in.
    Path,
    /// Downloads a model and checks it.
    Download {
        /// One of the names `models list` shows.
        name: String,
    },
}

/// Where models lie and come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Of this machine.
    pub folder: PathBuf,
    /// For the download.
    pub http: reqwest::Client,
    /// Usually [`models::DEFAULT_MIRROR`].
    pub mirror: Url,
}

/// Runs the command with what the settings say.
pub async fn open(args: ModelsArgs, context: &Context) -> anyhow::Result<u8> {
    if context.offline && matches!(args.action, Action::Download { .. }) {
        return Err(Fail::Usage("--offline: a download needs the network".into()).into());
    }
    let source =
        Source { folder: context.paths.models(), http: context.http.clone(), mirror: context.config.mirror()? };
    run(args, source, context.interview_language, &mut io::stdout()).await?;
    Ok(0)
}

/// Does what `args` say; a download shows a bar on standard error when that is a terminal.
pub async fn run(
    args: ModelsArgs,
    source: Source,
    language: Language,
    out: &mut (impl Write + Send),
) -> anyhow::Result<()> {
    match args.action {
        Action::List => Ok(list(&source.folder, language, out)?),
        Action::Path => Ok(writeln!(out, "{}", source.folder.display())?),
        Action::Download { name } => {
            let unknown = || t!("voice.models.unknown", locale = language.code(), name = name).into_owned();
            let model = models::named(&name).with_context(unknown)?;
            let file = download(&source, &model).await?;
            Ok(writeln!(out, "{}", file.display())?)
        }
    }
}

/// Downloads `model`, with a bar where somebody can see it.
pub async fn download(source: &Source, model: &Model) -> Result<PathBuf, models::ModelError> {
    let bar = bar(model);
    let progress = |done, _| bar.set_position(done);
    let outcome = models::download(&source.http, &source.mirror, model, &source.folder, progress).await;
    bar.finish_and_clear();
    outcome
}

fn bar(model: &Model) -> ProgressBar {
    let target = if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    ProgressBar::with_draw_target(Some(model.bytes), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(model.name.clone())
}

fn list(folder: &Path, language: Language, out: &mut impl Write) -> io::Result<()> {
    let locale = language.code();
    let recommended = models::recommended(language);
    for model in models::catalogue() {
        let size = std::fs::metadata(models::file(folder, &model)).map(|found| found.len());
        let mark = match size {
            Ok(bytes) if bytes == model.bytes => t!("voice.models.installed", locale = locale),
            Ok(_) => t!("voice.models.broken", locale = locale),
            Err(_) if model == recommended => t!("voice.models.recommended", locale = locale),
            Err(_) => "".into(),
        };
        let speaks = if model.english_only { "en" } else { "en ko" };
        let megabytes = (model.bytes + 500_000) / 1_000_000;
        let line = format!("{:<22} {speaks:<6} {megabytes:>5} MB  {mark}", model.name);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_marks_what_is_there_and_what_is_recommended() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ggml-tiny.bin"), "cut off").unwrap();
        let small = models::named("small").unwrap();
        std::fs::File::create(models::file(folder.path(), &small)).unwrap().set_len(small.bytes).unwrap();
        let mut out = Vec::new();
        list(folder.path(), Language::English, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let line = |name: &str| text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap().to_owned();
        assert_eq!(text.lines().count(), models::catalogue().len());
        assert_eq!(line("tiny"), "tiny                   en ko     78 MB  incomplete, download it again");
        assert_eq!(line("small"), "small                  en ko    488 MB  installed");
        assert_eq!(line("base.en"), "base.en                en       148 MB  recommended");
        assert_eq!(line("base"), "base                   en ko    148 MB");
    }

    #[tokio::test]
    async fn an_unknown_name_is_refused_with_the_way_to_the_right_ones() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mirror = Url::parse(models::DEFAULT_MIRROR).unwrap();
        let source = Source { folder: "nowhere".into(), http: reqwest::Client::new(), mirror };
        let args = ModelsArgs { action: Action::Download { name: "huge".into() } };
        let error = run(args, source, Language::Korean, &mut Vec::new()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "'huge'라는 모델은 없습니다. 사용할 수 있는 모델은 `mock-interviewer models list`로 볼 수 있습니다."
        );
    }
}
