//! Reads question files: TOML becomes a checked [`TopicBank`], and each error names its file and
//! line.
//!
//! ```toml
//! id = "databases"                   # one for all languages
//! title = "Databases"
//! aliases = ["sql", "postgres"]      # other words by which a candidate may name the topic
//!
//! [[question]]
//! id = "index-cost"
//! level = "junior"                   # junior, middle or senior
//! text = "What does an index cost, and when would you not add one?"
//! [[question.point]]                 # three or more: what a good answer covers
//! id = "writes"
//! text = "every write must also update the index"
//! terms = ["write", "insert"]        # any of these at the start of a word; Korean ones anywhere
//! [[question.follow_up]]             # one or two, each asked when its point was left out
//! point = "writes"
//! text = "What happens to that index when a row is inserted?"
//! ```
//!
//! A question with a `model_answer` is of the second edition, which says more and has its follow-ups
//! at the points:
//!
//! ```toml
//! [[question]]
//! id = "index-cost"
//! level = "junior"
//! minutes = 2
//! text = "What does an index on `email` cost?"
//! say = "What does an index on the e-mail column cost?"   # optional: as a voice says it
//! why = "Shows whether indexes are known as a trade."
//! model_answer = "…"                 # a strong answer as it would be spoken
//! references = ["PostgreSQL documentation, chapter 11"]
//! revision = 2
//! [[question.point]]
//! id = "writes"
//! core = true
//! kind = "fact"                      # or "story"
//! text = "every write must also update the index"
//! says = ["…"]                       # sentences that make the point: 5 for a core one, else 3
//! wrong = ["…"]                      # misconceptions of a fact: 2 for a core one, else 1
//! touches = ["…"]                    # sentences on the subject without the point: 1
//! terms = ["write", "insert"]
//! [question.point.follow_up]         # every core point has one
//! text = "What happens to that index when a row is inserted?"
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Bank, BankError, BankProblem, FollowUp, Point, PointKind, Question, QuestionBackground,
    TopicBank,
};
use crate::interview::{Language, Level};

/// Embeds question files, each named by its path below `assets/questions`.
macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../assets/questions/", $path)))),+]
    };
}

/// The built-in files, in the order in which lists show the topics.
const BUILT_IN: &[(&str, &str)] = embedded![
    "en/backend.toml",
    "en/frontend.toml",
    "en/rust.toml",
    "en/python.toml",
    "en/java.toml",
    "en/databases.toml",
    "en/system-design.toml",
    "en/devops.toml",
    "en/cs-fundamentals.toml",
    "en/security.toml",
    "en/llm-applications.toml",
    "en/behavioural.toml",
    "ko/backend.toml",
    "ko/frontend.toml",
    "ko/rust.toml",
    "ko/python.toml",
    "ko/java.toml",
    "ko/databases.toml",
    "ko/system-design.toml",
    "ko/devops.toml",
    "ko/cs-fundamentals.toml",
    "ko/security.toml",
    "ko/llm-applications.toml",
    "ko/behavioural.toml",
];

