//! Renders the report as Markdown in the language of the interview.
//!
//! Answers are the candidate's own text. They are quoted and escaped, so that they read as given
//! and can neither start a heading nor end the quotation. Questions and feedback are the
//! interviewer's Markdown, of which HTML and pictures are escaped, so that a page made of it runs
//! and loads nothing; questions are placed inside a quotation.

mod fillers;
mod inert;

use std::borrow::Cow;

use rust_i18n::t;

use super::{Report, ReportAnswer, ReportTurn};
use crate::interview::QuestionNumber;
use crate::interview::delivery::{Delivery, Pause};
use crate::printable::printable;

/// Returns the whole report, ending with a line break.
pub fn render(report: &Report) -> String {
    let mut parts = vec![head(report)];
    parts.extend(
        report
            .numbers()
            .zip(&report.turns)
            .map(|(number, turn)| section(number, turn, report.language.code())),
    );
    if let Some(feedback) = &report.feedback {
        parts.push(format!(
            "## {}",
            t!("interview.report.feedback", locale = report.language.code())
        ));
        parts.push(feedback.trim().to_owned());
    }
    format!("{}\n", inert::inert(&printable(&parts.join("\n\n"))))
}

fn head(report: &Report) -> String {
    let locale = report.language.code();
    let title = match report.heading() {
        "" => t!("interview.report.untitled", locale = locale),
        topic => t!(
            "interview.report.title",
            locale = locale,
            topic = inline(topic)
        ),
    };
    let interviewer = t!(
        "interview.report.interviewer",
        locale = locale,
        name = interviewer(report)
    );
    let started = match report.started_at.as_str() {
        "" => String::new(),
        at => format!(
            "\n- {}",
            t!("interview.report.started", locale = locale, at = inline(at))
        ),
    };
    format!("# {title}\n\n- {interviewer}{started}")
}

fn interviewer(report: &Report) -> String {
    match report.interviewer.as_str() {
        Report::QUESTION_BANK => t!(
            "interview.report.question_bank",
            locale = report.language.code()
        )
        .into_owned(),
        model => inline(model),
    }
}

fn section(number: QuestionNumber, turn: &ReportTurn, locale: &str) -> String {
    let heading = t!(
        "interview.report.question",
        locale = locale,
        number = number
    );
    let mut parts = vec![format!("## {heading}"), quote(&turn.question)];
    match &turn.answer {
        None => parts.push(format!(
            "*{}*",
            t!("interview.report.unanswered", locale = locale)
        )),
        Some(answer) => {
            parts.push(format!("**{}**", how_answered(answer, locale)));
            parts.push(quote(&literal(&answer.text)));
        }
    }
    if let Some(delivery) = &turn.delivery {
        parts.push(delivery_line(delivery, locale));
        parts.extend(fillers::line(&delivery.fillers, locale));
    }
    if let Some(model_answer) = &turn.model_answer {
        let lead = t!("interview.report.model_answer", locale = locale);
        parts.push(format!("**{lead}**"));
        parts.push(quote(&literal(model_answer)));
    }
    parts.join("\n\n")
}

fn how_answered(answer: &ReportAnswer, locale: &str) -> Cow<'static, str> {
    let spoken = |seconds| {
        t!(
            "interview.report.answer_spoken",
            locale = locale,
            time = clock(seconds)
        )
    };
    answer.seconds.map_or_else(
        || t!("interview.report.answer_typed", locale = locale),
        spoken,
    )
}

/// Returns the known figures of the delivery: pace, time to the first word, pauses and share of
/// speech.
fn delivery_line(delivery: &Delivery, locale: &str) -> String {
    let words = delivery.words_per_minute.map(|pace| {
        t!(
            "interview.report.words_per_minute",
            locale = locale,
            pace = format!("{pace:.0}")
        )
    });
    let syllables = delivery.syllables_per_second.map(|pace| {
        t!(
            "interview.report.syllables_per_second",
            locale = locale,
            pace = format!("{pace:.1}")
        )
    });
    let first = delivery.time_to_first_word.map(|at| {
        t!(
            "interview.report.first_word",
            locale = locale,
            seconds = format!("{at:.1}")
        )
    });
    let share = delivery.speaking_share.map(|share| {
        t!(
            "interview.report.speaking_share",
            locale = locale,
            percent = format!("{:.0}", share * 100.0)
        )
    });
    let facts: Vec<_> = [
        words,
        syllables,
        first,
        Some(pauses(&delivery.pauses, locale)),
        share,
    ]
    .into_iter()
    .flatten()
    .collect();
    t!(
        "interview.report.delivery",
        locale = locale,
        facts = facts.join(", ")
    )
    .into_owned()
}

fn pauses(pauses: &[Pause], locale: &str) -> Cow<'static, str> {
    if pauses.is_empty() {
        return t!("interview.report.no_pauses", locale = locale);
    }
    let each = pauses.iter().map(|pause| {
        let seconds = format!("{:.1}", pause.end - pause.start);
        let start = clock(pause.start);
        let end = clock(pause.end);
        let key = if pause.long {
            "interview.report.long_pause"
        } else {
            "interview.report.pause"
        };
        t!(
            key,
            locale = locale,
            start = start,
            end = end,
            seconds = seconds
        )
    });
    t!(
        "interview.report.pauses",
        locale = locale,
        pauses = each.collect::<Vec<_>>().join("; ")
    )
}

/// Formats seconds as `m:ss`, rounded down like a clock.
fn clock(seconds: f64) -> String {
    // The cast saturates at 0 for negative and undefined times.
    let seconds = seconds as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Returns `markdown` as a block quotation. Everything it opens (a list, a fence, HTML) ends with
/// the quotation (<https://spec.commonmark.org/0.31.2/#block-quotes>). A lazy continuation would
/// need a line without a mark, and every line gets one.
fn quote(markdown: &str) -> String {
    lines(markdown)
        .map(|line| {
            if line.is_empty() {
                ">".to_owned()
            } else {
                format!("> {line}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Escapes text so that it reads as written anywhere in Markdown
/// (<https://spec.commonmark.org/0.31.2/#backslash-escapes>). Indentation that would make a code
/// block is removed.
fn literal(text: &str) -> String {
    lines(text).map(literal_line).collect::<Vec<_>>().join("\n")
}

fn literal_line(line: &str) -> String {
    let line = line.trim();
    let marks_a_block = |at: usize, c: char| match c {
        '#' | '-' | '+' | '=' => at == 0,
        '.' | ')' => at > 0 && line[..at].bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    escaped(line, marks_a_block)
}

/// Escapes text for a place inside a line, where no block can begin.
fn inline(text: &str) -> String {
    escaped(
        &lines(text).map(str::trim).collect::<Vec<_>>().join(" "),
        |_, _| false,
    )
}

fn escaped(text: &str, also: impl Fn(usize, char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if "\\`*_[]<>&~|".contains(c) || also(at, c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Splits a text at every line ending Markdown knows: `\n`, `\r\n` and `\r`.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end()
        .split('\n')
        .flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

#[cfg(test)]
mod tests;
