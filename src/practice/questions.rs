//! Reads a transcript as questions and answers. Every message of the interviewer is a question,
//! except for the last one of a finished interview, which is the feedback.

use crate::interview::bank::main_of;
use crate::interview::bank_interviewer::Exchange;
use crate::interview::numbering::question_numbers;
use crate::interview::{Progress, QuestionNumber, QuestionRef, Role};
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

/// Returns the numbers of the questions in order.
pub(super) fn numbers(transcript: &Transcript) -> Vec<QuestionNumber> {
    question_numbers(
        questions_with_answers(transcript).map(|(question, _)| question.asked.as_deref()),
    )
}

/// Returns for each message the number of the question it asks, if any.
pub fn numbers_of_messages(transcript: &Transcript) -> Vec<Option<QuestionNumber>> {
    let mut numbers = numbers(transcript).into_iter().peekable();
    transcript
        .messages
        .iter()
        .map(|stored| {
            let asks = stored.message.role == Role::Assistant;
            numbers.next_if(|_| asks)
        })
        .collect()
}

/// Returns how many main questions were asked.
pub(super) fn main_questions(transcript: &Transcript) -> u32 {
    numbers(transcript).last().map_or(0, |last| last.number)
}

/// Returns the progress at the last question; `None` before the first and after the end.
pub fn progress(transcript: &Transcript) -> Option<Progress> {
    let last = numbers(transcript).pop()?;
    let open = !transcript.interview.finished;
    open.then_some(Progress::new(last, transcript.interview.questions))
}

/// Returns how many messages the interviewer has said, the feedback included.
pub(super) fn said(transcript: &Transcript) -> u32 {
    let replies = transcript
        .messages
        .iter()
        .filter(|stored| stored.message.role == Role::Assistant);
    replies.count() as u32
}

/// Returns the question that waits for an answer.
pub(super) fn open(transcript: &Transcript) -> Option<QuestionRef> {
    let index = said(transcript);
    (index > 0 && !transcript.interview.finished).then(|| QuestionRef {
        interview: transcript.interview.id.0.clone(),
        index,
    })
}

/// Returns the bank question that waits for an answer, or that its follow-up belongs to, as
/// `topic/question`; `None` if a model asked, and after the end.
pub(super) fn asked(transcript: &Transcript) -> Option<String> {
    let (question, _) = questions_with_answers(transcript).last()?;
    let open = question
        .asked
        .as_deref()
        .filter(|_| !transcript.interview.finished)?;
    Some(main_of(open).to_owned())
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
