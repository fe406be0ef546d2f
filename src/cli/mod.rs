//! The command line: one file a subcommand, each given its resources by [`Context`].

mod account;
mod answers;
mod background;
mod config;
mod connection_check;
mod context;
mod doctor;
mod engines;
mod environment;
mod errors;
mod failure;
mod history;
mod interface;
mod interviewer_choice;
mod key;
mod model_keys;
mod models;
mod options;
mod output;
mod pipes;
mod plain;
mod practice;
mod say;
#[cfg(feature = "server")]
mod serve;
mod session;
mod spoken_output;
#[cfg(feature = "server")]
mod stop_signals;
mod text_file;
#[cfg(feature = "server")]
mod user;
#[cfg(feature = "voice")]
mod voice_commands;
mod word_wrap;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use context::Context;
pub use environment::Environment;
pub use errors::CommandError;
use errors::{exit_code, is_broken_pipe};
pub use output::print_notice;

use crate::runtime::panic_report;
use options::Options;

/// A mock interviewer in the terminal, with local voice, in English and Korean.
///
/// Without a command it opens the terminal interface, or holds the same interview line by line
/// if standard input or output is not a terminal.
#[derive(Debug, Parser)]
#[command(name = "mock-interviewer", version, max_term_width = 100)]
#[command(after_help = "\
Examples:
  mock-interviewer
  mock-interviewer --language ko --offline
  mock-interviewer practice --topic Rust --questions 3 --report rust.html")]
