//! The effect of each input.

use jiff::tz::TimeZone;
use rstest::rstest;

use super::*;
use crate::interview::prompt;
use crate::interview::{Role, Spoken, Word};
use crate::interviewer::InterviewerTask;

#[tokio::test]
async fn a_start_stores_the_system_prompt_and_the_first_question() {
    let service = Fixture::new([]).await;
    let done = service
        .complete_input(begin("Rust", Some(3)))
        .await
        .unwrap();
    let current = service.conversation().await;
    let topic = Topic::parse("Rust").unwrap();
    let system = prompt::system(
        Language::English,
        &topic,
        None,
        Some(3),
        &Background::default(),
    );
    let question = Some(Progress {
        number: 1,
        of: Some(3),
        follow_up: 0,
    });
    let id = service
        .store
        .current_interview(&service.user)
        .await
        .unwrap()
        .unwrap()
        .interview
        .id
        .0;
    let expected = Conversation {
        messages: vec![
            Message::new(Role::System, system),
            Message::new(Role::Assistant, "question 1"),
        ],
        count: Some(1),
        limit: None,
        topic: Some(topic),
        language: Some(Language::English),
        question,
        open: Some(QuestionRef {
            interview: id.clone(),
            index: 1,
        }),
        finished: false,
    };
    assert_eq!(current, expected);
    let expected = CompletedTurn {
        response: "question 1".to_owned(),
        audio_url: None,
        interview_id: Some(id),
        question,
        asked: Some("test/1".to_owned()),
        open: None,
        topic_ignored: false,
        finished: false,
        count: Some(1),
        limit: None,
    };
    assert_eq!(done, expected);
}

#[tokio::test]
async fn the_last_answer_is_followed_by_feedback_and_then_by_nothing() {
    let service = Fixture::new([]).await;
    service
        .complete_input(begin("Rust", Some(2)))
        .await
        .unwrap();
    let second = service.complete_input(answer("one")).await.unwrap();
    assert_eq!(
        (second.question, second.finished),
        (
            Some(Progress {
                number: 2,
                of: Some(2),
                follow_up: 0
            }),
            false
        )
    );
    let last = service.complete_input(answer("two")).await.unwrap();
    assert_eq!(
        (last.response.as_str(), last.question, last.finished),
        ("feedback", None, true)
    );
    assert_eq!(
        service.messages().await,
        ["question 1", "one", "question 2", "two", "feedback"]
    );
    assert!(matches!(
        service.complete_input(answer("three")).await,
        Err(PracticeError::Finished)
    ));
    assert!(matches!(
        service.complete_input(TurnInput::Finish(None)).await,
        Err(PracticeError::Finished)
    ));
    assert_eq!(
        service.complete_input(TurnInput::Repeat).await.unwrap(),
        CompletedTurn {
            count: Some(3),
            ..last
        }
    );
}

#[tokio::test]
async fn an_interview_without_a_number_of_questions_goes_on() {
    let service = Fixture::new([]).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    for n in 2..12 {
        let done = service.complete_input(answer("yes")).await.unwrap();
        assert_eq!(
            done.question,
            Some(Progress {
                number: n,
                of: None,
                follow_up: 0
            })
        );
    }
}

#[rstest]
#[case(Language::English, "General interview")]
#[case(Language::Korean, "종합 면접")]
#[tokio::test]
async fn an_answer_without_an_interview_opens_a_general_one(
    #[case] language: Language,
    #[case] topic: &str,
) {
    let service = Fixture::new([]).await;
    let said = Answer {
        text: "hello".to_owned(),
        spoken: None,
    };
    let otherwise = NewInterview {
        language,
        ..start(None, None)
    };
    service
        .complete_input(TurnInput::Answer {
            answer: said,
            otherwise,
        })
        .await
        .unwrap();
    let current = service.conversation().await;
    assert_eq!(current.topic.unwrap().as_str(), topic);
    assert_eq!(current.messages[0].role, Role::System);
    assert_eq!(service.messages().await, ["hello", "question 1"]);
}

#[tokio::test]
async fn a_new_interview_closes_the_earlier_one_and_keeps_it() {
    let service = Fixture::new([]).await;
    let first = service
        .complete_input(begin("Rust", None))
        .await
        .unwrap()
        .interview_id
        .unwrap();
    service.complete_input(begin("Java", None)).await.unwrap();
    assert_eq!(
        service.conversation().await.topic,
        Some(Topic::parse("Java").unwrap())
    );
    let kept = service
        .practice
        .report(&service.user, Some(&InterviewId(first)), TimeZone::UTC)
        .await
        .unwrap();
    assert_eq!((kept.topic.as_str(), kept.turns.len()), ("Rust", 1));
}

#[tokio::test]
async fn a_repeat_returns_the_last_question_and_is_not_counted() {
    let service = Fixture::new([]).await;
    let first = service
        .complete_input(begin("Rust", Some(5)))
        .await
        .unwrap();
    let again = service
        .complete(TurnRequest {
            limit: Some(1),
            ..service.turn(TurnInput::Repeat)
        })
        .await
        .unwrap();
    assert_eq!(
        again,
        CompletedTurn {
            limit: Some(1),
            ..first
        }
    );
    assert_eq!(service.messages().await, ["question 1"]);
}

