//! As many connections to a host as those who ask at once need.
//!
//! An HTTP client puts all it asks of a host that speaks HTTP/2 on one connection, and some hosts take no more than a
//! hundred requests at a time there: the hundred and first would wait until another is answered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use url::Url;

use super::builder_for;
use crate::sync::lock;

/// Requests at a time through one client. Servers are advised to allow no fewer on a connection (RFC 9113, 6.5.2).
const MAX_CONCURRENT_REQUESTS: usize = 100;

/// A connection of HTTP/2 on which somebody waits is asked so often whether the other end is still there. A computer that
/// slept, or changed its network, would otherwise put request after request on one that leads nowhere.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// Without an answer by then a connection is given up, soon enough for the request to be made again.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Clients for one host; clones share them.
#[derive(Clone, Debug)]
pub struct Http2Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    base: Url,
    clients: Mutex<Vec<Arc<Client>>>,
}

/// A client with room for one request, which is taken until this is dropped: not before the answer is read.
#[derive(Debug)]
pub struct PooledClient(Arc<Client>);

impl Http2Pool {
    /// To the host of `base`.
    pub fn new(base: &Url) -> Result<Self, reqwest::Error> {
        Ok(Self::with_client(base, client(base)?))
    }

    pub(super) fn with_client(base: &Url, first: Client) -> Self {
        Self(Arc::new(Shared {
            base: base.clone(),
            clients: Mutex::new(vec![Arc::new(first)]),
        }))
    }

    /// The first with room.
    pub fn acquire(&self) -> Result<PooledClient, reqwest::Error> {
        let mut clients = lock(&self.0.clients);
        // One more than are lent out: its own.
        if let Some(client) = clients
            .iter()
            .find(|client| Arc::strong_count(client) <= MAX_CONCURRENT_REQUESTS)
        {
            return Ok(PooledClient(client.clone()));
        }
        let client = Arc::new(client(&self.0.base)?);
        clients.push(client.clone());
        Ok(PooledClient(client))
    }
}

fn client(base: &Url) -> Result<Client, reqwest::Error> {
    let builder = builder_for(base).http2_keep_alive_interval(KEEP_ALIVE_INTERVAL);
    builder.http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT).build()
}

impl std::ops::Deref for PooledClient {
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
        let pool = Http2Pool::new(&"https://localhost".parse().unwrap()).unwrap();
        let mut full: Vec<PooledClient> = (0..MAX_CONCURRENT_REQUESTS)
            .map(|_| pool.acquire().unwrap())
            .collect();
        let same = |one: &PooledClient, other: &PooledClient| Arc::ptr_eq(&one.0, &other.0);
        assert!(full.iter().all(|client| same(client, &full[0])));
        let beyond = pool.clone().acquire().unwrap();
        assert!(!same(&beyond, &full[0]));
        full.pop();
        assert!(same(&pool.acquire().unwrap(), &full[0]));
    }
}
