//! A whole interview with the built-in question bank.

use rstest::rstest;

use super::*;
use crate::interview::Role;

#[rstest]
#[case(Language::English)]
#[case(Language::Korean)]
#[tokio::test]
async fn the_question_bank_conducts_a_whole_interview_and_then_another(#[case] language: Language) {
    let service = Fixture::new([]).await;
    let bank = Arc::new(Bank::built_in());
    let practice = Practice::new(
        service.store.clone(),
        Interviewer::question_bank(Arc::clone(&bank)),
        bank,
    );
    let begin = TurnInput::Start(NewInterview {
        language,
        ..start(Some("databases"), Some(3))
    });
    let mut asked = Vec::new();
    for _ in 0..2 {
        asked.push(
            complete(&practice, service.turn(begin.clone()))
                .await
                .unwrap()
                .response,
        );
        for number in 2..=3 {
            let done = complete(&practice, service.turn(answer("An index.")))
                .await
                .unwrap();
            assert_eq!(
                done.question,
                Some(Progress {
                    number,
                    of: Some(3)
                })
            );
        }
        assert!(
            complete(&practice, service.turn(answer("A transaction.")))
                .await
                .unwrap()
                .finished
        );
        let report = practice
            .report(&service.user, None, jiff::tz::TimeZone::UTC)
            .await
            .unwrap();
        assert_eq!((report.language, report.turns.len()), (language, 3));
        let title = if language == Language::Korean {
            "데이터베이스"
        } else {
            "Databases"
        };
        assert_eq!(
            (report.topic.as_str(), report.title.as_deref()),
            ("databases", Some(title))
        );
        assert!(
            report
                .feedback
                .is_some_and(|text| text.chars().count() > 20)
        );
    }
    assert_ne!(asked[0], asked[1], "what was asked before comes last");
    assert_eq!(
        service.conversation().await.messages.last().unwrap().role,
        Role::Assistant
    );
}