#[rstest]
#[tokio::test]
async fn finishing_gives_feedback_at_once_and_is_free(
    #[values(None, Some("the last words"))] last: Option<&str>,
    #[values(Some(1), Some(2), None)] limit: Option<u32>,
) {
    let service = Fixture::new([]).await;
    service
        .complete_input(begin("Rust", Some(5)))
        .await
        .unwrap();
    let last = last.map(|text| Answer {
        text: text.to_owned(),
        spoken: None,
    });
    let done = service
        .complete(TurnRequest {
            limit,
            ..service.turn(TurnInput::Finish(last))
        })
        .await
        .unwrap();
    assert_eq!(
        (done.response.as_str(), done.finished, done.count),
        ("feedback", true, Some(1))
    );
    assert_eq!(service.script.briefs()[1].remaining, Some(0));
    let after = service
        .complete(TurnRequest {
            limit: Some(1),
            ..service.turn(begin("Java", None))
        })
        .await;
    assert!(matches!(after, Err(PracticeError::LimitReached)));
}

#[rstest]
#[case(TurnInput::Repeat, "there is no interview yet")]
#[case(TurnInput::Finish(None), "there is no interview to finish")]
#[tokio::test]
async fn without_an_interview_there_is_nothing_to_repeat_or_finish(
    #[case] input: TurnInput,
    #[case] expected: &str,
) {
    let service = Fixture::new([]).await;
    assert_eq!(
        service.complete_input(input).await.unwrap_err().to_string(),
        expected
    );
    assert!(matches!(
        service
            .practice
            .report(&service.user, None, TimeZone::UTC)
            .await,
        Err(PracticeError::NoInterview)
    ));
}

#[rstest]
#[case(ScriptedReply::BreaksOff("So, what is "))]
#[case(ScriptedReply::Says(" "))]
#[tokio::test]
async fn a_reply_that_fails_stores_and_counts_nothing(#[case] line: ScriptedReply) {
    let service = Fixture::new([line]).await;
    assert!(matches!(
        service.complete_input(begin("Rust", None)).await,
        Err(PracticeError::Interviewer(_))
    ));
    assert_eq!(
        service.conversation().await,
        Conversation {
            count: Some(0),
            ..Conversation::default()
        }
    );
    assert_eq!(
        service
            .complete_input(begin("Rust", None))
            .await
            .unwrap()
            .count,
        Some(1)
    );
}

#[tokio::test]
async fn the_interviewer_receives_the_whole_interview() {
    let service = Fixture::new([]).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    service.complete_input(answer("old")).await.unwrap();
    service.complete_input(begin("Java", None)).await.unwrap();
    service
        .complete_input(begin("Rust", Some(3)))
        .await
        .unwrap();
    service.complete_input(answer("new")).await.unwrap();
    let brief = service.script.briefs().pop().unwrap();
    assert_eq!(
        (brief.task, brief.remaining, brief.seed),
        (InterviewerTask::Ask, Some(2), 7)
    );
    assert_eq!(brief.asked_before, ["test/1", "test/2"]);
    let texts: Vec<_> = brief.messages[1..]
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(texts, ["question 1", "new"]);
    let exchange = crate::interview::bank_interviewer::Exchange {
        asked: Some("test/1".to_owned()),
        question: "question 1".to_owned(),
        answer: Some("new".to_owned()),
    };
    assert_eq!(brief.exchanges, [exchange]);
}

#[tokio::test]
async fn the_report_contains_questions_answers_their_delivery_and_the_feedback() {
    let service = Fixture::new([]).await;
    service
        .complete_input(begin("Rust", Some(2)))
        .await
        .unwrap();
    let words = vec![Word {
        text: "Borrowing.".to_owned(),
        start: 0.5,
        end: 1.0,
    }];
    let spoken = Some(Spoken {
        seconds: 1.5,
        words: words.clone(),
        voiced: vec![],
    });
    let said = Answer {
        text: "Borrowing.".to_owned(),
        spoken,
    };
    service
        .complete_input(TurnInput::Answer {
            answer: said,
            otherwise: start(None, None),
        })
        .await
        .unwrap();
    service
        .complete_input(TurnInput::Finish(None))
        .await
        .unwrap();
    let seoul = TimeZone::fixed(jiff::tz::offset(9));
    let report = service
        .practice
        .report(&service.user, None, seoul)
        .await
        .unwrap();
    assert_eq!(report.started_at, "2026-03-01T23:30:00+09:00");
    assert_eq!(report.interviewer, "question bank");
    assert_eq!(report.feedback.as_deref(), Some("feedback"));
    let questions: Vec<_> = report
        .turns
        .iter()
        .map(|turn| turn.question.as_str())
        .collect();
    assert_eq!(questions, ["question 1", "question 2"]);
    let answered = report.turns[0].answer.clone().unwrap();
    assert_eq!(
        (answered.text.as_str(), answered.seconds, answered.words),
        ("Borrowing.", Some(1.5), Some(words))
    );
    assert_eq!(
        report.turns[0]
            .delivery
            .as_ref()
            .unwrap()
            .time_to_first_word,
        Some(0.5)
    );
    assert_eq!(
        (&report.turns[1].answer, &report.turns[1].delivery),
        (&None, &None)
    );
}