/// A question with fewer points gives too little to compare an answer with.
const MIN_POINTS: usize = 3;
const MAX_FOLLOW_UPS: usize = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicFile {
    id: Spanned<String>,
    title: Spanned<String>,
    #[serde(default)]
    aliases: Vec<String>,
    question: Vec<QuestionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionEntry {
    id: Spanned<String>,
    level: Level,
    text: Spanned<String>,
    say: Option<Spanned<String>>,
    minutes: Option<u32>,
    why: Option<Spanned<String>>,
    model_answer: Option<Spanned<String>>,
    #[serde(default)]
    references: Vec<String>,
    revision: Option<u32>,
    point: Vec<PointEntry>,
    #[serde(default)]
    follow_up: Vec<FollowUpEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointEntry {
    id: Spanned<String>,
    text: Spanned<String>,
    #[serde(default)]
    core: bool,
    #[serde(default)]
    kind: PointKind,
    #[serde(default)]
    says: Vec<Spanned<String>>,
    #[serde(default)]
    wrong: Vec<Spanned<String>>,
    #[serde(default)]
    touches: Vec<Spanned<String>>,
    #[serde(default)]
    terms: Vec<Spanned<String>>,
    follow_up: Option<PointFollowUp>,
}

/// The follow-up question of a point of the second edition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointFollowUp {
    text: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowUpEntry {
    point: Spanned<String>,
    text: Spanned<String>,
}

/// An error in a question file and the byte offset where it was found.
struct FileError {
    at: usize,
    problem: BankProblem,
}

fn reject<T>(at: &Spanned<String>, problem: BankProblem) -> Result<T, FileError> {
    Err(FileError {
        at: at.span().start,
        problem,
    })
}

/// Loads all embedded files.
pub fn built_in() -> Result<Bank, BankError> {
    let mut bank = Bank::default();
    for (path, source) in BUILT_IN {
        let language = if path.starts_with("ko/") {
            Language::Korean
        } else {
            Language::English
        };
        add_file(&mut bank, path, source, language)?;
    }
    Ok(bank)
}

/// Adds every `*.toml` of `<folder>/{en,ko}`, sorted by name.
pub fn add_folder(bank: &mut Bank, folder: &Path) -> Result<(), BankError> {
    let languages = Language::ALL.map(|language| (language, folder.join(language.code())));
    if !languages.iter().any(|(_, folder)| folder.is_dir()) {
        return Err(invalid(folder, BankProblem::NoLanguage));
    }
    for (language, folder) in languages.iter().filter(|(_, folder)| folder.is_dir()) {
        for file in question_files(folder)? {
            let source = fs::read_to_string(&file)
                .map_err(|error| invalid(&file, BankProblem::Unreadable(error)))?;
            add_file(bank, &file.display().to_string(), &source, *language)?;
        }
    }
    Ok(())
}

fn question_files(folder: &Path) -> Result<Vec<PathBuf>, BankError> {
    let unreadable = |error| invalid(folder, BankProblem::Unlisted(error));
    let entries =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = entries.map_err(unreadable)?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    Ok(files)
}

fn invalid(file: &Path, problem: BankProblem) -> BankError {
    BankError::Invalid {
        file: file.display().to_string(),
        line: None,
        problem,
    }
}

/// Adds one file to `bank`, as a new topic or as more questions for an existing one.
pub fn add_file(
    bank: &mut Bank,
    file: &str,
    source: &str,
    language: Language,
) -> Result<(), BankError> {
    let located = |error: FileError| {
        let line = source[..error.at.min(source.len())].matches('\n').count() + 1;
        BankError::Invalid {
            file: file.to_owned(),
            line: Some(line),
            problem: error.problem,
        }
    };
    let parsed: TopicFile = toml::from_str(source).map_err(|error| {
        located(FileError {
            at: error.span().map_or(0, |span| span.start),
            problem: BankProblem::Format(error.message().to_owned()),
        })
    })?;
    let known = bank
        .topics
        .iter()
        .position(|topic| topic.language == language && topic.id == *parsed.id.get_ref());
    let topic = topic(parsed, language, known.map(|at| &bank.topics[at])).map_err(located)?;
    match known {
        None => bank.topics.push(topic),
        Some(at) => {
            bank.topics[at].aliases.extend(topic.aliases);
            bank.topics[at].questions.extend(topic.questions);
        }
    }
    Ok(())
}

fn topic(
    file: TopicFile,
    language: Language,
    known: Option<&TopicBank>,
) -> Result<TopicBank, FileError> {
    if file.question.is_empty() {
        return reject(&file.id, BankProblem::NoQuestion);
    }
    let mut ids: BTreeSet<String> = known
        .iter()
        .flat_map(|topic| &topic.questions)
        .map(|known| known.id.clone())
        .collect();
    let id = new_id(&file.id, "topic", &mut BTreeSet::new())?;
    let questions = file
        .question
        .into_iter()
        .map(|entry| question(entry, &mut ids))
        .collect::<Result<_, _>>()?;
    let aliases = file
        .aliases
        .iter()
        .map(|alias| alias.to_lowercase())
        .collect();
    Ok(TopicBank {
        id,
        title: words(&file.title, "title")?,
        language,
        aliases,
        questions,
    })
}

fn question(entry: QuestionEntry, ids: &mut BTreeSet<String>) -> Result<Question, FileError> {
    let id = new_id(&entry.id, "question", ids)?;
    if entry.point.len() < MIN_POINTS {
        return reject(
            &entry.id,
            BankProblem::Points {
                id,
                found: entry.point.len(),
                least: MIN_POINTS,
            },
        );
    }
    let background = background(&entry, &id)?;
    let mut point_ids = BTreeSet::new();
    let points = entry
        .point
        .iter()
        .map(|entry| point(entry, background.is_some(), &mut point_ids))
        .collect::<Result<_, _>>()?;
    let follow_ups = if background.is_some() {
        follow_ups_at_points(&entry.point)?
    } else {
        follow_ups_by_name(entry.follow_up, &entry.id, &mut point_ids)?
    };
    Ok(Question {
        id,
        level: entry.level,
        text: words(&entry.text, "text")?,
        say: entry.say.map(|say| words(&say, "say")).transpose()?,
        points,
        follow_ups,
        background,
    })
}

/// Returns what only the second edition has, or `None` for a question of the first.
fn background(entry: &QuestionEntry, id: &str) -> Result<Option<QuestionBackground>, FileError> {
    let Some(model_answer) = &entry.model_answer else {
        return Ok(None);
    };
    let missing = |key| {
        reject(
            &entry.id,
            BankProblem::Missing {
                what: "question",
                id: id.to_owned(),
                key,
            },
        )
    };
    let Some(why) = &entry.why else {
        return missing("why");
    };
    let Some(minutes) = entry.minutes else {
        return missing("minutes");
    };
    let Some(revision) = entry.revision else {
        return missing("revision");
    };
    if entry.references.is_empty() {
        return missing("references");
    }
    Ok(Some(QuestionBackground {
        minutes,
        why: words(why, "why")?,
        model_answer: words(model_answer, "model_answer")?,
        references: entry.references.clone(),
        revision,
    }))
}

fn point(
    entry: &PointEntry,
    is_second_edition: bool,
    ids: &mut BTreeSet<String>,
) -> Result<Point, FileError> {
    let id = new_id(&entry.id, "point", ids)?;
    if entry.terms.is_empty() {
        return reject(&entry.id, BankProblem::NoTerms { id });
    }
    if is_second_edition {
        require_sentences(entry, &id)?;
    }
    let terms = all_words(&entry.terms, "term")?;
    Ok(Point {
        id,
        text: words(&entry.text, "text")?,
        core: entry.core,
        kind: entry.kind,
        says: all_words(&entry.says, "says")?,
        wrong: all_words(&entry.wrong, "wrong")?,
        touches: all_words(&entry.touches, "touches")?,
        terms: terms.iter().map(|term| term.to_lowercase()).collect(),
    })
}

/// Rejects a point with too few sentences to compare an answer with.
fn require_sentences(entry: &PointEntry, id: &str) -> Result<(), FileError> {
    let says = if entry.core { 5 } else { 3 };
    let wrong = match (entry.kind, entry.core) {
        (PointKind::Story, _) => 0,
        (PointKind::Fact, true) => 2,
        (PointKind::Fact, false) => 1,
    };
    let needed = [
        ("says", &entry.says, says),
        ("wrong", &entry.wrong, wrong),
        ("touches", &entry.touches, 1),
    ];
    for (key, sentences, least) in needed {
        if sentences.len() < least {
            return reject(
                &entry.id,
                BankProblem::Sentences {
                    id: id.to_owned(),
                    key,
                    found: sentences.len(),
                    least,
                },
            );
        }
    }
    if entry.core && entry.follow_up.is_none() {
        return reject(
            &entry.id,
            BankProblem::Missing {
                what: "core point",
                id: id.to_owned(),
                key: "follow_up",
            },
        );
    }
    Ok(())
}

fn follow_ups_at_points(points: &[PointEntry]) -> Result<Vec<FollowUp>, FileError> {
    let follow_ups = points.iter().filter_map(|point| {
        let follow_up = point.follow_up.as_ref()?;
        Some(words(&follow_up.text, "text").map(|text| FollowUp {
            point: point.id.get_ref().clone(),
            text,
        }))
    });
    follow_ups.collect()
}

fn follow_ups_by_name(
    entries: Vec<FollowUpEntry>,
    question: &Spanned<String>,
    point_ids: &mut BTreeSet<String>,
) -> Result<Vec<FollowUp>, FileError> {
    if !(1..=MAX_FOLLOW_UPS).contains(&entries.len()) {
        return reject(
            question,
            BankProblem::FollowUps {
                id: question.get_ref().clone(),
                found: entries.len(),
                most: MAX_FOLLOW_UPS,
            },
        );
    }
    entries
        .into_iter()
        .map(|entry| follow_up(entry, point_ids))
        .collect()
}

/// Parses a follow-up and removes its point from `open`, so that a second follow-up on the same
/// point is rejected.
fn follow_up(entry: FollowUpEntry, open: &mut BTreeSet<String>) -> Result<FollowUp, FileError> {
    let point = entry.point.get_ref();
    if !open.remove(point) {
        return reject(
            &entry.point,
            BankProblem::FollowUpPoint {
                point: point.clone(),
            },
        );
    }
    Ok(FollowUp {
        point: entry.point.into_inner(),
        text: words(&entry.text, "text")?,
    })
}

fn all_words(texts: &[Spanned<String>], key: &'static str) -> Result<Vec<String>, FileError> {
    texts.iter().map(|text| words(text, key)).collect()
}

/// Returns `id` if it is not in `ids` yet. `/` and `#` are reserved for the names of asked
/// questions.
fn new_id(
    id: &Spanned<String>,
    what: &'static str,
    ids: &mut BTreeSet<String>,
) -> Result<String, FileError> {
    let text = id.get_ref();
    if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "/#".contains(c)) {
        return reject(
            id,
            BankProblem::BadId {
                what,
                id: text.clone(),
            },
        );
    }
    if !ids.insert(text.clone()) {
        return reject(
            id,
            BankProblem::IdTwice {
                what,
                id: text.clone(),
            },
        );
    }
    Ok(text.clone())
}

fn words(text: &Spanned<String>, key: &'static str) -> Result<String, FileError> {
    match text.get_ref().trim() {
        "" => reject(text, BankProblem::Empty { key }),
        words => Ok(words.to_owned()),
    }
}

#[cfg(test)]
mod tests;
