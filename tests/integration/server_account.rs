//! Tests of the calls for the user's own account.

use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{Answer, CHAT, PASSWORD, Server, User, answer, narrator};

const ME: &str = "/api/user/me/";
const NEW: &str = "battery staple";

async fn change(user: &User<'_>, body: Value) -> Answer {
    answer(
        user.request(Method::POST, "/api/user/password/")
            .json(&body),
    )
    .await
}

async fn delete(user: &User<'_>, body: Value) -> Answer {
    answer(user.request(Method::DELETE, ME).json(&body)).await
}

#[tokio::test]
async fn the_account_shows_name_address_and_turns() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    user.chat(json!({"interview_topic": "rust"})).await;
    let me = json!({"username": "ann", "email": "ann@example.com", "count": 1, "limit": 6});
    assert_eq!(user.get(ME).await.status_and_json(), (200, me));
}

#[tokio::test]
async fn a_new_password_ends_the_other_logins() {
    let server = Server::start().await;
    let here = server.sign_up("ann").await;
    let elsewhere = server.sign_in("ann").await;
    let changed = change(&here, json!({"password": PASSWORD, "new_password": NEW})).await;
    assert_eq!(
        changed.status_and_json(),
        (200, json!({"message": "Password changed."}))
    );
    assert_eq!(
        (here.get(ME).await.status, elsewhere.get(ME).await.status),
        (200.try_into().unwrap(), 401.try_into().unwrap())
    );
    assert_eq!(
        (
            server.login("ann", PASSWORD).await.status,
            server.login("ann", NEW).await.status
        ),
        (401.try_into().unwrap(), 200.try_into().unwrap())
    );
}

#[tokio::test]
async fn a_new_password_revokes_the_audio_named_after_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let user = server.sign_up("ann").await;
    let begun = user.chat(json!({"interview_topic": "rust"})).await.json();
    let path = begun["audio_url"]
        .as_str()
        .unwrap()
        .strip_prefix(&server.url(""))
        .unwrap()
        .to_owned();
    assert_eq!(server.get(&path).await.status, 200);
    assert_eq!(
        change(&user, json!({"password": PASSWORD, "new_password": NEW}))
            .await
            .status,
        200
    );
    assert_eq!(server.get(&path).await.status, 404);
}

#[rstest]
#[case(json!({"new_password": NEW}), 400, "password and new_password are required.")]
#[case(json!({"password": PASSWORD}), 400, "password and new_password are required.")]
#[case(json!({"password": PASSWORD, "new_password": "short"}), 400, "Password must have 8 to 1024 characters.")]
#[case(json!({"password": "wrong horse", "new_password": NEW}), 403, "The password is wrong.")]
#[tokio::test]
async fn a_password_change_with_a_wrong_or_missing_field_is_refused(
    #[case] body: Value,
    #[case] status: u16,
    #[case] error: &str,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        change(&user, body).await.status_and_json(),
        (status, json!({"error": error}))
    );
    assert_eq!(server.login("ann", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn guesses_at_a_password_change_are_limited_as_at_the_login() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    for _ in 0..10 {
        assert_eq!(
            delete(&user, json!({"password": "wrong horse"}))
                .await
                .status,
            403
        );
    }
    let refused = delete(&user, json!({"password": PASSWORD})).await;
    assert_eq!(
        (
            refused.status.as_u16(),
            refused.header("retry-after").is_some()
        ),
        (429, true)
    );
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let ann = server.sign_up("ann").await;
    let bob = server.sign_up("bob").await;
    let begin = json!({"interview_topic": "rust"});
    ann.chat_under("7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c", begin.clone())
        .await;
    bob.chat(begin).await;
    assert_eq!(
        delete(&ann, json!({})).await.status_and_json(),
        (400, json!({"error": "password is required."}))
    );
    assert_eq!(
        delete(&ann, json!({"password": "wrong horse"}))
            .await
            .status,
        403
    );

    assert_eq!(
        delete(&ann, json!({"password": PASSWORD}))
            .await
            .status_and_json(),
        (200, json!({"message": "User deleted."}))
    );
    assert_eq!(
        ann.get(CHAT).await.status_and_json(),
        (401, json!({"detail": "Invalid token."}))
    );
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&server.database.url).await.unwrap();
    let rows = async |table: &str| -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let left = [
        ("users", 1),
        ("tokens", 1),
        ("interviews", 1),
        ("messages", 2),
        ("usage", 1),
        ("idempotency", 0),
        ("speech", 1),
    ];
    for (table, expected) in left {
        assert_eq!(rows(table).await, expected, "{table}");
    }
    assert_eq!(server.register("ann").await.status, 201);
}
