//! Builds the questions and answers of a report from the messages of a conversation.

use crate::interview::report::{ReportAnswer, ReportTurn};
use crate::interview::{Answer, Language, Message, Role, delivery};

/// Returns the questions and answers in `messages`. `given` are the latest answers in order with
/// how they were spoken, which the server does not know.
pub(super) fn turns(messages: &[Message], given: &[Answer], language: Language) -> Vec<ReportTurn> {
    let mut turns: Vec<ReportTurn> = vec![];
    for (message, given) in messages.iter().zip(aligned(messages, given)) {
        match (message.role, turns.last_mut()) {
            (Role::Assistant, _) => {
                turns.push(ReportTurn {
                    // The original does not say which questions are follow-ups.
                    number: turns.len() as u32 + 1,
                    follow_up: 0,
                    question: message.content.clone(),
                    answer: None,
                    delivery: None,
                    model_answer: None,
                });
            }
            (Role::User, Some(turn)) if turn.answer.is_none() => {
                *turn = answered(turn, &message.content, given, language);
            }
            _ => {}
        }
    }
    turns
}

/// Returns for each message the answer it contains. Matching starts at the end, so that equal
/// answers are paired in the order in which they were given.
fn aligned<'a>(messages: &[Message], mut given: &'a [Answer]) -> Vec<Option<&'a Answer>> {
    let find = |message: &Message| {
        let same = |answer: &Answer| {
            message.role == Role::User && answer.text.trim() == message.content.trim()
        };
        let (earlier, found) = given.split_at(given.iter().rposition(same)?);
        given = earlier;
        found.first()
    };
    let mut found: Vec<_> = messages.iter().rev().map(find).collect();
    found.reverse();
    found
}

fn answered(
    turn: &ReportTurn,
    text: &str,
    given: Option<&Answer>,
    language: Language,
) -> ReportTurn {
    let spoken = given.and_then(|answer| answer.spoken.clone());
    let delivery = spoken
        .as_ref()
        .map(|spoken| delivery::measure(spoken, language));
    let (seconds, words) = spoken.map(|spoken| (spoken.seconds, spoken.words)).unzip();
    ReportTurn {
        number: turn.number,
        follow_up: turn.follow_up,
        question: turn.question.clone(),
        answer: Some(ReportAnswer {
            text: text.to_owned(),
            seconds,
            words,
        }),
        delivery,
        model_answer: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::remote::tests::{conversations, dont_know, spoken};

    #[test]
    fn history_becomes_questions_with_their_answers() {
        let lines = [
            (Role::System, "s"),
            (Role::Assistant, "q1"),
            (Role::User, "a"),
            (Role::Assistant, "q2"),
        ];
        let turns = turns(
            &conversations(&lines, 1).conversations,
            &[],
            Language::English,
        );
        let plain: Vec<_> = turns
            .iter()
            .map(|turn| {
                (
                    turn.question.as_str(),
                    turn.answer.as_ref().map(|a| a.text.as_str()),
                )
            })
            .collect();
        assert_eq!(plain, [("q1", Some("a")), ("q2", None)]);
    }

    #[test]
    fn equal_answers_keep_their_own_timings_and_earlier_runs_get_none() {
        let question = (Role::Assistant, "q");
        let lines = [
            question,
            dont_know(),
            question,
            dont_know(),
            question,
            (Role::User, "typed"),
            question,
            dont_know(),
        ];
        let given = [spoken(dont_know().1, 2.0), spoken(dont_know().1, 3.0)];
        let turns = turns(
            &conversations(&lines, 1).conversations,
            &given,
            Language::English,
        );
        let seconds: Vec<_> = turns
            .iter()
            .map(|turn| turn.answer.as_ref().unwrap().seconds)
            .collect();
        assert_eq!(seconds, [None, Some(2.0), None, Some(3.0)]);
    }
}
