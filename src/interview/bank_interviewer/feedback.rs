//! The closing feedback: the points of a good answer, and which of them were mentioned. It compares
//! words, not meaning, and says so.

use rust_i18n::t;

use super::{Exchange, FlowContext, NextLine};
use crate::interview::Language;
use crate::interview::bank::{Bank, Point, main_of};

/// A main question with its follow-ups.
type Round<'a> = &'a [Exchange];

/// Returns the feedback on all questions asked so far.
pub fn feedback(bank: &Bank, context: &FlowContext<'_>) -> NextLine {
    let locale = context.language.code();
    let intro = if context.exchanges.is_empty() {
        t!("interview.feedback.nothing_asked", locale = locale)
    } else {
        t!("interview.feedback.intro", locale = locale)
    };
    let mut parts = vec![intro.into_owned()];
    let rounds = context.exchanges.chunk_by(is_follow_up_of);
    parts.extend(
        rounds
            .enumerate()
            .map(|(at, round)| section(bank, context.language, at + 1, round)),
    );
    NextLine {
        asked: None,
        text: parts.join("\n\n"),
    }
}

/// Returns whether `next` follows up on the same main question as `before`.
fn is_follow_up_of(before: &Exchange, next: &Exchange) -> bool {
    match (before.asked.as_deref(), next.asked.as_deref()) {
        (Some(before), Some(next)) => next.contains('#') && main_of(before) == main_of(next),
        _ => false,
    }
}

fn section(bank: &Bank, language: Language, number: usize, round: Round<'_>) -> String {
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
        text(&round[0]),
    ];
    for exchange in &round[1..] {
        parts.push(
            t!(
                "interview.feedback.follow_up",
                locale = locale,
                question = text(exchange)
            )
            .into_owned(),
        );
    }
    let points = round[0]
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
    let answers: Vec<&str> = round.iter().filter_map(Exchange::given_answer).collect();
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
