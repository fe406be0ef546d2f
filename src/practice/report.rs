//! Builds the report of an interview from its transcript.

use jiff::tz::TimeZone;

use super::questions;
use crate::interview::bank::Bank;
use crate::interview::delivery;
use crate::interview::report::{Report, ReportAnswer, ReportTurn};
use crate::interview::{Language, QuestionNumber};
use crate::store::{StoredMessage, Transcript};

/// Returns the report of an interview, whether or not it is over, with its times in `zone`.
pub(super) fn new_report(transcript: &Transcript, bank: &Bank, zone: TimeZone) -> Report {
    let interview = &transcript.interview;
    Report {
        topic: interview.topic.to_string(),
        title: bank
            .title_of(&interview.topic, interview.language)
            .map(str::to_owned),
        language: interview.language,
        interviewer: interview.interviewer.clone(),
        started_at: Report::time(interview.started_at, zone),
        turns: questions::questions_with_answers(transcript)
            .zip(questions::numbers(transcript))
            .map(|(pair, number)| turn(pair, number, bank, interview.language))
            .collect(),
        feedback: questions::feedback(transcript).map(str::to_owned),
    }
}

fn turn(
    (question, answer): (&StoredMessage, Option<&StoredMessage>),
    QuestionNumber { number, follow_up }: QuestionNumber,
    bank: &Bank,
    language: Language,
) -> ReportTurn {
    // A question of the bank is shown without the transition that the interviewer put before it.
    let asked = question
        .asked
        .as_deref()
        .and_then(|name| bank.text_of(name, language));
    let model_answer = question
        .asked
        .as_deref()
        .filter(|_| follow_up == 0)
        .and_then(|name| bank.question(name, language))
        .and_then(|known| known.background.as_ref())
        .map(|background| background.model_answer.clone());
    let spoken = answer.and_then(|answer| answer.spoken.as_ref());
    ReportTurn {
        number,
        follow_up,
        question: asked.unwrap_or(&question.message.content).to_owned(),
        answer: answer.map(answered),
        delivery: spoken.map(|spoken| delivery::measure(spoken, language)),
        model_answer,
    }
}

fn answered(answer: &StoredMessage) -> ReportAnswer {
    ReportAnswer {
        text: answer.message.content.clone(),
        seconds: answer.spoken.as_ref().map(|spoken| spoken.seconds),
        words: answer.spoken.as_ref().map(|spoken| spoken.words.clone()),
    }
}
