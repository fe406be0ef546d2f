//! `key`: the keys of model servers, stored in the keyring, one for each host.

use rust_i18n::t;
use secrecy::ExposeSecret;
use url::Url;

use super::account::read_secret;
use super::options::{CommonOptions, Options};
use super::{CommandError, Context};
use crate::config::{base_address, preset_at};
use crate::runtime::wording;
use crate::secrets::key_entry;
use crate::upstream::{host_of, key};

/// Store or remove the keys of model servers.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer key set openai < key.txt
  mock-interviewer key set https://models.example/v1 < key.txt")]
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
        /// Server of the key: openai, openrouter, gemini, anthropic, groq, mistral, or an address
        #[arg(value_parser = server)]
        server: Url,
        /// Store it in a file that only you can read, for systems without a keyring
        #[arg(long)]
        in_file: bool,
    },
    /// Delete a key
    Clear {
        /// Server of the key, likewise
        #[arg(value_parser = server)]
        server: Url,
    },
}

fn server(text: &str) -> Result<Url, String> {
    base_address(text).ok_or_else(|| {
        "a key belongs to a server: openai, openrouter, gemini, anthropic, groq, mistral, \
         or an address such as https://RESOURCE.openai.azure.com"
            .to_owned()
    })
}

/// Runs the command.
pub async fn run(args: &Args, context: &Context) -> anyhow::Result<u8> {
    match &args.action {
        Action::Set {
            server,
            in_file: true,
        } => set(server, &context.with_secrets_in_file()?).await?,
        Action::Set {
            server,
            in_file: false,
        } => set(server, context).await?,
        Action::Clear { server } => clear(server, context).await?,
    }
    Ok(0)
}

async fn set(server: &Url, context: &Context) -> anyhow::Result<()> {
    let locale = context.language.code();
    let host = host_of(server);
    let name = preset_at(server).map_or(host.as_str(), |preset| preset.title);
    let text = read_secret(context, &t!("key.prompt", locale = locale, server = name))?;
    let key = key::cleaned(text.expose_secret())
        .ok_or_else(|| CommandError::Usage(t!("account.empty", locale = locale).into()))?;
    let entry = key_entry(server);
    let stored_as = entry.clone();
    let secrets = context.secrets.clone();
    let stored = tokio::task::spawn_blocking(move || secrets.set(&stored_as, &key)).await?;
    stored.map_err(|error| {
        let server = preset_at(server).map_or(host.as_str(), |preset| preset.name);
        anyhow::anyhow!(t!(
            "key.no_keyring",
            locale = locale,
            reason = wording::of(&error, context.language),
            server = server
        ))
    })?;
    context.with_preferences(|preferences| preferences.set_key(&entry, true))?;
    context.notice(&t!("key.kept", locale = locale, host = host));
    Ok(())
}

async fn clear(server: &Url, context: &Context) -> anyhow::Result<()> {
    let entry = key_entry(server);
    let deleted = entry.clone();
    let secrets = context.secrets.clone();
    tokio::task::spawn_blocking(move || secrets.delete(&deleted)).await??;
    context.with_preferences(|preferences| preferences.set_key(&entry, false))?;
    context.notice(&t!(
        "key.forgotten",
        locale = context.language.code(),
        host = host_of(server)
    ));
    Ok(())
}
