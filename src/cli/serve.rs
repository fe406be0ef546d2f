//! `serve`: the API server as a program.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use listenfd::ListenFd;
use rust_i18n::t;
use tokio::net::TcpListener;

use super::options::{CommonOptions, InterviewerOption, NarratorOption, NetworkOption, Options};
use super::{CommandError, Context as Resources, output, stop_signals};
use crate::config::{Allowed, ConfigError, NarratorEngine, Problem, Registration};
use crate::interview::Language;
use crate::interview::bank::Bank;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::practice::Practice;
use crate::server::{self, Network, Origin, Service, Settings};
use crate::store::Store;

/// Run the API server until SIGTERM or Ctrl-C.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = "\
Examples:
  mock-interviewer serve
  mock-interviewer serve --listen 0.0.0.0:8000 --behind-tls --database-url postgres://app@db/interviews")]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS", value_parser = crate::config::listen_address)]
    pub listen: Option<String>,
    /// Database: `sqlite:///srv/interviews.db`, or `postgres://user@host/database`, which any number of servers may
    /// share [default: server.db in the data folder]
    #[arg(long, value_name = "URL", value_parser = crate::config::expand_database)]
    pub database_url: Option<String>,
    /// Turns a user may take a day [default: 6]
    #[arg(long, value_name = "N")]
    pub daily_chat_limit: Option<u32>,
    /// Who may create an account: open, closed, invite (see `user invite`) [default: open]
    #[arg(long, value_name = "WHO")]
    pub registration: Option<Registration>,
    /// Origin whose web pages may call the API; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<Origin>,
    /// A proxy in front of the server terminates TLS; allows --listen beyond this computer
    #[arg(long)]
    pub behind_tls: bool,
    #[command(flatten)]
    interviewer: InterviewerOption,
    #[command(flatten)]
    narrator: NarratorOption,
    #[command(flatten)]
    network: NetworkOption,
    #[command(flatten)]
    common: CommonOptions,
}

