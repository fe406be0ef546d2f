//! `models llm`: the models of the server in the settings, and of servers on this computer.

use std::io::Write;

use rust_i18n::t;
use serde::Serialize;
use url::Url;

use crate::cli::Context;
use crate::config::preset_at;
use crate::printable::printable_json;
use crate::upstream::discovery;
use crate::upstream::model_list::{self, LIST_TIMEOUT, ListedModel};
use crate::upstream::model_name::today;
use crate::upstream::{host_of, model_choice};

/// One server of `llm --json`.
#[derive(Debug, Serialize)]
struct Server {
    name: String,
    address: String,
    /// Whether the settings name it.
    configured: bool,
    models: Vec<Model>,
    /// Why its models cannot be listed.
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct Model {
    id: String,
    /// Whether it asks the questions if its server is used.
    used: bool,
    /// The announced last day.
    shutdown_date: Option<String>,
}

/// Lists the models that can hold interviews. Exit code 1 if the server in the settings cannot be
/// asked.
pub(super) async fn list(
    context: &Context,
    json: bool,
    out: &mut (impl Write + Send),
) -> anyhow::Result<u8> {
    let servers = servers(context).await?;
    let failed = servers.iter().any(|server| server.problem.is_some());
    if json {
        writeln!(out, "{}", printable_json(&serde_json::to_string(&servers)?))?;
    } else if servers.is_empty() {
        context.notice(&t!("connect.models.none", locale = context.language.code()));
    } else {
        for server in &servers {
            write_server(server, out)?;
        }
    }
    Ok(u8::from(failed))
}

async fn servers(context: &Context) -> anyhow::Result<Vec<Server>> {
    let mut servers = Vec::new();
    let mut configured = None;
    if context.has_endpoint() {
        let base = context.config.openai.endpoint()?;
        servers.push(configured_server(context, &base).await?);
        configured = Some(host_of(&base));
    }
    let found = discovery::find(discovery::usual_addresses()).await;
    let others = found
        .iter()
        .filter(|server| configured != Some(host_of(&server.base_url)));
    servers.extend(others.map(|server| Server {
        name: server.title.to_owned(),
        address: server.base_url.to_string(),
        configured: false,
        models: models(&server.models, ""),
        problem: None,
    }));
    Ok(servers)
}

async fn configured_server(context: &Context, base: &Url) -> anyhow::Result<Server> {
    let endpoint = context.model_endpoint(base.clone())?;
    let listed = model_list::fetch(&endpoint, LIST_TIMEOUT).await;
    let (listed, problem) = match listed {
        Ok(listed) => (listed, None),
        Err(error) => (vec![], Some(error.to_string())),
    };
    let name = preset_at(base).map_or_else(|| host_of(base), |preset| preset.title.to_owned());
    let mut address = endpoint.base_url().clone();
    // Credentials in an address are not printed.
    let _ = address.set_password(None);
    Ok(Server {
        name,
        address: address.to_string(),
        configured: true,
        models: models(&listed, &context.config.openai.model),
        problem,
    })
}

/// Returns the models that hold a conversation; `named` is the one in the settings.
fn models(listed: &[ListedModel], named: &str) -> Vec<Model> {
    let chosen = match named {
        "" => model_choice::chat_model(listed, today()).unwrap_or_default(),
        named => named,
    };
    let chat = model_choice::chat_models(listed);
    chat.map(|model| Model {
        id: model.id.clone(),
        used: model.id == chosen,
        shutdown_date: model.shutdown.map(|day| day.to_string()),
    })
    .collect()
}

fn write_server(server: &Server, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}  {}", server.name, server.address)?;
    if let Some(problem) = &server.problem {
        writeln!(out, "  {problem}")?;
    }
    for model in &server.models {
        let mark = if model.used { '*' } else { ' ' };
        match &model.shutdown_date {
            Some(day) => writeln!(out, "{mark} {}  (→ {day})", model.id)?,
            None => writeln!(out, "{mark} {}", model.id)?,
        }
    }
    Ok(())
}
