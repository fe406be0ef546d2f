//! The lobby, where an interview is chosen.

mod update;

use super::composer::draft::Draft;
use super::ring::around;
use super::setup::{Mode, Setup, TopicItem};
use super::turn_id::TurnId;
use crate::config::SpeechLanguage;
use crate::interview::{Language, Level, MOST_QUESTIONS};
use crate::practice::Conversation;

pub use update::LobbyOutcome;

/// The choices made so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Lobby {
    pub(crate) search: Draft,
    pub(crate) selected: usize,
    pub(crate) field: LobbyField,
    pub(crate) language: Language,
    pub(crate) level: Option<Level>,
    pub(crate) questions: u32,
    /// The language in which answers are spoken.
    pub(crate) spoken: SpeechLanguage,
    /// An interview that can be continued.
    pub(crate) unfinished: Option<Box<Conversation>>,
    /// Whether the current interview could not be loaded, so that Enter tries again.
    unloaded: bool,
    /// The request for the current interview, while it runs.
    pub(super) loading: Option<TurnId>,
    topics: Vec<(Language, Vec<TopicItem>)>,
    /// The fields that can be chosen, in the order of Tab.
    fields: &'static [LobbyField],
}

/// A field of the lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LobbyField {
    /// The search and the list of topics.
    Topics,
    Language,
    Level,
    Questions,
    /// The language in which answers are spoken.
    Spoken,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<'a> {
    /// Continues the last interview.
    Continue(&'a Conversation),
    /// A topic of the question bank.
    Topic(&'a TopicItem),
    /// The words typed into the search.
    Own(&'a str),
}

impl LobbyField {
    /// Returns what can be chosen, in the order of Tab. A server takes a topic alone, but the
    /// language is still that of recognition and speech.
    fn offered(mode: &Mode) -> &'static [Self] {
        match (mode, cfg!(feature = "voice")) {
            (Mode::Local, true) => &[
                Self::Topics,
                Self::Language,
                Self::Level,
                Self::Questions,
                Self::Spoken,
            ],
            (Mode::Local, false) => &[Self::Topics, Self::Language, Self::Level, Self::Questions],
            (_, true) => &[Self::Topics, Self::Language, Self::Spoken],
            (_, false) => &[Self::Topics, Self::Language],
        }
    }
}

impl Lobby {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            search: Draft::default(),
            selected: 0,
            field: LobbyField::Topics,
            language: setup.interview_language,
            level: None,
            questions: setup.questions.clamp(1, MOST_QUESTIONS),
            spoken: setup.spoken,
            unfinished: None,
            unloaded: false,
            loading: None,
            topics: setup.topics.clone(),
            fields: LobbyField::offered(&setup.mode),
        }
    }

    /// Returns the rows of the list that match the search.
    pub fn choices(&self) -> Vec<Choice<'_>> {
        let wanted = self.search.text().trim();
        let found = self
            .topics()
            .iter()
            .filter(|topic| matches(topic, wanted))
            .map(Choice::Topic);
        let last = self
            .unfinished
            .as_deref()
            .filter(|_| wanted.is_empty())
            .map(Choice::Continue);
        let own = Some(Choice::Own(wanted)).filter(|_| !wanted.is_empty());
        last.into_iter().chain(found).chain(own).collect()
    }

    /// Returns the selected row.
    pub fn choice(&self) -> Option<Choice<'_>> {
        self.choices().into_iter().nth(self.selected)
    }

    /// Returns the title of a topic. The user's own topic is its own title.
    pub fn title<'a>(&'a self, topic: &'a str, language: Language) -> &'a str {
        let of_language =
            |(of, topics): &'a (Language, Vec<TopicItem>)| (*of == language).then_some(topics);
        let topics = self.topics.iter().find_map(of_language);
        topics
            .and_then(|topics| topics.iter().find(|item| item.id == topic))
            .map_or(topic, |item| &item.title)
    }

    /// Moves the selection and stops at the ends.
    fn select(&mut self, by: isize) {
        let last = self.choices().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    fn focus(&mut self, by: isize) {
        self.field = cycle(self.fields, self.field, by);
    }

    /// Whether a field can be chosen here.
    pub fn offers(&self, field: LobbyField) -> bool {
        self.fields.contains(&field)
    }

    /// Changes the focused field to its next or previous value.
    fn change(&mut self, by: isize) {
        match self.field {
            LobbyField::Topics => {}
            LobbyField::Language => {
                self.language = cycle(&Language::ALL, self.language, by);
                self.select(0);
            }
            LobbyField::Level => {
                let levels = [
                    None,
                    Some(Level::Junior),
                    Some(Level::Middle),
                    Some(Level::Senior),
                ];
                self.level = cycle(&levels, self.level, by);
            }
            LobbyField::Questions => {
                self.questions = self
                    .questions
                    .saturating_add_signed(by as i32)
                    .clamp(1, MOST_QUESTIONS);
            }
            LobbyField::Spoken => self.spoken = cycle(&SpeechLanguage::ALL, self.spoken, by),
        }
    }

    fn topics(&self) -> &[TopicItem] {
        self.topics
            .iter()
            .find(|(language, _)| *language == self.language)
            .map_or(&[], |(_, topics)| topics)
    }
}

fn matches(topic: &TopicItem, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    topic.title.to_lowercase().contains(&wanted) || topic.id.contains(&wanted)
}

fn cycle<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    all[around(at, by, all.len())]
}
