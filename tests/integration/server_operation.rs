//! Tests of health, metrics and the description of the API.

use std::collections::BTreeSet;

use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{CHAT, Server, answer};

#[tokio::test]
async fn a_server_with_a_database_is_healthy_and_one_without_is_not() {
    let server = Server::start().await;
    assert_eq!(
        server.get("/healthz").await.status_and_json(),
        (200, json!({"status": "ok"}))
    );
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&server.database.url).await.unwrap();
    sqlx::query("ALTER TABLE users RENAME TO lost")
        .execute(&pool)
        .await
        .unwrap();
    let broken = server.get("/healthz").await;
    assert_eq!(
        broken.status_and_json(),
        (503, json!({"error": "The database does not answer."}))
    );
    assert!(broken.header("retry-after").is_some());
}

#[tokio::test]
async fn metrics_count_requests_and_name_no_user() {
    let settings = Settings {
        daily_chat_limit: 1,
        ..Settings::default()
    };
    let server = Server::start_with(settings, Narrator::None).await;
    let user = server.sign_up("ann").await;
    for topic in ["rust", "java"] {
        user.chat(json!({"interview_topic": topic})).await;
    }
    server.get("/nowhere/ann").await;
    let metrics = server.get("/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = String::from_utf8(metrics.bytes).unwrap();
    for line in [
        "mock_interviewer_http_requests_total{method=\"POST\",path=\"/api/chat/gpt\",status=\"200\"} 1",
        "mock_interviewer_http_requests_total{method=\"POST\",path=\"/api/chat/gpt\",status=\"429\"} 1",
        "mock_interviewer_http_requests_total{method=\"GET\",path=\"-\",status=\"404\"} 1",
        "mock_interviewer_quota_refusals_total 1",
        "mock_interviewer_turns_total 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is missing in\n{text}"
        );
    }
    assert!(!text.contains("ann") && !text.contains("rust"), "{text}");
}

#[rstest]
#[case::for_a_proxy(Some(("X-Forwarded-For", "203.0.113.7")), false, 403)]
#[case::for_this_machine(None, false, 200)]
#[case::opened(Some(("X-Forwarded-For", "203.0.113.7")), true, 200)]
#[tokio::test]
async fn metrics_are_served_to_this_machine_only_unless_opened(
    #[case] header: Option<(&str, &str)>,
    #[case] open_metrics: bool,
    #[case] status: u16,
) {
    let server = Server::start_with(
        Settings {
            open_metrics,
            ..Settings::default()
        },
        Narrator::None,
    )
    .await;
    let request = server.request(Method::GET, "/metrics");
    let request = header.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    assert_eq!(answer(request).await.status, status);
}

#[tokio::test]
async fn the_description_names_exactly_the_existing_operations() {
    let server = Server::start().await;
    let description = server.get("/api/schema/").await.json();
    assert_eq!(
        (&description["openapi"], &description["info"]["version"]),
        (&json!("3.1.0"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let paths = description["paths"].as_object().unwrap();
    let operations: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(move |method| format!("{method} {path}"))
        })
        .collect();
    let expected = [
        "get /api/",
        "get /api/chat/gpt/",
        "post /api/chat/gpt/",
        "get /api/docs/",
        "get /api/interviews/",
        "get /api/interviews/{id}/",
        "delete /api/interviews/{id}/",
        "get /api/interviews/{id}/report/",
        "get /api/schema/",
        "get /api/user/me/",
        "delete /api/user/me/",
        "post /api/user/login/",
        "get /api/user/logout/",
        "post /api/user/logout/",
        "post /api/user/password/",
        "post /api/user/register/",
        "get /healthz/",
        "get /media/{name}",
        "get /metrics/",
    ];
    assert_eq!(operations, expected.map(str::to_owned).into());
    assert_eq!(
        paths["/api/chat/gpt/"]["post"]["requestBody"]["required"],
        json!(false)
    );
    let told = |operation: &Value| {
        operation["summary"]
            .as_str()
            .is_some_and(|summary| !summary.contains('`'))
    };
    assert!(
        paths
            .values()
            .flat_map(|methods| methods.as_object().unwrap().values())
            .all(told)
    );
    for operation in operations {
        let (method, path) = operation.split_once(' ').unwrap();
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let status = answer(server.request(method, &path.replace("{id}", "x")))
            .await
            .status;
        assert!(
            status != 405 && (status != 404 || path.contains('{')),
            "{operation}: {status}"
        );
    }
}

#[tokio::test]
async fn every_reference_in_the_description_resolves() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let description = Server::start().await.get("/api/schema/").await.json();
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        assert!(
            description
                .pointer(reference.trim_start_matches('#'))
                .is_some(),
            "{reference}"
        );
    }
}

#[tokio::test]
async fn the_documentation_page_loads_nothing_from_elsewhere() {
    let server = Server::start().await;
    let page = server.get("/api/docs/").await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let policy = page.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self'"),
        "{policy}"
    );
    let text = String::from_utf8(page.bytes).unwrap();
    assert!(
        text.contains(&format!("POST {CHAT}"))
            && text.contains("Idempotency-Key")
            && !text.contains("<script")
    );
    assert!(!text.contains("http://") && !text.contains("https://"));
    let style = server.get("/api/docs/style.css").await;
    assert_eq!(
        (style.status.as_u16(), style.header("content-type")),
        (200, Some("text/css; charset=utf-8"))
    );
}

/// Generators of clients name their functions after the ids.
#[tokio::test]
async fn every_operation_has_a_unique_id() {
    let description = Server::start().await.get("/api/schema/").await.json();
    let paths = description["paths"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_object);
    let names: Vec<_> = paths
        .flat_map(|path| path.values())
        .filter_map(|one| one["operationId"].as_str())
        .collect();
    assert!(
        names.len() > 15 && names.iter().collect::<BTreeSet<_>>().len() == names.len(),
        "{names:?}"
    );
}
