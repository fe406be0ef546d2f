//! Tests of what holds for every request: paths, authentication, methods, bodies, headers, origins.

use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{CHAT, LOGIN, LOGOUT, PASSWORD, REGISTER, Server, answer};

#[rstest]
#[case("GET", "/api", 200)]
#[case("POST", "/api/user/register", 400)]
#[case("POST", "/api/user/login", 400)]
#[case("POST", "/api/user/logout", 401)]
#[case("GET", "/api/chat/gpt", 401)]
#[tokio::test]
async fn every_path_answers_with_and_without_its_slash(
    #[case] method: Method,
    #[case] path: &str,
    #[case] status: u16,
) {
    let server = Server::start().await;
    for path in [path.to_owned(), format!("{path}/")] {
        assert_eq!(
            answer(server.request(method.clone(), &path)).await.status,
            status,
            "{path}"
        );
    }
}

#[rstest]
#[case("/")]
#[case("/api/user")]
#[case("/api/chat/gpt/x")]
#[case("/api//user/login/")]
#[case("/media/")]
#[case("/health")]
#[case("/%ff")]
#[tokio::test]
async fn an_unknown_path_is_not_found(#[case] path: &str) {
    assert_eq!(
        Server::start().await.get(path).await.status_and_json(),
        (404, json!({"detail": "Not found."}))
    );
}

#[tokio::test]
async fn the_service_describes_itself() {
    let expected = json!({
        "name": "mock-interviewer",
        "version": env!("CARGO_PKG_VERSION"),
        "languages": ["en", "ko"],
        "features":
            ["idempotency", "events", "interview-options", "interviews", "account", "health", "metrics", "schema"],
    });
    assert_eq!(
        Server::start().await.get("/api/").await.status_and_json(),
        (200, expected)
    );
}

#[rstest]
#[case(None, "Authentication credentials were not provided.")]
#[case(Some(""), "Authentication credentials were not provided.")]
#[case(Some("Bearer abc"), "Authentication credentials were not provided.")]
#[case(Some("Tokens abc"), "Authentication credentials were not provided.")]
#[case(Some("Token"), "Invalid token header. No credentials provided.")]
#[case(Some("token  "), "Invalid token header. No credentials provided.")]
#[case(
    Some("Token a b"),
    "Invalid token header. Token string should not contain spaces."
)]
#[case(
    Some("Token 0123456789abcdef0123456789abcdef01234567"),
    "Invalid token."
)]
#[case(Some("TOKEN   \t abc"), "Invalid token.")]
#[tokio::test]
async fn a_request_without_a_valid_token_is_refused(
    #[case] header: Option<&str>,
    #[case] detail: &str,
) {
    let server = Server::start().await;
    let mut request = server.request(Method::GET, CHAT);
    if let Some(header) = header {
        request = request.header("Authorization", header);
    }
    let answer = answer(request).await;
    assert_eq!(answer.status_and_json(), (401, json!({"detail": detail})));
    assert_eq!(answer.header("www-authenticate"), Some("Token"));
}

#[rstest]
#[case("Token ")]
#[case("token ")]
#[case("  TOKEN   ")]
#[tokio::test]
async fn the_scheme_is_accepted_in_any_case_and_spacing(#[case] scheme: &str) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let request = server
        .request(Method::GET, CHAT)
        .header("Authorization", format!("{scheme}{}  ", user.token));
    assert_eq!(answer(request).await.status, 200);
}

#[tokio::test]
async fn a_disabled_user_is_refused_with_an_old_token_and_cannot_log_in() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&server.database.url).await.unwrap();
    sqlx::query("UPDATE users SET active = 0 WHERE username = 'ann'")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(
        user.get(CHAT).await.status_and_json(),
        (401, json!({"detail": "User inactive or deleted."}))
    );
    assert_eq!(
        server.login("ann", "correct horse").await.status_and_json(),
        (401, json!({"error": "Invalid credentials."}))
    );
}

#[rstest]
#[case("PUT", REGISTER, "POST")]
#[case("GET", LOGIN, "POST")]
#[case("DELETE", "/api/", "GET,HEAD")]
#[case("OPTIONS", LOGIN, "POST")]
#[case("BREW", LOGIN, "POST")]
#[case("PUT", CHAT, "GET,HEAD,POST")]
#[case("PATCH", LOGOUT, "GET,POST")]
#[case("POST", "/media/0123456789abcdef0123456789abcdef.wav", "GET,HEAD")]
#[tokio::test]
async fn a_wrong_method_is_refused_with_the_allowed_ones(
    #[case] method: Method,
    #[case] path: &str,
    #[case] allow: &str,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let answer = answer(user.request(method.clone(), path)).await;
    assert_eq!(
        answer.status_and_json(),
        (
            405,
            json!({"detail": format!("Method \"{method}\" not allowed.")})
        )
    );
    assert_eq!(answer.header("allow"), Some(allow));
}

