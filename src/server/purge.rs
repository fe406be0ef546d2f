//! What is old is forgotten: failed logins, logins that have ended, speech, remembered answers.

use std::time::Duration;

use super::Service;
use crate::store::StoreError;

/// Between two rounds.
const EVERY: Duration = Duration::from_mins(10);

/// Of several servers on one database each does, and finds little left.
pub(super) async fn run(service: Service) {
    let mut rounds = tokio::time::interval(EVERY);
    loop {
        rounds.tick().await;
        if let Err(error) = once(&service).await {
            tracing::warn!(%error, "what is old was not deleted");
        }
    }
}

async fn once(service: &Service) -> Result<(), StoreError> {
    let now = jiff::Timestamp::now();
    service.store.delete_expired_logins(now).await?;
    service
        .store
        .delete_tokens_before(service.settings.oldest_login(now))
        .await?;
    service
        .store
        .delete_expired_replies(now - service.settings.retention)
        .await
}
