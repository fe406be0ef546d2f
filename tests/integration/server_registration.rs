//! Tests of who may register and how often, and of the limit on failed logins from one address.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mock_interviewer::config::Registration;
use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::api_server::{Answer, LOGIN, PASSWORD, REGISTER, Server, answer};
use crate::databases::{Database, Engine};

const CODE: &str = "0123-4567-89ab-cdef-0123";
const NOT_INVITED: &str = "Registration needs an invitation that was not used and has not expired: \
                           mock-interviewer register --invite CODE";

async fn start(engine: Engine, settings: Settings) -> Server {
    let database = Arc::new(Database::new(engine).await);
    let interviewer = Interviewer::question_bank(Arc::new(Bank::built_in()));
    Server::start_on(database, settings, Narrator::None, interviewer).await
}

fn registering(registration: Registration) -> Settings {
    Settings {
        registration,
        ..Settings::default()
    }
}

async fn invite(server: &Server, expires_in: SignedDuration) {
    let digits = CODE.replace('-', "");
    let hash = hex::encode(Sha256::digest(digits));
    let expires = Timestamp::now() + expires_in;
    server.store.add_invitation(&hash, expires).await.unwrap();
}

fn with_invitation(name: &str, invite: &Value) -> Value {
    let email = format!("{name}@example.com");
    json!({"username": name, "email": email, "password": PASSWORD, "invite": invite})
}

#[rstest]
#[case(Registration::Open, None)]
#[case(Registration::Closed, Some("registration-closed"))]
#[case(Registration::Invite, Some("registration-invite"))]
#[tokio::test]
async fn the_service_says_who_may_register(
    #[case] registration: Registration,
    #[case] feature: Option<&str>,
) {
    let server = Server::start_with(registering(registration), Narrator::None).await;
    let service = server.get("/api/").await.json();
    let features = service["features"].as_array().unwrap();
    let found: Vec<&str> = features
        .iter()
        .filter_map(Value::as_str)
        .filter(|feature| feature.starts_with("registration"))
        .collect();
    assert_eq!(found, Vec::from_iter(feature));
}

#[tokio::test]
async fn while_registration_is_closed_nobody_registers_and_users_log_in() {
    let server = Server::start().await;
    server.register("ann").await;
    let closed = registering(Registration::Closed);
    let bank = Interviewer::question_bank(Arc::new(Bank::built_in()));
    let server = Server::start_on(server.database.clone(), closed, Narrator::None, bank).await;
    let expected = json!({"error": "Registration is closed."});
    assert_eq!(
        server.register("bob").await.status_and_json(),
        (403, expected)
    );
    assert_eq!(server.login("ann", PASSWORD).await.status, 200);
}

#[rstest]
#[case::none(json!(null))]
#[case::blank(json!(" "))]
#[case::unknown(json!("0000-0000-0000-0000-0000"))]
#[case::not_a_text(json!(5))]
#[tokio::test]
async fn without_an_invitation_nobody_registers(#[case] code: Value) {
    let invited = registering(Registration::Invite);
    let server = Server::start_with(invited, Narrator::None).await;
    invite(&server, SignedDuration::from_hours(1)).await;
    assert_eq!(
        server
            .post(REGISTER, &with_invitation("ann", &code))
            .await
            .status_and_json(),
        (403, json!({"error": NOT_INVITED}))
    );
}