pub struct Cli {
    /// Hold the interview line by line, without cursor movement or colour
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Hold a whole interview without a screen
    Practice(Box<practice::Args>),
    /// Run the API server
    #[cfg(feature = "server")]
    Serve(serve::ServeArgs),
    /// Manage the server's accounts: list, limits, disable, delete
    #[cfg(feature = "server")]
    User(user::UserArgs),
    #[cfg(feature = "voice")]
    #[command(flatten)]
    Voice(voice_commands::VoiceSubcommand),
    /// Speak a text
    Say(say::Args),
    /// Manage speech models: list, download, verify, remove, import
    Models(models::ModelsArgs),
    /// Create an account on the server (the password is read from standard input)
    Register(account::RegisterArgs),
    /// Sign in to the server (the password is read from standard input)
    Login(account::LoginArgs),
    /// Sign out of the server
    Logout(account::LogoutArgs),
    /// Print who is signed in to the server
    Whoami(account::WhoamiArgs),
    /// List, show, export or delete past interviews
    History(history::Args),
    /// Store or remove the keys of model servers
    Key(key::Args),
    /// Print or check the settings
    Config(config::Args),
    Doctor(doctor::Args),
    /// Print a completion script for a shell
    #[command(after_help = "\
Example:
  mock-interviewer completions bash > ~/.local/share/bash-completion/completions/mock-interviewer")]
    Completions {
        /// bash, elvish, fish, powershell, zsh
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Returns the shared options as this command was given them.
    fn options(&self) -> Options {
        match self {
            Self::Practice(args) => args.options(),
            #[cfg(feature = "server")]
            Self::Serve(args) => args.options(),
            #[cfg(feature = "server")]
            Self::User(args) => args.options(),
            #[cfg(feature = "voice")]
            Self::Voice(command) => command.options(),
            Self::Say(args) => args.options(),
            Self::Models(args) => args.options(),
            Self::Register(args) => args.account.options(),
            Self::Login(args) => args.account.options(),
            Self::Logout(args) => args.account.options(),
            Self::Whoami(args) => args.account.options(),
            Self::History(args) => args.options(),
            Self::Key(args) => args.options(),
            Self::Config(args) => args.options(),
            Self::Doctor(args) => args.options(),
            Self::Completions { .. } => Options::default(),
        }
    }
}

/// Runs the program and returns its exit code. Why it failed is said on standard error.
pub async fn run(arguments: impl Iterator<Item = OsString>, environment: Environment) -> u8 {
    let mut language = environment.language();
    let outcome = match parse(arguments) {
        Ok(cli) => {
            language = failure::language(&cli.shared_options(), &environment);
            Box::pin(dispatch(cli, environment)).await
        }
        Err(error) => print_refusal(&error)
            .map(|()| u8::try_from(error.exit_code()).unwrap_or(2))
            .map_err(Into::into),
    };
    match outcome {
        Ok(code) => code,
        // The reader of the output has seen enough, such as `head`.
        Err(error) if is_broken_pipe(&error) => 0,
        Err(error) => {
            print_notice(&format!(
                "mock-interviewer: {}",
                failure::words_of(&error, language)
            ));
            exit_code(&error)
        }
    }
}

impl Cli {
    /// Returns the shared options, wherever they stand.
    fn shared_options(&self) -> Options {
        match &self.command {
            Some(command) => command.options(),
            None => self.options.clone(),
        }
    }
}

/// Prints the help, or what is wrong with the command line. The latter repeats what was given, such
/// as the name of a file that the shell filled in.
fn print_refusal(error: &clap::Error) -> std::io::Result<()> {
    if !error.use_stderr() {
        return error.print();
    }
    print_notice(error.render().to_string().trim_end());
    Ok(())
}

/// Parses the command line. An option before the command counts as if it stood after it, and is
/// refused if the command does not take it.
fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = definition();
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let Some((name, option)) = unused_option(&command, &matches) {
        let message = format!("'{name}' does not take the option '{option}'");
        return Err(command.error(ErrorKind::UnknownArgument, message));
    }
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Returns the definition of the command line. The program's own options are not global: each
/// command declares those it takes, and clap copies their values to it.
fn definition() -> clap::Command {
    Cli::command().mut_args(|arg| arg.global(false))
}

/// Returns an option given before the command that the command does not declare, with the name of
/// the command.
fn unused_option(program: &clap::Command, matches: &ArgMatches) -> Option<(String, String)> {
    let mut path = Vec::new();
    let mut declared = Vec::new();
    let mut command = program;
    let mut inner = matches;
    while let Some((name, next)) = inner.subcommand() {
        command = command.find_subcommand(name)?;
        path.push(name);
        declared.extend(command.get_arguments().map(clap::Arg::get_id));
        inner = next;
    }
    let given = program.get_arguments().find(|arg| {
        matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
            && !declared.contains(&arg.get_id())
    });
    let option = given.filter(|_| !path.is_empty())?.get_long()?;
    Some((path.join(" "), format!("--{option}")))
}

async fn dispatch(cli: Cli, environment: Environment) -> anyhow::Result<u8> {
    let Some(command) = cli.command else {
        let mut context = Context::new(cli.options, environment, false)?;
        report_panics(&context);
        let inputs = pipes::Inputs::read(&context.mic_files, &context).await?;
        context.mic_files.clone_from(&inputs.files);
        return interface::open(context, cli.plain).await;
    };
    match command {
        Command::Config(args) => config::run(args, environment).await,
        Command::Doctor(args) => Box::pin(doctor::run(&args, environment)).await,
        Command::Completions { shell } => completions(shell),
        command => {
            #[cfg(feature = "server")]
            let logs_as_server = matches!(command, Command::Serve(_));
            #[cfg(not(feature = "server"))]
            let logs_as_server = false;
            let mut context = Context::new(command.options(), environment, logs_as_server)?;
            report_panics(&context);
            let inputs = pipes::Inputs::read(&context.mic_files, &context).await?;
            context.mic_files.clone_from(&inputs.files);
            run_command(command, context).await
        }
    }
}

/// Sends the report of a later panic to the state folder.
fn report_panics(context: &Context) {
    let folder = context.paths.panic_reports();
    panic_report::install(folder, context.language, jiff::Timestamp::now());
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let mut script = vec![];
    clap_complete::generate(shell, &mut definition(), "mock-interviewer", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

async fn run_command(command: Command, context: Context) -> anyhow::Result<u8> {
    match command {
        Command::Practice(args) => practice::run(*args, context).await,
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::open(args, &context).await,
        #[cfg(feature = "voice")]
        Command::Voice(command) => command.run(&context).await,
        Command::Say(args) => say::run(&args, &context).await,
        Command::Models(args) => models::open(args, &context).await,
        #[cfg(feature = "server")]
        Command::User(args) => user::run(args, &context).await,
        Command::Register(args) => account::register(&args, &context).await,
        Command::Login(args) => account::login(&args, &context).await,
        Command::Logout(_) => account::logout(&context).await,
        Command::Whoami(_) => account::whoami(&context).await,
        Command::History(args) => history::run(args, &context).await,
        Command::Key(args) => key::run(&args, &context).await,
        Command::Config(_) | Command::Doctor(_) | Command::Completions { .. } => {
            unreachable!("dispatch runs these without a context")
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn parse_line(line: &str) -> Result<Cli, clap::Error> {
        let words = format!("mock-interviewer {line}");
        parse(words.split(' ').map(OsString::from))
    }

    #[test]
    fn the_command_line_is_consistent() {
        definition().debug_assert();
    }

    #[rstest]
    #[case::before("--language ko whoami")]
    #[case::after("whoami --language ko")]
    #[case::before_a_nested_command("--language ko history list")]
    #[case::between("history --language ko list")]
    #[case::after_a_nested_command("history list --language ko")]
    fn an_option_that_a_command_takes_stands_before_or_after_it(#[case] line: &str) {
        let options = parse_line(line).unwrap().command.unwrap().options();
        assert_eq!(options.common.general.language.as_deref(), Some("ko"));
    }

    #[rstest]
    #[case("whoami --mic-file answer.wav")]
    #[case("--mic-file answer.wav whoami")]
    #[case("--plain whoami")]
    #[case("history list --narrator none")]
    #[case("--narrator none history list")]
    #[case("--offline config print")]
    #[case("--quiet completions bash")]
    #[case("--model base models path")]
    fn an_option_that_a_command_does_not_take_is_wrong_use(#[case] line: &str) {
        assert_eq!(parse_line(line).unwrap_err().exit_code(), 2);
    }

    /// Returns the names of the shared options that a command takes.
    #[cfg(all(feature = "server", feature = "voice"))]
    fn shared_options_of(path: &[&str]) -> Vec<String> {
        let shared = definition();
        let mut program = definition();
        program.build();
        let mut command = &program;
        for name in path {
            command = command.find_subcommand(name).unwrap();
        }
        let options = command.get_arguments().filter_map(clap::Arg::get_long);
        let names = options.filter(|name| {
            shared
                .get_arguments()
                .any(|arg| arg.get_long() == Some(*name))
        });
        names.map(str::to_owned).collect()
    }

    #[cfg(all(feature = "server", feature = "voice"))]
    #[rstest]
    #[case(&["whoami"], &["mode", "server-url"])]
    #[case(&["serve"], &["interviewer", "narrator"])]
    #[case(&["user"], &[])]
    #[case(&["transcribe"], &["model", "speech-language"])]
    #[case(&["bench"], &["model", "speech-language"])]
    #[case(&["say"], &["interview-language", "narrator", "speaker", "speaker-file"])]
    #[case(&["key"], &[])]
    #[case(&["models", "path"], &[])]
    #[case(&["models", "list"], &["interview-language", "model", "speech-language"])]
    #[case(&["completions"], &[])]
    #[case(
        &["doctor"],
        &["interview-language", "interviewer", "mode", "server-url", "model", "speech-language", "narrator"]
    )]
    fn a_command_takes_the_options_that_change_what_it_does(
        #[case] path: &[&str],
        #[case] expected: &[&str],
    ) {
        let common = [
            "config", "data-dir", "offline", "language", "quiet", "verbose", "help", "version",
        ];
        let own: Vec<String> = shared_options_of(path)
            .into_iter()
            .filter(|name| !common.contains(&name.as_str()))
            .collect();
        assert_eq!(own, expected);
    }
}
