//! Tests of registration, login and logout, and of the limit on failed logins.

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{CHAT, LOGIN, LOGOUT, PASSWORD, REGISTER, Server, answer};

const REQUIRED: &str = "Username, password, and email are required.";

#[rstest]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": PASSWORD, "password2": "other"}), "Passwords do not match")]
#[case(json!({"password2": "other"}), "Passwords do not match")]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": PASSWORD, "password2": 1}), "Passwords do not match")]
#[case(json!({}), REQUIRED)]
#[case(json!({"username": "ann", "email": "a@b.kr"}), REQUIRED)]
#[case(json!({"username": "  ", "email": "a@b.kr", "password": PASSWORD}), REQUIRED)]
#[case(json!({"username": "ann", "email": null, "password": PASSWORD}), REQUIRED)]
#[case(json!({"username": 7, "email": "a@b.kr", "password": PASSWORD}), REQUIRED)]
#[case(json!({"username": ["ann"], "email": "a@b.kr", "password": PASSWORD}), REQUIRED)]
#[case(json!({"username": "a b", "email": "a@b.kr", "password": PASSWORD}), "Username may contain only letters, digits and @ . + - _")]
#[case(json!({"username": "-ann", "email": "a@b.kr", "password": PASSWORD}), "Username must not begin with a hyphen.")]
#[case(json!({"username": "..", "email": "a@b.kr", "password": PASSWORD}), "Username needs at least one letter or digit.")]
#[case(json!({"username": "\u{430}nn", "email": "a@b.kr", "password": PASSWORD}), "Username mixes letters of different scripts that look alike.")]
#[case(json!({"username": "가".repeat(151), "email": "a@b.kr", "password": PASSWORD}), "Username must have 1 to 150 characters.")]
#[case(json!({"username": "ann", "email": "nowhere", "password": PASSWORD}), "Email is not a valid address.")]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": "short"}), "Password must have 8 to 1024 characters.")]
#[tokio::test]
async fn a_registration_is_refused_with_its_first_error(#[case] body: Value, #[case] error: &str) {
    assert_eq!(
        Server::start()
            .await
            .post(REGISTER, &body)
            .await
            .status_and_json(),
        (400, json!({"error": error}))
    );
}

#[tokio::test]
async fn a_refused_registration_is_explained_in_the_language_asked_for() {
    let server = Server::start().await;
    let body = json!({"username": "-ann", "email": "a@b.kr", "password": PASSWORD});
    let request = server
        .request(Method::POST, REGISTER)
        .header("Accept-Language", "ko-KR,en;q=0.5")
        .json(&body);
    let error = "아이디는 하이픈(-)으로 시작할 수 없습니다.";
    assert_eq!(
        answer(request).await.status_and_json(),
        (400, json!({"error": error}))
    );
}

#[rstest]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": PASSWORD}))]
#[case(json!({"username": "김철수", "email": "철수@예시.한국", "password": "비밀번호여덟자이상", "password2": "비밀번호여덟자이상"}))]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": PASSWORD, "password2": null}))]
#[case(json!({"username": "ann", "email": "a@b.kr", "password": PASSWORD, "password2": "", "unknown": [1]}))]
#[tokio::test]
async fn a_valid_registration_creates_a_user_who_can_log_in(#[case] body: Value) {
    let server = Server::start().await;
    assert_eq!(
        server.post(REGISTER, &body).await.status_and_json(),
        (201, json!({"message": "User registered successfully."}))
    );
    let login = server
        .post(
            LOGIN,
            &json!({"username": body["username"], "password": body["password"]}),
        )
        .await
        .json();
    assert_eq!(login["message"], "User logged in successfully.");
    let token = login["Token"].as_str().unwrap();
    assert!(
        token.len() >= 40 && token.bytes().all(|c| c.is_ascii_hexdigit()),
        "{token}"
    );
}

#[tokio::test]
async fn a_name_that_looks_like_a_taken_one_is_refused_under_both_keys() {
    let server = Server::start().await;
    server.register("paypal").await;
    let text = "Username looks like another one that exists.";
    assert_eq!(
        server.register("paypa1").await.status_and_json(),
        (409, json!({"error": text, "message": text}))
    );
}

