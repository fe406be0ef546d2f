//! The request to a chat-completions endpoint.
//!
//! Many local models accept only strictly alternating roles: system, user, assistant, user. The
//! candidate therefore says an opening line before the first question, and two messages of one role
//! in a row are merged.

use serde::Serialize;

use super::super::{Brief, InterviewerTask};
use crate::interview::{Language, Message, Role, prompt};

/// The body of `POST /chat/completions`.
#[derive(Debug, Serialize)]
pub struct CompletionRequest<'a> {
    model: &'a str,
    messages: Vec<Message>,
    stream: bool,
}

/// Builds the request that asks `model` for the next line of `brief`.
pub fn build(model: &str, brief: Brief) -> CompletionRequest<'_> {
    let closing = (brief.task != InterviewerTask::Ask).then(|| prompt::closing(brief.language));
    CompletionRequest {
        model,
        messages: messages(brief, closing),
        stream: true,
    }
}

fn messages(brief: Brief, closing: Option<String>) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for message in brief.messages {
        if message.role != Role::System
            && messages.iter().all(|earlier| earlier.role == Role::System)
        {
            push_opening(&mut messages, message.role, brief.language);
        }
        push(&mut messages, message);
    }
    if let Some(closing) = closing {
        push(&mut messages, Message::new(Role::User, closing));
    } else if messages.iter().all(|message| message.role == Role::System) {
        push_opening(&mut messages, Role::Assistant, brief.language);
    }
    messages
}

/// Adds an opening line of the candidate unless `next` is theirs.
fn push_opening(messages: &mut Vec<Message>, next: Role, language: Language) {
    let ready = match language {
        Language::English => "I am ready. Please begin.",
        Language::Korean => "준비되었습니다. 시작해 주세요.",
    };
    if next == Role::Assistant {
        messages.push(Message::new(Role::User, ready));
    }
}

fn push(messages: &mut Vec<Message>, message: Message) {
    match messages.last_mut() {
        Some(last) if last.role == message.role => {
            last.content.push_str("\n\n");
            last.content.push_str(&message.content);
        }
        _ => messages.push(message),
    }
}

#[cfg(test)]
mod tests {
    use super::Role::{Assistant, System, User};
    use super::*;
    use crate::interview::Topic;

    fn brief(messages: &[(Role, &str)]) -> Brief {
        Brief {
            task: InterviewerTask::Ask,
            language: Language::English,
            topic: Topic::parse("Rust").unwrap(),
            level: None,
            remaining: Some(3),
            seed: 0,
            messages: messages
                .iter()
                .map(|&(role, content)| Message::new(role, content))
                .collect(),
            exchanges: vec![],
            asked_before: vec![],
            returning: false,
        }
    }

    fn sent(brief: Brief, closing: Option<&str>) -> Vec<(Role, String)> {
        let messages = messages(brief, closing.map(str::to_owned));
        messages
            .into_iter()
            .map(|message| (message.role, message.content))
            .collect()
    }

    #[test]
    fn the_candidate_speaks_first() {
        let ready = (User, "I am ready. Please begin.".to_owned());
        assert_eq!(
            sent(brief(&[(System, "S")]), None),
            [(System, "S".to_owned()), ready.clone()]
        );
        let later = sent(brief(&[(System, "S"), (Assistant, "Q"), (User, "A")]), None);
        assert_eq!(
            later,
            [
                (System, "S".to_owned()),
                ready,
                (Assistant, "Q".to_owned()),
                (User, "A".to_owned())
            ]
        );
    }

    #[test]
    fn an_answer_given_first_needs_no_opening() {
        let expected = [(System, "S".to_owned()), (User, "A".to_owned())];
        assert_eq!(sent(brief(&[(System, "S"), (User, "A")]), None), expected);
    }

    #[test]
    fn the_closing_prompt_comes_last_and_roles_alternate() {
        let sent = sent(brief(&[(System, "S"), (User, "A")]), Some("Give feedback."));
        assert_eq!(
            sent,
            [
                (System, "S".to_owned()),
                (User, "A\n\nGive feedback.".to_owned())
            ]
        );
    }
}
