//! Tests of turns that are streamed as server-sent events.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::narrator::command::CommandNarrator;
use mock_interviewer::server::Settings;
use mock_interviewer::upstream::Limits;
use mock_interviewer::upstream::event_reader::Event;
use mock_interviewer::upstream::event_stream::{self, StreamPart};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::api_server::{CHAT, Server, User, narrator};

const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";

fn streamed(user: &User<'_>, body: &Value) -> RequestBuilder {
    user.request(Method::POST, CHAT)
        .header("Accept", "text/event-stream")
        .json(body)
}

fn events(response: Response) -> impl Stream<Item = (String, Value)> {
    event_stream::read(response).filter_map(|part| {
        let read = match part.unwrap() {
            StreamPart::Event(Event { name, data }) => {
                Some((name.unwrap(), serde_json::from_str(&data).unwrap()))
            }
            StreamPart::SignOfLife => None,
        };
        std::future::ready(read)
    })
}

async fn collect_events(request: RequestBuilder) -> Vec<(String, Value)> {
    let response = request.send().await.unwrap();
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["content-type"].to_str().unwrap()
        ),
        (200, "text/event-stream")
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    events(response).collect().await
}

/// Joins the text of all `delta` events.
fn text(events: &[(String, Value)]) -> String {
    events
        .iter()
        .filter(|(name, _)| name == "delta")
        .map(|(_, data)| data["text"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_reply_is_streamed_in_pieces_and_then_as_a_whole() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let events = collect_events(streamed(
        &user,
        &json!({"interview_topic": "rust", "questions": 3}),
    ))
    .await;
    let (name, done) = events.last().unwrap();
    assert_eq!(
        (name.as_str(), done["response"].as_str().unwrap()),
        ("done", text(&events).as_str())
    );
    assert!(events.len() > 3, "{events:?}");
    assert_eq!(
        [
            &done["audio_url"],
            &done["count"],
            &done["question"],
            &done["finished"]
        ],
        [
            &Value::Null,
            &json!(1),
            &json!({"number": 1, "of": 3, "follow_up": 0}),
            &json!(false)
        ]
    );
    assert_eq!(
        user.state().await,
        (vec!["system".to_owned(), "assistant".to_owned()], 1)
    );
}

#[tokio::test]
async fn every_sentence_has_audio_and_so_has_the_whole_reply() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let user = server.sign_up("ann").await;
    let events = collect_events(streamed(&user, &json!({"interview_topic": "rust"}))).await;
    let sounds: Vec<_> = events
        .iter()
        .filter(|(name, _)| name == "audio")
        .map(|(_, data)| data.clone())
        .collect();
    let indices: Vec<_> = sounds
        .iter()
        .map(|sound| sound["index"].as_u64().unwrap())
        .collect();
    assert!(
        sounds.len() > 1 && indices == (0..sounds.len() as u64).collect::<Vec<_>>(),
        "{sounds:?}"
    );
    let reply = text(&events);
    assert!(
        sounds
            .iter()
            .all(|sound| reply.contains(sound["text"].as_str().unwrap())),
        "{sounds:?}"
    );

    let fetch = async |url: &Value| {
        reqwest::get(url.as_str().unwrap())
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
    };
    assert_eq!(fetch(&sounds[0]["url"]).await.len(), 1_644);
    let done = &events.last().unwrap().1;
    assert_eq!(
        fetch(&done["audio_url"]).await.len(),
        44 + 1_600 * sounds.len()
    );
    // A client that asks for the whole reply gets the same audio.
    assert_eq!(
        user.chat(json!({})).await.json()["audio_url"],
        done["audio_url"]
    );
}

#[tokio::test]
async fn audio_shared_by_two_interviews_outlives_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let user = server.sign_up("ann").await;
    let first = collect_events(streamed(&user, &json!({"interview_topic": "rust"}))).await;
    let second = collect_events(streamed(&user, &json!({"interview_topic": "rust"}))).await;
    let id = first.last().unwrap().1["interview_id"].as_str().unwrap();
    let deleted = user
        .request(Method::DELETE, &format!("/api/interviews/{id}/"))
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 200);
    let statuses = async |events: &[(String, Value)]| {
        let urls = events
            .iter()
            .filter_map(|(_, data)| data["url"].as_str().or(data["audio_url"].as_str()));
        join_all(urls.map(async |url| reqwest::get(url).await.unwrap().status().as_u16())).await
    };
    assert!(statuses(&second).await.iter().all(|status| *status == 200));
    assert!(statuses(&first).await.contains(&404));
}

