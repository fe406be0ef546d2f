//! `register`, `login`, `logout`, `whoami`: accounts from a script. Passwords are read from standard
//! input.

use std::io::BufRead;

use anyhow::Context as _;
use rust_i18n::t;
use secrecy::SecretString;

use super::options::{CommonOptions, NetworkOption, Options, ServerOptions};
use super::output::print;
use super::{CommandError, Context};
use crate::backend::{Backend, ConnectError, Connected, ServerConnection};
use crate::client::ClientError;
use crate::config::Mode;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::runtime::wording;

/// The options of commands that work with an account.
#[derive(Clone, Debug, clap::Args)]
pub struct AccountOptions {
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    network: NetworkOption,
    #[command(flatten)]
    common: CommonOptions,
}

impl AccountOptions {
    pub fn options(&self) -> Options {
        Options {
            server: self.server.clone(),
            network: self.network.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// Create an account on the server (the password is read from standard input).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  mock-interviewer register --mode server --server-url https://practice.example ada ada@example.com")]
pub struct RegisterArgs {
    /// Login name
    username: String,
    /// E-mail address
    email: String,
    /// Invitation to the server, if it asks for one
    #[arg(long, value_name = "CODE")]
    invite: Option<String>,
    #[command(flatten)]
    pub account: AccountOptions,
}

/// Sign in to the server (the password is read from standard input).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  mock-interviewer login --mode server --server-url https://practice.example ada < password.txt")]
pub struct LoginArgs {
    /// Login name
    username: String,
    /// Store the token in a file that only you can read, for systems without a keyring
    #[arg(long)]
    in_file: bool,
    #[command(flatten)]
    pub account: AccountOptions,
}

/// Sign out of the server.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  mock-interviewer logout --mode server --server-url https://practice.example")]
pub struct LogoutArgs {
    #[command(flatten)]
    pub account: AccountOptions,
}

/// Print who is signed in to the server.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  mock-interviewer whoami --mode server --server-url https://practice.example")]
pub struct WhoamiArgs {
    #[command(flatten)]
    pub account: AccountOptions,
}

/// Creates an account without signing in.
pub async fn register(args: &RegisterArgs, context: &Context) -> anyhow::Result<u8> {
    let link = connect_link(context).await?;
    link.account
        .register(
            &args.username,
            &args.email,
            &read_password(context)?,
            args.invite.as_deref(),
        )
        .await?;
    context.notice(&t!(
        "account.registered",
        locale = context.language.code(),
        user = args.username
    ));
    close(link).await;
    Ok(0)
}

/// Explains in the user's language that one sign-in at a time is allowed.
fn explained(error: ClientError, context: &Context) -> anyhow::Error {
    let ClientError::SignedInElsewhere { host } = error else {
        return error.into();
    };
    let words = t!(
        "runtime.signed_in_elsewhere",
        locale = context.language.code(),
        host = host
    );
    CommandError::SignedOut(words.into()).into()
}

/// Signs in and stores the token in the keyring, or in a file if --in-file was given.
pub async fn login(args: &LoginArgs, context: &Context) -> anyhow::Result<u8> {
    let in_file = if args.in_file {
        Some(context.with_secrets_in_file()?)
    } else {
        None
    };
    let context = in_file.as_ref().unwrap_or(context);
    let link = connect_link(context).await?;
    let signed_in = link
        .account
        .sign_in(&args.username, &read_password(context)?)
        .await
        .map_err(|error| explained(error, context))?;
    if let Some(error) = signed_in.storage_error {
        link.account.sign_out(&signed_in.remote).await?;
        anyhow::bail!(t!(
            "account.no_keyring",
            locale = context.language.code(),
            reason = wording::of(&error, context.language)
        ));
    }
    context.notice(&t!(
        "account.signed_in",
        locale = context.language.code(),
        user = args.username
    ));
    close(link).await;
    Ok(0)
}

/// Revokes and deletes the token.
pub async fn logout(context: &Context) -> anyhow::Result<u8> {
    match connect(context).await? {
        Connected::SignedIn(_, backend, link) => {
            if let Backend::Remote(remote) = *backend {
                link.account.sign_out(&remote).await?;
            }
            close(*link).await;
            context.notice(&t!("account.signed_out", locale = context.language.code()));
            Ok(0)
        }
        connected => signed_out(connected, context),
    }
}

/// Prints who is signed in.
pub async fn whoami(context: &Context) -> anyhow::Result<u8> {
    match connect(context).await? {
        Connected::SignedIn(user, _, link) => {
            print(&format!("{user}\n"))?;
            close(*link).await;
            Ok(0)
        }
        connected => signed_out(connected, context),
    }
}

fn signed_out(connected: Connected, context: &Context) -> anyhow::Result<u8> {
    signed_in(connected, context).map(|_| 0)
}

/// Returns the backend of the user who is signed in, or of local mode.
pub fn signed_in(
    connected: Connected,
    context: &Context,
) -> anyhow::Result<(Backend, Option<ServerConnection>)> {
    let locale = context.language.code();
    match connected {
        Connected::Local(backend) => Ok((*backend, None)),
        Connected::SignedIn(_, backend, link) => Ok((*backend, Some(*link))),
        Connected::Unreadable(error, _) => Err(CommandError::SignedOut(
            t!(
                "account.unreadable",
                locale = locale,
                reason = wording::of(&error, context.language)
            )
            .into(),
        )
        .into()),
        Connected::SignedOut(_) => {
            Err(CommandError::SignedOut(t!("cli.signed_out", locale = locale).into()).into())
        }
    }
}

async fn connect(context: &Context) -> anyhow::Result<Connected> {
    if context.config.mode == Mode::Local {
        return Err(CommandError::Usage(
            t!("account.local", locale = context.language.code()).into(),
        )
        .into());
    }
    // No question is asked, so it does not matter who would ask it.
    let interviewer = Interviewer::question_bank(context.bank.clone());
    let connector = context.connector(interviewer, Narrator::None)?;
    connector
        .connect()
        .await
        .map_err(|error: ConnectError| error.into())
}

async fn connect_link(context: &Context) -> anyhow::Result<ServerConnection> {
    Ok(match connect(context).await? {
        Connected::SignedIn(_, _, link)
        | Connected::SignedOut(link)
        | Connected::Unreadable(_, link) => *link,
        Connected::Local(_) => unreachable!("local mode was refused"),
    })
}

/// Stops the embedded server, if there is one.
pub async fn close(link: ServerConnection) {
    if let Some(embedded) = link.embedded {
        embedded.stop().await;
    }
}

/// Reads a password from standard input; a terminal does not show it.
pub fn read_password(context: &Context) -> anyhow::Result<SecretString> {
    read_secret(
        context,
        &t!("account.password", locale = context.language.code()),
    )
}

/// Reads one line without echo, or the first line of a pipe.
pub fn read_secret(context: &Context, prompt: &str) -> anyhow::Result<SecretString> {
    let locale = context.language.code();
    let text = if context.environment.stdin_is_terminal {
        rpassword::prompt_password(prompt).with_context(|| t!("cli.terminal", locale = locale))?
    } else {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .with_context(|| t!("cli.stdin", locale = locale))?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if text.is_empty() {
        return Err(CommandError::Usage(t!("account.empty", locale = locale).into()).into());
    }
    Ok(SecretString::from(text))
}