#[rstest]
#[tokio::test]
async fn an_invitation_creates_one_account_however_many_ask_at_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let server = start(engine, registering(Registration::Invite)).await;
    invite(&server, SignedDuration::from_hours(1)).await;
    let names = ["ann", "bob", "cat", "dan"];
    let bodies = names.map(|name| with_invitation(name, &json!(CODE.to_uppercase())));
    let answers = join_all(bodies.iter().map(|body| server.post(REGISTER, body))).await;
    let mut statuses: Vec<_> = answers.iter().map(|a| a.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403]);
    assert_eq!(server.store.users().await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_kept_when_the_name_is_taken_and_useless_once_expired(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let server = start(engine, registering(Registration::Invite)).await;
    let register = async |name: &str| {
        let body = with_invitation(name, &json!(CODE));
        server.post(REGISTER, &body).await.status.as_u16()
    };
    invite(&server, SignedDuration::from_hours(1)).await;
    assert_eq!(register("ann").await, 201);
    invite(&server, SignedDuration::from_hours(1)).await;
    assert_eq!(register("ann").await, 409);
    assert_eq!(register("bob").await, 201);
    invite(&server, SignedDuration::ZERO).await;
    assert_eq!(register("cat").await, 403);
}

#[rstest]
#[tokio::test]
async fn accounts_of_one_address_are_limited_and_refused_requests_do_not_count(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let settings = Settings {
        registrations_per_hour: 2,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Settings::default()
    };
    let server = start(engine, settings).await;
    let register = async |name: &str, client: &str| {
        let email = format!("{name}@example.com");
        let body = json!({"username": name, "email": email, "password": PASSWORD});
        let request = server.request(Method::POST, REGISTER).json(&body);
        answer(request.header("x-forwarded-for", client)).await
    };
    let status = async |name, client| register(name, client).await.status.as_u16();
    assert_eq!(status("ann", "2001:db8:1:2::1").await, 201);
    assert_eq!(status("ann", "2001:db8:1:2::1").await, 409);
    assert_eq!(status("a b", "2001:db8:1:2::1").await, 400);
    assert_eq!(status("bob", "2001:db8:1:2::2").await, 201);
    let refused = register("cat", "2001:db8:1:2::3").await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    assert_eq!(status("cat", "2001:db8:1:3::1").await, 201);
}

async fn login_from(server: &Server, client: &str, name: &str, password: &str) -> Answer {
    let body = json!({"username": name, "password": password});
    let request = server.request(Method::POST, LOGIN).json(&body);
    answer(request.header("x-forwarded-for", client)).await
}

/// A password is tried on many names, some of which exist, until the address has to wait. Whoever
/// registered there or logged in there before still gets in, and so does everybody elsewhere.
#[rstest]
#[tokio::test]
async fn a_password_tried_on_many_names_is_refused_without_keeping_known_users_out(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let settings = Settings {
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Settings::default()
    };
    let server = start(engine, settings).await;
    for name in ["ann", "bob", "cat"] {
        server.register(name).await;
    }
    let (office, home) = ("203.0.113.9", "198.51.100.7");
    assert_eq!(
        login_from(&server, office, "ann", PASSWORD).await.status,
        200
    );
    let names: Vec<String> = (0..99).map(|n| format!("name{n}")).collect();
    for names in names.chunks(11) {
        let wrong = names
            .iter()
            .map(|name| login_from(&server, office, name, "Winter2026!"));
        assert!(
            join_all(wrong)
                .await
                .iter()
                .all(|wrong| wrong.status == 401)
        );
    }
    let status = async |client, name, password| {
        login_from(&server, client, name, password)
            .await
            .status
            .as_u16()
    };
    // A right password does not count, whoever types it first.
    assert_eq!(status(office, "bob", PASSWORD).await, 200);
    assert_eq!(status(office, "cat", "Winter2026!").await, 401);
    let refused = login_from(&server, office, "name99", "Winter2026!").await;
    assert_eq!(
        refused.status_and_json(),
        (
            429,
            json!({"error": "Too many failed logins from this address. Try again later."})
        )
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    for (client, name, password, expected) in [
        (office, "cat", PASSWORD, 429),
        (office, "ann", PASSWORD, 200),
        (office, "bob", PASSWORD, 200),
        (office, "ann", "Winter2026!", 401),
        (home, "cat", PASSWORD, 200),
    ] {
        let found = status(client, name, password).await;
        assert_eq!(found, expected, "{client} {name} {password}");
    }
}

#[tokio::test]
async fn whoever_registered_at_an_address_gets_in_while_it_is_attacked() {
    let server = Server::start().await;
    server.register("ann").await;
    for n in 0..100 {
        server.login(&format!("name{n}"), "Winter2026!").await;
    }
    assert_eq!(server.login("bob", "Winter2026!").await.status, 429);
    assert_eq!(server.login("ann", PASSWORD).await.status, 200);
}
