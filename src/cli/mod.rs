//! The command line: one file a subcommand, each given its resources by [`Context`].

mod account;
mod answers;
mod asking;
mod background;
#[cfg(feature = "voice")]
mod bench;
mod config;
mod context;
#[cfg(feature = "voice")]
mod devices;
mod engines;
mod errors;
mod history;
mod interface;
mod key;
mod models;
mod plain;
mod practice;
mod say;
#[cfg(feature = "server")]
mod serve;
mod session;
#[cfg(feature = "server")]
mod stops;
mod text_file;
#[cfg(feature = "voice")]
mod transcribe;
#[cfg(feature = "server")]
mod user;
mod voice_out;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

pub use context::{Context, Environment};
pub use errors::{Fail, exit_code, is_broken_pipe};

use crate::config::Setting;

/// A mock interviewer in the terminal, with local voice, in English and Korean.
///
/// Without a command it opens the terminal interface, or holds the same interview line by line
/// where standard input or output is no terminal.
#[derive(Debug, Parser)]
#[command(name = "mock-interviewer", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options that every command takes, before or after it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Global {
    /// Settings file [default: the one that `config path` names]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything the program writes in this folder
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where the interview runs: local, server, embedded
    #[arg(long, global = true, value_name = "MODE")]
    mode: Option<String>,
    /// The server of --mode server
    #[arg(long, global = true, value_name = "URL")]
    server_url: Option<String>,
    /// Language of the interface and of interviews: en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Language of interviews, where it differs: en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    interview_language: Option<String>,
    /// Language of your answers, where it differs: auto, en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    speech_language: Option<String>,
    /// Who asks: auto, offline, openai
    #[arg(long, global = true, value_name = "ENGINE")]
    interviewer: Option<String>,
    /// Who speaks: auto, none, espeak, say, openai, command
    #[arg(long, global = true, value_name = "ENGINE")]
    narrator: Option<String>,
    /// Speech model: a file, or a name that `models list` shows
    #[arg(long, global = true, value_name = "FILE")]
    model: Option<String>,
    /// Microphone, by its name or a part of it; `devices` lists them [default: the system's]
    #[arg(long, global = true, value_name = "NAME")]
    microphone: Option<String>,
    /// Loudspeaker, by its name or a part of it [default: the system's]
    #[arg(long, global = true, value_name = "NAME")]
    speaker: Option<String>,
    /// Speak with these files instead of a microphone: each press of the talk key plays the next
    #[arg(long, global = true, value_name = "WAV")]
    mic_file: Vec<PathBuf>,
    /// Write speech to this file instead of playing it
    #[arg(long, global = true, value_name = "WAV")]
    speaker_file: Option<PathBuf>,
    /// Use no network, whatever the settings say
    #[arg(long, global = true)]
    offline: bool,
    /// Hold the interview line by line, without cursor movement or colour
    #[arg(long)]
    plain: bool,
    /// No notices or progress on standard error
    #[arg(short, long, global = true)]
    quiet: bool,
    /// More details in the log
    #[arg(short, long, global = true)]
    verbose: bool,
}

impl Global {
    /// The flags that set what the settings file can set as well.
    fn settings(&self) -> Vec<Setting> {
        let flags = [
            ("mode", "--mode", &self.mode),
            ("server.url", "--server-url", &self.server_url),
            ("language", "--language", &self.language),
            (
                "interview.language",
                "--interview-language",
                &self.interview_language,
            ),
            (
                "speech.language",
                "--speech-language",
                &self.speech_language,
            ),
            ("interviewer.engine", "--interviewer", &self.interviewer),
            ("narrator.engine", "--narrator", &self.narrator),
            ("speech.model", "--model", &self.model),
            ("audio.microphone", "--microphone", &self.microphone),
            ("audio.speaker", "--speaker", &self.speaker),
        ];
        let given = flags
            .into_iter()
            .filter_map(|(key, origin, text)| Some((key, origin, text.clone()?)));
        given
            .map(|(key, origin, text)| Setting {
                key: key.into(),
                text,
                origin: origin.into(),
            })
            .collect()
    }
}

