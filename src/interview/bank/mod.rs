//! The question bank: the questions that the bank interviewer asks, and how it recognises the
//! points an answer mentions.

mod load;
mod problem;
mod recognise;

use std::path::PathBuf;

use serde::Deserialize;

use super::{Language, Level, Topic};

pub use problem::BankProblem;
use recognise::Text;
pub(crate) use recognise::is_hangul;

/// What kind of statement makes a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// Something that is true or false.
    #[default]
    Fact,
    /// A part of an account of one's own experience.
    Story,
}

/// A point that a good answer covers, with the terms that reveal it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Identifier, unique within the question.
    pub id: String,
    /// The point as a phrase shown to the candidate.
    pub text: String,
    /// Whether an answer without this point is incomplete.
    pub core: bool,
    pub kind: PointKind,
    /// Sentences as candidates make the point. Empty in a bank of the first edition, as are the
    /// next two.
    pub says: Vec<String>,
    /// Confident misconceptions about the point.
    pub wrong: Vec<String>,
    /// Sentences that use the subject's words without making the point.
    pub touches: Vec<String>,
    /// Lower-case words or phrases that show the point was made.
    pub terms: Vec<String>,
}

impl Point {
    /// Returns whether `answer` contains one of the terms. This compares words, not meaning.
    pub fn is_mentioned_in(&self, answer: &str) -> bool {
        let answer = Text::new(answer);
        self.terms.iter().any(|term| answer.has(term))
    }
}

/// A question asked when the answer left `point` out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The [`Point::id`] that the answer left out.
    pub point: String,
    pub text: String,
}

/// A question of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Identifier, unique within the topic and the same in all languages.
    pub id: String,
    pub level: Level,
    /// The question as a person reads it.
    pub text: String,
    /// The question as a voice says it, where that differs.
    pub say: Option<String>,
    pub points: Vec<Point>,
    /// The follow-up questions, each on one point.
    pub follow_ups: Vec<FollowUp>,
    /// What the second edition tells about the question.
    pub background: Option<QuestionBackground>,
}

/// What helps a candidate to learn from a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionBackground {
    /// The minutes that an answer takes.
    pub minutes: u32,
    /// What the question shows.
    pub why: String,
    /// A strong answer as it would be spoken.
    pub model_answer: String,
    /// Where to read on: books, standards and documentation by name.
    pub references: Vec<String>,
    /// The revision of the question, increased when its meaning changes.
    pub revision: u32,
}

/// The questions on one topic in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicBank {
    /// Identifier shared by all languages, such as `system-design`.
    pub id: String,
    /// The title shown in lists.
    pub title: String,
    pub language: Language,
    /// Lower-case names by which a candidate may refer to the topic.
    pub aliases: Vec<String>,
    /// The questions in file order.
    pub questions: Vec<Question>,
}

impl TopicBank {
    /// Returns whether `topic` is exactly this bank's id or title.
    pub fn is_named(&self, topic: &Topic) -> bool {
        let wanted = recognise::normal(topic.as_str());
        [&self.id, &self.title]
            .into_iter()
            .any(|name| recognise::normal(name) == wanted)
    }

    /// Returns the length in characters of the longest name of this bank that occurs in `topic`.
    fn nearness(&self, topic: &Text) -> Option<usize> {
        let names = [&self.id, &self.title].into_iter().chain(&self.aliases);
        names
            .filter(|name| topic.has_whole(name))
            .map(|name| name.chars().count())
            .max()
    }
}

/// All topics of the question bank.
#[derive(Clone, Debug, Default)]
pub struct Bank {
    topics: Vec<TopicBank>,
}

/// The reason a question bank cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// A file with an error in it.
    #[error("question bank {file}: {}{problem}", line_prefix(*line))]
    Invalid {
        file: String,
        /// The line with the error, if it is known.
        line: Option<usize>,
        problem: BankProblem,
    },
}

