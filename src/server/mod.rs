//! The API server: HTTP in front of [`crate::practice::Practice`].
//!
//! ```text
//! serve        connections, their time-outs, shutdown
//!   └► layers    request ids, log, metrics, headers, CORS, panics
//!        └► router    paths, methods, the time limit
//!             └► auth      tokens
//!                  └► users · account · chat · interviews · media · operation · docs
//! ```

mod accept;
mod accept_language;
mod account;
mod auth;
mod body;
mod chat;
mod connection;
mod cors;
mod credentials;
mod docs;
mod error;
mod events;
mod health;
mod interviews;
pub(crate) mod invitations;
mod layers;
mod media;
mod metrics;
mod operation;
mod passwords;
mod proxies;
mod purge;
mod range;
mod reply;
mod responses;
mod router;
mod serve;
mod settings;
mod speech;
mod state;
mod throttle;
mod turn_request;
mod users;

#[cfg(test)]
mod tests;

pub use cors::{Origin, OriginError};
pub use proxies::Network;
pub use router::router;
pub use serve::{ServerError, serve};
pub use settings::Settings;
pub use state::Service;
