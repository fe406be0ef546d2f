use std::collections::BTreeSet;

use rstest::rstest;

use super::*;

const GOOD: &str = r#"id = "gardening"
title = "Gardening"
aliases = ["Plants"]

[[question]]
id = "water"
level = "junior"
text = "When do you water?"
[[question.point]]
id = "morning"
text = "in the morning"
terms = ["Morning", "dawn"]
[[question.point]]
id = "roots"
text = "at the roots"
terms = ["root"]
[[question.point]]
id = "soil"
text = "when the soil is dry"
terms = ["soil", "dry"]
[[question.follow_up]]
point = "roots"
text = "Which part of the plant gets the water?"
"#;

fn load(source: &str) -> Result<Bank, BankError> {
    let mut bank = Bank::default();
    add_file(&mut bank, "gardening.toml", source, Language::English).map(|()| bank)
}

#[test]
fn a_file_becomes_a_topic() {
    let point = |id: &str, text: &str, terms: &[&str]| Point {
        id: id.into(),
        text: text.into(),
        core: false,
        kind: PointKind::Fact,
        says: vec![],
        wrong: vec![],
        touches: vec![],
        terms: terms.iter().map(ToString::to_string).collect(),
    };
    let expected = TopicBank {
        id: "gardening".into(),
        title: "Gardening".into(),
        language: Language::English,
        aliases: vec!["plants".into()],
        questions: vec![Question {
            id: "water".into(),
            level: Level::Junior,
            text: "When do you water?".into(),
            say: None,
            background: None,
            points: vec![
                point("morning", "in the morning", &["morning", "dawn"]),
                point("roots", "at the roots", &["root"]),
                point("soil", "when the soil is dry", &["soil", "dry"]),
            ],
            follow_ups: vec![FollowUp {
                point: "roots".into(),
                text: "Which part of the plant gets the water?".into(),
            }],
        }],
    };
    assert_eq!(load(GOOD).unwrap().topics, [expected]);
}

#[rstest]
#[case::unknown_key(
    "level = \"junior\"",
    "hardness = 3",
    "line 7: unknown field `hardness`"
)]
#[case::unknown_level("\"junior\"", "\"guru\"", "line 7: unknown variant `guru`")]
#[case::not_toml("title = \"Gardening\"", "title =", "line 2: ")]
#[case::missing_key("title = \"Gardening\"\n", "", "missing field `title`")]
#[case::wrong_type(
    "\"Which part of the plant gets the water?\"",
    "5",
    "line 23: invalid type: integer `5`"
)]
#[case::too_few_points(
    "[[question.point]]\nid = \"soil\"\ntext = \"when the soil is dry\"\nterms = [\"soil\", \"dry\"]\n",
    "",
    "line 6: question \"water\" has 2 points"
)]
#[case::same_point_twice(
    "id = \"roots\"",
    "id = \"morning\"",
    "line 14: point id \"morning\" is used twice"
)]
#[case::unknown_follow_up(
    "point = \"roots\"",
    "point = \"leaves\"",
    "line 22: follow-up on \"leaves\": no such point"
)]
#[case::no_terms("[\"root\"]", "[]", "line 14: point \"roots\" has no terms")]
#[case::blank_term("[\"root\"]", "[\"root\", \" \"]", "line 16: term is empty")]
#[case::blank_text("\"When do you water?\"", "\"\"", "line 8: text is empty")]
#[case::id_with_slash("id = \"water\"", "id = \"wa/ter\"", "line 6: question id \"wa/ter\"")]
fn an_error_names_the_file_and_line(#[case] good: &str, #[case] bad: &str, #[case] expected: &str) {
    assert!(GOOD.contains(good));
    let error = load(&GOOD.replacen(good, bad, 1)).unwrap_err().to_string();
    assert!(
        error.starts_with("question bank gardening.toml: line "),
        "{error}"
    );
    assert!(error.contains(expected), "{error}");
}

const SECOND: &str = r#"id = "gardening"
title = "Gardening"

[[question]]
id = "water"
level = "junior"
minutes = 2
text = "When do you water at 30 °C?"
say = "When do you water at thirty degrees?"
why = "Shows whether plants are understood."
model_answer = "In the morning."
references = ["A book on plants, chapter 1"]
revision = 2
[[question.point]]
id = "morning"
core = true
kind = "fact"
text = "in the morning"
says = ["One.", "Two.", "Three.", "Four.", "Five."]
wrong = ["At noon.", "At night."]
touches = ["Plants need water."]
terms = ["Morning"]
follow_up = { text = "At what time of the day?" }
[[question.point]]
id = "roots"
text = "at the roots"
says = ["Six.", "Seven.", "Eight."]
wrong = ["On the leaves."]
touches = ["Roots are long."]
terms = ["root"]
[[question.point]]
id = "loss"
kind = "story"
text = "a plant that died"
says = ["Nine.", "Ten.", "Eleven."]
touches = ["I like plants."]
terms = ["died"]
"#;

