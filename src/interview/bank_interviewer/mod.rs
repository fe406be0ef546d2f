//! How the question bank holds an interview. Pure: the same history and seed give the same next line.
//!
//! ```text
//!  history ──► a point was missed and may be followed up? ──yes──► its follow-up ─┐
//!                 └─no─► the question asked least recently, level and seed decide ─┴─► greeting or thanks + question
//! ```

mod feedback;
mod own_words;
mod selection;

use rust_i18n::t;

use super::bank::{Bank, TopicBank};
use super::{Language, Level, Topic};

pub use feedback::feedback;
pub use own_words::is_own_line;

/// A question that was put, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Names the question: `topic/question` or `topic/question#point` for a follow-up; `None` when a model asked.
    pub asked: Option<String>,
    /// As it was said.
    pub question: String,
    /// `None` while unanswered.
    pub answer: Option<String>,
}

impl Exchange {
    /// The answer, unless it is missing or blank.
    fn said(&self) -> Option<&str> {
        self.answer
            .as_deref()
            .filter(|answer| !answer.trim().is_empty())
    }
}

/// What is known when the interviewer is to speak.
#[derive(Clone, Debug)]
pub struct FlowContext<'a> {
    /// Of the interview.
    pub language: Language,
    /// What it is about.
    pub topic: &'a Topic,
    /// Questions of this level are preferred.
    pub level: Option<Level>,
    /// Fixes the order of questions.
    pub seed: u64,
    /// Oldest first.
    pub exchanges: &'a [Exchange],
    /// `asked` names of the user's earlier interviews on this topic, oldest first: these come last.
    pub asked_before: &'a [String],
    /// How many questions are still to be put, this one included; `None` without end.
    pub remaining: Option<u32>,
}

/// What the interviewer says next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextLine {
    /// Name of the question put, as in [`Exchange::asked`]; `None` for feedback.
    pub asked: Option<String>,
    /// Markdown.
    pub text: String,
}

/// A question about to be put, without the words around it.
struct SelectedQuestion<'a> {
    name: String,
    text: &'a str,
}

/// The next question or follow-up. The question is the last paragraph of its text.
pub fn next_question(bank: &Bank, context: &FlowContext<'_>) -> NextLine {
    let own = bank.find(context.topic, context.language);
    let follow_up = selection::follow_up(bank, context);
    let is_follow_up = follow_up.is_some();
    let main =
        || selection::main_question(own.or_else(|| bank.general(context.language))?, context);
    let Some(put) = follow_up.or_else(main) else {
        return NextLine {
            asked: None,
            text: t!("interview.no_questions", locale = context.language.code()).into_owned(),
        };
    };
    let opening = match context.exchanges.last() {
        None => greeting(own, context),
        Some(last) => acknowledgement(last, is_follow_up, context),
    };
    NextLine {
        asked: Some(put.name),
        text: format!("{opening}\n\n{}", put.text),
    }
}

/// Says honestly who asks, and what it can ask about.
fn greeting(bank: Option<&TopicBank>, context: &FlowContext<'_>) -> String {
    let (locale, topic) = (context.language.code(), context.topic.as_str());
    let hello = t!("interview.greeting", locale = locale);
    let about = match bank {
        Some(bank) if bank.is_named(context.topic) => {
            t!("interview.topic", locale = locale, topic = bank.title)
        }
        Some(bank) => t!(
            "interview.topic_near",
            locale = locale,
            topic = topic,
            nearest = bank.title
        ),
        None => t!("interview.topic_unknown", locale = locale, topic = topic),
    };
    format!("{hello} {about}")
}

/// A few neutral words: the bank cannot judge what was said, and does not act as if it could.
fn acknowledgement(last: &Exchange, follow_up: bool, context: &FlowContext<'_>) -> String {
    let locale = context.language.code();
    if last.said().is_none() {
        return t!("interview.move_on", locale = locale).into_owned();
    }
    if context.remaining == Some(1) {
        return t!("interview.last", locale = locale).into_owned();
    }
    let first_variant = context.exchanges.len() % 2 == 1;
    let words = match (follow_up, first_variant) {
        (true, true) => t!("interview.follow_up_1", locale = locale),
        (true, false) => t!("interview.follow_up_2", locale = locale),
        (false, true) => t!("interview.next_1", locale = locale),
        (false, false) => t!("interview.next_2", locale = locale),
    };
    words.into_owned()
}

#[cfg(test)]
mod tests;
