//! Our client with servers that offer more than the original: our own, and one that breaks off.

use futures_util::StreamExt;
use mock_interviewer::api::ServiceInfo;
use mock_interviewer::backend::{Backend, Remote, ServerFeatures, TurnAttempt};
use mock_interviewer::client::{Client, ClientError};
use mock_interviewer::interview::{
    Answer, Background, Language, Level, Progress, Spoken, Topic, Word,
};
use mock_interviewer::narrator::Narrator;
use mock_interviewer::practice::{CompletedTurn, NewInterview, TurnEvent, TurnInput};
use mock_interviewer::server::Settings;
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::api_server::{Server, http, narrator};

fn client(base: &str, token: &str) -> Client {
    Client::new(http(), base.parse().unwrap()).with_token(token.into())
}

async fn backend(server: &Server) -> Backend {
    let client = client(&server.url("/"), &server.sign_up("ann").await.token);
    let offers = ServerFeatures::new(&client.service().await.unwrap().unwrap());
    Backend::Remote(Remote::new(client, Language::Korean, offers))
}

fn start() -> TurnInput {
    TurnInput::Start(NewInterview {
        topic: Some(Topic::parse("databases").unwrap()),
        language: Language::Korean,
        level: Some(Level::Senior),
        questions: Some(3),
        background: Background {
            resume: Some("SQL".into()),
            job_description: None,
        },
        seed: 7,
    })
}

fn spoken(text: &str) -> TurnInput {
    let words = vec![Word {
        text: text.to_owned(),
        start: 0.5,
        end: 1.0,
    }];
    let spoken = Some(Spoken {
        seconds: 1.5,
        words,
        voiced: vec![],
    });
    let TurnInput::Start(otherwise) = start() else {
        unreachable!()
    };
    TurnInput::Answer {
        answer: Answer {
            text: text.to_owned(),
            spoken,
        },
        otherwise,
    }
}

/// Takes a turn, and returns its deltas as one text, the spoken sentences, and the result.
async fn take(backend: &Backend, input: TurnInput) -> (String, Vec<String>, CompletedTurn) {
    let mut events = backend.turn(TurnAttempt {
        input,
        attempt: Uuid::new_v4(),
        open: None,
    });
    let mut text = String::new();
    let mut sentences = Vec::new();
    loop {
        match events.next().await.expect("a turn ends with done").unwrap() {
            TurnEvent::Delta(delta) => text.push_str(&delta),
            TurnEvent::SpokenSentence(sound) => sentences.push(sound.text),
            TurnEvent::Done(done) => return (text, sentences, done),
        }
    }
}

#[tokio::test]
async fn an_interview_on_our_server_is_configured_resumed_ended_and_reported() {
    let server = Server::start().await;
    let backend = backend(&server).await;
    assert!(backend.streams_text() && backend.can_finish());
    let (text, sentences, begun) = take(&backend, start()).await;
    assert_eq!(
        (&text, sentences.len(), begun.question),
        (
            &begun.response,
            0,
            Some(Progress {
                number: 1,
                of: Some(3),
                follow_up: 0
            })
        )
    );
    take(&backend, spoken("인덱스")).await;

    let current = backend.current().await.unwrap();
    let question = Some(Progress {
        number: 2,
        of: Some(3),
        follow_up: 0,
    });
    assert_eq!(
        (
            current.topic.unwrap().as_str(),
            current.language,
            current.question
        ),
        ("databases", Some(Language::Korean), question)
    );
    assert!(current.messages[0].content.contains("\"SQL\""));

    let (_, _, over) = take(&backend, TurnInput::Finish(None)).await;
    assert!(over.finished && backend.current().await.unwrap().finished);
    let report = backend.report().await.unwrap();
    assert_eq!(
        (report.interviewer.as_str(), report.feedback.as_deref()),
        ("question bank", Some(over.response.as_str()))
    );
    assert_eq!(report.turns[0].answer.as_ref().unwrap().seconds, Some(1.5));
    assert_eq!(
        report.turns[0]
            .delivery
            .as_ref()
            .unwrap()
            .time_to_first_word,
        Some(0.5)
    );
}