const LARGE: usize = 64 * 1024 + 1;

#[rstest]
#[case::unknown_path_before_token("PUT", "/api/nothing", None, "text/plain", LARGE, 404)]
#[case::token_before_method("PUT", CHAT, None, "text/plain", LARGE, 401)]
#[case::token_before_size("POST", CHAT, None, "text/plain", LARGE, 401)]
#[case::method_before_size("PUT", CHAT, Some(()), "text/plain", LARGE, 405)]
#[case::size_before_type("POST", CHAT, Some(()), "text/plain", LARGE, 413)]
#[case::type_before_content("POST", CHAT, Some(()), "text/plain", 10, 415)]
#[case::content_last("POST", CHAT, Some(()), "application/json", 10, 400)]
#[case::largest_body_is_read("POST", CHAT, Some(()), "application/json", LARGE - 1, 400)]
#[tokio::test]
async fn checks_are_made_in_the_documented_order(
    #[case] method: Method,
    #[case] path: &str,
    #[case] signed_in: Option<()>,
    #[case] content_type: &str,
    #[case] size: usize,
    #[case] status: u16,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let request = if signed_in.is_some() {
        user.request(method, path)
    } else {
        server.request(method, path)
    };
    let answer = answer(
        request
            .header("Content-Type", content_type)
            .body("x".repeat(size)),
    )
    .await;
    assert_eq!(answer.status, status);
    assert!(answer.json()["detail"].is_string());
}

#[rstest]
#[case::cut_short(b"{\"username\":")]
#[case::single_quotes(b"{'username': 'a'}")]
#[case::trailing(b"{} {}")]
#[case::bad_utf8(b"{\"username\":\"\xff\"}")]
#[case::lone_surrogate(br#"{"username":"\ud800"}"#)]
#[case::array(b"[]")]
#[case::text(b"\"text\"")]
#[case::null(b"null")]
#[case::blanks(b" \r\n")]
#[case::deep(&[b'['; 5_000])]
#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_a_parse_error(#[case] body: &'static [u8]) {
    let server = Server::start().await;
    let request = server
        .request(Method::POST, LOGIN)
        .header("Content-Type", "application/json; charset=utf-8");
    let answer = answer(request.body(body)).await;
    assert_eq!(answer.status, 400);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("JSON parse error - "), "{detail}");
}

#[rstest]
#[case::login(Method::POST, LOGIN, "Username and password are required.")]
#[case::registration(Method::POST, REGISTER, "Username, password, and email are required.")]
#[case::turn(Method::POST, CHAT, "interview_topic or user_input is required.")]
#[case::password(
    Method::POST,
    "/api/user/password/",
    "password and new_password are required."
)]
#[case::account(Method::DELETE, "/api/user/me/", "password is required.")]
#[tokio::test]
async fn an_empty_body_is_an_empty_object_on_every_route(
    #[case] method: Method,
    #[case] path: &str,
    #[case] error: &str,
    #[values("", "Content-Type: application/json\r\n")] content_type: &str,
    #[values(
        "",
        "Content-Length: 0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )]
    body: &str,
) {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let body = if body.is_empty() { "\r\n" } else { body };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: h\r\nAuthorization: Token {token}\r\nConnection: close\r\n"
    );
    let answer = server
        .raw([&head, content_type, body].concat().as_bytes())
        .await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let expected = json!({ "error": error }).to_string();
    assert!(answer.ends_with(&expected), "{answer}");
}

#[rstest]
#[case("text/plain", "text/plain")]
#[case("multipart/form-data; boundary=x", "multipart/form-data; boundary=x")]
#[case("", "")]
#[tokio::test]
async fn another_content_type_is_refused_by_name(#[case] sent: &str, #[case] named: &str) {
    let server = Server::start().await;
    let answer = answer(
        server
            .request(Method::POST, LOGIN)
            .header("Content-Type", sent)
            .body("x"),
    )
    .await;
    let detail = format!("Unsupported media type \"{named}\" in request.");
    assert_eq!(answer.status_and_json(), (415, json!({"detail": detail})));
}

