//! The site of `docs/deploy/nginx.conf` in a real nginx, without its TLS.

use std::net::SocketAddr;
use std::path::Path;

use futures_util::StreamExt;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use mock_interviewer::upstream::event_reader::Event;
use mock_interviewer::upstream::event_stream::{self, StreamPart};
use serde_json::json;
use tempfile::TempDir;

use crate::api_server::{CHAT, LOGIN, PASSWORD, Server, http, narrator};
use crate::nginx::{Nginx, whole};
use crate::server_events::engine;

const SITE: &str = include_str!("../../docs/deploy/nginx.conf");

/// Returns the site with other addresses and without the parts that need a certificate.
fn site(folder: &Path, port: u16, server: SocketAddr) -> String {
    let (before, redirect) = SITE
        .split_once("server {\n    listen 80;")
        .expect("the redirect to TLS");
    let (_, tls) = redirect.split_once("server {").expect("the site itself");
    let kept = |line: &&str| {
        !["ssl_", "listen [::]"]
            .iter()
            .any(|start| line.trim_start().starts_with(start))
    };
    let lines: Vec<&str> = tls.lines().filter(kept).collect();
    let site = format!("{before}server {{{}", lines.join("\n"))
        .replace(
            "listen 443 ssl http2;",
            &format!("listen 127.0.0.1:{port};"),
        )
        .replace("server 127.0.0.1:8000;", &format!("server {server};"))
        .replace(
            "/var/cache/nginx/mock-interviewer",
            &folder.join("cache").display().to_string(),
        );
    whole(folder, &site)
}

fn settings() -> Settings {
    Settings {
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Settings::default()
    }
}

async fn token(nginx: &Nginx) -> String {
    let login = json!({"username": "ann", "password": PASSWORD});
    let answer = http()
        .post(format!("{}{LOGIN}", nginx.url))
        .json(&login)
        .send()
        .await
        .unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    format!("Token {}", answer["Token"].as_str().unwrap())
}

#[tokio::test]
async fn audio_is_served_and_cached_at_the_address_of_the_site() {
    let folder = TempDir::new().unwrap();
    let server = Server::start_with(settings(), narrator(&folder)).await;
    let ann = server.user_id("ann").await;
    let nginx = Nginx::start(|folder, port| site(folder, port, server.address)).await;
    let request = http()
        .post(format!("{}{CHAT}", nginx.url))
        .header("authorization", token(&nginx).await);
    let answer = request
        .json(&json!({"interview_topic": "rust"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-request-id"].len(), 32, "named by nginx");
    let answer: serde_json::Value = answer.json().await.unwrap();
    let url = answer["audio_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/media/", nginx.url)), "{url}");
    let fetch = async || http().get(url).send().await.unwrap().bytes().await.unwrap();
    let sound = fetch().await;
    assert_eq!(&sound[..4], b"RIFF");
    // The server has deleted the file, but nginx still serves it.
    server.store.delete_user(&ann).await.unwrap();
    assert_eq!(fetch().await, sound);
}

#[tokio::test]
async fn events_pass_the_proxy_while_the_reply_is_still_growing() {
    let (interviewer, _running) = engine(false).await;
    let server = Server::start_asking(settings(), Narrator::None, interviewer).await;
    server.register("ann").await;
    let nginx = Nginx::start(|folder, port| site(folder, port, server.address)).await;
    let request = http()
        .post(format!("{}{CHAT}", nginx.url))
        .header("authorization", token(&nginx).await);
    let request = request
        .header("accept", "text/event-stream")
        .json(&json!({"interview_topic": "rust"}));
    let response = request.send().await.unwrap();
    let mut parts = event_stream::read(response);
    let first = parts.next().await.unwrap().unwrap();
    assert_eq!(
        first,
        StreamPart::Event(Event {
            name: Some("delta".to_owned()),
            data: r#"{"text":"So then"}"#.to_owned(),
        })
    );
}

#[tokio::test]
async fn metrics_stay_private_and_refusals_are_the_servers_own() {
    let server = Server::start_with(settings(), Narrator::None).await;
    let nginx = Nginx::start(|folder, port| site(folder, port, server.address)).await;
    let status = async |path: &str| {
        http()
            .get(format!("{}{path}", nginx.url))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(
        (
            status("/metrics").await,
            status("/metrics/").await,
            status("/healthz").await
        ),
        (404, 404, 200)
    );
    let large = http()
        .post(format!("{}{LOGIN}", nginx.url))
        .header("content-type", "application/json");
    let refused = large.body(vec![b' '; 70_000]).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 413);
    assert!(refused.json::<serde_json::Value>().await.unwrap()["detail"].is_string());
}
