//! What a server can do besides what the original can.

use crate::api::ServiceInfo;

/// None of it: the plain original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a feature of its own, offered or not"
)]
pub struct ServerFeatures {
    /// A turn sent again under its key is taken once.
    pub idempotency: bool,
    /// Replies as they are written.
    pub events: bool,
    /// Sound for every sentence.
    pub speech: bool,
    /// Language, level and number of questions; an early end; how answers were spoken.
    pub options: bool,
    /// Past interviews and their reports.
    pub interviews: bool,
}

impl ServerFeatures {
    /// As the server itself says.
    pub fn new(service: &ServiceInfo) -> Self {
        Self {
            idempotency: service.offers("idempotency"),
            events: service.offers("events"),
            speech: service.offers("speech"),
            options: service.offers("interview-options"),
            interviews: service.offers("interviews"),
        }
    }
}
