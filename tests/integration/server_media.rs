//! Tests of spoken replies: their addresses, and how the audio is served.

use futures_util::future::join_all;
use jiff::Timestamp;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::narrator::command::CommandNarrator;
use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api_server::{Answer, CHAT, Server, answer, narrator};

const NAME: &str = "0123456789abcdef0123456789abcdef.wav";
const SOUND: &[u8] = b"RIFF012345";

async fn server_with_sound() -> Server {
    let server = Server::start().await;
    let ann = server.user_id("ann").await;
    server
        .store
        .save_speech(&ann, NAME, "audio/wav", SOUND, Timestamp::now())
        .await
        .unwrap();
    server
}

async fn fetch(server: &Server, method: Method, headers: &[(&str, &str)]) -> Answer {
    let request = server.request(method, &format!("/media/{NAME}"));
    answer(headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    }))
    .await
}

#[tokio::test]
async fn a_spoken_reply_is_served_without_a_login() {
    let server = server_with_sound().await;
    let whole = fetch(&server, Method::GET, &[]).await;
    assert_eq!(
        (whole.status.as_u16(), whole.bytes.as_slice()),
        (200, SOUND)
    );
    let headers = [
        "content-type",
        "content-length",
        "accept-ranges",
        "x-content-type-options",
        "cache-control",
    ];
    assert_eq!(
        headers.map(|name| whole.header(name)),
        [
            Some("audio/wav"),
            Some("10"),
            Some("bytes"),
            Some("nosniff"),
            None
        ]
    );

    let head = fetch(&server, Method::HEAD, &[]).await;
    assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    assert_eq!(
        headers.map(|name| head.header(name)),
        headers.map(|name| whole.header(name))
    );
    assert_eq!(head.header("etag"), whole.header("etag"));
}

#[rstest]
#[case("bytes=0-3", "bytes 0-3/10", b"RIFF")]
#[case("bytes=8-", "bytes 8-9/10", b"45")]
#[case("bytes=-2", "bytes 8-9/10", b"45")]
#[case("bytes=8-999", "bytes 8-9/10", b"45")]
#[tokio::test]
async fn a_range_is_served_as_partial_content(
    #[case] range: &str,
    #[case] content_range: &str,
    #[case] bytes: &[u8],
) {
    let part = fetch(&server_with_sound().await, Method::GET, &[("Range", range)]).await;
    assert_eq!((part.status.as_u16(), part.bytes.as_slice()), (206, bytes));
    assert_eq!(part.header("content-range"), Some(content_range));
    assert_eq!(
        part.header("content-length"),
        Some(bytes.len().to_string().as_str())
    );
}

#[tokio::test]
async fn a_range_beyond_the_end_is_refused_with_the_length() {
    let refused = fetch(
        &server_with_sound().await,
        Method::GET,
        &[("Range", "bytes=10-")],
    )
    .await;
    assert_eq!(refused.status, 416);
    assert_eq!(refused.header("content-range"), Some("bytes */10"));
    assert!(refused.json()["detail"].is_string());
}

#[tokio::test]
async fn a_file_that_the_client_has_is_not_sent_again() {
    let server = server_with_sound().await;
    let etag = fetch(&server, Method::GET, &[])
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let unchanged = fetch(
        &server,
        Method::GET,
        &[("If-None-Match", &format!("\"other\", W/{etag}"))],
    )
    .await;
    assert_eq!((unchanged.status.as_u16(), unchanged.bytes.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), Some(etag.as_str()));
    assert_eq!(
        fetch(&server, Method::GET, &[("If-None-Match", "\"other\"")])
            .await
            .status,
        200
    );
    let stale = [("Range", "bytes=0-3"), ("If-Range", "\"other\"")];
    assert_eq!(fetch(&server, Method::GET, &stale).await.status, 200);
}

#[rstest]
#[case("/media/0123456789abcdef0123456789abcdef.mp3")]
#[case("/media/0123456789ABCDEF0123456789ABCDEF.wav")]
#[case("/media/0123456789abcdef0123456789abcdef")]
#[case("/media/0123456789abcdef0123456789abcdef.wav/")]
#[case("/media/..%2fserver.db")]
#[case("/media/%ff%fe.wav")]
#[tokio::test]
async fn an_unknown_name_is_not_found(#[case] path: &str) {
    let missing = server_with_sound().await.get(path).await;
    assert_eq!(
        missing.status_and_json(),
        (404, json!({"detail": "Not found."}))
    );
    assert_eq!(missing.header("cache-control"), Some("no-store"));
}

async fn speaking_server(folder: &TempDir) -> Server {
    Server::start_with(Settings::default(), narrator(folder)).await
}

#[tokio::test]
async fn a_reply_names_the_address_of_its_audio() {
    let folder = tempfile::tempdir().unwrap();
    let server = speaking_server(&folder).await;
    let user = server.sign_up("ann").await;
    let url = audio_url(&user.chat(json!({"interview_topic": "rust"})).await);
    let path = url.strip_prefix(&server.url("")).unwrap();
    let sound = server.get(path).await;
    assert_eq!(
        (
            sound.status.as_u16(),
            sound.header("content-type"),
            &sound.bytes[..4]
        ),
        (200, Some("audio/wav"), &b"RIFF"[..])
    );

    let request = user
        .request(Method::POST, CHAT)
        .header("Host", "interview.example:81");
    let elsewhere = audio_url(&answer(request.json(&json!({"user_input": "An answer."}))).await);
    assert!(
        elsewhere.starts_with("http://interview.example:81/media/"),
        "{elsewhere}"
    );
    assert_ne!(
        elsewhere.rsplit_once('/').unwrap().1,
        url.rsplit_once('/').unwrap().1
    );
}

#[tokio::test]
async fn a_repeated_reply_has_the_same_audio_address() {
    const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";
    let folder = tempfile::tempdir().unwrap();
    let server = speaking_server(&folder).await;
    let user = server.sign_up("ann").await;
    let topic = || json!({"interview_topic": "rust"});
    let answers = join_all((0..3).map(|_| user.chat_under(KEY, topic()))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status_and_json() == answers[0].status_and_json())
    );
    assert_eq!(
        audio_url(&user.chat(json!({})).await),
        audio_url(&answers[0])
    );
    let another = server.sign_up("bob").await.chat_under(KEY, topic()).await;
    assert_ne!(audio_url(&another), audio_url(&answers[0]));
}

#[rstest]
#[case::fails("false")]
#[case::is_not_there("no-such-speech-engine")]
#[tokio::test]
async fn a_reply_is_sent_without_audio_when_only_speech_fails(#[case] program: &str) {
    let narrator = Narrator::Command(CommandNarrator::new(vec![program.to_owned()]));
    let server = Server::start_with(Settings::default(), narrator).await;
    let user = server.sign_up("ann").await;
    let reply = user.chat(json!({"interview_topic": "rust"})).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["audio_url"]),
        (200, &Value::Null)
    );
    assert_eq!(user.state().await.1, 1);
}

fn audio_url(answer: &Answer) -> String {
    answer.json()["audio_url"]
        .as_str()
        .unwrap_or_else(|| panic!("no sound: {answer:?}"))
        .to_owned()
}
