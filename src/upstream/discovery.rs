//! Finds model servers on this machine, at the ports that they usually have.
//!
//! Nothing but loopback addresses is ever asked, and only for the list of models.

use std::time::Duration;

use futures_util::future::join_all;
use url::Url;

use super::http2_pool::Http2Pool;
use super::model_endpoint::ModelEndpoint;
use super::model_list::{self, ListedModel};
use super::{is_loopback, model_choice};
use crate::config::PRESETS;

/// The time that a server on this machine has for its list.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// A model server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundServer {
    /// The name of the program that usually listens there.
    pub title: &'static str,
    pub base_url: Url,
    pub models: Vec<ListedModel>,
}

/// An address to look at, with the name of the program that usually listens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub title: &'static str,
    pub base_url: Url,
}

/// Returns the addresses at which model servers on this machine usually listen.
pub fn usual_addresses() -> Vec<Candidate> {
    let local = PRESETS
        .iter()
        .filter(|preset| preset.key_variable.is_none());
    let both = local.flat_map(|preset| {
        ["127.0.0.1", "[::1]"].map(|host| Candidate {
            title: preset.title,
            base_url: preset
                .address
                .replace("127.0.0.1", host)
                .parse()
                .expect("the presets are addresses"),
        })
    });
    both.collect()
}

/// Returns the servers among `candidates` that list a model to talk with. Addresses beyond this
/// machine are left out.
pub async fn find(candidates: Vec<Candidate>) -> Vec<FoundServer> {
    let local = candidates
        .into_iter()
        .filter(|candidate| is_loopback(&candidate.base_url));
    let found = join_all(local.map(probe)).await;
    let mut servers: Vec<FoundServer> = Vec::new();
    for server in found.into_iter().flatten() {
        // The same server may listen at both addresses of a port.
        let port = server.base_url.port();
        if servers.iter().all(|other| other.base_url.port() != port) {
            servers.push(server);
        }
    }
    servers
}

async fn probe(candidate: Candidate) -> Option<FoundServer> {
    let pool = Http2Pool::new(&candidate.base_url).ok()?;
    let endpoint = ModelEndpoint::new(pool, candidate.base_url.clone(), None);
    let models = model_list::fetch(&endpoint, PROBE_TIMEOUT).await.ok()?;
    let chats = model_choice::chat_models(&models).next().is_some();
    chats.then_some(FoundServer {
        title: candidate.title,
        base_url: candidate.base_url,
        models,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn candidate(base: &str) -> Candidate {
        Candidate {
            title: "Ollama",
            base_url: base.parse().unwrap(),
        }
    }

    #[test]
    fn only_this_machine_is_looked_at() {
        let usual = usual_addresses();
        assert_eq!(usual.len(), 8);
        assert!(
            usual
                .iter()
                .all(|candidate| is_loopback(&candidate.base_url))
        );
    }

    #[tokio::test]
    async fn a_server_with_a_model_is_found_and_others_are_not() {
        let list = |models: serde_json::Value| {
            let body = ResponseTemplate::new(200).set_body_json(json!({ "data": models }));
            Mock::given(method("GET"))
                .and(path("/v1/models"))
                .respond_with(body)
        };
        let model = MockServer::start().await;
        list(json!([{"id": "qwen3:4b"}])).mount(&model).await;
        let empty = MockServer::start().await;
        list(json!([])).mount(&empty).await;
        let other = MockServer::start().await;
        let base = |server: &MockServer| candidate(&format!("{}/v1", server.uri()));
        let nobody = candidate("http://127.0.0.1:1/v1");
        let beyond = candidate("http://192.0.2.1:11434/v1");
        let all = vec![base(&model), base(&empty), base(&other), nobody, beyond];
        let expected = FoundServer {
            title: "Ollama",
            base_url: base(&model).base_url,
            models: vec![ListedModel::named("qwen3:4b")],
        };
        assert_eq!(find(all).await, [expected]);
    }
}
