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
            let done = complete(&practice, service.turn(answer("Yes.")))
                .await
                .unwrap();
            assert_eq!(
                done.question,
                Some(Progress {
                    number,
                    of: Some(3),
                    follow_up: 0
                })
            );
        }
        assert!(
            complete(&practice, service.turn(answer("No.")))
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

/// An answer that is long enough to be followed up on, and covers nothing.
const BESIDE_THE_POINT: &str =
    "I would rather talk about my garden, if that is possible for you today.";

#[rstest]
#[tokio::test]
async fn main_questions_count_and_follow_ups_come_on_top(
    #[values(Language::English, Language::Korean)] language: Language,
) {
    let service = Fixture::new([]).await;
    let bank = Arc::new(Bank::built_in());
    let practice = Practice::new(
        service.store.clone(),
        Interviewer::question_bank(Arc::clone(&bank)),
        bank,
    );
    let mut turn = TurnInput::Start(NewInterview {
        language,
        ..start(Some("databases"), Some(5))
    });
    let mut asked = Vec::new();
    let closing = loop {
        let done = complete(&practice, service.turn(turn)).await.unwrap();
        let Some(question) = done.question else {
            break done;
        };
        assert_eq!(question.of, Some(5));
        assert!(done.asked.is_some_and(|asked| !asked.contains('#')));
        asked.push(question.question().to_string());
        turn = answer(BESIDE_THE_POINT);
    };
    assert_eq!(asked, ["1", "1a", "2", "2a", "3", "4", "4a", "5", "5a"]);
    assert_eq!((closing.finished, closing.asked.clone()), (true, None));
    let report = practice
        .report(&service.user, None, jiff::tz::TimeZone::UTC)
        .await
        .unwrap();
    let reported: Vec<_> = report
        .turns
        .iter()
        .map(|turn| (turn.number, turn.follow_up))
        .collect();
    let expected = [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
        (3, 0),
        (4, 0),
        (4, 1),
        (5, 0),
        (5, 1),
    ];
    assert_eq!(reported, expected);
    let markdown = crate::interview::report::markdown::render(&report);
    let heading = rust_i18n::t!(
        "interview.report.question",
        locale = language.code(),
        number = "5a"
    );
    assert!(markdown.contains(&format!("## {heading}")), "{markdown}");
    assert!(closing.response.contains("1a:"), "{}", closing.response);
}
