//! Reads a transcript as questions and answers. Every line of the interviewer is a question, but for the last one of a
//! finished interview, which is the feedback.

use crate::interview::bank_interviewer::Exchange;
use crate::interview::{Progress, Role};
use crate::store::{StoredMessage, Transcript};

/// Questions in order, each with its answer.
pub(super) fn answered(
    transcript: &Transcript,
) -> impl Iterator<Item = (&StoredMessage, Option<&StoredMessage>)> {
    let messages = asked_in(transcript);
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

/// The same, as the interviewers know them.
pub(super) fn exchanges(transcript: &Transcript) -> Vec<Exchange> {
    let exchange = |(question, answer): (&StoredMessage, Option<&StoredMessage>)| Exchange {
        asked: question.asked.clone(),
        question: question.message.content.clone(),
        answer: answer.map(|answer| answer.message.content.clone()),
    };
    answered(transcript).map(exchange).collect()
}

/// How many questions were put.
pub(super) fn put(transcript: &Transcript) -> u32 {
    answered(transcript).count() as u32
}

/// The question put last; `None` before the first and after the end.
pub(super) fn progress(transcript: &Transcript) -> Option<Progress> {
    let number = put(transcript);
    let open = number > 0 && !transcript.interview.finished;
    open.then_some(Progress {
        number,
        of: transcript.interview.questions,
    })
}

/// The closing words of a finished interview.
pub(super) fn feedback(transcript: &Transcript) -> Option<&str> {
    let last = transcript
        .messages
        .last()
        .filter(|_| transcript.interview.finished)?;
    Some(&last.message.content)
}

fn asked_in(transcript: &Transcript) -> &[StoredMessage] {
    match transcript.messages.split_last() {
        Some((_, before)) if transcript.interview.finished => before,
        _ => &transcript.messages,
    }
}
