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
        "behavioural",
    ];
    assert_eq!(ids, expected);
    for topic in bank.topics(language) {
        assert!(
            topic.questions.len() >= 8,
            "{}: {} questions",
            topic.id,
            topic.questions.len()
        );
        let levels: BTreeSet<_> = topic
            .questions
            .iter()
            .map(|question| question.level)
            .collect();
        assert_eq!(levels, BTreeSet::from(Level::ALL), "{}", topic.id);
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

/// General questions are left out: their points describe what to tell instead of saying it.
#[test]
fn a_technical_point_is_mentioned_by_its_own_text() {
    let bank = Bank::built_in();
    let mut unrecognised = Vec::new();
    for topic in bank.topics.iter().filter(|topic| topic.id != Bank::GENERAL) {
        for question in &topic.questions {
            let missed = question
                .points
                .iter()
                .filter(|point| !point.is_mentioned_in(&point.text));
            unrecognised.extend(missed.map(|point| {
                format!(
                    "{} {}/{}#{}",
                    topic.language, topic.id, question.id, point.id
                )
            }));
        }
    }
    assert_eq!(unrecognised, [""; 0]);
}
