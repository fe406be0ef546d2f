//! `user`: the accounts of the server, for its administrator. Works on the database, whether the server runs or not.

use std::io::Write;

use anyhow::bail;
use clap::Subcommand;

use super::Context;
use super::options::{CommonOptions, Options};
use crate::server::normalize_name;
use crate::store::{Store, User};

/// Manage the server's accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer user list
  mock-interviewer user set-limit ada 40")]
pub struct UserArgs {
    /// Database of the server [default: as `serve`]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    #[command(subcommand)]
    action: Action,
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
enum Action {
    /// All accounts: name, address, turns a day, disabled or not, separated by tabs
    List,
    /// Turns a day for one user; `default`: as many as the server allows
    SetLimit {
        /// Name
        name: String,
        /// A number, or `default`
        #[arg(value_parser = limit)]
        limit: Limit,
    },
    /// Keep a user out; nothing of theirs is deleted
    Disable {
        /// Name
        name: String,
    },
    /// Let a user in again
    Enable {
        /// Name
        name: String,
    },
    /// Delete a user with everything of theirs
    Delete {
        /// Name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Turns a day; `None`: the server's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit(Option<u32>);

fn limit(text: &str) -> Result<Limit, String> {
    match text {
        "default" => Ok(Limit(None)),
        number => number
            .parse()
            .map(|turns| Limit(Some(turns)))
            .map_err(|_| "a number, or default".to_owned()),
    }
}

/// Runs it.
pub async fn run(args: UserArgs, context: &Context) -> anyhow::Result<u8> {
    let store = Store::open(
        &args
            .database_url
            .unwrap_or_else(|| context.server_database_url()),
    )
    .await?;
    let outcome = act(args.action, &store, context).await;
    store.close().await;
    outcome
}

async fn act(action: Action, store: &Store, context: &Context) -> anyhow::Result<u8> {
    match action {
        Action::List => list(&store.users().await?)?,
        Action::SetLimit {
            name,
            limit: Limit(turns),
        } => {
            store
                .set_daily_limit(&named(store, &name).await?.id, turns)
                .await?;
        }
        Action::Disable { name } => {
            store
                .set_active(&named(store, &name).await?.id, false)
                .await?
        }
        Action::Enable { name } => {
            store
                .set_active(&named(store, &name).await?.id, true)
                .await?
        }
        Action::Delete { name, yes } => {
            let user = named(store, &name).await?;
            let sure = yes || context.can_ask() && is_sure(&name)?;
            if !sure {
                bail!("{name} was not deleted: --yes deletes without asking");
            }
            store.delete_user(&user.id).await?;
        }
    }
    Ok(0)
}

async fn named(store: &Store, name: &str) -> anyhow::Result<User> {
    match store.user_by_name(&normalize_name(name)).await? {
        Some(user) => Ok(user),
        None => bail!("there is no user called {name:?}"),
    }
}

fn list(users: &[User]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for user in users {
        let limit = user
            .daily_limit
            .map_or_else(|| "default".to_owned(), |turns| turns.to_string());
        let state = if user.active { "active" } else { "disabled" };
        writeln!(out, "{}\t{}\t{limit}\t{state}", user.username, user.email)?;
    }
    Ok(())
}

fn is_sure(name: &str) -> std::io::Result<bool> {
    let mut out = std::io::stderr();
    write!(
        out,
        "Delete {name} with all interviews? Type the name again: "
    )?;
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
            (limit("12"), limit("default")),
            (Ok(Limit(Some(12))), Ok(Limit(None)))
        );
        assert!(limit("-1").is_err() && limit("many").is_err());
    }
}