impl ServeArgs {
    pub fn options(&self) -> Options {
        Options {
            interviewer: self.interviewer.clone(),
            narrator: self.narrator.clone(),
            network: self.network.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// The number of open files the server asks for.
#[cfg(unix)]
const MAX_OPEN_FILES: u64 = 65_536;

/// The values of the settings, which options override.
#[derive(Clone, Debug)]
pub struct Defaults {
    pub listen: String,
    /// A URL as [`Store::open`] takes it.
    pub database_url: String,
    pub behind_tls: bool,
    pub settings: Settings,
    /// The language of failures; the log is in English.
    pub language: Language,
}

/// The engines that interviews are held with.
#[derive(Clone, Debug)]
pub struct Engines {
    pub interviewer: Interviewer,
    pub narrator: Narrator,
    pub bank: Arc<Bank>,
}

impl Resources {
    /// Returns the database of the server: that of the settings, or one in the data folder.
    pub fn server_database_url(&self) -> String {
        match self.config.serve.database_url.as_str() {
            "" => Store::sqlite_url(&self.paths.server_database()),
            url => url.to_owned(),
        }
    }
}

/// Runs the command with the settings. Speech is off unless a narrator is named.
pub async fn open(args: ServeArgs, resources: &Resources) -> anyhow::Result<u8> {
    let config = &resources.config;
    let defaults = Defaults {
        language: resources.language,
        listen: config.serve.listen.clone(),
        behind_tls: config.serve.behind_tls,
        database_url: resources.server_database_url(),
        settings: Settings {
            daily_chat_limit: config.serve.daily_chat_limit,
            registration: config.serve.registration,
            registrations_per_hour: config.serve.registrations_per_hour,
            time_zone: config.time_zone()?,
            allow_origins: origins(&config.serve.allow_origins)?,
            login_lasts: (config.serve.login_days > 0)
                .then(|| Duration::from_hours(24 * u64::from(config.serve.login_days))),
            trusted_proxies: proxies(&config.serve.trusted_proxies)?,
            open_metrics: config.serve.open_metrics,
            ..Settings::default()
        },
    };
    let silent = config.narrator.engine == NarratorEngine::Auto;
    let engines = Engines {
        interviewer: resources.server_interviewer()?,
        narrator: if silent {
            Narrator::None
        } else {
            resources.narrator()?
        },
        bank: resources.bank.clone(),
    };
    tokio::spawn(prepare(engines.interviewer.clone()));
    run(args, defaults, engines).await?;
    Ok(0)
}

/// Finds out which model asks, and logs what is wrong with it.
async fn prepare(interviewer: Interviewer) {
    let outcome = interviewer.prepare().await;
    let model = interviewer.identity();
    match outcome {
        Ok(None) => tracing::info!(%model, "the interviewer is ready"),
        Ok(Some(day)) => tracing::warn!(%model, %day, "the model ends on this day"),
        Err(error) => tracing::warn!(%model, kind = error.kind(), "the interviewer is not ready"),
    }
}

pub(super) fn proxies(texts: &[String]) -> Result<Vec<Network>, ConfigError> {
    let wrong = |reason: String| ConfigError::Setting {
        origin: "serve.trusted_proxies".into(),
        reason,
        problem: Problem::Value(Allowed::Networks),
    };
    texts
        .iter()
        .map(|text| text.parse().map_err(wrong))
        .collect()
}

pub(super) fn origins(texts: &[String]) -> Result<Vec<Origin>, ConfigError> {
    let wrong = |error: server::OriginError| ConfigError::Setting {
        origin: "serve.allow_origins".into(),
        reason: error.to_string(),
        problem: Problem::Value(Allowed::Origins),
    };
    texts
        .iter()
        .map(|text| text.parse().map_err(wrong))
        .collect()
}

/// Serves until SIGTERM or Ctrl-C, then finishes the pending requests unless a second signal comes.
/// The one line on standard output is the address, once the server listens.
pub async fn run(args: ServeArgs, defaults: Defaults, engines: Engines) -> anyhow::Result<()> {
    let (stop, at_once) = stop_signals::listen()?;
    raise_limit();
    let store = Store::open(args.database_url.as_ref().unwrap_or(&defaults.database_url)).await?;
    let address = args.listen.as_ref().unwrap_or(&defaults.listen);
    let locale = defaults.language.code();
    let listener = listen(address, locale).await?;
    let beyond = !listener
        .local_addr()
        .context("the listener has no address")?
        .ip()
        .is_loopback();
    if beyond && !(args.behind_tls || defaults.behind_tls) {
        return Err(CommandError::Usage(
            t!("serve.beyond", locale = locale, address = address).into(),
        )
        .into());
    }
    announce(&listener)?;
    let service = Service {
        practice: Practice::new(store.clone(), engines.interviewer, engines.bank),
        store: store.clone(),
        narrator: engines.narrator,
        settings: settings(&args, defaults.settings),
    };
    let ended = tokio::select! {
        ended = server::serve(listener, service, stop) => ended.map_err(Into::into),
        () = at_once => Err(anyhow!(t!("serve.at_once", locale = locale))),
    };
    store.close().await;
    ended
}

fn settings(args: &ServeArgs, defaults: Settings) -> Settings {
    let allow_origins = if args.allow_origin.is_empty() {
        defaults.allow_origins
    } else {
        args.allow_origin.clone()
    };
    let daily_chat_limit = args.daily_chat_limit.unwrap_or(defaults.daily_chat_limit);
    Settings {
        daily_chat_limit,
        registration: args.registration.unwrap_or(defaults.registration),
        allow_origins,
        ..defaults
    }
}

/// Listens on the socket that a service manager passed, which stays open while the server restarts,
/// or else on `address`.
async fn listen(address: &str, locale: &str) -> anyhow::Result<TcpListener> {
    let passed = ListenFd::from_env()
        .take_tcp_listener(0)
        .with_context(|| t!("serve.socket", locale = locale))?;
    match passed {
        Some(socket) => {
            socket.set_nonblocking(true)?;
            Ok(TcpListener::from_std(socket)?)
        }
        None => TcpListener::bind(address)
            .await
            .with_context(|| t!("serve.listen", locale = locale, address = address)),
    }
}

fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let mut stdout = output::stdout();
    writeln!(stdout, "http://{address}")
        .and_then(|()| stdout.flush())
        .context("cannot write the address to stdout")
}

/// Raises the limit of open files. Each connection takes one, and so does its connection to a model;
/// the default limit is about a thousand, for the sake of programs that use `select`.
#[cfg(unix)]
fn raise_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit
        .maximum
        .map_or(Some(MAX_OPEN_FILES), |most| Some(most.min(MAX_OPEN_FILES)))
        .max(limit.current);
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "no more than {:?} files can be open", getrlimit(Resource::Nofile).current);
    }
}

#[cfg(not(unix))]
fn raise_limit() {}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rstest::rstest;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn parse(flags: &[&str]) -> Result<ServeArgs, clap::Error> {
        Program::try_parse_from(["serve"].iter().chain(flags)).map(|program| program.serve)
    }

    #[test]
    fn an_option_overrides_the_setting() {
        let page: Origin = "https://page.example".parse().unwrap();
        let defaults = Settings {
            daily_chat_limit: 9,
            allow_origins: vec![page.clone()],
            ..Settings::default()
        };
        let none = settings(&parse(&[]).unwrap(), defaults.clone());
        assert_eq!((none.daily_chat_limit, none.allow_origins), (9, vec![page]));
        assert_eq!(none.registration, Registration::Open);

        let flags = [
            "--daily-chat-limit",
            "2",
            "--registration",
            "invite",
            "--allow-origin",
            "http://a.example",
            "--allow-origin",
            "http://b.example",
        ];
        let given = settings(&parse(&flags).unwrap(), defaults);
        let origins = ["http://a.example", "http://b.example"]
            .map(|origin| origin.parse().unwrap())
            .to_vec();
        assert_eq!((given.daily_chat_limit, given.allow_origins), (2, origins));
        assert_eq!(given.registration, Registration::Invite);
    }

    #[rstest]
    #[case("--allow-origin=*")]
    #[case("--daily-chat-limit=-1")]
    #[case("--registration=maybe")]
    #[case("--listen=8000")]
    fn an_invalid_value_is_wrong_use(#[case] flag: &str) {
        assert_eq!(parse(&[flag]).unwrap_err().exit_code(), 2);
    }
}
