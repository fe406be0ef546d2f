//! A turn sent to a server without idempotency keys, and the check whether it was taken.

use uuid::Uuid;

use super::TurnAttempt;
use crate::api::{ChatRequest, ConversationResponse};
use crate::interview::{Message, Role};
use crate::practice::{CompletedTurn, TurnInput};

/// A turn whose answer has not arrived.
#[derive(Clone, Debug)]
pub(super) struct UncertainTurn {
    pub attempt: Uuid,
    pub chat: ChatRequest,
    /// The conversation before the turn.
    pub before: ConversationResponse,
}

impl UncertainTurn {
    /// Returns whether `request` repeats this turn. A start has a new ID each time, so its content
    /// is compared.
    pub fn is_repeated_by(&self, request: &TurnAttempt, chat: &ChatRequest) -> bool {
        let starts = matches!(request.input, TurnInput::Start(_));
        self.attempt == request.attempt || (starts && self.chat == *chat)
    }

    /// Returns the reply to this turn, if `now` shows that it was taken. Only added messages count,
    /// because the same words may have been said before.
    pub fn reply_in(&self, now: &ConversationResponse) -> Option<CompletedTurn> {
        let reply = match &self.chat.user_input {
            Some(text) => reply_to(text, self.added(now))?,
            None if now.conversations == self.before.conversations => return None,
            None => now
                .conversations
                .last()
                .filter(|last| last.role == Role::Assistant)?,
        };
        Some(completed_turn(reply, now))
    }

    /// Returns the messages added since. A history that does not continue the old one belongs to
    /// another interview or was truncated at its beginning; then only the count shows that a turn
    /// was taken.
    fn added<'a>(&self, now: &'a ConversationResponse) -> &'a [Message] {
        let counted = now.count > self.before.count;
        match now
            .conversations
            .strip_prefix(self.before.conversations.as_slice())
        {
            Some(added) => added,
            None if counted => &now.conversations,
            None => &[],
        }
    }
}

/// Returns the message after the last one in which the candidate says `text`.
fn reply_to<'a>(text: &str, lines: &'a [Message]) -> Option<&'a Message> {
    let pair = lines.windows(2).rfind(|pair| {
        let same = pair[0].role == Role::User && pair[0].content.trim() == text.trim();
        same && pair[1].role == Role::Assistant
    })?;
    pair.last()
}

fn completed_turn(reply: &Message, now: &ConversationResponse) -> CompletedTurn {
    CompletedTurn {
        response: reply.content.clone(),
        audio_url: None,
        interview_id: None,
        question: None,
        asked: None,
        open: None,
        topic_ignored: false,
        finished: false,
        count: now.count,
        limit: now.limit,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::backend::remote::tests::{conversations, dont_know};

    const BEFORE: &[(Role, &str)] = &[(Role::System, "s"), (Role::Assistant, "q1")];
    const AFTER: &[(Role, &str)] = &[
        (Role::System, "s"),
        (Role::Assistant, "q1"),
        dont_know(),
        (Role::Assistant, "q2"),
    ];

    fn turn(text: Option<&str>, before: &[(Role, &str)]) -> UncertainTurn {
        let interview_topic = text.is_none().then(|| "rust".to_owned());
        let chat = ChatRequest {
            user_input: text.map(str::to_owned),
            interview_topic,
            ..ChatRequest::default()
        };
        UncertainTurn {
            attempt: Uuid::nil(),
            chat,
            before: conversations(before, 1),
        }
    }

    #[rstest]
    #[case::nothing_was_added(BEFORE, BEFORE, None)]
    #[case::it_was_added(BEFORE, AFTER, Some("q2"))]
    #[case::only_the_same_words_before(AFTER, AFTER, None)]
    #[case::another_interview_of_the_same_day(AFTER, BEFORE, None)]
    fn an_answer_was_taken_if_it_was_added(
        #[case] before: &[(Role, &str)],
        #[case] now: &[(Role, &str)],
        #[case] reply: Option<&str>,
    ) {
        let done = turn(Some(dont_know().1), before).reply_in(&conversations(now, 1));
        assert_eq!(done.map(|done| done.response).as_deref(), reply);
    }

    #[test]
    fn a_second_answer_in_the_same_words_is_recognized_by_its_position() {
        let now = [AFTER, &[dont_know(), (Role::Assistant, "q3")]].concat();
        let done = turn(Some(dont_know().1), AFTER)
            .reply_in(&conversations(&now, 2))
            .unwrap();
        assert_eq!((done.response.as_str(), done.count), ("q3", Some(2)));
    }

    #[test]
    fn the_count_decides_when_the_history_is_truncated_at_its_beginning() {
        let now = &AFTER[1..];
        assert_eq!(
            turn(Some(dont_know().1), AFTER).reply_in(&conversations(now, 1)),
            None
        );
        assert!(
            turn(Some(dont_know().1), AFTER)
                .reply_in(&conversations(now, 2))
                .is_some()
        );
    }

    #[rstest]
    #[case::nothing_was_added(AFTER, AFTER, None)]
    #[case::a_new_interview(AFTER, BEFORE, Some("q1"))]
    #[case::the_first_one(&[], BEFORE, Some("q1"))]
    #[case::added_to_the_old_one(BEFORE, AFTER, Some("q2"))]
    fn a_start_was_taken_if_the_interview_changed(
        #[case] before: &[(Role, &str)],
        #[case] now: &[(Role, &str)],
        #[case] reply: Option<&str>,
    ) {
        let done = turn(None, before).reply_in(&conversations(now, 1));
        assert_eq!(done.map(|done| done.response).as_deref(), reply);
    }
}
