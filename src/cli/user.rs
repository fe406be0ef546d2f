//! `user`: the accounts of the server, for its administrator. The command works on the database,
//! whether the server runs or not.

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use rust_i18n::t;

use super::options::{CommonOptions, Options};
use super::output::print;
use super::{Context, output};
use crate::server::invitations;
use crate::store::{Store, User};
use crate::username;

/// Manage the server's accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer user list
  mock-interviewer user invite --count 3
  mock-interviewer user set-limit ada 40")]
pub struct UserArgs {
    /// Database of the server [default: the one `serve` uses]
    #[arg(long, value_name = "URL", value_parser = crate::config::expand_database)]
    database_url: Option<String>,
    #[command(subcommand)]
    action: UserCommand,
    #[command(flatten)]
    common: CommonOptions,
}

impl UserArgs {
    pub fn options(&self) -> Options {
        Options {
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// List all accounts: name, address, turns a day, state, separated by tabs
    List,
    /// Print invitations to register, one a line, for a server with `registration = "invite"`
    Invite {
        /// Number of invitations, each for one account
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
        count: u32,
        /// Days after which an unused invitation expires
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
        days: u32,
    },
    /// Set how many turns a day one user may take
    SetLimit {
        /// Name of the user
        name: String,
        /// A number, or `default` for the limit of the server
        #[arg(value_parser = parse_limit)]
        limit: Limit,
    },
    /// Stop a user from signing in, without deleting anything
    Disable {
        /// Name of the user
        name: String,
    },
    /// Let a disabled user sign in again
    Enable {
        /// Name of the user
        name: String,
    },
    /// Delete a user with all interviews
    Delete {
        /// Name of the user
        name: String,
        /// Delete without asking
        #[arg(long)]
        yes: bool,
    },
}

/// A limit of turns a day; `None` is the default of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit(Option<u32>);

fn parse_limit(text: &str) -> Result<Limit, String> {
    match text {
        "default" => Ok(Limit(None)),
        number => number
            .parse()
            .map(|turns| Limit(Some(turns)))
            .map_err(|_| "expected a number or `default`".to_owned()),
    }
}

/// Runs the command.
pub async fn run(args: UserArgs, context: &Context) -> anyhow::Result<u8> {
    let store = Store::open(
        &args
            .database_url
            .unwrap_or_else(|| context.server_database_url()),
    )
    .await?;
    let outcome = run_command(args.action, &store, context).await;
    store.close().await;
    outcome
}

async fn run_command(action: UserCommand, store: &Store, context: &Context) -> anyhow::Result<u8> {
    match action {
        UserCommand::List => list(&store.users().await?)?,
        UserCommand::Invite { count, days } => invite(store, count, days).await?,
        UserCommand::SetLimit {
            name,
            limit: Limit(turns),
        } => {
            store
                .set_daily_limit(&find(store, &name, context).await?.id, turns)
                .await?;
        }
        UserCommand::Disable { name } => {
            store
                .set_active(&find(store, &name, context).await?.id, false)
                .await?;
        }
        UserCommand::Enable { name } => {
            store
                .set_active(&find(store, &name, context).await?.id, true)
                .await?;
        }
        UserCommand::Delete { name, yes } => {
            let user = find(store, &name, context).await?;
            let confirmed = yes || context.can_ask() && confirm(&name, context)?;
            if !confirmed {
                bail!(t!(
                    "user.kept",
                    locale = context.language.code(),
                    user = name
                ));
            }
            store.delete_user(&user.id).await?;
        }
    }
    Ok(0)
}

async fn invite(store: &Store, count: u32, days: u32) -> anyhow::Result<()> {
    let expires = Timestamp::now() + SignedDuration::from_hours(24 * i64::from(days));
    for _ in 0..count {
        let code = invitations::new_code()?;
        store
            .add_invitation(&invitations::hash(&code), expires)
            .await?;
        print(&format!("{code}\n"))?;
    }
    Ok(())
}

async fn find(store: &Store, name: &str, context: &Context) -> anyhow::Result<User> {
    match store.user_by_name(&username::normalize(name)).await? {
        Some(user) => Ok(user),
        None => bail!(t!(
            "user.unknown",
            locale = context.language.code(),
            user = format!("{name:?}")
        )),
    }
}

fn list(users: &[User]) -> std::io::Result<()> {
    let mut out = output::stdout();
    for user in users {
        let limit = user
            .daily_limit
            .map_or_else(|| "default".to_owned(), |turns| turns.to_string());
        let state = if user.active { "active" } else { "disabled" };
        writeln!(out, "{}\t{}\t{limit}\t{state}", user.username, user.email)?;
    }
    Ok(())
}

fn confirm(name: &str, context: &Context) -> std::io::Result<bool> {
    let mut out = output::stderr();
    let question = t!("user.sure", locale = context.language.code(), user = name);
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_the_servers() {
        assert_eq!(
            (parse_limit("12"), parse_limit("default")),
            (Ok(Limit(Some(12))), Ok(Limit(None)))
        );
        assert!(parse_limit("-1").is_err() && parse_limit("many").is_err());
    }
}
