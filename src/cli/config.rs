//! `config`: where the settings are, what they are, whether they are right.

use super::context::{bank, settings};
use super::errors::say;
use super::{Environment, Global};
use crate::config::Config;
use crate::paths::Paths;
use crate::store::Store;

/// Where the settings are, what they are, whether they are right.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
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
pub fn run(args: &Args, global: &Global, environment: &Environment) -> anyhow::Result<u8> {
    let paths = Paths::new(global.config.as_deref(), global.data_dir.as_deref())?;
    match args.action {
        Action::Path => say(&format!("{}\n", paths.config_file().display()))?,
        Action::Print => say(&toml::to_string(&shown(settings(
            global,
            environment,
            &paths,
        )?))?)?,
        Action::Check => {
            check(&settings(global, environment, &paths)?)?;
            say("ok\n")?;
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