#[test]
fn a_question_of_the_second_edition_is_read_whole() {
    let bank = load(SECOND).unwrap();
    let question = &bank.topics[0].questions[0];
    let background = QuestionBackground {
        minutes: 2,
        why: "Shows whether plants are understood.".into(),
        model_answer: "In the morning.".into(),
        references: vec!["A book on plants, chapter 1".into()],
        revision: 2,
    };
    assert_eq!(question.background, Some(background));
    let follow_up = FollowUp {
        point: "morning".into(),
        text: "At what time of the day?".into(),
    };
    assert_eq!(question.follow_ups, [follow_up]);
    assert_eq!(
        question.say.as_deref(),
        Some("When do you water at thirty degrees?")
    );
    let expected = Point {
        id: "morning".into(),
        text: "in the morning".into(),
        core: true,
        kind: PointKind::Fact,
        says: ["One.", "Two.", "Three.", "Four.", "Five."]
            .map(str::to_owned)
            .into(),
        wrong: ["At noon.", "At night."].map(str::to_owned).into(),
        touches: vec!["Plants need water.".into()],
        terms: vec!["morning".into()],
    };
    assert_eq!(question.points[0], expected);
    let kinds: Vec<_> = question.points.iter().map(|point| point.kind).collect();
    assert_eq!(kinds, [PointKind::Fact, PointKind::Fact, PointKind::Story]);
}

#[rstest]
#[case(
    "why = \"Shows whether plants are understood.\"\n",
    "",
    "line 5: question \"water\" has no why"
)]
#[case("minutes = 2\n", "", "line 5: question \"water\" has no minutes")]
#[case("revision = 2\n", "", "line 5: question \"water\" has no revision")]
#[case(
    "[\"A book on plants, chapter 1\"]",
    "[]",
    "line 5: question \"water\" has no references"
)]
#[case("\"In the morning.\"", "\" \"", "line 11: model_answer is empty")]
#[case(
    ", \"Five.\"",
    "",
    "line 15: point \"morning\" has 4 sentences in says; at least 5 are needed"
)]
#[case(
    ", \"At night.\"",
    "",
    "line 15: point \"morning\" has 1 sentences in wrong; at least 2 are needed"
)]
#[case(
    "[\"Roots are long.\"]",
    "[]",
    "line 25: point \"roots\" has 0 sentences in touches; at least 1 are needed"
)]
#[case(
    "follow_up = { text = \"At what time of the day?\" }\n",
    "",
    "line 15: core point \"morning\" has no follow_up"
)]
#[case("\"Seven.\"", "\"\"", "line 27: says is empty")]
fn what_a_question_of_the_second_edition_lacks_is_named(
    #[case] good: &str,
    #[case] bad: &str,
    #[case] expected: &str,
) {
    assert!(SECOND.contains(good));
    let error = load(&SECOND.replacen(good, bad, 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("question bank gardening.toml: {expected}")
    );
}

#[test]
fn follow_ups_are_one_or_two() {
    let follow_up = "[[question.follow_up]]\npoint = \"roots\"\ntext = \"Which part of the plant gets the water?\"\n";
    let none = load(&GOOD.replace(follow_up, "[[question.follow_up]]\n"))
        .unwrap_err()
        .to_string();
    assert!(none.contains("line 21: missing field `point`"), "{none}");
    let twice = load(&format!("{GOOD}{follow_up}")).unwrap_err().to_string();
    assert!(
        twice.contains("line 25: follow-up on \"roots\": no such point, or followed up twice"),
        "{twice}"
    );
    let more = load(&format!("{GOOD}{follow_up}{follow_up}"))
        .unwrap_err()
        .to_string();
    assert!(
        more.contains("line 6: question \"water\" has 3 follow-ups; 1 to 2 are needed"),
        "{more}"
    );
}

#[test]
fn a_users_folder_extends_a_topic_and_adds_another() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("en")).unwrap();
    fs::write(folder.path().join("en/notes.txt"), "no bank").unwrap();
    fs::write(folder.path().join("en/garden.toml"), GOOD).unwrap();
    fs::write(
        folder.path().join("en/more.toml"),
        GOOD.replace("\"gardening\"", "\"rust\""),
    )
    .unwrap();
    let bank = Bank::built_in();
    let before = bank
        .topic("rust", Language::English)
        .unwrap()
        .questions
        .len();

    let bank = bank.with_folders(&[folder.path().to_owned()]).unwrap();

    assert_eq!(
        bank.topic("rust", Language::English)
            .unwrap()
            .questions
            .len(),
        before + 1
    );
    assert_eq!(
        bank.topics(Language::English)
            .last()
            .map(|topic| &*topic.id),
        Some("gardening")
    );
    let again = bank
        .with_folders(&[folder.path().to_owned()])
        .unwrap_err()
        .to_string();
    assert!(
        again.contains("garden.toml: line 6: question id \"water\" is used twice"),
        "{again}"
    );
}

