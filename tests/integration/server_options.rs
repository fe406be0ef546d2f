//! Tests of the extensions of a turn: options, finishing, continuing, spoken answers.

use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use mock_interviewer::store::InterviewId;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{CHAT, Server, answer};

#[tokio::test]
async fn options_apply_to_the_interview_that_a_topic_starts() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let options = json!({
        "interview_topic": "databases", "language": "ko", "level": "senior", "questions": 1,
        "resume": "10 years of \"SQL\".", "job_description": "DBA, 서울",
    });
    let begun = user.chat(options).await.json();
    assert_eq!(
        (&begun["question"], &begun["finished"]),
        (
            &json!({"number": 1, "of": 1, "follow_up": 0}),
            &json!(false)
        )
    );
    let system = user.get(CHAT).await.json()["conversations"][0]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    for told in ["면접", "시니어", r#""10 years of \"SQL\".""#, "DBA, 서울"] {
        assert!(system.contains(told), "{told} is missing in {system}");
    }
    let over = user.chat(json!({"user_input": "B-trees."})).await.json();
    assert_eq!(
        (&over["question"], &over["finished"], &over["count"]),
        (&Value::Null, &json!(true), &json!(2))
    );
    assert_eq!(user.chat(json!({"user_input": "More."})).await.status, 409);
}

#[rstest]
#[case(json!({"language": "fr"}), "language must be one of en, ko.")]
#[case(json!({"level": "Senior"}), "level must be one of junior, middle, senior.")]
#[case(json!({"questions": 0}), "questions must be a whole number from 1 to 50.")]
#[case(json!({"questions": 51}), "questions must be a whole number from 1 to 50.")]
#[case(json!({"questions": 2.5}), "questions must be a whole number from 1 to 50.")]
#[case(json!({"resume": "x".repeat(8_001)}), "resume is longer than 8000 characters.")]
#[case(json!({"job_description": ["x"]}), "job_description must be a string.")]
#[case(json!({"finish": "yes"}), "finish must be true or false.")]
#[case(json!({"finish": true}), "interview_topic begins an interview and finish ends one: not both.")]
#[case(json!({"answer": {"seconds": 1, "words": []}}), "answer tells how user_input was spoken.")]
#[case(json!({"user_input": "a", "answer": {"seconds": -1, "words": []}}), "The times in answer must run from 0 to at most 86400 seconds, each end after its start.")]
#[case(json!({"interview_id": "x"}), "interview_topic begins an interview and interview_id goes on with one: not both.")]
#[tokio::test]
async fn an_option_out_of_range_is_refused_with_the_range(
    #[case] option: Value,
    #[case] refusal: &str,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let mut body = json!({"interview_topic": "rust"});
    body.as_object_mut()
        .unwrap()
        .extend(option.as_object().unwrap().clone());
    assert_eq!(
        user.chat(body).await.status_and_json(),
        (400, json!({"error": refusal}))
    );
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn an_interview_is_finished_early_and_an_earlier_one_continued() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let rust = user.chat(json!({"interview_topic": "rust"})).await.json()["interview_id"].clone();
    let java = user.chat(json!({"interview_topic": "java"})).await.json()["interview_id"].clone();
    let over = user.chat(json!({"finish": true})).await.json();
    assert_eq!(
        (&over["interview_id"], &over["finished"], &over["count"]),
        (&java, &json!(true), &json!(2))
    );

    let on = user
        .chat(json!({"interview_id": rust, "user_input": "Yes."}))
        .await
        .json();
    assert_eq!(
        (&on["interview_id"], &on["question"]["number"]),
        (&rust, &json!(2))
    );
    assert_eq!(user.state().await.0.len(), 4);
    let again = user.chat(json!({"interview_id": java})).await.json();
    assert_eq!(
        (&again["response"], &again["count"]),
        (&over["response"], &json!(3))
    );
    assert_eq!(user.state().await.0, ["system", "assistant", "assistant"]);
}

