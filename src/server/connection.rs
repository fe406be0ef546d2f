//! The connection over which a request came.

use std::net::SocketAddr;

/// The two ends of a connection, added to each of its requests. A trusted proxy's headers change it
/// to what the client behind that proxy sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionInfo {
    pub client: SocketAddr,
    pub local: SocketAddr,
    pub https: bool,
}

impl ConnectionInfo {
    pub fn is_from_this_machine(&self) -> bool {
        self.client.ip().to_canonical().is_loopback()
    }
}