impl Cli {
    /// The two paths that decide where settings are looked for may come from the environment as well.
    fn surrounded_by(mut self, environment: &Environment) -> Self {
        let path = |name| environment.variable(name).map(PathBuf::from);
        self.global.config = self
            .global
            .config
            .or_else(|| path("MOCK_INTERVIEWER_CONFIG"));
        self.global.data_dir = self
            .global
            .data_dir
            .or_else(|| path("MOCK_INTERVIEWER_DATA_DIR"));
        self
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Hold a whole interview without a screen
    Practice(practice::Args),
    /// Run the API server
    #[cfg(feature = "server")]
    Serve(serve::ServeArgs),
    /// The server's accounts: list, limits, disable, delete
    #[cfg(feature = "server")]
    User(user::UserArgs),
    /// Write down what is said in audio files
    #[cfg(feature = "voice")]
    Transcribe(transcribe::TranscribeArgs),
    /// Speak a text
    Say(say::Args),
    /// Speech models: list, download, verify, remove, import
    Models(models::ModelsArgs),
    /// Microphones and loudspeakers
    #[cfg(feature = "voice")]
    Devices(devices::DevicesArgs),
    /// How fast this machine is with this speech model
    #[cfg(feature = "voice")]
    Bench(bench::BenchArgs),
    /// Make an account on the server (the password is read from standard input)
    Register(account::RegisterArgs),
    /// Sign in to the server (the password is read from standard input)
    Login(account::LoginArgs),
    /// Sign out of the server
    Logout,
    /// Who is signed in to the server
    Whoami,
    /// Past interviews: list, show, export, delete
    History(history::Args),
    /// Keys of model providers
    Key(key::Args),
    /// Where the settings are, what they are, whether they are right
    Config(config::Args),
    /// Completions for a shell, on standard output
    Completions {
        /// bash, elvish, fish, powershell, zsh
        shell: clap_complete::Shell,
    },
}

/// Whether this runs the API server.
#[cfg(feature = "server")]
fn serves(command: Option<&Command>) -> bool {
    matches!(command, Some(Command::Serve(_)))
}

/// There is none in this build.
#[cfg(not(feature = "server"))]
fn serves(_command: Option<&Command>) -> bool {
    false
}

/// Runs the program; gives its exit code.
pub async fn run(
    arguments: impl Iterator<Item = OsString>,
    environment: Environment,
) -> anyhow::Result<u8> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.surrounded_by(&environment),
        Err(error) => {
            error.print()?;
            return Ok(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if let Some(Command::Completions { shell }) = cli.command {
        let mut script = vec![];
        clap_complete::generate(shell, &mut Cli::command(), "mock-interviewer", &mut script);
        errors::say(&String::from_utf8_lossy(&script))?;
        return Ok(0);
    }
    if let Some(Command::Config(args)) = &cli.command {
        return config::run(args, &cli.global, &environment);
    }
    let context = Context::new(cli.global, environment, serves(cli.command.as_ref()))?;
    dispatch(cli.command, context).await
}

async fn dispatch(command: Option<Command>, context: Context) -> anyhow::Result<u8> {
    match command {
        None => interface::open(context).await,
        Some(Command::Practice(args)) => practice::run(args, context).await,
        #[cfg(feature = "server")]
        Some(Command::Serve(args)) => serve::open(args, &context).await,
        #[cfg(feature = "voice")]
        Some(Command::Transcribe(args)) => transcribe::open(args, &context).await,
        Some(Command::Say(args)) => say::run(&args, &context).await,
        Some(Command::Models(args)) => models::open(args, &context).await,
        #[cfg(feature = "voice")]
        Some(Command::Devices(args)) => devices::open(args, &context).await,
        #[cfg(feature = "server")]
        Some(Command::User(args)) => user::run(args, &context).await,
        #[cfg(feature = "voice")]
        Some(Command::Bench(args)) => bench::run(args, &context).await,
        Some(Command::Register(args)) => account::register(&args, &context).await,
        Some(Command::Login(args)) => account::login(&args, &context).await,
        Some(Command::Logout) => account::logout(&context).await,
        Some(Command::Whoami) => account::whoami(&context).await,
        Some(Command::History(args)) => history::run(args, &context).await,
        Some(Command::Key(args)) => key::run(&args, &context).await,
        Some(Command::Config(_) | Command::Completions { .. }) => {
            unreachable!("these need no context")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_go_before_or_after_the_command() {
        for line in [
            "mock-interviewer --language ko whoami",
            "mock-interviewer whoami --language ko",
        ] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.global.language.as_deref(), Some("ko"));
        }
    }
}
