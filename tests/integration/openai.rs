//! The OpenAI-compatible interviewer, against servers that behave well, badly and oddly.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use mock_interviewer::interview::{Language, Message, Role, Topic};
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::interviewer::{
    Brief, Interviewer, InterviewerError, InterviewerTask, ReplyDelta,
};
use mock_interviewer::upstream::{CutOff, Limits};
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const KEY: &str = "sk-very-secret";

/// Returns limits with short pauses between attempts. The time-outs are the defaults, since the
/// machine may be busy.
fn quick_retries() -> Limits {
    Limits {
        back_off: Duration::from_millis(1),
        longest_wait: Duration::from_secs(2),
        ..Limits::default()
    }
}

fn brief() -> Brief {
    Brief {
        task: InterviewerTask::Ask,
        language: Language::English,
        topic: Topic::parse("Rust").unwrap(),
        level: None,
        remaining: Some(5),
        seed: 0,
        messages: vec![
            Message::new(Role::System, "Interview."),
            Message::new(Role::User, "Hello"),
            Message::new(Role::Assistant, "Question?"),
            Message::new(Role::User, "Answer."),
        ],
        exchanges: vec![],
        asked_before: vec![],
        returning: false,
    }
}

fn interviewer(base: &str) -> OpenAiInterviewer {
    let base = base.parse().unwrap();
    OpenAiInterviewer::new(base, Some(KEY.into()), "model-1".into())
        .unwrap()
        .with_limits(quick_retries())
}

/// Returns the deltas of one reply, or its error.
async fn ask(interviewer: &OpenAiInterviewer) -> Result<Vec<String>, InterviewerError> {
    let interviewer = Interviewer::OpenAi(interviewer.clone());
    // The reply is awaited on a task of its own, as in the server.
    let reply = tokio::spawn(async move { interviewer.reply(brief()).await })
        .await
        .unwrap()?;
    assert_eq!(reply.asked, None);
    let deltas: Vec<ReplyDelta> = reply.deltas.try_collect().await?;
    Ok(deltas.into_iter().map(said).collect())
}

fn said(delta: ReplyDelta) -> String {
    match delta {
        ReplyDelta::Text(text) => text,
        ReplyDelta::Restart => "(restart)".to_owned(),
    }
}

fn events(parts: &[&str]) -> ResponseTemplate {
    let body = parts
        .iter()
        .fold(String::new(), |body, part| body + "data: " + part + "\n\n");
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

fn delta(text: &str) -> String {
    json!({"id": "x", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
        .to_string()
}

/// Returns the last delta, which says that the reply is whole.
fn last_delta(text: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]})
        .to_string()
}

fn hello() -> ResponseTemplate {
    events(&[&delta("Hel"), &delta("lo"), "[DONE]"])
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// Answers each connection in turn with the next of `answers`, and keeps the last one open forever.
async fn raw(answers: Vec<String>, hold: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 65536];
            let _ = socket.read(&mut request).await;
            socket.write_all(answer.as_bytes()).await.unwrap();
            if hold {
                std::future::pending::<()>().await;
            }
        }
    });
    address
}

fn chunked(parts: &[String]) -> String {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_owned();
    parts
        .iter()
        .map(|part| format!("data: {part}\n\n"))
        .fold(head, |all, part| {
            format!("{all}{:x}\r\n{part}\r\n", part.len())
        })
}

