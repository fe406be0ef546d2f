//! As many connections to a host as those who ask at once need.
//!
//! An HTTP client puts all it asks of a host that speaks HTTP/2 on one connection, and hosts seldom take more than a
//! hundred requests at a time there: the hundred and first would wait until another is answered.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use url::Url;

use super::http_client_for;

/// Requests at a time through one client. Servers are advised to allow no fewer on a connection (RFC 9113, 6.5.2), and
/// rarely allow more.
const AT_ONCE: usize = 100;

/// Clients for one host; clones share them.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    base: Url,
    clients: Mutex<Vec<Arc<Client>>>,
}

/// A client with room for one request, which is taken until this is dropped: not before the answer is read.
#[derive(Clone, Debug)]
pub struct Lane(Arc<Client>);

impl Lanes {
    /// To the host of `base`.
    pub fn to(base: &Url) -> Result<Self, reqwest::Error> {
        Ok(Self::with(base, http_client_for(base)?))
    }

    pub(super) fn with(base: &Url, first: Client) -> Self {
        Self(Arc::new(Shared { base: base.clone(), clients: Mutex::new(vec![Arc::new(first)]) }))
    }

    /// The first with room.
    pub fn lane(&self) -> Result<Lane, reqwest::Error> {
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        // One more than are lent out: its own.
        if let Some(client) = clients.iter().find(|client| Arc::strong_count(client) <= AT_ONCE) {
            return Ok(Lane(client.clone()));
        }
        let client = Arc::new(http_client_for(&self.0.base)?);
        clients.push(client.clone());
        Ok(Lane(client))
    }
}

impl std::ops::Deref for Lane {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_connection_does_not_bear_goes_over_another_and_the_first_is_used_again() {
        let lanes = Lanes::to(&"https://localhost".parse().unwrap()).unwrap();
        let mut full: Vec<Lane> = (0..AT_ONCE).map(|_| lanes.lane().unwrap()).collect();
        let same = |one: &Lane, other: &Lane| Arc::ptr_eq(&one.0, &other.0);
        assert!(full.iter().all(|lane| same(lane, &full[0])));
        let beyond = lanes.clone().lane().unwrap();
        assert!(!same(&beyond, &full[0]));
        full.pop();
        assert!(same(&lanes.lane().unwrap(), &full[0]));
    }
}
