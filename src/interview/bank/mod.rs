//! The question bank: what the offline interviewer asks, and how it recognises what an answer covered.

mod load;
mod recognise;

use std::path::PathBuf;

use super::{Language, Level, Topic};

use recognise::Text;
pub(crate) use recognise::is_hangul;

/// What a good answer covers, and how to recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Name inside the question.
    pub id: String,
    /// What is covered, as a phrase shown to the candidate.
    pub text: String,
    /// Words or phrases that show the point was made, lower case.
    pub terms: Vec<String>,
}

impl Point {
    /// Whether `answer` holds one of the terms. It compares words, not meaning.
    pub fn is_mentioned_in(&self, answer: &str) -> bool {
        let answer = Text::new(answer);
        self.terms.iter().any(|term| answer.has(term))
    }
}

/// Asked when the answer left `point` out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// [`Point::id`].
    pub point: String,
    /// The question.
    pub text: String,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Unique in its topic.
    pub id: String,
    /// For whom.
    pub level: Level,
    /// As the interviewer says it.
    pub text: String,
    /// What a good answer covers.
    pub points: Vec<Point>,
    /// One or two.
    pub follow_ups: Vec<FollowUp>,
}

/// The questions on one topic in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicBank {
    /// Name shared by the languages, such as `system-design`.
    pub id: String,
    /// Shown in lists.
    pub title: String,
    /// Of every question in it.
    pub language: Language,
    /// Other names by which an own topic finds it, lower case.
    pub aliases: Vec<String>,
    /// In file order.
    pub questions: Vec<Question>,
}

impl TopicBank {
    /// Whether `topic` is this bank's own id or title, not merely something near it.
    pub fn is_named(&self, topic: &Topic) -> bool {
        let wanted = recognise::normal(topic.as_str());
        [&self.id, &self.title]
            .into_iter()
            .any(|name| recognise::normal(name) == wanted)
    }

    /// Length of the longest name of this bank found in `topic`, in characters.
    fn nearness(&self, topic: &Text) -> Option<usize> {
        let names = [&self.id, &self.title].into_iter().chain(&self.aliases);
        names
            .filter(|name| topic.has_whole(name))
            .map(|name| name.chars().count())
            .max()
    }
}

/// Every topic known.
#[derive(Clone, Debug, Default)]
pub struct Bank {
    topics: Vec<TopicBank>,
}

/// Why a bank cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// File, place and reason.
    #[error("question bank {file}: {reason}")]
    Invalid {
        /// Which.
        file: String,
        /// Why, beginning with the line where there is one.
        reason: String,
    },
}

impl Bank {
    /// The topic whose questions are general: asked when a topic of the candidate's own is unknown.
    pub const GENERAL: &'static str = "behavioural";

    /// The questions that ship with the program.
    pub fn built_in() -> Self {
        load::built_in().expect("a test loads every built-in question file")
    }

    /// Adds every `*.toml` of `<folder>/{en,ko}` to the built-in ones; a topic of the same id and language is extended.
    pub fn with_folders(mut self, folders: &[PathBuf]) -> Result<Self, BankError> {
        for folder in folders {
            load::add_folder(&mut self, folder)?;
        }
        Ok(self)
    }

    /// Adds the questions of one file's text; `file` names it in messages.
    pub fn add(&mut self, file: &str, text: &str, language: Language) -> Result<(), BankError> {
        load::add_file(self, file, text, language)
    }

    /// The topics of one language, in the order a list shows them.
    pub fn topics(&self, language: Language) -> impl Iterator<Item = &TopicBank> {
        self.topics
            .iter()
            .filter(move |topic| topic.language == language)
    }

    /// The bank that an own topic means: by id, title or alias, else `None`. A name in the other language
    /// finds the bank of the same id.
    pub fn find(&self, topic: &Topic, language: Language) -> Option<&TopicBank> {
        let own = self.nearest(topic, |bank| bank.language == language);
        own.or_else(|| self.topic(&self.nearest(topic, |_| true)?.id, language))
    }

    /// The bank for a topic nobody wrote questions on; `None` only when there is none in `language`.
    pub fn general(&self, language: Language) -> Option<&TopicBank> {
        self.topic(Self::GENERAL, language)
            .or_else(|| self.topics(language).next())
    }

    /// The question that `asked` (`topic/question` or `topic/question#point`) names or follows up on.
    pub fn question(&self, asked: &str, language: Language) -> Option<&Question> {
        let (topic, question) = main_of(asked).split_once('/')?;
        self.topic(topic, language)?
            .questions
            .iter()
            .find(|known| known.id == question)
    }

    /// The words of the question `asked` names, without greeting or acknowledgement.
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

    /// What lists call the topic of this name; `None` where the bank has no such topic.
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
        // Reversed, because of equals `max_by_key` takes the last, and the first listed is to win.
        let near = || {
            eligible()
                .rev()
                .filter_map(|bank| Some((bank.nearness(&text)?, bank)))
                .max_by_key(|near| near.0)
        };
        exact.or_else(|| near().map(|(_, bank)| bank))
    }
}

/// The main question that `asked` is, or follows up on: `topic/question`.
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
    fn an_own_topic_finds_its_bank(#[case] topic: &str, #[case] expected: Option<&str>) {
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
    fn an_own_topic_finds_its_korean_bank(#[case] topic: &str, #[case] expected: Option<&str>) {
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
    fn only_its_own_name_names_a_bank(#[case] topic: &str, #[case] expected: bool) {
        let (bank, topic) = (Bank::built_in(), Topic::parse(topic).unwrap());
        assert_eq!(
            bank.find(&topic, Language::English)
                .map(|bank| bank.is_named(&topic)),
            Some(expected)
        );
    }

    #[test]
    fn a_name_leads_back_to_the_words_that_were_asked() {
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