#[tokio::test]
async fn a_last_answer_is_kept_by_the_turn_that_finishes_the_interview() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let nothing = user.chat(json!({"finish": true})).await.status_and_json();
    assert_eq!(
        nothing,
        (400, json!({"error": "There is no interview to finish."}))
    );
    user.chat(json!({"interview_topic": "rust"})).await;
    let key = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";
    let last = |words: &str| user.chat_under(key, json!({"user_input": words, "finish": true}));
    let over = last("It borrows.").await.json();
    assert_eq!(
        (&over["finished"], &over["count"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(last("It borrows.").await.json(), over);
    assert_eq!(last("It moves.").await.status, 422);
    assert_eq!(
        user.state().await.0,
        ["system", "assistant", "user", "assistant"]
    );
}

#[tokio::test]
async fn a_user_cannot_continue_the_interview_of_another() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let bob = server.sign_up("bob").await;
    let id = ann.chat(json!({"interview_topic": "rust"})).await.json()["interview_id"].clone();
    let refused = bob
        .chat(json!({"interview_id": id, "user_input": "Mine."}))
        .await;
    assert_eq!(
        refused.status_and_json(),
        (404, json!({"error": "There is no such interview."}))
    );
    assert_eq!(bob.state().await, (vec![], 0));
}

#[tokio::test]
async fn the_timing_of_a_spoken_answer_is_kept() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let id = user.chat(json!({"interview_topic": "rust"})).await.json()["interview_id"].clone();
    let words = json!([{"text": "It", "start": 0.5, "end": 0.7}, {"text": "borrows.", "start": 0.8, "end": 1.5}]);
    let answer = json!({"seconds": 2.0, "words": words});
    assert_eq!(
        user.chat(json!({"user_input": "It borrows.", "answer": answer}))
            .await
            .status,
        200
    );
    let ann = server.store.user_by_name("ann").await.unwrap().unwrap();
    let id = InterviewId(id.as_str().unwrap().to_owned());
    let kept = server.store.interview(&ann.id, &id).await.unwrap().unwrap();
    let spoken = kept.messages[2].spoken.as_ref().unwrap();
    assert_eq!((spoken.seconds, json!(spoken.words)), (2.0, words));
}

#[tokio::test]
async fn an_answer_names_its_question_and_is_refused_once_the_interview_has_moved_on() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let id = user.chat(json!({"interview_topic": "rust"})).await.json()["interview_id"].clone();
    let answered = |text: &str, answers: Value| {
        user.chat(json!({"interview_id": id, "user_input": text, "answers": answers}))
    };
    assert_eq!(answered("Here.", json!(1)).await.status, 200);
    let moved_on =
        json!({"error": "The interview has moved on: this question was answered elsewhere."});
    for behind in [json!(1), json!("1"), json!(0), json!(3)] {
        let refused = answered("There.", behind).await.status_and_json();
        assert_eq!(refused, (409, moved_on.clone()));
    }
    let events = user
        .request(Method::POST, CHAT)
        .header("Accept", "text/event-stream")
        .json(&json!({"interview_id": id, "user_input": "There.", "answers": 1}));
    assert_eq!(answer(events).await.status, 409);
    assert_eq!(user.state().await.0.len(), 4);
    assert_eq!(answered("There.", json!("2")).await.status, 200);
    for invalid in [json!(-1), json!("x"), json!(1.5), json!([1])] {
        assert_eq!(answered("More.", invalid).await.status, 400);
    }
    let stray = user
        .chat(json!({"interview_topic": "java", "answers": 1}))
        .await;
    assert_eq!(stray.status, 400);
    let late = user
        .chat(json!({"interview_id": id, "finish": true, "answers": 2}))
        .await;
    assert_eq!(late.status, 409);
    assert_eq!(user.state().await.1, 3);
    let free = user
        .chat(json!({"interview_id": id, "finish": true, "answers": 3}))
        .await;
    assert_eq!(
        (free.status.as_u16(), &free.json()["count"]),
        (200, &json!(3))
    );
}

#[tokio::test]
async fn an_interview_can_be_ended_at_the_daily_limit() {
    let settings = Settings {
        daily_chat_limit: 1,
        ..Settings::default()
    };
    let server = Server::start_with(settings, Narrator::None).await;
    let user = server.sign_up("ann").await;
    user.chat(json!({"interview_topic": "rust"})).await;
    assert_eq!(user.chat(json!({"user_input": "Yes."})).await.status, 429);
    let over = user.chat(json!({"finish": true})).await.json();
    assert_eq!(
        (&over["finished"], &over["count"], &over["limit"]),
        (&json!(true), &json!(1), &json!(1))
    );
}
