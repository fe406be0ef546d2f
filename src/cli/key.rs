//! `key`: the keys of model providers, stored in the keyring.

use rust_i18n::t;

use super::Context;
use super::account::read_secret;
use super::options::{CommonOptions, Options};
use crate::secrets::openai_entry;

/// Store or remove the keys of model providers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  mock-interviewer key set openai < key.txt")]
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

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Store a key (read from standard input)
    Set {
        /// Provider of the key
        provider: Provider,
        /// Store it in a file that only you can read, for systems without a keyring
        #[arg(long)]
        in_file: bool,
    },
    /// Delete a key
    Clear {
        /// Provider of the key
        provider: Provider,
    },
}

/// A provider of models.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Provider {
    /// `OpenAI`, or whatever `openai.base_url` names
    Openai,
}

/// Runs the command.
pub async fn run(args: &Args, context: &Context) -> anyhow::Result<u8> {
    match args.action {
        Action::Set {
            provider: Provider::Openai,
            in_file: true,
        } => set(&context.with_secrets_in_file()?).await?,
        Action::Set {
            provider: Provider::Openai,
            in_file: false,
        } => set(context).await?,
        Action::Clear {
            provider: Provider::Openai,
        } => clear(context).await?,
    }
    Ok(0)
}

async fn set(context: &Context) -> anyhow::Result<()> {
    let locale = context.language.code();
    let key = read_secret(context, &t!("key.prompt", locale = locale))?;
    let secrets = context.secrets.clone();
    let stored = tokio::task::spawn_blocking(move || secrets.set(&openai_entry(), &key)).await?;
    stored
        .map_err(|error| anyhow::anyhow!(t!("key.no_keyring", locale = locale, reason = error)))?;
    context.with_preferences(|preferences| preferences.set_key("openai", true))?;
    context.notice(&t!("key.kept", locale = locale));
    Ok(())
}

async fn clear(context: &Context) -> anyhow::Result<()> {
    let secrets = context.secrets.clone();
    tokio::task::spawn_blocking(move || secrets.delete(&openai_entry())).await??;
    context.with_preferences(|preferences| preferences.set_key("openai", false))?;
    context.notice(&t!("key.forgotten", locale = context.language.code()));
    Ok(())
}