#[tokio::test]
async fn a_failing_narrator_costs_the_audio_only() {
    let broken = Narrator::Command(CommandNarrator::new(vec!["false".to_owned()]));
    let server = Server::start_with(Settings::default(), broken).await;
    let user = server.sign_up("ann").await;
    let events = collect_events(streamed(&user, &json!({"interview_topic": "rust"}))).await;
    assert!(events.iter().all(|(name, _)| name != "audio"));
    assert_eq!(
        (
            events.last().unwrap().0.as_str(),
            &events.last().unwrap().1["audio_url"]
        ),
        ("done", &Value::Null)
    );
}

#[tokio::test]
async fn a_repeat_with_the_same_key_streams_the_stored_answer() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let body = json!({"interview_topic": "rust"});
    let whole = user.chat_under(KEY, body.clone()).await.json();
    let events = collect_events(streamed(&user, &body).header("Idempotency-Key", KEY)).await;
    assert_eq!(events.last().unwrap(), &("done".to_owned(), whole.clone()));
    assert_eq!(text(&events), whole["response"].as_str().unwrap());
    assert_eq!(user.state().await.1, 1);
}

#[tokio::test]
async fn a_failure_before_the_first_event_is_an_ordinary_answer() {
    let server = Server::start_with(
        Settings {
            daily_chat_limit: 0,
            ..Settings::default()
        },
        Narrator::None,
    )
    .await;
    let user = server.sign_up("ann").await;
    for (body, status) in [
        (json!({}), 400),
        (json!({"user_input": 1}), 400),
        (json!({"interview_topic": "rust"}), 429),
    ] {
        let response = streamed(&user, &body).send().await.unwrap();
        assert_eq!(
            (
                response.status().as_u16(),
                response.headers()["content-type"].to_str().unwrap()
            ),
            (status, "application/json")
        );
        assert!(response.json::<Value>().await.unwrap()["error"].is_string());
    }
}

/// Starts a model that says two words and then breaks off or falls silent.
pub(crate) async fn engine(breaks_off: bool) -> (Interviewer, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let running = tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            assert_ne!(stream.read(&mut request).await.unwrap(), 0);
            let start = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 10000\r\n\r\n";
            let delta = "data: {\"choices\":[{\"delta\":{\"content\":\"So then\"}}]}\n\n";
            stream
                .write_all([start, delta].concat().as_bytes())
                .await
                .unwrap();
            if !breaks_off {
                open.push(stream);
            }
        }
    });
    let openai = OpenAiInterviewer::new(
        format!("http://{address}").parse().unwrap(),
        None,
        "model".to_owned(),
    )
    .unwrap();
    (
        Interviewer::OpenAi(openai.with_limits(Limits {
            attempts: 1,
            ..Limits::default()
        })),
        running,
    )
}

/// A model that answers only what a test writes into the connection it accepts.
async fn silent_model() -> (TcpListener, Interviewer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let openai = OpenAiInterviewer::new(url.parse().unwrap(), None, "model".to_owned()).unwrap();
    let limits = Limits {
        attempts: 1,
        ..Limits::default()
    };
    (listener, Interviewer::OpenAi(openai.with_limits(limits)))
}

/// Waits until the server asks the model.
async fn accept_request(model: &TcpListener) -> TcpStream {
    let (mut connection, _) = model.accept().await.unwrap();
    connection.read_u8().await.unwrap();
    connection
}

