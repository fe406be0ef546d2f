//! Tests of the server behind a reverse proxy: which headers are believed, and whose address
//! counts.

use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;

use crate::api_server::{CHAT, LOGIN, Server, answer, narrator};

fn behind(proxy: Option<&str>) -> Settings {
    let trusted_proxies = proxy
        .into_iter()
        .map(|text| text.parse().unwrap())
        .collect();
    Settings {
        trusted_proxies,
        ..Settings::default()
    }
}

#[rstest]
#[case::trusted(Some("127.0.0.0/8"), "https://interviews.example/media/")]
#[case::not_trusted(None, "http://127.0.0.1:")]
#[case::another_is_trusted(Some("10.0.0.1"), "http://127.0.0.1:")]
#[tokio::test]
async fn the_audio_address_has_the_scheme_and_host_of_a_trusted_proxy(
    #[case] proxy: Option<&str>,
    #[case] begin: &str,
) {
    let folder = TempDir::new().unwrap();
    let server = Server::start_with(behind(proxy), narrator(&folder)).await;
    let user = server.sign_up("ann").await;
    let request = user
        .request(reqwest::Method::POST, CHAT)
        .json(&json!({"interview_topic": "rust"}));
    let said = answer(
        request
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "interviews.example"),
    );
    let url = said.await.json()["audio_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(begin), "{url}");
}

#[tokio::test]
async fn failed_logins_count_for_one_client_behind_the_proxy_only() {
    let server = Server::start_with(behind(Some("127.0.0.1")), Narrator::None).await;
    server.register("ann").await;
    let wrong = json!({"username": "ann", "password": "not the password"});
    let login = async |client: &str| {
        let request = server.request(reqwest::Method::POST, LOGIN).json(&wrong);
        answer(request.header("x-forwarded-for", client))
            .await
            .status
            .as_u16()
    };
    for _ in 0..10 {
        assert_eq!(login("203.0.113.9").await, 401);
    }
    assert_eq!(login("203.0.113.9").await, 429);
    assert_eq!(login("203.0.113.10").await, 401);
    // The client claims an address in front of the one that the proxy adds.
    assert_eq!(login("203.0.113.77, 203.0.113.9").await, 429);
}
