//! Holds an interview from the question bank. The functions are pure: the same history and seed
//! give the same next line.
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

/// A question that was asked, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The name of the question: `topic/question`, or `topic/question#point` for a follow-up.
    /// `None` if a model asked.
    pub asked: Option<String>,
    /// The question with the words around it.
    pub question: String,
    /// The answer; `None` while the question is open.
    pub answer: Option<String>,
}

impl Exchange {
    /// Returns the answer unless it is missing or blank.
    fn given_answer(&self) -> Option<&str> {
        self.answer
            .as_deref()
            .filter(|answer| !answer.trim().is_empty())
    }
}

/// Everything the bank interviewer decides the next line from.
#[derive(Clone, Debug)]
pub struct FlowContext<'a> {
    pub language: Language,
    pub topic: &'a Topic,
    /// The level whose questions are preferred.
    pub level: Option<Level>,
    /// Determines the order of questions.
    pub seed: u64,
    /// The questions of this interview so far, oldest first.
    pub exchanges: &'a [Exchange],
    /// Names of questions from the user's earlier interviews on this topic, oldest first. They are
    /// asked last.
    pub asked_before: &'a [String],
    /// True if the candidate knows the question bank from another interview.
    pub returning: bool,
    /// The number of main questions left, this one included; `None` without a limit.
    pub remaining: Option<u32>,
}

/// The next line of the interviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextLine {
    /// Name of the question, as in [`Exchange::asked`]; `None` for feedback.
    pub asked: Option<String>,
    /// The line as Markdown.
    pub text: String,
}

/// A selected question without the words around it.
struct SelectedQuestion<'a> {
    name: String,
    text: &'a str,
}

/// Returns the next question or follow-up. The question itself is the last paragraph of the text.
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

/// Returns a follow-up on the last answer if one is due, and the closing feedback otherwise.
pub fn follow_up_or_feedback(bank: &Bank, context: &FlowContext<'_>) -> NextLine {
    if selection::follow_up(bank, context).is_some() {
        next_question(bank, context)
    } else {
        feedback(bank, context)
    }
}

/// Greets the candidate, says that the question bank asks, and names the topic it can ask about. It
/// introduces itself in full only once.
fn greeting(bank: Option<&TopicBank>, context: &FlowContext<'_>) -> String {
    let locale = context.language.code();
    let topic = context.topic.as_str();
    let hello = if context.returning {
        t!("interview.greeting_again", locale = locale)
    } else {
        t!("interview.greeting", locale = locale)
    };
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

/// Returns a few neutral words between an answer and the next question. The bank cannot judge an
/// answer, and does not pretend to.
fn acknowledgement(last: &Exchange, follow_up: bool, context: &FlowContext<'_>) -> String {
    let locale = context.language.code();
    if last.given_answer().is_none() {
        return t!("interview.move_on", locale = locale).into_owned();
    }
    if context.remaining == Some(1) && !follow_up {
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