async fn answer_request(connection: &mut TcpStream) {
    let body = r#"{"choices":[{"message":{"content":"What is ownership?"}}]}"#;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
    let answer = format!("{head} {}\r\n\r\n{body}", body.len());
    connection.write_all(answer.as_bytes()).await.unwrap();
}

fn impatient() -> Settings {
    Settings {
        daily_chat_limit: 1,
        first_word_within: Duration::from_millis(20),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_stream_begins_before_a_slow_first_word() {
    let (model, interviewer) = silent_model().await;
    let server = Server::start_asking(impatient(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let response = streamed(&user, &json!({"interview_topic": "rust"}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    // The model hangs up without a word.
    drop(model.accept().await.unwrap());
    let error = json!({"error": "The interviewer failed. Nothing was counted.", "status": 502});
    assert_eq!(
        events(response).collect::<Vec<_>>().await,
        [("error".to_owned(), error)]
    );
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn a_refusal_in_a_stream_that_has_begun_says_when_to_try_again() {
    let (model, interviewer) = silent_model().await;
    let server = Server::start_asking(impatient(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let body = json!({"interview_topic": "rust"});
    let first = streamed(&user, &body).send().await.unwrap();
    let mut request = accept_request(&model).await;
    // The second turn waits for the first, which takes the only turn of the day.
    let second = streamed(&user, &body).send().await.unwrap();
    answer_request(&mut request).await;
    assert_eq!(
        events(first).collect::<Vec<_>>().await.last().unwrap().0,
        "done"
    );
    let refused = events(second).collect::<Vec<_>>().await;
    let (name, error) = refused.last().unwrap();
    assert_eq!((name.as_str(), &error["status"]), ("error", &json!(429)));
    let seconds = error["retry_after"].as_u64().unwrap();
    assert!((1..=90_000).contains(&seconds), "{error}");
}

#[tokio::test]
async fn a_server_that_stops_sends_its_last_events_to_the_end() {
    let (model, interviewer) = silent_model().await;
    let mut server = Server::start_asking(impatient(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let request = streamed(&user, &json!({"interview_topic": "rust"}));
    let response = request.send().await.unwrap();
    let mut request = accept_request(&model).await;
    let address = server.address;
    let running = server.stop();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    answer_request(&mut request).await;
    let last = events(response).collect::<Vec<_>>().await.pop().unwrap();
    assert_eq!(last.0, "done");
    assert_eq!(running.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_client_that_hangs_up_before_the_first_word_frees_the_model() {
    let (model, interviewer) = silent_model().await;
    let server = Server::start_asking(Settings::default(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let request = streamed(&user, &json!({"interview_topic": "rust"}));
    let client = tokio::spawn(request.send());
    let mut request = accept_request(&model).await;
    client.abort();
    // The server closes its connection to the model.
    let mut rest = Vec::new();
    request.read_to_end(&mut rest).await.unwrap();
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn a_reply_that_breaks_off_ends_with_an_error_and_was_not_taken() {
    let (interviewer, _running) = engine(true).await;
    let server = Server::start_asking(Settings::default(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let events = collect_events(streamed(&user, &json!({"interview_topic": "rust"}))).await;
    let message = "The interviewer's reply was cut off: the connection to the model ended. \
                   Nothing was counted.";
    let error = json!({"error": message, "status": 502});
    assert_eq!(
        events,
        [
            ("delta".to_owned(), json!({"text": "So then"})),
            ("error".to_owned(), error)
        ]
    );
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn a_client_that_hangs_up_before_the_end_has_not_taken_the_turn() {
    let (interviewer, _running) = engine(false).await;
    let server = Server::start_asking(Settings::default(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    for _ in 0..2 {
        // The second one would wait forever if the first were still running.
        let response = streamed(&user, &json!({"interview_topic": "rust"}))
            .send()
            .await
            .unwrap();
        let first = events(response).next().await.unwrap();
        assert_eq!(first, ("delta".to_owned(), json!({"text": "So then"})));
    }
    assert_eq!(user.state().await, (vec![], 0));
}
