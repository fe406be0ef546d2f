//! The features of a server beyond those of the original.

use crate::api::ServiceInfo;

/// The features that a server offers; by default none, like the plain original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each feature is offered independently"
)]
pub struct ServerFeatures {
    /// A turn that is sent again under its key is taken once.
    pub idempotency: bool,
    /// Replies are streamed.
    pub events: bool,
    /// Every sentence is spoken.
    pub speech: bool,
    /// Interviews have a language, a level and a number of questions, can be ended early, and store
    /// how answers were spoken.
    pub options: bool,
    /// Past interviews and their reports are available.
    pub interviews: bool,
}

impl ServerFeatures {
    /// Reads the features from what the server says about itself.
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
