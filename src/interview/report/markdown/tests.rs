use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::*;
use crate::interview::delivery::{Confidence, Filler};
use crate::interview::{Language, Word};

fn report(language: Language, turns: Vec<ReportTurn>) -> Report {
    Report {
        topic: "C# & *pointers*".into(),
        title: None,
        language,
        interviewer: "question bank".into(),
        started_at: "2026-03-01T09:30:00+09:00".into(),
        turns,
        feedback: Some("### Question 1\n\nNot mentioned:\n\n- the cost\n".into()),
    }
}

fn spoken() -> ReportTurn {
    let words = vec![Word {
        text: "It".into(),
        start: 1.2,
        end: 1.5,
    }];
    let answer = ReportAnswer {
        text: "It depends.".into(),
        seconds: Some(75.9),
        words: Some(words),
    };
    let delivery = Delivery {
        words_per_minute: Some(131.6),
        syllables_per_second: None,
        pauses: vec![
            Pause {
                start: 14.0,
                end: 16.1,
                long: false,
            },
            Pause {
                start: 61.0,
                end: 64.0,
                long: true,
            },
        ],
        time_to_first_word: Some(1.2),
        speaking_share: Some(0.724),
        fillers: vec![
            filler(Some("um"), 1.2, Confidence::Certain),
            filler(None, 12.0, Confidence::Possible),
            filler(Some("like"), 20.0, Confidence::Likely),
            filler(Some("um"), 23.0, Confidence::Certain),
            filler(Some("so"), 30.0, Confidence::Possible),
            filler(None, 62.0, Confidence::Possible),
        ],
    };
    ReportTurn {
        number: 0,
        follow_up: 0,
        question: "Hello.\n\nWhat does `Box` cost?".into(),
        answer: Some(answer),
        delivery: Some(delivery),
        model_answer: None,
    }
}

fn filler(text: Option<&str>, start: f64, confidence: Confidence) -> Filler {
    Filler {
        text: text.map(str::to_owned),
        start,
        end: start + 0.4,
        confidence,
    }
}

fn typed(text: &str) -> ReportTurn {
    let answer = ReportAnswer {
        text: text.into(),
        seconds: None,
        words: None,
    };
    ReportTurn {
        number: 0,
        follow_up: 0,
        question: "Why?".into(),
        answer: Some(answer),
        delivery: None,
        model_answer: None,
    }
}

fn open() -> ReportTurn {
    ReportTurn {
        number: 0,
        follow_up: 0,
        question: "And then?".into(),
        answer: None,
        delivery: None,
        model_answer: None,
    }
}