#[rstest]
#[case("ann", "other@example.com")]
#[case("other", "ANN@example.com")]
#[tokio::test]
async fn a_taken_name_or_address_is_refused_under_both_keys(
    #[case] username: &str,
    #[case] email: &str,
) {
    let server = Server::start().await;
    server.register("ann").await;
    let again = server
        .post(
            REGISTER,
            &json!({"username": username, "email": email, "password": PASSWORD}),
        )
        .await;
    let text = "Username already exists.";
    assert_eq!(
        again.status_and_json(),
        (409, json!({"error": text, "message": text}))
    );
}

#[tokio::test]
async fn exactly_one_of_many_concurrent_registrations_of_a_name_succeeds() {
    let server = Server::start().await;
    let answers = join_all((0..8).map(|_| server.register("ann"))).await;
    let mut statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[rstest]
#[case(json!({}), 400, "Username and password are required.")]
#[case(json!({"username": "ann", "password": ""}), 400, "Username and password are required.")]
#[case(json!({"username": "ann", "password": 12_345_678}), 400, "Username and password are required.")]
#[case(json!({"username": "ann", "password": "wrong horse"}), 401, "Invalid credentials.")]
#[case(json!({"username": "nobody", "password": PASSWORD}), 401, "Invalid credentials.")]
#[case(json!({"username": "Ann", "password": PASSWORD}), 401, "Invalid credentials.")]
#[tokio::test]
async fn a_refused_login_does_not_say_what_was_wrong(
    #[case] body: Value,
    #[case] status: u16,
    #[case] error: &str,
) {
    let server = Server::start().await;
    server.register("ann").await;
    assert_eq!(
        server.post(LOGIN, &body).await.status_and_json(),
        (status, json!({"error": error}))
    );
}

#[rstest]
#[case(REGISTER)]
#[case(LOGIN)]
#[tokio::test]
async fn registration_and_login_ignore_the_authorization_header(#[case] path: &str) {
    let server = Server::start().await;
    let request = server
        .request(Method::POST, path)
        .header("Authorization", "Token wrong");
    assert_eq!(answer(request).await.status, 400);
}

#[rstest]
#[case("POST")]
#[case("GET")]
#[tokio::test]
async fn a_logout_ends_one_login_and_ignores_the_body(#[case] method: Method) {
    let server = Server::start().await;
    let first = server.sign_up("ann").await;
    let second = server.sign_in("ann").await;
    let logout = first
        .request(method.clone(), LOGOUT)
        .header("Content-Type", "text/plain")
        .body("{");
    assert_eq!(
        answer(logout).await.status_and_json(),
        (200, json!({"message": "User logged out successfully."}))
    );
    assert_eq!(
        answer(first.request(method, LOGOUT))
            .await
            .status_and_json(),
        (401, json!({"detail": "Invalid token."}))
    );
    assert_eq!(second.get(CHAT).await.status, 200);
}

#[tokio::test]
async fn a_head_request_does_not_log_out() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let looked = answer(user.request(Method::HEAD, LOGOUT)).await;
    assert_eq!(
        (looked.status.as_u16(), looked.header("allow")),
        (405, Some("GET,POST"))
    );
    assert_eq!(user.get(CHAT).await.status, 200);
}

#[tokio::test]
async fn any_number_of_concurrent_logins_succeeds() {
    let server = Server::start().await;
    server.register("ann").await;
    let logins = join_all((0..20).map(|_| server.login("ann", PASSWORD))).await;
    let statuses: Vec<_> = logins.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200; 20]);
}

#[tokio::test]
async fn after_ten_failures_only_that_name_has_to_wait() {
    let server = Server::start().await;
    server.register("ann").await;
    server.register("bob").await;
    let failures = join_all((0..10).map(|_| server.login("ann", "wrong horse"))).await;
    assert!(failures.iter().all(|answer| answer.status == 401));
    let refused = server.login("ann", PASSWORD).await;
    assert_eq!(refused.status, 429);
    assert!(refused.json()["error"].is_string());
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert_eq!(server.login("bob", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn neither_password_nor_token_is_in_the_database() {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let file = server.database.url.strip_prefix("sqlite://").unwrap();
    let mut stored = std::fs::read(file).unwrap();
    stored.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
    let contains = |text: &str| {
        stored
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(!contains(PASSWORD) && !contains(&token));
}
