//! The check of the server of mode `server`.

use rust_i18n::t;
use url::Url;

use super::LIMIT;
use super::finding::Finding;
use crate::cli::Context;
use crate::cli::failure::words_of;
use crate::client::{Client, Timeouts};
use crate::runtime::wording;
use crate::upstream::{self, host_of};

const CHECK: &str = "server";

/// Asks the server what it is.
pub async fn check(context: &Context) -> Finding {
    let locale = context.language.code();
    let remedy = t!("doctor.server.remedy", locale = locale);
    let url = match context.server_url() {
        Ok(url) => url,
        Err(error) => return Finding::failed(CHECK, wording::of(&error, context.language), remedy),
    };
    let host = host_of(&url);
    match service(url).await {
        Ok(Some(version)) => {
            let summary = t!(
                "doctor.server.works",
                locale = locale,
                host = host,
                version = version
            );
            Finding::ok(CHECK, summary)
        }
        Ok(None) => Finding::ok(
            CHECK,
            t!("doctor.server.plain", locale = locale, host = host),
        ),
        Err(error) => Finding::failed(CHECK, words_of(&error, context.language), remedy),
    }
}

/// Returns the name and the version of the server, or `None` for the plain original.
async fn service(url: Url) -> anyhow::Result<Option<String>> {
    let http = upstream::http_client_for(&url)?;
    let timeouts = Timeouts {
        turn: LIMIT,
        call: LIMIT,
    };
    let client = Client::new(http, url).with_timeouts(timeouts);
    let service = client.service().await?;
    Ok(service.map(|service| format!("{} {}", service.name, service.version)))
}
