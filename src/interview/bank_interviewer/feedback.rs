//! The closing feedback: the points of a good answer, and which of them were mentioned. It compares
//! words, not meaning, and says so.

use rust_i18n::t;

use super::{Exchange, FlowContext, NextLine};
use crate::interview::bank::{Bank, Point};
use crate::interview::numbering::{follows_up, question_numbers};
use crate::interview::{Language, QuestionNumber};

/// A main question with its follow-ups, each with its number.
type Round<'a> = &'a [(QuestionNumber, &'a Exchange)];

/// Returns the feedback on all questions asked so far.
pub fn feedback(bank: &Bank, context: &FlowContext<'_>) -> NextLine {
    let locale = context.language.code();
    let intro = if context.exchanges.is_empty() {
        t!("interview.feedback.nothing_asked", locale = locale)
    } else {
        t!("interview.feedback.intro", locale = locale)
    };
    let mut parts = vec![intro.into_owned()];
    let names = context.exchanges.iter().map(|asked| asked.asked.as_deref());
    let numbered: Vec<_> = question_numbers(names)
        .into_iter()
        .zip(context.exchanges)
        .collect();
    let rounds = numbered.chunk_by(|(_, before), (_, next)| {
        follows_up(before.asked.as_deref(), next.asked.as_deref())
    });
    parts.extend(rounds.map(|round| section(bank, context.language, round)));
    NextLine {
        asked: None,
        text: parts.join("\n\n"),
    }
}

fn section(bank: &Bank, language: Language, round: Round<'_>) -> String {
    let (number, main) = round[0];
    let locale = language.code();
    let text = |exchange: &Exchange| {
        let known = exchange
            .asked
            .as_deref()
            .and_then(|name| bank.text_of(name, language));
        known.unwrap_or(&exchange.question).to_owned()
    };
    let mut parts = vec![
        format!(
            "### {}",
            t!(
                "interview.feedback.question",
                locale = locale,
                number = number
            )
        ),
        text(main),
    ];
    for (number, exchange) in &round[1..] {
        parts.push(
            t!(
                "interview.feedback.follow_up",
                locale = locale,
                number = number,
                question = text(exchange)
            )
            .into_owned(),
        );
    }
    let points = main
        .asked
        .as_deref()
        .and_then(|name| bank.question(name, language))
        .map(|known| &*known.points);
    parts.push(match points {
        Some(points) => coverage(points, round, locale),
        None => t!("interview.feedback.not_from_bank", locale = locale).into_owned(),
    });
    parts.join("\n\n")
}

/// Lists which of `points` the answers of `round` mentioned and missed.
fn coverage(points: &[Point], round: Round<'_>, locale: &str) -> String {
    let answers: Vec<&str> = round
        .iter()
        .filter_map(|(_, exchange)| exchange.given_answer())
        .collect();
    let (mentioned, missed): (Vec<_>, Vec<_>) = points
        .iter()
        .partition(|point| answers.iter().any(|answer| point.is_mentioned_in(answer)));
    let lead = match (answers.is_empty(), mentioned.is_empty(), missed.is_empty()) {
        (true, ..) => t!("interview.feedback.unanswered", locale = locale),
        (_, true, _) => t!(
            "interview.feedback.none_heard",
            locale = locale,
            of = points.len()
        ),
        (_, _, true) => t!(
            "interview.feedback.all_heard",
            locale = locale,
            of = points.len()
        ),
        _ => t!(
            "interview.feedback.some_heard",
            locale = locale,
            heard = mentioned.len(),
            of = points.len()
        ),
    };
    let mut parts = vec![lead.into_owned()];
    if mentioned.is_empty() || missed.is_empty() {
        parts.push(list(points.iter()));
    } else {
        parts.push(list(mentioned.into_iter()));
        parts.push(t!("interview.feedback.missed", locale = locale).into_owned());
        parts.push(list(missed.into_iter()));
    }
    parts.join("\n\n")
}

fn list<'a>(points: impl Iterator<Item = &'a Point>) -> String {
    points
        .map(|point| format!("- {}", point.text))
        .collect::<Vec<_>>()
        .join("\n")
}
