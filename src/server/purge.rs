//! Deletes what has expired: attempts, known logins, invitations, old logins, spoken replies, idempotency records.

use std::time::Duration;

use super::state::Service;
use crate::store::StoreError;

/// The time between two rounds.
const INTERVAL: Duration = Duration::from_mins(10);

/// Purges now and then until it is dropped. If several servers share a database, each does so and
/// finds little left.
pub(super) async fn run(service: Service) {
    let mut rounds = tokio::time::interval(INTERVAL);
    loop {
        rounds.tick().await;
        if let Err(error) = purge(&service).await {
            tracing::warn!(%error, "expired data was not deleted");
        }
    }
}

async fn purge(service: &Service) -> Result<(), StoreError> {
    let now = jiff::Timestamp::now();
    service.store.delete_expired_attempts(now).await?;
    service.store.delete_expired_known_logins(now).await?;
    service.store.delete_expired_invitations(now).await?;
    service
        .store
        .delete_tokens_before(service.settings.oldest_login(now))
        .await?;
    service
        .store
        .delete_expired_replies(now - service.settings.retention)
        .await
}
