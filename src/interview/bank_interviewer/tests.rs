use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::interview::bank::main_of;

const NOTHING: &str = "I would rather talk about my garden, if that is possible for you today.";

/// The built-in bank, loaded once for all cases of the property tests.
static BUILT_IN: LazyLock<Bank> = LazyLock::new(Bank::built_in);

fn topic(name: &str) -> Topic {
    Topic::parse(name).unwrap()
}

fn context<'a>(topic: &'a Topic, exchanges: &'a [Exchange]) -> FlowContext<'a> {
    let language = Language::English;
    FlowContext {
        language,
        topic,
        level: None,
        seed: 1,
        exchanges,
        asked_before: &[],
        returning: false,
        remaining: None,
    }
}

fn exchange(asked: &str, answer: Option<&str>) -> Exchange {
    let answer = answer.map(str::to_owned);
    Exchange {
        asked: Some(asked.to_owned()),
        question: "as it was said".to_owned(),
        answer,
    }
}

/// Returns a bank of three questions, each with points `a`, `b` and `c` whose only term is "<id>a"
/// and so on.
fn small_bank() -> Bank {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("en")).unwrap();
    let question = |id: &str, level: &str| {
        let point = |p: &str| {
            format!(
                "[[question.point]]\nid = \"{p}\"\ntext = \"the {p} of {id}\"\nterms = [\"{id}{p}\"]\n"
            )
        };
        let points = ["a", "b", "c"].map(point).concat();
        let head =
            format!("[[question]]\nid = \"{id}\"\nlevel = \"{level}\"\ntext = \"What of {id}?\"\n");
        format!(
            "{head}{points}[[question.follow_up]]\npoint = \"b\"\ntext = \"And the b of {id}?\"\n"
        )
    };
    let questions = [
        question("x", "junior"),
        question("y", "middle"),
        question("z", "senior"),
    ]
    .concat();
    let file =
        format!("id = \"letters\"\ntitle = \"Letters\"\naliases = [\"alphabet\"]\n\n{questions}");
    std::fs::write(folder.path().join("en/letters.toml"), file).unwrap();
    Bank::default()
        .with_folders(&[folder.path().to_owned()])
        .unwrap()
}

/// Holds an interview with `answers` and returns its exchanges.
fn hold_interview(bank: &Bank, start: &FlowContext<'_>, answers: &[&str]) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for answer in answers {
        let line = next_question(
            bank,
            &FlowContext {
                exchanges: &exchanges,
                ..start.clone()
            },
        );
        exchanges.push(Exchange {
            asked: line.asked,
            question: line.text,
            answer: Some((*answer).to_owned()),
        });
    }
    exchanges
}

fn names(exchanges: &[Exchange]) -> Vec<&str> {
    exchanges
        .iter()
        .map(|exchange| exchange.asked.as_deref().unwrap())
        .collect()
}

#[test]
fn a_returning_candidate_gets_one_short_line() {
    let line = next_question(
        &small_bank(),
        &FlowContext {
            level: Some(Level::Junior),
            returning: true,
            ..context(&topic("Letters"), &[])
        },
    );
    assert_eq!(
        line.text,
        "Welcome back. I am the question bank. The topic is Letters. Here is the first question.\n\nWhat of x?"
    );
}

#[rstest]
#[case::by_name("Letters", "The topic is Letters. Here is the first question.")]
#[case::near(
    "The alphabet",
    "I have no questions on “The alphabet”, so I will use the nearest topic I know: Letters. Here is the first question."
)]
fn the_first_line_greets_honestly_and_asks(#[case] name: &str, #[case] about: &str) {
    let line = next_question(
        &small_bank(),
        &FlowContext {
            level: Some(Level::Junior),
            ..context(&topic(name), &[])
        },
    );
    let text = format!(
        "Hello. I am the built-in question bank, not an AI. I ask prepared questions and compare the words of your \
         answers with the points a good answer covers. {about}\n\nWhat of x?"
    );
    assert_eq!(
        line,
        NextLine {
            asked: Some("letters/x".into()),
            text
        }
    );
}

