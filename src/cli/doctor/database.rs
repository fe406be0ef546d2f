//! The check of the database of local and embedded mode.

use rust_i18n::t;
use tokio::time::timeout;

use super::LIMIT;
use super::finding::Finding;
use crate::cli::Context;
use crate::paths::shown;
use crate::runtime::wording;
use crate::store::{Store, StoreError};

const CHECK: &str = "database";

/// Opens the database if there is one, as every interview does, and tries to write to it.
pub async fn check(context: &Context) -> Finding {
    let locale = context.language.code();
    let file = context.paths.database();
    let name = shown(&file);
    if !file.exists() {
        let summary = t!("doctor.database.none", locale = locale, file = name);
        return Finding::ok(CHECK, summary);
    }
    let remedy = t!("doctor.database.remedy", locale = locale, file = name);
    match timeout(LIMIT, open(&Store::sqlite_url(&file))).await {
        Ok(Ok(())) => Finding::ok(
            CHECK,
            t!("doctor.database.works", locale = locale, file = name),
        ),
        Ok(Err(error)) => Finding::failed(CHECK, wording::of(&error, context.language), remedy),
        Err(_) => {
            let summary = t!("doctor.database.busy", locale = locale, file = name);
            Finding::failed(CHECK, summary, remedy)
        }
    }
}

async fn open(url: &str) -> Result<(), StoreError> {
    Store::open(url).await?.check().await
}
