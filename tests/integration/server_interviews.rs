//! Tests of listing, reading, reporting and deleting past interviews.

use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{Answer, CHAT, Server, User, answer, narrator};

const INTERVIEWS: &str = "/api/interviews/";

async fn begin(user: &User<'_>, topic: &str) -> String {
    user.chat(json!({"interview_topic": topic})).await.json()["interview_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn one(id: &str) -> String {
    format!("{INTERVIEWS}{id}/")
}

async fn delete(user: &User<'_>, id: &str) -> Answer {
    answer(user.request(Method::DELETE, &one(id))).await
}

async fn reported(user: &User<'_>, id: &str, accept: &str) -> Answer {
    answer(
        user.request(Method::GET, &format!("{}report/", one(id)))
            .header("Accept", accept),
    )
    .await
}

fn ids(page: &Value) -> Vec<&str> {
    page["interviews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|interview| interview["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn interviews_are_listed_newest_first_page_by_page() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bob = server.sign_up("bob").await;
    begin(&bob, "java").await;
    let mut begun = Vec::new();
    for topic in ["rust", "python", "databases", "devops", "java"] {
        begun.push(begin(&ann, topic).await);
    }
    begun.reverse();
    let mut seen = Vec::new();
    let mut path = format!("{INTERVIEWS}?page_size=2");
    loop {
        let page = ann.get(&path).await.json();
        assert!(ids(&page).len() <= 2);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        // The last interview of a page may be deleted before the next page is requested.
        delete(&ann, seen.last().unwrap()).await;
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("{INTERVIEWS}?page_size=2&before={next}");
    }
    assert_eq!(seen, begun);
}

#[rstest]
#[case("?page_size=0", "page_size must be a whole number from 1 to 100.")]
#[case("?page_size=101", "page_size must be a whole number from 1 to 100.")]
#[case("?page_size=", "page_size must be a whole number from 1 to 100.")]
#[case("?before=yesterday", "before must be the next of an earlier page.")]
#[tokio::test]
async fn an_invalid_page_is_refused(#[case] query: &str, #[case] refusal: &str) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.get(&format!("{INTERVIEWS}{query}"))
            .await
            .status_and_json(),
        (400, json!({"error": refusal}))
    );
}

#[tokio::test]
async fn an_interview_is_returned_with_its_messages_and_how_they_were_spoken() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let begun = user
        .chat(
            json!({"interview_topic": "rust", "level": "junior", "questions": 3, "resume": "Me."}),
        )
        .await;
    let begun = begun.json();
    let words = json!([{"text": "Moves.", "start": 0.5, "end": 1.0}]);
    user.chat(json!({"user_input": "Moves.", "answer": {"seconds": 1.5, "words": words}}))
        .await;
    let read = user
        .get(&one(begun["interview_id"].as_str().unwrap()))
        .await
        .json();
    let expected = [
        ("topic", json!("rust")),
        ("language", json!("en")),
        ("level", json!("junior")),
        ("questions", json!(3)),
        ("interviewer", json!("question bank")),
        ("answers", json!(1)),
        ("finished", json!(false)),
        ("current", json!(true)),
        ("resume", json!("Me.")),
        ("job_description", Value::Null),
    ];
    for (name, value) in expected {
        assert_eq!(read[name], value, "{name}");
    }
    let messages = read["messages"].as_array().unwrap();
    assert_eq!(
        (messages.len(), &messages[1]["content"]),
        (4, &begun["response"])
    );
    let answer = json!({"role": "user", "content": "Moves.", "seconds": 1.5, "words": words});
    assert_eq!(messages[2], answer);
}

#[tokio::test]
async fn the_report_comes_in_the_requested_format() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let id = begin(&user, "rust").await;
    user.chat(json!({"user_input": "Ownership <b>moves</b>."}))
        .await;
    let json = reported(&user, &id, "application/json").await.json();
    assert_eq!(
        (&json["topic"], &json["turns"][0]["answer"]["text"]),
        (&json!("rust"), &json!("Ownership <b>moves</b>."))
    );
    for (accept, kind, holds) in [
        ("text/markdown", "text/markdown; charset=utf-8", "# "),
        (
            "text/html,*/*;q=0.8",
            "text/html; charset=utf-8",
            "&lt;b&gt;moves",
        ),
        ("image/png", "application/json", "\"turns\""),
    ] {
        let report = reported(&user, &id, accept).await;
        assert_eq!(
            (report.status.as_u16(), report.header("content-type")),
            (200, Some(kind))
        );
        assert_eq!(report.header("vary"), Some("accept"));
        assert!(String::from_utf8(report.bytes).unwrap().contains(holds));
    }
}

#[rstest]
#[case::of_another_user(None)]
#[case::none("00000000-0000-4000-8000-000000000000".into())]
#[case::no_key("1".into())]
#[case::no_text("%ff".into())]
#[tokio::test]
async fn an_unknown_interview_is_not_found(#[case] id: Option<&str>) {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bob = server.sign_up("bob").await;
    let anns = begin(&ann, "rust").await;
    let id = id.unwrap_or(&anns);
    let not_found = (404, json!({"error": "There is no such interview."}));
    assert_eq!(bob.get(&one(id)).await.status_and_json(), not_found);
    assert_eq!(
        reported(&bob, id, "text/html").await.status_and_json(),
        not_found
    );
    assert_eq!(delete(&bob, id).await.status_and_json(), not_found);
    assert_eq!(ann.get(&one(&anns)).await.status, 200);
}

#[tokio::test]
async fn a_deleted_interview_takes_its_audio_along_and_leaves_the_others() {
    const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(Settings::default(), narrator(&folder)).await;
    let user = server.sign_up("ann").await;
    let kept = begin(&user, "java").await;
    let begun = user
        .chat_under(KEY, json!({"interview_topic": "rust"}))
        .await
        .json();
    let id = begun["interview_id"].as_str().unwrap();
    let url = begun["audio_url"].as_str().unwrap();
    let path = url.strip_prefix(&server.url("")).unwrap();
    assert_eq!(server.get(path).await.status, 200);

    assert_eq!(
        delete(&user, id).await.status_and_json(),
        (200, json!({"message": "Interview deleted."}))
    );
    assert_eq!(user.get(&one(id)).await.status, 404);
    assert_eq!(server.get(path).await.status, 404);
    assert_eq!(user.get(CHAT).await.json()["conversations"], json!([]));
    assert_eq!(ids(&user.get(INTERVIEWS).await.json()), [kept]);
    // Its idempotency records are deleted as well, so the request counts as a new one.
    assert_eq!(
        user.chat_under(KEY, json!({"interview_topic": "go"}))
            .await
            .status,
        200
    );
}
