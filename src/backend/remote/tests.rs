//! Values that the tests of the submodules share.

use super::*;
use crate::interview::{Message, Role, Spoken};

pub(super) fn conversations(lines: &[(Role, &str)], count: u64) -> ConversationResponse {
    let conversations = lines
        .iter()
        .map(|(role, text)| Message::new(*role, *text))
        .collect();
    ConversationResponse {
        conversations,
        count: Some(count),
        limit: Some(6),
    }
}

pub(super) const fn dont_know() -> (Role, &'static str) {
    (Role::User, "I don't know")
}

pub(super) fn spoken(text: &str, seconds: f64) -> Answer {
    Answer {
        text: text.to_owned(),
        spoken: Some(Spoken {
            seconds,
            ..Spoken::default()
        }),
    }
}
