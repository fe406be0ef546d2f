//! A turn sent to a server without idempotency keys, and how to tell afterwards whether it was taken.

use uuid::Uuid;

use super::TurnAttempt;
use crate::api::{ChatRequest, ConversationResponse};
use crate::interview::{Message, Role};
use crate::practice::{CompletedTurn, TurnInput};

/// A turn whose answer has not come.
#[derive(Clone, Debug)]
pub(super) struct UncertainTurn {
    /// Of the request.
    pub attempt: Uuid,
    /// What was sent.
    pub chat: ChatRequest,
    /// How the interview stood before.
    pub before: ConversationResponse,
}

impl UncertainTurn {
    /// Whether `request` is this turn once more. A start is made up anew each time, so there the words decide.
    pub fn is(&self, request: &TurnAttempt, chat: &ChatRequest) -> bool {
        let starts = matches!(request.input, TurnInput::Start(_));
        self.attempt == request.attempt || (starts && self.chat == *chat)
    }

    /// The reply to this turn, if `now` shows that it was taken: by what was added, since the same words may have been
    /// said before.
    pub fn reply_in(&self, now: &ConversationResponse) -> Option<CompletedTurn> {
        let reply = match &self.chat.user_input {
            Some(text) => reply_to(text, self.added(now))?,
            None if now.conversations == self.before.conversations => return None,
            None => now
                .conversations
                .last()
                .filter(|last| last.role == Role::Assistant)?,
        };
        Some(done(reply, now))
    }

    /// The lines that came since. A history that does not go on from the old one is another interview, or was cut at
    /// its beginning: then the count has to tell that a turn was taken.
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

/// The line after the last one in which the candidate says `text`.
fn reply_to<'a>(text: &str, lines: &'a [Message]) -> Option<&'a Message> {
    let pair = lines.windows(2).rfind(|pair| {
        let same = pair[0].role == Role::User && pair[0].content.trim() == text.trim();
        same && pair[1].role == Role::Assistant
    })?;
    pair.last()
}

fn done(reply: &Message, now: &ConversationResponse) -> CompletedTurn {
    CompletedTurn {
        response: reply.content.clone(),
        audio_url: None,
        interview_id: None,
        question: None,
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

    const STOOD: &[(Role, &str)] = &[(Role::System, "s"), (Role::Assistant, "q1")];
    const TWICE: &[(Role, &str)] = &[
        (Role::System, "s"),
        (Role::Assistant, "q1"),
        dont_know(),
        (Role::Assistant, "q2"),
    ];

    fn sent(text: Option<&str>, before: &[(Role, &str)]) -> UncertainTurn {
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
    #[case::nothing_came(STOOD, STOOD, None)]
    #[case::it_came(STOOD, TWICE, Some("q2"))]
    #[case::only_the_same_words_before(TWICE, TWICE, None)]
    #[case::another_interview_of_the_same_day(TWICE, STOOD, None)]
    fn an_answer_was_taken_if_it_was_added(
        #[case] before: &[(Role, &str)],
        #[case] now: &[(Role, &str)],
        #[case] reply: Option<&str>,
    ) {
        let done = sent(Some(dont_know().1), before).reply_in(&conversations(now, 1));
        assert_eq!(done.map(|done| done.response).as_deref(), reply);
    }

    #[test]
    fn a_second_answer_in_the_same_words_is_known_by_its_place() {
        let now = [TWICE, &[dont_know(), (Role::Assistant, "q3")]].concat();
        let done = sent(Some(dont_know().1), TWICE)
            .reply_in(&conversations(&now, 2))
            .unwrap();
        assert_eq!((done.response.as_str(), done.count), ("q3", Some(2)));
    }

    #[test]
    fn a_history_cut_at_its_beginning_needs_the_count() {
        let now = &TWICE[1..];
        assert_eq!(
            sent(Some(dont_know().1), TWICE).reply_in(&conversations(now, 1)),
            None
        );
        assert!(
            sent(Some(dont_know().1), TWICE)
                .reply_in(&conversations(now, 2))
                .is_some()
        );
    }

    #[rstest]
    #[case::nothing_came(TWICE, TWICE, None)]
    #[case::a_new_interview(TWICE, STOOD, Some("q1"))]
    #[case::the_first_one(&[], STOOD, Some("q1"))]
    #[case::added_to_the_old_one(STOOD, TWICE, Some("q2"))]
    fn a_start_was_taken_if_the_interview_changed(
        #[case] before: &[(Role, &str)],
        #[case] now: &[(Role, &str)],
        #[case] reply: Option<&str>,
    ) {
        let done = sent(None, before).reply_in(&conversations(now, 1));
        assert_eq!(done.map(|done| done.response).as_deref(), reply);
    }
}