#[test]
fn a_folder_without_languages_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let error = Bank::default()
        .with_folders(&[folder.path().to_owned()])
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        format!(
            "question bank {}: has no folder named en or ko",
            folder.path().display()
        )
    );
}

#[rstest]
fn every_language_has_the_same_topics_with_questions_for_every_level(
    #[values(Language::English, Language::Korean)] language: Language,
) {
    let bank = Bank::built_in();
    let ids: Vec<_> = bank.topics(language).map(|topic| &*topic.id).collect();
    let expected = [
        "backend",
        "frontend",
        "rust",
        "python",
        "java",
        "databases",
        "system-design",
        "devops",
        "cs-fundamentals",
        "security",
        "llm-applications",
        "behavioural",
    ];
    assert_eq!(ids, expected);
    for topic in bank.topics(language) {
        for level in Level::ALL {
            let questions = topic.questions.iter();
            let of_level = questions.filter(|question| question.level == level);
            assert_eq!(of_level.count(), 5, "{} {level:?}", topic.id);
        }
    }
}

/// Returns what must be the same in all languages: ids, levels, and the kinds of the points.
fn structure(topic: &TopicBank) -> Vec<String> {
    let of_point = |point: &Point| format!("{} {} {:?}", point.id, point.core, point.kind);
    let of_question = |question: &Question| {
        let points: Vec<_> = question.points.iter().map(of_point).collect();
        format!(
            "{} {:?}: {}",
            question.id,
            question.level,
            points.join(", ")
        )
    };
    topic.questions.iter().map(of_question).collect()
}

#[test]
fn both_languages_have_the_same_questions_and_points() {
    let bank = Bank::built_in();
    let english = bank.topics(Language::English);
    for (english, korean) in english.zip(bank.topics(Language::Korean)) {
        assert_eq!(structure(english), structure(korean), "{}", english.id);
    }
}

#[test]
fn every_question_of_the_bank_has_a_model_answer_and_a_follow_up_for_each_core_point() {
    for topic in &Bank::built_in().topics {
        for question in &topic.questions {
            let name = format!("{}/{}", topic.id, question.id);
            assert!(question.background.is_some(), "{name}");
            let core = question.points.iter().filter(|point| point.core);
            let core: Vec<_> = core.map(|point| point.id.as_str()).collect();
            assert!((2..=4).contains(&core.len()), "{name}: {core:?}");
            for point in core {
                let has = |follow_up: &FollowUp| follow_up.point == point;
                assert!(question.follow_ups.iter().any(has), "{name}#{point}");
            }
        }
    }
}

#[test]
fn no_sentence_stands_twice_in_a_question() {
    for topic in &Bank::built_in().topics {
        for question in &topic.questions {
            let mut seen = BTreeSet::new();
            for point in &question.points {
                let sentences = point.says.iter().chain(&point.wrong).chain(&point.touches);
                for sentence in sentences {
                    assert!(
                        seen.insert(sentence),
                        "{}/{}: {sentence}",
                        topic.id,
                        question.id
                    );
                }
            }
        }
    }
}

#[test]
fn every_shipped_file_is_embedded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/questions");
    let on_disk = Language::ALL
        .into_iter()
        .flat_map(|language| question_files(&root.join(language.code())).unwrap());
    let on_disk: BTreeSet<_> = on_disk
        .map(|file| file.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert_eq!(
        BUILT_IN
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .collect::<BTreeSet<_>>(),
        on_disk
    );
}

/// Returns how many of `sentences` mention their point, in percent.
fn mentions<'a>(sentences: impl Iterator<Item = (&'a Point, &'a str)>) -> usize {
    let mentioned: Vec<bool> = sentences
        .map(|(point, sentence)| point.is_mentioned_in(sentence))
        .collect();
    100 * mentioned.iter().filter(|is| **is).count() / mentioned.len()
}

/// Words alone are a weak judge: they find every second sentence that makes a point. The bounds
/// state what was measured, so that a change of the terms shows.
#[rstest]
fn terms_find_their_own_points_and_seldom_others(
    #[values(Language::English, Language::Korean)] language: Language,
) {
    let bank = Bank::built_in();
    let questions: Vec<&Question> = bank
        .topics(language)
        .flat_map(|topic| &topic.questions)
        .collect();
    let points = || questions.iter().flat_map(|question| &question.points);
    let own = points().flat_map(|point| point.says.iter().map(move |says| (point, &**says)));
    let others = questions.iter().flat_map(|question| {
        question.points.iter().flat_map(|point| {
            let others = question.points.iter().filter(|other| other.id != point.id);
            others.flat_map(move |other| other.says.iter().map(move |says| (point, &**says)))
        })
    });
    let own = mentions(own);
    let others = mentions(others);
    assert!(own >= 50, "{own} % of the sentences that make a point");
    assert!(others <= 5, "{others} % of the sentences that make another");
}