#[rstest]
#[case::nothing(None, "", 400, json!({"error": "Username and password are required."}))]
#[case::untyped(None, "x", 415, json!({"detail": "Unsupported media type \"\" in request."}))]
#[case::form(Some("application/x-www-form-urlencoded"), "username=ann&password=wrong+horse", 401, json!({"error": "Invalid credentials."}))]
#[case::form_not_utf8(Some("application/x-www-form-urlencoded"), "username=%ff", 400, json!({"detail": "JSON parse error - the form is not UTF-8"}))]
#[case::form_with_a_replacement_character(Some("application/x-www-form-urlencoded"), "username=%EF%BF%BD&password=x", 401, json!({"error": "Invalid credentials."}))]
#[case::json_in_capitals(Some("Application/JSON"), "{}", 400, json!({"error": "Username and password are required."}))]
#[tokio::test]
async fn a_body_is_read_by_its_type(
    #[case] content_type: Option<&str>,
    #[case] body: &'static str,
    #[case] status: u16,
    #[case] expected: Value,
) {
    let server = Server::start().await;
    let mut request = server.request(Method::POST, LOGIN).body(body);
    if let Some(content_type) = content_type {
        request = request.header("Content-Type", content_type);
    }
    assert_eq!(answer(request).await.status_and_json(), (status, expected));
}

#[tokio::test]
async fn a_form_is_accepted_like_json() {
    let server = Server::start().await;
    let form = |path: &str, body: &'static str| {
        let request = server
            .request(Method::POST, path)
            .header("Content-Type", "application/x-www-form-urlencoded");
        answer(request.body(body))
    };
    let registered = form(
        REGISTER,
        "username=%EA%B9%80&email=a%40b.kr&password=correct+horse",
    )
    .await;
    assert_eq!(
        registered.status_and_json(),
        (201, json!({"message": "User registered successfully."}))
    );
    assert_eq!(
        form(LOGIN, "username=%EA%B9%80&password=correct+horse")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_decomposed_name_is_the_name_that_was_registered() {
    let server = Server::start().await;
    server.sign_up("김").await;
    let composed = "김";
    let decomposed = "\u{1100}\u{1175}\u{11b7}";
    assert_eq!(server.login(decomposed, PASSWORD).await.status, 200);
    assert_eq!(server.register(decomposed).await.status, 409);
    // Another spelling does not give more attempts either.
    for tries in 0..10 {
        assert_eq!(
            server
                .login(if tries % 2 == 0 { decomposed } else { composed }, "wrong")
                .await
                .status,
            401
        );
    }
    assert_eq!(server.login(decomposed, "wrong").await.status, 429);
}

#[rstest]
#[case("GET", "/api/", 200)]
#[case("GET", "/nothing", 404)]
#[case("GET", CHAT, 401)]
#[case("PUT", LOGIN, 405)]
#[case("POST", LOGIN, 400)]
#[tokio::test]
async fn every_answer_carries_the_security_headers(
    #[case] method: Method,
    #[case] path: &str,
    #[case] status: u16,
) {
    let answer = answer(Server::start().await.request(method, path)).await;
    assert_eq!(answer.status, status);
    let headers = [
        "x-content-type-options",
        "referrer-policy",
        "cache-control",
        "content-type",
    ];
    let expected = ["nosniff", "same-origin", "no-store", "application/json"].map(Some);
    assert_eq!(headers.map(|name| answer.header(name)), expected);
}

const PAGE: &str = "http://localhost:3000";

async fn server_for_page() -> Server {
    let settings = Settings {
        allow_origins: vec![PAGE.parse().unwrap()],
        ..Settings::default()
    };
    Server::start_with(settings, Narrator::None).await
}

#[tokio::test]
async fn a_preflight_of_a_named_origin_is_granted() {
    let server = server_for_page().await;
    let request = server.request(Method::OPTIONS, CHAT).header("Origin", PAGE);
    let request = request.header("Access-Control-Request-Method", "POST");
    let answer = answer(request.header(
        "Access-Control-Request-Headers",
        "authorization,content-type",
    ))
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("GET,POST,DELETE")
    );
    let headers = answer.header("access-control-allow-headers").unwrap();
    assert!(headers.contains("authorization,content-type"), "{headers}");
}

#[rstest]
#[case("GET", "/api/", 200)]
#[case("GET", "/nothing", 404)]
#[case("GET", CHAT, 401)]
#[case("PUT", LOGIN, 405)]
#[case("POST", LOGIN, 400)]
#[tokio::test]
async fn all_answers_carry_cors_headers_for_named_origins_only(
    #[case] method: Method,
    #[case] path: &str,
    #[case] status: u16,
) {
    let server = server_for_page().await;
    for (origin, allowed) in [
        (PAGE, Some(PAGE)),
        ("http://evil.example", None),
        ("null", None),
    ] {
        let answer = answer(
            server
                .request(method.clone(), path)
                .header("Origin", origin),
        )
        .await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        assert_eq!(answer.header("vary"), Some("origin"));
    }
}

#[tokio::test]
async fn without_named_origins_no_answer_has_cors_headers() {
    let server = Server::start().await;
    let preflight = server
        .request(Method::OPTIONS, LOGIN)
        .header("Access-Control-Request-Method", "POST");
    let answer = answer(preflight.header("Origin", PAGE)).await;
    assert_eq!(answer.status, 405);
    assert!(
        answer
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control"))
    );
}