#[tokio::test]
async fn the_second_of_two_windows_is_told_and_reads_the_interview_again() {
    let server = Server::start().await;
    let here = backend(&server).await;
    let (_, _, begun) = take(&here, start()).await;
    let open = begun.open.expect("the question is named");
    let there = here.current().await.unwrap();
    assert_eq!(there.open.as_ref(), Some(&open));
    let answered = |text: &str| TurnAttempt {
        input: spoken(text),
        attempt: Uuid::new_v4(),
        open: Some(open.clone()),
    };
    let last = here
        .turn(answered("인덱스"))
        .collect::<Vec<_>>()
        .await
        .pop();
    let Some(Ok(TurnEvent::Done(done))) = last else {
        panic!("{last:?}")
    };
    assert_eq!(done.open, Some(open.next()));
    // Another interview that was begun meanwhile does not matter.
    take(&here, start()).await;
    let last = here.turn(answered("해시")).collect::<Vec<_>>().await.pop();
    let refused = last.unwrap().unwrap_err();
    assert!(refused.is_moved_on(), "{refused}");
    let now = here.reload(&open).await.unwrap();
    assert_eq!((now.open, now.messages.len()), (Some(open.next()), 4));
}

#[tokio::test]
async fn a_server_with_a_narrator_sends_every_sentence_as_speech() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let backend = backend(&server).await;
    assert!(!backend.streams_text());
    let (text, sentences, done) = take(&backend, start()).await;
    assert_eq!(text, done.response);
    assert!(
        sentences.len() > 1 && sentences.iter().all(|sentence| text.contains(sentence)),
        "{sentences:?}"
    );
}

#[tokio::test]
async fn a_turn_whose_answer_was_lost_is_not_counted_twice() {
    let server = Server::start_with(Settings::default(), Narrator::None).await;
    let backend = backend(&server).await;
    let attempt = Uuid::new_v4();
    let mut lost = backend.turn(TurnAttempt {
        input: start(),
        attempt,
        open: None,
    });
    // The server completes the answer, although nobody waits for it.
    while !matches!(lost.next().await.unwrap().unwrap(), TurnEvent::Done(_)) {}
    let again = backend
        .turn(TurnAttempt {
            input: start(),
            attempt,
            open: None,
        })
        .collect::<Vec<_>>()
        .await
        .pop()
        .unwrap()
        .unwrap();
    let TurnEvent::Done(done) = again else {
        panic!("{again:?}")
    };
    assert_eq!(done.count, Some(1));
}

#[rstest]
#[case::told(
    "event: delta\ndata: {\"text\":\"So\"}\n\nevent: error\ndata: {\"error\":\"It failed.\",\"status\":502}\n\n",
    "failed (502): It failed."
)]
#[case::at_the_limit(
    "event: error\ndata: {\"error\":\"Enough.\",\"status\":429}\n\n",
    "Enough."
)]
#[case::broken_off("event: delta\ndata: {\"text\":\"So\"}\n\n", "the reply broke off")]
#[case::nonsense(
    "event: delta\ndata: {\"words\":1}\n\n",
    "its events are not the interview API's"
)]
#[tokio::test]
async fn a_stream_that_breaks_off_is_explained(#[case] body: &str, #[case] expected: &str) {
    let server = MockServer::start().await;
    let stream = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    let asked = Mock::given(method("POST"))
        .and(path("/api/chat/gpt/"))
        .and(header("accept", "text/event-stream"));
    asked.respond_with(stream).mount(&server).await;
    let turn = client(&server.uri(), "token")
        .streamed_turn(mock_interviewer::api::ChatRequest::default(), None);
    let error = turn.collect::<Vec<_>>().await.pop().unwrap().unwrap_err();
    assert!(error.to_string().ends_with(expected), "{error}");
    assert_eq!(
        matches!(error, ClientError::LimitReached { .. }),
        expected == "Enough."
    );
}

