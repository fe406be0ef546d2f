//! Reads a transcript as questions and answers. Every message of the interviewer is a question,
//! except for the last one of a finished interview, which is the feedback.

use crate::interview::bank_interviewer::Exchange;
use crate::interview::{Progress, Role};
use crate::store::{StoredMessage, Transcript};

/// Returns the questions in order, each with its answer.
pub(super) fn questions_with_answers(
    transcript: &Transcript,
) -> impl Iterator<Item = (&StoredMessage, Option<&StoredMessage>)> {
    let messages = without_feedback(transcript);
    messages
        .iter()
        .enumerate()
        .filter(|(_, message)| message.message.role == Role::Assistant)
        .map(|(i, question)| {
            let next = messages.get(i + 1);
            (
                question,
                next.filter(|message| message.message.role == Role::User),
            )
        })
}

/// Returns the questions and answers in the form the interviewers take.
pub(super) fn exchanges(transcript: &Transcript) -> Vec<Exchange> {
    let exchange = |(question, answer): (&StoredMessage, Option<&StoredMessage>)| Exchange {
        asked: question.asked.clone(),
        question: question.message.content.clone(),
        answer: answer.map(|answer| answer.message.content.clone()),
    };
    questions_with_answers(transcript).map(exchange).collect()
}

/// Returns how many questions were asked.
pub(super) fn count(transcript: &Transcript) -> u32 {
    questions_with_answers(transcript).count() as u32
}

/// Returns the progress at the last question; `None` before the first and after the end.
pub(super) fn progress(transcript: &Transcript) -> Option<Progress> {
    let number = count(transcript);
    let open = number > 0 && !transcript.interview.finished;
    open.then_some(Progress {
        number,
        of: transcript.interview.questions,
    })
}

/// Returns the closing message of a finished interview.
pub(super) fn feedback(transcript: &Transcript) -> Option<&str> {
    let last = transcript
        .messages
        .last()
        .filter(|_| transcript.interview.finished)?;
    Some(&last.message.content)
}

fn without_feedback(transcript: &Transcript) -> &[StoredMessage] {
    match transcript.messages.split_last() {
        Some((_, before)) if transcript.interview.finished => before,
        _ => &transcript.messages,
    }
}
