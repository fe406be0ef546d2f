//! `config`: where the settings are, what they are, whether they are right.

use super::Environment;
use super::context::{bank, settings};
use super::errors::print;
use super::options::FileOptions;
use crate::config::Config;
use crate::paths::Paths;
use crate::store::Store;

/// Print or check the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer config print
  mock-interviewer config check --config new.toml")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    files: FileOptions,
}

#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum Action {
    /// Print where the settings file is
    Path,
    /// Print every setting as it is in force, without passwords
    Print,
    /// Say whether the settings are right
    Check,
}

/// Runs it. Wrong settings are an error of their own, exit code 2.
pub fn run(args: Args, environment: &Environment) -> anyhow::Result<u8> {
    let files = args.files.or_from(environment);
    let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref())?;
    let config = || settings(&files, &[], environment, &paths);
    match args.action {
        Action::Path => print(&format!("{}\n", paths.config_file().display()))?,
        Action::Print => print(&toml::to_string(&shown(config()?))?)?,
        Action::Check => {
            check(&config()?)?;
            print("ok\n")?;
        }
    }
    Ok(0)
}

/// Nobody prints a password by accident.
fn shown(mut config: Config) -> Config {
    config.serve.database_url = Store::url_without_password(&config.serve.database_url);
    config
}

/// What the commands would find when they use the settings.
fn check(config: &Config) -> anyhow::Result<()> {
    bank(config)?;
    #[cfg(feature = "server")]
    super::serve::proxies(&config.serve.trusted_proxies)?;
    #[cfg(feature = "server")]
    super::serve::origins(&config.serve.allow_origins)?;
    Ok(())
}