#[rstest]
#[case::byte_order_mark(
    "\u{feff}event: done\ndata: {\"response\":\"Why?\"}\n\n",
    "text/event-stream"
)]
#[case::carriage_returns(
    "event: done\r\rdata: {}\r\revent: done\rdata: {\"response\":\"Why?\"}\r\r",
    "text/event-stream"
)]
#[case::labelled_text(
    "event: new\ndata: x\n\nevent: done\ndata: {\"response\":\"Why?\"}",
    "text/plain"
)]
#[case::object_labelled_events("\u{feff} {\n\"response\": \"Why?\"\n}", "text/event-stream")]
#[tokio::test]
async fn a_turn_is_read_by_its_first_bytes(#[case] body: &str, #[case] label: &str) {
    let server = MockServer::start().await;
    let stream = ResponseTemplate::new(200).set_body_raw(body, label);
    Mock::given(method("POST"))
        .respond_with(stream)
        .mount(&server)
        .await;
    let turn = client(&server.uri(), "token")
        .streamed_turn(mock_interviewer::api::ChatRequest::default(), None);
    let last = turn.collect::<Vec<_>>().await.pop().unwrap().unwrap();
    assert!(matches!(&last, TurnEvent::Done(done) if done.response == "Why?"));
}

#[tokio::test]
async fn a_server_that_answers_without_a_stream_is_supported() {
    let server = MockServer::start().await;
    let whole =
        ResponseTemplate::new(200).set_body_json(json!({"response": "Why?", "audio_url": null}));
    Mock::given(method("POST"))
        .respond_with(whole)
        .mount(&server)
        .await;
    let turn = client(&server.uri(), "token")
        .streamed_turn(mock_interviewer::api::ChatRequest::default(), None);
    let events: Vec<_> = turn.map(Result::unwrap).collect().await;
    assert_eq!(events[0], TurnEvent::Delta("Why?".into()));
    assert!(matches!(&events[1], TurnEvent::Done(done) if done.response == "Why?"));
}

#[test]
fn a_feature_that_a_server_does_not_name_is_not_offered() {
    let info = ServiceInfo {
        name: "x".into(),
        version: "1".into(),
        languages: vec![],
        features: vec!["later".into()],
    };
    assert_eq!(ServerFeatures::new(&info), ServerFeatures::default());
}

#[tokio::test]
async fn past_interviews_are_listed_reported_and_deleted_on_a_server() {
    let server = Server::start().await;
    let backend = backend(&server).await;
    assert_eq!(backend.interviews_with_prefix("").await.unwrap(), []);
    take(&backend, start()).await;
    take(&backend, start()).await;
    take(&backend, spoken("인덱스")).await;
    let all = backend.interviews_with_prefix("").await.unwrap();
    assert_eq!(
        all.iter()
            .map(|one| (one.answers, one.current))
            .collect::<Vec<_>>(),
        [(1, true), (0, false)]
    );
    assert_eq!(
        backend
            .interviews_with_prefix(&all[1].id[..8])
            .await
            .unwrap(),
        all[1..]
    );
    let report = backend.report_by_id(&all[0].id).await.unwrap();
    assert_eq!(report.turns[0].answer.as_ref().unwrap().text, "인덱스");
    backend.delete(&all[0].id).await.unwrap();
    assert_eq!(backend.interviews_with_prefix("").await.unwrap(), all[1..]);
    assert!(
        backend.delete(&all[0].id).await.is_err()
            && backend.report_by_id(&all[0].id).await.is_err()
    );
}

#[tokio::test]
async fn a_server_without_past_interviews_is_not_asked_to_delete_one() {
    let server = MockServer::start().await;
    let backend = Backend::Remote(Remote::new(
        client(&server.uri(), "token"),
        Language::English,
        ServerFeatures::default(),
    ));
    let refused = backend.delete("7f0c8e0a").await.unwrap_err();
    assert_eq!(refused.to_string(), "this server cannot do that");
    assert!(server.received_requests().await.unwrap().is_empty());
}
