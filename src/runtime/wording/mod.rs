//! Words errors in the user's language, by their types. An error's own words are English; those of
//! the system's libraries and of foreign servers are shown as they are.

mod config;
mod files;
mod services;

use std::error::Error;
use std::fmt::Display;

pub use services::{of_connection, of_interviewer};

use crate::interview::Language;

/// Returns an error with its causes on one line.
pub fn of(error: &(dyn Error + 'static), language: Language) -> String {
    match language {
        Language::English => joined(chain(error).map(ToString::to_string)),
        Language::Korean => in_korean(error),
    }
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'e (dyn Error + 'static)| {
        (*cause).source()
    })
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(": ")
}

fn in_korean(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let words = words_of(cause);
        let is_whole = matches!(words, Some(Words::Whole(_)));
        parts.push(match words {
            Some(Words::Whole(words) | Words::Lead(words)) => words,
            None => cause.to_string(),
        });
        if is_whole {
            break;
        }
    }
    joined(parts.into_iter())
}

fn words_of(cause: &(dyn Error + 'static)) -> Option<Words> {
    files::words_of(cause)
        .or_else(|| config::words_of(cause))
        .or_else(|| services::words_of(cause))
}

/// The words of one error of a chain.
enum Words {
    /// They say what the causes say as well.
    Whole(String),
    /// The causes follow.
    Lead(String),
}

impl Words {
    fn whole(words: impl Display) -> Self {
        Self::Whole(words.to_string())
    }

    fn lead(words: impl Display) -> Self {
        Self::Lead(words.to_string())
    }
}

/// Returns the Korean text of a key below `errors`, with the values of its placeholders.
macro_rules! errors_text {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        rust_i18n::t!(concat!("errors.", $key), locale = "ko" $(, $name = $value)*)
    };
}
use errors_text as korean;
