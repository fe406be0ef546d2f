//! The check of the place where keys and tokens are stored.

use rust_i18n::t;

use super::finding::Finding;
use crate::cli::Context;
use crate::paths::shown;
use crate::secrets::KeyringStore;

const CHECK: &str = "keyring";

/// Checks that there is a keyring, unless the user chose a file instead.
pub async fn check(context: &Context) -> Finding {
    let locale = context.language.code();
    if context.with_preferences(|preferences| preferences.secrets_in_file()) {
        let file = shown(&context.paths.secrets());
        return Finding::ok(
            CHECK,
            t!("doctor.keyring.file", locale = locale, file = file),
        );
    }
    // The keyring may take its time.
    let is_available = tokio::task::spawn_blocking(KeyringStore::is_available).await;
    if is_available.unwrap_or(false) {
        return Finding::ok(CHECK, t!("doctor.keyring.works", locale = locale));
    }
    Finding::warning(
        CHECK,
        t!("doctor.keyring.none", locale = locale),
        t!("doctor.keyring.remedy", locale = locale),
    )
}
