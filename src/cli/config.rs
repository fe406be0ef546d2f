//! `config`: the location, the values and the check of the settings.

use super::context::{bank, settings, warn_of_unknown};
use super::options::{CommonOptions, Options};
use super::output::print;
use super::{Context, Environment, connection_check};
use crate::config::{Config, ConfigError};
use crate::paths::Paths;
use crate::store::Store;

/// Print or check the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer config print
  mock-interviewer config check --connect --config new.toml")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    common: CommonOptions,
}

impl Args {
    pub fn options(&self) -> Options {
        Options {
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

#[derive(Clone, Copy, Debug, clap::Subcommand)]
enum Action {
    /// Print the path of the settings file
    Path,
    /// Print the value of every setting, without passwords
    Print,
    /// Check the settings
    Check {
        /// Try the key, the address, the model, streaming, the system role and speech as well
        #[arg(long)]
        connect: bool,
    },
}

/// Runs the command. Wrong settings end it with exit code 2.
pub async fn run(args: Args, environment: Environment) -> anyhow::Result<u8> {
    let files = args.common.files.clone().or_from(&environment);
    let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref())?;
    let given = args.options().settings();
    let config = || {
        let (config, unknown) = settings(&files, &given, &environment, &paths)?;
        warn_of_unknown(&unknown, config.language.or(environment.language()));
        Ok::<_, ConfigError>(config)
    };
    match args.action {
        Action::Path => print(&format!("{}\n", paths.config_file().display()))?,
        Action::Print => print(&toml::to_string(&without_password(config()?))?)?,
        Action::Check { connect } => {
            check(&config()?)?;
            if connect {
                let context = Context::new(args.options(), environment, false)?;
                return Box::pin(connection_check::run(&context)).await;
            }
            print("ok\n")?;
        }
    }
    Ok(0)
}

/// Removes the password of the database URL, so that nobody prints it by accident.
fn without_password(mut config: Config) -> Config {
    config.serve.database_url = Store::url_without_password(&config.serve.database_url);
    config
}

/// Checks what else the commands would find when they use the settings.
pub fn check(config: &Config) -> anyhow::Result<()> {
    bank(config)?;
    #[cfg(feature = "server")]
    super::serve::proxies(&config.serve.trusted_proxies)?;
    #[cfg(feature = "server")]
    super::serve::origins(&config.serve.allow_origins)?;
    Ok(())
}
