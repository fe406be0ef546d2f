//! A pool of HTTP clients for one host, which grows with the number of concurrent requests.
//!
//! An HTTP client sends all requests to an HTTP/2 host over one connection, and some hosts accept
//! no more than a hundred requests at a time on it. The next request would wait until another is
//! answered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use url::Url;

use super::builder_for;
use crate::sync::lock;

/// The concurrent requests of one client. RFC 9113, 6.5.2, advises servers to allow at least as
/// many on a connection.
const MAX_CONCURRENT_REQUESTS: usize = 100;

/// The interval at which an HTTP/2 connection with open requests is probed. After the computer
/// slept or changed its network, request after request would otherwise go to a dead connection.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// A connection that does not answer a probe within this time is closed, early enough to repeat the
/// request.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// The HTTP clients for one host. Clones share them.
#[derive(Clone, Debug)]
pub struct Http2Pool(Arc<PoolState>);

#[derive(Debug)]
struct PoolState {
    base: Url,
    clients: Mutex<Vec<Arc<Client>>>,
}

/// A client that reserves room for one request until it is dropped, which must not happen before
/// the response is read.
#[derive(Debug)]
pub struct PooledClient(Arc<Client>);

impl Http2Pool {
    /// Creates a pool for the host of `base`.
    pub fn new(base: &Url) -> Result<Self, reqwest::Error> {
        Ok(Self::with_client(base, client(base)?))
    }

    pub(super) fn with_client(base: &Url, first: Client) -> Self {
        Self(Arc::new(PoolState {
            base: base.clone(),
            clients: Mutex::new(vec![Arc::new(first)]),
        }))
    }

    /// Returns the first client with room for a request, or a new one.
    pub fn acquire(&self) -> Result<PooledClient, reqwest::Error> {
        let mut clients = lock(&self.0.clients);
        // The pool itself holds one of the references.
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
    fn a_full_connection_is_joined_by_another_and_used_again_when_free() {
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