#[test]
fn an_english_report_reads_well() {
    let turns = vec![
        spoken(),
        typed("# Not a heading\r\n\r\n> nor a quote_"),
        open(),
    ];
    insta::assert_snapshot!(render(&report(Language::English, turns)), @r"
    # Interview: C# \& \*pointers\*

    - Interviewer: question bank
    - Started: 2026-03-01T09:30:00+09:00

    ## Question 1

    > Hello.
    >
    > What does `Box` cost?

    **Your answer, spoken in 1:15**

    > It depends.

    Delivery: 132 words a minute, first word after 1.2 s, pauses of 1.5 seconds or more: 0:14 to 0:16 (2.1 s); 1:01 to 1:04 (3.0 s, long), speech in 72 % of the recording.

    Fillers: “um” at 0:01, 0:23; possible filler at 0:12, 1:02; “like” at 0:20 (likely); “so” at 0:30 (possible).

    ## Question 2

    > Why?

    **Your answer, typed**

    > \# Not a heading
    >
    > \> nor a quote\_

    ## Question 3

    > And then?

    *Not answered.*

    ## Feedback

    ### Question 1

    Not mentioned:

    - the cost
    ");
}

#[test]
fn a_korean_report_is_korean() {
    let mut turn = spoken();
    turn.delivery = Some(Delivery {
        words_per_minute: None,
        syllables_per_second: Some(4.26),
        pauses: Vec::new(),
        time_to_first_word: None,
        speaking_share: None,
        fillers: vec![
            filler(Some("음"), 1.0, Confidence::Certain),
            filler(Some("그"), 2.0, Confidence::Likely),
            filler(Some("막"), 3.0, Confidence::Possible),
            filler(None, 12.0, Confidence::Possible),
        ],
    });
    insta::assert_snapshot!(render(&report(Language::Korean, vec![turn, typed("네"), open()])), @r"
    # 면접: C# \& \*pointers\*

    - 면접관: 질문 은행
    - 시작: 2026-03-01T09:30:00+09:00

    ## 질문 1

    > Hello.
    >
    > What does `Box` cost?

    **음성 답변 (1:15)**

    > It depends.

    말하기: 초당 4.3음절, 1.5초 이상 멈춘 구간 없음.

    필러(군말): “음” 0:01; “그” 0:02 (필러로 추정); “막” 0:03 (필러일 수 있음); 단어 없이 소리만 이어진 곳 0:12 (필러일 수 있음).

    ## 질문 2

    > Why?

    **글로 쓴 답변**

    > 네

    ## 질문 3

    > And then?

    *답변하지 않았습니다.*

    ## 피드백

    ### Question 1

    Not mentioned:

    - the cost
    ");
}

#[test]
fn unknown_fields_are_left_out_and_the_servers_address_is_kept() {
    let unknown = Report {
        topic: String::new(),
        title: None,
        interviewer: "127.0.0.1:8000".into(),
        started_at: String::new(),
        feedback: None,
        ..report(Language::English, vec![])
    };
    assert_eq!(
        render(&unknown),
        "# Interview\n\n- Interviewer: 127.0.0.1:8000\n"
    );
}

/// Returns the headings of a document and the words of its quotations, with each line break as a
/// blank.
fn structure(document: &str) -> (Vec<String>, Vec<String>) {
    let mut headings = Vec::new();
    let mut quotes = Vec::new();
    let mut open = String::new();
    for event in Parser::new(document) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::BlockQuote(_)) => open.clear(),
            Event::End(TagEnd::Heading(_)) => headings.push(std::mem::take(&mut open)),
            Event::End(TagEnd::BlockQuote(_)) => quotes.push(std::mem::take(&mut open)),
            Event::Text(text) => open.push_str(&text),
            Event::SoftBreak | Event::End(TagEnd::Paragraph) => open.push(' '),
            Event::Start(_) | Event::End(_) => {}
            other => open.push_str(&["<", &format!("{other:?}"), ">"].concat()),
        }
    }
    (headings, quotes)
}

fn on_one_line(text: &str) -> String {
    lines(text)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

proptest! {
    #[test]
    fn an_answer_reads_as_given_and_cannot_break_the_document(
        text in r"[-#>*_`=+~|&<>\[\]()!.:0-9a-z가-힣\\ \t\r\n]{0,60}",
    ) {
        let (headings, quotes) = structure(&render(&report(Language::English, vec![typed(&text), open()])));
        prop_assert_eq!(headings[1..].join("|"), "Question 1|Question 2|Feedback|Question 1");
        prop_assert_eq!(quotes.len(), 3);
        prop_assert_eq!(quotes[1].trim(), on_one_line(&text));
    }

    #[test]
    fn a_question_cannot_break_the_document(text in r"[-#>*_`=~|&<>\[\]!.0-9a-z \t\r\n]{0,60}") {
        let turns = vec![ReportTurn { question: text, ..typed("A plain answer.") }, typed("Another.")];
        let document = render(&report(Language::English, turns));
        for ours in ["\n## Question 2\n", "\n## Feedback\n"] {
            prop_assert_eq!(document.matches(ours).count(), 1);
        }
        let (_, quotes) = structure(&document);
        prop_assert_eq!(quotes.last().map(|quote| quote.trim()), Some("Another."));
    }
}

#[test]
fn a_report_is_headed_by_the_title_of_its_topic() {
    let report = Report {
        title: Some("백엔드".into()),
        ..report(Language::Korean, vec![])
    };
    let heading = render(&report).lines().next().unwrap().to_owned();
    assert!(
        heading.starts_with("# ") && heading.contains("백엔드") && !heading.contains("C#"),
        "{heading}"
    );
}