#[rstest]
#[case(
    Language::English,
    "I have no questions on “Gardening”, so I will ask general interview questions instead."
)]
#[case(
    Language::Korean,
    "“Gardening” 주제로 준비된 질문이 없어 일반적인 면접 질문을 드리겠습니다."
)]
fn an_unknown_topic_gets_general_questions_and_the_greeting_says_so(
    #[case] language: Language,
    #[case] words: &str,
) {
    let line = next_question(
        &BUILT_IN,
        &FlowContext {
            language,
            ..context(&topic("Gardening"), &[])
        },
    );
    assert!(line.asked.unwrap().starts_with("behavioural/"));
    assert!(line.text.contains(words), "{}", line.text);
}

#[test]
fn an_empty_bank_says_that_it_has_nothing_to_ask() {
    let line = next_question(&Bank::default(), &context(&topic("Rust"), &[]));
    assert_eq!(
        line,
        NextLine {
            asked: None,
            text: "I have no questions to ask: the question bank is empty.".into()
        }
    );
}

#[rstest]
#[case(Level::Junior, "letters/x")]
#[case(Level::Middle, "letters/y")]
#[case(Level::Senior, "letters/z")]
fn the_level_asked_for_comes_first(#[case] level: Level, #[case] expected: &str) {
    let bank = small_bank();
    let topic = topic("letters");
    let line = next_question(
        &bank,
        &FlowContext {
            level: Some(level),
            ..context(&topic, &[])
        },
    );
    assert_eq!(line.asked.as_deref(), Some(expected));
}

#[test]
fn questions_of_earlier_interviews_come_last_and_the_oldest_of_them_first() {
    let bank = small_bank();
    let topic = topic("letters");
    let before = ["letters/z", "letters/x", "letters/x#b"].map(str::to_owned);
    let start = FlowContext {
        asked_before: &before,
        ..context(&topic, &[])
    };
    let asked = hold_interview(&bank, &start, &["skip", "skip", "skip", "skip"]);
    assert_eq!(
        names(&asked),
        ["letters/y", "letters/z", "letters/x", "letters/y"]
    );
}

#[rstest]
#[case::left_out(
    "letters/x",
    Some("xa and xc"),
    Some("letters/x#b"),
    "Thank you. One more question on that.\n\nAnd the b of x?"
)]
#[case::everything_else_left_out(
    "letters/x",
    Some(NOTHING),
    Some("letters/x#b"),
    "Thank you. One more question on that.\n\nAnd the b of x?"
)]
#[case::covered(
    "letters/x",
    Some("xb"),
    None,
    "Thank you. Here is the next question.\n\n"
)]
#[case::says_hardly_anything(
    "letters/x",
    Some("Yes, of course."),
    None,
    "Thank you. Here is the next question.\n\n"
)]
#[case::declines(
    "letters/x",
    Some("Sorry, I really don’t know the answer to this one."),
    None,
    "Thank you. Here is the next question.\n\n"
)]
#[case::unanswered("letters/x", None, None, "Let's go on.\n\n")]
#[case::blank("letters/x", Some(" \n"), None, "Let's go on.\n\n")]
#[case::was_a_follow_up(
    "letters/x#b",
    Some("xa"),
    None,
    "Thank you. Here is the next question.\n\n"
)]
fn an_answer_is_followed_up_only_if_it_is_substantial_and_missed_a_point(
    #[case] asked: &str,
    #[case] answer: Option<&str>,
    #[case] follow_up: Option<&str>,
    #[case] words: &str,
) {
    let exchanges = [exchange(asked, answer)];
    let line = next_question(&small_bank(), &context(&topic("letters"), &exchanges));
    let name = line.asked.unwrap();
    assert_eq!(Some(&*name).filter(|name| name.contains('#')), follow_up);
    assert_ne!(name, "letters/x");
    assert!(line.text.starts_with(words), "{}", line.text);
}

#[test]
fn the_last_question_is_announced() {
    let exchanges = [exchange("letters/x", Some("xb"))];
    let topic = topic("letters");
    let line = next_question(
        &small_bank(),
        &FlowContext {
            remaining: Some(1),
            ..context(&topic, &exchanges)
        },
    );
    assert!(
        line.text
            .starts_with("Thank you. Here is the last question.\n\n"),
        "{}",
        line.text
    );
}