#[tokio::test]
async fn the_request_is_as_documented_and_the_reply_is_streamed() {
    let server = MockServer::start().await;
    let expected = json!({"model": "model-1", "stream": true, "messages": [
        {"role": "system", "content": "Interview."}, {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Question?"}, {"role": "user", "content": "Answer."}]});
    let asked = Mock::given(path("/v1/chat/completions"))
        .and(header("authorization", "Bearer sk-very-secret"));
    asked
        .and(body_json(expected))
        .respond_with(hello())
        .expect(1)
        .mount(&server)
        .await;
    let interviewer = interviewer(&format!("{}/v1/", server.uri()));
    assert_eq!(ask(&interviewer).await.unwrap(), ["Hel", "lo"]);
    assert_eq!(
        interviewer.identity().to_string(),
        format!("model-1 at {}", server.address())
    );
}

#[rstest]
#[case::no_done(events(&[&last_delta("Hello")]))]
#[case::usage_last(events(&[&delta("Hello"), r#"{"choices":[],"usage":{"total_tokens":1}}"#, "[DONE]"]))]
#[case::role_first(events(&[r#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#, &last_delta("Hello")]))]
#[case::comments(ResponseTemplate::new(200).set_body_raw(format!(": ping\n\nevent: x\ndata: {}\n\n", last_delta("Hello")), "text/event-stream"))]
#[case::byte_order_mark(ResponseTemplate::new(200).set_body_raw(format!("\u{feff}data: {}\n\n", last_delta("Hello")), "text/event-stream"))]
#[case::crlf(ResponseTemplate::new(200).set_body_raw(format!("data:{}\r\n\r\n", last_delta("Hello")), "text/event-stream"))]
#[case::unfinished_event(ResponseTemplate::new(200).set_body_raw(format!("data: {}", last_delta("Hello")), "text/event-stream"))]
#[case::labelled_json(ResponseTemplate::new(200).set_body_raw(format!("data: {}\n\n", last_delta("Hello")), "application/json"))]
#[case::lines(ResponseTemplate::new(200).set_body_raw(last_delta("Hello"), "application/x-ndjson"))]
#[case::whole_json(ResponseTemplate::new(200).set_body_json(json!({"choices": [{"message": {"role": "assistant", "content": "Hello"}}]})))]
#[case::labelled_text(ResponseTemplate::new(200).set_body_raw("\n{\n\"choices\": [{\"message\": {\"content\": \"Hello\"}}]\n}", "text/plain"))]
#[tokio::test]
async fn every_compatible_response_is_understood(#[case] answer: ResponseTemplate) {
    let server = server(answer).await;
    assert_eq!(
        ask(&interviewer(&format!("{}/v1", server.uri())))
            .await
            .unwrap(),
        ["Hello"]
    );
}

#[rstest]
#[case(ResponseTemplate::new(429).insert_header("retry-after", "0"))]
#[case(ResponseTemplate::new(429).insert_header("retry-after", "1"))]
#[case(ResponseTemplate::new(500).set_body_string("<html>"))]
#[case(ResponseTemplate::new(503))]
#[case(ResponseTemplate::new(408))]
#[case(ResponseTemplate::new(529))]
#[case(ResponseTemplate::new(429).insert_header("retry-after", "0.2"))]
#[case(ResponseTemplate::new(429).insert_header("retry-after-ms", "200"))]
#[case(ResponseTemplate::new(429).set_body_string("Please try again in 0.2s."))]
#[tokio::test]
async fn a_temporary_failure_is_retried(#[case] failure: ResponseTemplate) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(failure)
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(hello())
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(
        ask(&interviewer(&server.uri())).await.unwrap(),
        ["Hel", "lo"]
    );
}

#[rstest]
#[case::overloaded(ResponseTemplate::new(429), 3, "cannot answer now: Too Many Requests")]
#[case::come_back_tomorrow(ResponseTemplate::new(429).insert_header("retry-after", "86400"), 1, "cannot answer now: Too Many Requests")]
#[case::quota_in_a_list(ResponseTemplate::new(429).set_body_json(json!([{"error": {"code": 429, "message": "You exceeded your current quota. Please retry in 12.5s."}}])), 1, "cannot answer now: You exceeded your current quota. Please retry in 12.5s.")]
#[case::no_credit(ResponseTemplate::new(429).set_body_json(json!({"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}})), 1, "failed: it refused (429): You exceeded your current quota.")]
#[case::list(ResponseTemplate::new(400).set_body_json(json!([{"error": {"message": "API key not valid."}}])), 1, "failed: it refused (400): API key not valid.")]
#[case::fields(ResponseTemplate::new(422).set_body_json(json!({"detail": [{"loc": ["body", "model"], "msg": "Field required", "input": "what was said"}]})), 1, "failed: it refused (422): model: Field required")]
#[case::down(ResponseTemplate::new(502).set_body_raw("<html><h1>Bad gateway</h1></html>", "text/html"), 3, "failed: it failed (502): Bad Gateway")]
#[case::key_quoted(ResponseTemplate::new(401).set_body_json(json!({"error": {"message": "Incorrect API key: sk-very-secret"}})), 1, "failed: it refused (401): Incorrect API key: [key]")]
#[case::text(ResponseTemplate::new(404).set_body_string("model not found"), 1, "failed: it refused (404): model not found")]
#[case::empty(events(&["[DONE]"]), 1, "failed: the reply is empty")]
#[case::blank(events(&[&delta(" \n"), "[DONE]"]), 1, "failed: the reply is empty")]
#[case::error_event(events(&[r#"{"error":{"message":"out of memory"}}"#]), 1, "failed: out of memory")]
#[case::page(ResponseTemplate::new(200).set_body_raw("<html>sign in to the network</html>", "text/html"), 1, "failed: its response is not a chat completion")]
#[case::length(events(&[r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#]), 1, "sent an empty reply: it reached the length limit")]
#[case::filter(events(&[r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#]), 1, "sent an empty reply: the content filter stopped it")]
#[tokio::test]
async fn a_permanent_failure_is_reported(
    #[case] answer: ResponseTemplate,
    #[case] requests: usize,
    #[case] expected: &str,
) {
    let server = server(answer).await;
    let error = ask(&interviewer(&format!("{}/v1", server.uri())))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("model-1 at {} {expected}", server.address())
    );
    assert!(!format!("{error:?}").contains(KEY));
    let received = server.received_requests().await.unwrap();
    let posts = received.iter().filter(|request| request.method == "POST");
    assert_eq!(posts.count(), requests);
}

#[rstest]
#[case::block(&["<th", "ink>plan", "</think>\n\nWhy?"], &["Why?"])]
#[case::channels(&["<|channel|>analysis<|message|>plan<|end|>", "<|start|>assistant<|channel|>final<|message|>", "Why?"], &["Why?"])]
#[case::lone_closing(&["Okay, the user", " waits.", "</think>", "Why?"], &["Why?"])]
#[case::lone_closing_after_words(&["Rust is old.", "</think>", "Why?"], &["Rust is old.", "(restart)", "Why?"])]
#[case::token(&["Why?", "<|im_end|>"], &["Why?"])]
#[tokio::test]
async fn thinking_is_silent(#[case] deltas: &[&str], #[case] expected: &[&str]) {
    let deltas: Vec<String> = deltas.iter().map(|text| delta(text)).collect();
    let parts: Vec<&str> = deltas
        .iter()
        .map(String::as_str)
        .chain(["[DONE]"])
        .collect();
    let server = server(events(&parts)).await;
    let interviewer = interviewer(&format!("{}/v1", server.uri()));
    assert_eq!(ask(&interviewer).await.unwrap(), expected);
}

#[tokio::test]
async fn a_reply_of_thinking_alone_says_so() {
    let server = server(events(&[&delta("<think>plan"), "[DONE]"])).await;
    let error = ask(&interviewer(&format!("{}/v1", server.uri())))
        .await
        .unwrap_err();
    let expected = "the model only thought and said nothing";
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[rstest]
#[case::system(
    json!({"object": "error", "message": "System role not supported", "code": 400}),
    json!({"model": "model-1", "stream": true, "messages": [
        {"role": "user", "content": "Interview.\n\nHello"},
        {"role": "assistant", "content": "Question?"}, {"role": "user", "content": "Answer."}]}),
)]
#[case::stream(
    json!({"error": {"message": "Your organization must be verified to stream this model.", "param": "stream"}}),
    json!({"model": "model-1", "stream": false, "messages": [
        {"role": "system", "content": "Interview."}, {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Question?"}, {"role": "user", "content": "Answer."}]}),
)]
#[tokio::test]
async fn a_server_is_asked_again_without_what_it_refuses_and_that_is_remembered(
    #[case] refusal: serde_json::Value,
    #[case] accepted: serde_json::Value,
) {
    let server = MockServer::start().await;
    Mock::given(body_json(accepted))
        .respond_with(hello())
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(400).set_body_json(refusal))
        .expect(1)
        .mount(&server)
        .await;
    let interviewer = interviewer(&server.uri());
    for _ in 0..2 {
        assert_eq!(ask(&interviewer).await.unwrap(), ["Hel", "lo"]);
    }
}

#[tokio::test]
async fn a_broken_stream_keeps_its_text_and_is_cut_off() {
    let address = raw(vec![chunked(&[delta("Tell me")])], false).await;
    let reply = interviewer(&format!("http://{address}"))
        .reply(brief())
        .await
        .unwrap();
    let parts: Vec<_> = reply.deltas.collect().await;
    assert_eq!(
        parts[0].as_ref().unwrap(),
        &ReplyDelta::Text("Tell me".into())
    );
    assert!(
        matches!(
            &parts[1],
            Err(InterviewerError::CutOff {
                reason: CutOff::ConnectionEnded,
                ..
            })
        ),
        "{:?}",
        parts[1]
    );
    assert_eq!(parts.len(), 2);
}

#[tokio::test]
async fn nothing_is_waited_for_after_the_end_of_a_reply() {
    let address = raw(vec![chunked(&[delta("Hel"), last_delta("lo")])], true).await;
    let interviewer = interviewer(&format!("http://{address}"));
    assert_eq!(ask(&interviewer).await.unwrap(), ["Hel", "lo"]);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_first_word_is_retried() {
    let address = raw(
        vec![String::new(), chunked(&[delta("Hello"), "[DONE]".into()])],
        false,
    )
    .await;
    assert_eq!(
        ask(&interviewer(&format!("http://{address}")))
            .await
            .unwrap(),
        ["Hello"]
    );
}

#[rstest]
#[case::no_headers(String::new(), 0)]
#[case::no_delta(chunked(&[]), 0)]
#[case::only_comments(chunked(&[]) + "8\r\n: ping\n\n\r\n", 0)]
#[case::between_deltas(chunked(&[delta("Hello")]), 1)]
#[tokio::test]
async fn a_silent_model_times_out(#[case] answer: String, #[case] deltas: usize) {
    let address = raw(vec![answer], true).await;
    let limits = Limits {
        first: Duration::from_secs(1),
        between: Duration::from_millis(200),
        ..quick_retries()
    };
    let impatient = interviewer(&format!("http://{address}")).with_limits(limits);
    let parts: Vec<_> = match impatient.reply(brief()).await {
        Ok(reply) => reply.deltas.collect().await,
        Err(error) => vec![Err(error)],
    };
    assert_eq!(parts.len(), deltas + 1);
    assert!(
        matches!(parts.last(), Some(Err(InterviewerError::TimedOut { .. }))),
        "{parts:?}"
    );
}

#[tokio::test]
async fn an_unreachable_server_is_named_in_the_error() {
    let error = ask(&interviewer("http://127.0.0.1:1/v1"))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("model-1 at 127.0.0.1:1 failed: cannot reach it: Connection refused"),
        "{error}"
    );
}

#[tokio::test]
async fn the_key_follows_no_redirect_to_another_server() {
    let elsewhere = server(hello()).await;
    let answer = ResponseTemplate::new(307).insert_header(
        "location",
        format!("{}/v1/chat/completions", elsewhere.uri()),
    );
    let first = server(answer).await;
    ask(&interviewer(&format!("{}/v1", first.uri())))
        .await
        .unwrap_err();
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[test]
fn debug_shows_no_key() {
    assert!(!format!("{:?}", interviewer("http://me:sk-very-secret@127.0.0.1:1/")).contains(KEY));
}
