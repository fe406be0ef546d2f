//! Our client with our server, from the registration to the logout.

use mock_interviewer::api::ChatRequest;
use mock_interviewer::client::{Client, ClientError};
use mock_interviewer::interview::{Language, Role};
use mock_interviewer::server::Settings;
use secrecy::SecretString;

use crate::api_server::{PASSWORD, Server, http, narrator};

fn about(topic: &str) -> ChatRequest {
    ChatRequest {
        interview_topic: Some(topic.to_owned()),
        ..ChatRequest::default()
    }
}

#[tokio::test]
async fn an_interview_is_held_played_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(
        Settings {
            daily_chat_limit: 1,
            ..Settings::default()
        },
        narrator(&folder),
    )
    .await;
    let client =
        Client::new(http(), server.url("/").parse().unwrap()).with_language(Language::Korean);
    let password = SecretString::from(PASSWORD);
    assert!(
        client
            .service()
            .await
            .unwrap()
            .unwrap()
            .features
            .contains(&"idempotency".to_owned())
    );

    client
        .register("김철수", "chulsoo@example.com", &password, None)
        .await
        .unwrap();
    let again = client
        .register("김철수", "chulsoo@example.com", &password, None)
        .await
        .unwrap_err();
    assert!(
        matches!(again, ClientError::Refused { status: 409, .. }),
        "{again:?}"
    );
    let client = client
        .clone()
        .with_token(client.login("김철수", &password).await.unwrap());

    let key = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";
    let done = client.chat(&about("rust"), Some(key)).await.unwrap();
    assert_eq!(client.chat(&about("rust"), Some(key)).await.unwrap(), done);
    assert_eq!((done.count, done.limit), (Some(1), Some(1)));
    let sound = client
        .audio(done.audio_url.as_deref().unwrap())
        .await
        .unwrap();
    assert_eq!(&sound[..4], b"RIFF");

    let current = client.conversations().await.unwrap();
    let roles: Vec<_> = current
        .conversations
        .iter()
        .map(|message| message.role)
        .collect();
    assert_eq!(roles, [Role::System, Role::Assistant]);
    assert_eq!(current.conversations[1].content, done.response);
    let limit = client.chat(&about("java"), None).await.unwrap_err();
    assert!(
        matches!(
            limit,
            ClientError::LimitReached {
                retry_after: Some(1..),
                ..
            }
        ),
        "{limit:?}"
    );

    client.logout().await.unwrap();
    let refused = client.conversations().await.unwrap_err();
    assert!(
        matches!(refused, ClientError::Unauthorized(_)),
        "{refused:?}"
    );
}