fn line_prefix(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

impl Bank {
    /// The topic with general questions, used when the candidate's own topic is unknown.
    pub const GENERAL: &'static str = "behavioural";

    /// Returns the questions that ship with the program.
    pub fn built_in() -> Self {
        load::built_in().expect("a test loads every built-in question file")
    }

    /// Adds every `*.toml` of `<folder>/{en,ko}` to the built-in questions. A topic with the same
    /// id and language is extended.
    pub fn with_folders(mut self, folders: &[PathBuf]) -> Result<Self, BankError> {
        for folder in folders {
            load::add_folder(&mut self, folder)?;
        }
        Ok(self)
    }

    /// Adds the questions in `text`; `file` is the name used in error messages.
    pub fn add(&mut self, file: &str, text: &str, language: Language) -> Result<(), BankError> {
        load::add_file(self, file, text, language)
    }

    /// Returns the topics of one language in display order.
    pub fn topics(&self, language: Language) -> impl Iterator<Item = &TopicBank> {
        self.topics
            .iter()
            .filter(move |topic| topic.language == language)
    }

    /// Returns the bank whose id, title or alias occurs in `topic`. A name in the other language
    /// finds the bank with the same id.
    pub fn find(&self, topic: &Topic, language: Language) -> Option<&TopicBank> {
        let own = self.nearest(topic, |bank| bank.language == language);
        own.or_else(|| self.topic(&self.nearest(topic, |_| true)?.id, language))
    }

    /// Returns the bank for a topic without questions of its own; `None` only if `language` has no
    /// bank at all.
    pub fn general(&self, language: Language) -> Option<&TopicBank> {
        self.topic(Self::GENERAL, language)
            .or_else(|| self.topics(language).next())
    }

    /// Returns the question that `asked` (`topic/question` or `topic/question#point`) names or
    /// follows up on.
    pub fn question(&self, asked: &str, language: Language) -> Option<&Question> {
        let (topic, question) = main_of(asked).split_once('/')?;
        self.topic(topic, language)?
            .questions
            .iter()
            .find(|known| known.id == question)
    }

    /// Returns the text of the question that `asked` names, without greeting or acknowledgement.
    pub fn text_of(&self, asked: &str, language: Language) -> Option<&str> {
        let question = self.question(asked, language)?;
        match asked.split_once('#') {
            None => Some(&question.text),
            Some((_, point)) => question
                .follow_ups
                .iter()
                .find(|known| known.point == point)
                .map(|known| &*known.text),
        }
    }

    /// Returns the texts that a voice says in other words, in one language, each with these words.
    pub fn spoken_texts(&self, language: Language) -> impl Iterator<Item = (&str, &str)> {
        self.topics(language)
            .flat_map(|topic| &topic.questions)
            .filter_map(|question| Some((&*question.text, question.say.as_deref()?)))
    }

    /// Returns the display title of `topic`, or `None` if the bank has no such topic.
    pub fn title_of(&self, topic: &Topic, language: Language) -> Option<&str> {
        self.topics(language)
            .find(|bank| bank.is_named(topic))
            .map(|bank| &*bank.title)
    }

    fn topic(&self, id: &str, language: Language) -> Option<&TopicBank> {
        self.topics(language).find(|bank| bank.id == id)
    }

    fn nearest(&self, topic: &Topic, eligible: impl Fn(&TopicBank) -> bool) -> Option<&TopicBank> {
        let text = Text::new(topic.as_str());
        let eligible = || self.topics.iter().filter(|bank| eligible(bank));
        let exact = eligible().find(|bank| bank.is_named(topic));
        // `max_by_key` returns the last of equal elements, so the order is reversed to let the
        // first listed bank win.
        let near = || {
            eligible()
                .rev()
                .filter_map(|bank| Some((bank.nearness(&text)?, bank)))
                .max_by_key(|near| near.0)
        };
        exact.or_else(|| near().map(|(_, bank)| bank))
    }
}

/// Returns the main question `topic/question` that `asked` is or follows up on.
pub(crate) fn main_of(asked: &str) -> &str {
    asked.split_once('#').map_or(asked, |(main, _)| main)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::id("databases", Some("databases"))]
    #[case::title("System Design", Some("system-design"))]
    #[case::id_with_a_space("system design", Some("system-design"))]
    #[case::alias_in_a_phrase("Postgres tuning", Some("databases"))]
    #[case::other_language("데이터베이스", Some("databases"))]
    #[case::whole_words_only("Javanese cooking", None)]
    #[case::unknown("Gardening", None)]
    fn a_candidates_topic_finds_its_bank(#[case] topic: &str, #[case] expected: Option<&str>) {
        let bank = Bank::built_in();
        let found = bank.find(&Topic::parse(topic).unwrap(), Language::English);
        assert_eq!(
            found.map(|bank| (&*bank.id, bank.language)),
            expected.map(|id| (id, Language::English))
        );
    }

    #[rstest]
    #[case::longer_name_wins("자바스크립트 면접", Some("frontend"))]
    #[case::with_a_particle("파이썬을 준비해요", Some("python"))]
    #[case::other_language("Postgres tuning", Some("databases"))]
    #[case::unknown("원예", None)]
    fn a_candidates_topic_finds_its_korean_bank(
        #[case] topic: &str,
        #[case] expected: Option<&str>,
    ) {
        let bank = Bank::built_in();
        let found = bank.find(&Topic::parse(topic).unwrap(), Language::Korean);
        assert_eq!(
            found.map(|bank| (&*bank.id, bank.language)),
            expected.map(|id| (id, Language::Korean))
        );
    }

    #[rstest]
    #[case("databases", true)]
    #[case("Databases", true)]
    #[case("Postgres tuning", false)]
    fn a_bank_is_named_only_by_its_id_or_title(#[case] topic: &str, #[case] expected: bool) {
        let bank = Bank::built_in();
        let topic = Topic::parse(topic).unwrap();
        assert_eq!(
            bank.find(&topic, Language::English)
                .map(|bank| bank.is_named(&topic)),
            Some(expected)
        );
    }

    #[test]
    fn the_text_of_a_question_is_found_by_its_name() {
        let bank = Bank::built_in();
        let topic = bank.topics(Language::English).next().unwrap();
        let question = &topic.questions[0];
        let main = format!("{}/{}", topic.id, question.id);
        let follow_up = format!("{main}#{}", question.follow_ups[0].point);
        assert_eq!(
            bank.text_of(&main, Language::English),
            Some(&*question.text)
        );
        assert_eq!(
            bank.text_of(&follow_up, Language::English),
            Some(&*question.follow_ups[0].text)
        );
        assert_eq!(bank.text_of("nothing/known", Language::English), None);
        assert_eq!(bank.text_of("nothing", Language::English), None);
    }
}