#[test]
fn feedback_lists_mentioned_and_missed_points() {
    let exchanges = [
        exchange("letters/x", Some("I know xa.")),
        exchange("letters/x#b", Some("Now xb.")),
        exchange("letters/y", Some("ya, yb and yc")),
        exchange("letters/z", Some(NOTHING)),
        exchange("letters/z#b", None),
        Exchange {
            asked: None,
            ..exchange("", Some("An answer."))
        },
        exchange("letters/x", None),
    ];
    let line = feedback(&small_bank(), &context(&topic("letters"), &exchanges));
    assert_eq!(line.asked, None);
    insta::assert_snapshot!(line.text, @r"
    The interview is over. Thank you. Here is what good answers cover. I compare words, not meaning: a point may be listed as missed although you made it in other words, and as mentioned although you only touched on it.

    ### Question 1

    What of x?

    Follow-up 1a: And the b of x?

    A good answer covers 3 points. You mentioned 2 of them:

    - the a of x
    - the b of x

    Not mentioned:

    - the c of x

    ### Question 2

    What of y?

    You mentioned all 3 points a good answer covers:

    - the a of y
    - the b of y
    - the c of y

    ### Question 3

    What of z?

    Follow-up 3a: And the b of z?

    You mentioned none of the 3 points a good answer covers:

    - the a of z
    - the b of z
    - the c of z

    ### Question 4

    as it was said

    This question is not from the question bank, so there is nothing to compare your answer with.

    ### Question 5

    What of x?

    You did not answer this one. A good answer covers:

    - the a of x
    - the b of x
    - the c of x
    ");
}

#[test]
fn feedback_without_questions_says_so() {
    let line = feedback(
        &small_bank(),
        &FlowContext {
            language: Language::Korean,
            ..context(&topic("letters"), &[])
        },
    );
    assert_eq!(
        line.text,
        "면접이 끝났습니다. 드린 질문이 없어 피드백도 없습니다."
    );
}

fn answers() -> impl Strategy<Value = Vec<&'static str>> {
    let kinds = prop_oneof![
        Just(""),
        Just("I don't know."),
        Just(NOTHING),
        Just("We write an index, a test, a lock, a cache and a queue, and measure latency."),
    ];
    prop::collection::vec(kinds, 1..24)
}

proptest! {
    // Each case is a whole interview of up to 24 questions, held twice.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_question_repeats_before_all_were_asked(
        seed: u64,
        level in prop::option::of(prop::sample::select(Level::ALL.to_vec())),
        language in prop::sample::select(Language::ALL.to_vec()),
        name in prop::sample::select(vec!["rust", "databases", "my own topic"]),
        answers in answers(),
    ) {
        let bank = &*BUILT_IN;
        let topic = topic(name);
        let start = FlowContext { language, level, seed, ..context(&topic, &[]) };
        let asked = hold_interview(bank, &start, &answers);
        let mains: Vec<&str> = names(&asked).into_iter().filter(|name| !name.contains('#')).collect();
        let all = bank.find(&topic, language).or_else(|| bank.general(language)).unwrap().questions.len();
        for round in mains.chunks(all) {
            prop_assert_eq!(round.iter().collect::<BTreeSet<_>>().len(), round.len());
        }
        prop_assert_eq!(&asked, &hold_interview(bank, &start, &answers));
    }

    #[test]
    fn follow_ups_stay_with_their_question_and_make_up_two_of_five(seed: u64, answers in answers()) {
        let bank = &*BUILT_IN;
        let topic = topic("java");
        let asked = hold_interview(bank, &FlowContext { seed, ..context(&topic, &[]) }, &answers);
        let asked = names(&asked);
        let follow_ups = asked.iter().filter(|name| name.contains('#')).count();
        prop_assert!(follow_ups * 5 <= asked.len() * 2 + 2, "{asked:?}");
        prop_assert!(!asked[0].contains('#'));
        for pair in asked.windows(2).filter(|pair| pair[1].contains('#')) {
            prop_assert_eq!(pair[0], main_of(pair[1]));
        }
    }
}

#[test]
fn another_seed_gives_another_order() {
    let bank = &*BUILT_IN;
    let topic = topic("python");
    let first = |seed| {
        next_question(
            bank,
            &FlowContext {
                seed,
                ..context(&topic, &[])
            },
        )
        .asked
        .unwrap()
    };
    assert!((0..20).map(first).collect::<BTreeSet<_>>().len() > 3);
}
