//! Translates turns into requests of the API, and a list entry into a conversation.

use super::ServerFeatures;
use crate::api::interviews::InterviewDetail;
use crate::api::{ChatRequest, InterviewOptions};
use crate::backend::{BackendError, TurnAttempt};
use crate::interview::{Answer, Message, Progress, QuestionNumber, Role, Spoken, Topic};
use crate::practice::{Conversation, NewInterview, TurnInput};

/// A server accepts bodies of 64 KiB. A larger request is sent without the times of its words.
const MAX_BYTES: usize = 60 * 1024;

/// Returns the request for a turn, with only the fields that the server knows.
pub(super) fn request(
    attempt: &TurnAttempt,
    features: ServerFeatures,
) -> Result<ChatRequest, BackendError> {
    let request = of_input(&attempt.input, features)?;
    let answers = request.user_input.is_some() || request.finish;
    let named = features.options && features.interviews;
    Ok(match &attempt.open {
        Some(open) if answers && named => ChatRequest {
            interview_id: Some(open.interview.clone()),
            answers: Some(open.index),
            ..request
        },
        _ => request,
    })
}

fn of_input(input: &TurnInput, features: ServerFeatures) -> Result<ChatRequest, BackendError> {
    match input {
        // Ignoring the background would be worse than refusing it.
        TurnInput::Start(start) if start.background.is_given() && !features.options => {
            Err(BackendError::NotOffered)
        }
        TurnInput::Start(start) => {
            let topic = start
                .topic
                .as_ref()
                .map_or("general", |topic| topic.as_str());
            let options = if features.options {
                options(start)
            } else {
                InterviewOptions::default()
            };
            Ok(ChatRequest {
                interview_topic: Some(topic.to_owned()),
                options,
                ..ChatRequest::default()
            })
        }
        TurnInput::Answer { answer, .. } => Ok(answered(answer, features)),
        TurnInput::Repeat => Ok(ChatRequest::default()),
        TurnInput::Finish(last) if features.options => {
            let last = last
                .as_ref()
                .map(|answer| answered(answer, features))
                .unwrap_or_default();
            Ok(ChatRequest {
                finish: true,
                ..last
            })
        }
        TurnInput::Finish(_) => Err(BackendError::NotOffered),
    }
}

fn options(start: &NewInterview) -> InterviewOptions {
    InterviewOptions {
        language: Some(start.language),
        level: start.level,
        questions: start.questions,
        resume: start.background.resume.clone(),
        job_description: start.background.job_description.clone(),
    }
}

fn answered(answer: &Answer, features: ServerFeatures) -> ChatRequest {
    let user_input = Some(answer.text.clone());
    let request = |answer| ChatRequest {
        user_input: user_input.clone(),
        answer,
        ..ChatRequest::default()
    };
    let spoken = answer.spoken.clone().filter(|_| features.options);
    let without_words = spoken.as_ref().map(|spoken| Spoken {
        seconds: spoken.seconds,
        ..Spoken::default()
    });
    let whole = request(spoken);
    let size = serde_json::to_vec(&whole).map_or(0, |bytes| bytes.len());
    if size <= MAX_BYTES {
        whole
    } else {
        request(without_words)
    }
}

/// Returns what the server says about the interview with these messages. A server of an earlier
/// version does not number its questions, so they are counted.
pub(super) fn conversation_details(known: &InterviewDetail, messages: &[Message]) -> Conversation {
    let summary = &known.summary;
    let asked = messages
        .iter()
        .filter(|message| message.role == Role::Assistant)
        .count();
    let number = QuestionNumber::main(u32::try_from(asked).unwrap_or(u32::MAX));
    let counted = Progress::new(number, summary.questions);
    let open = asked > 0 && !summary.finished;
    Conversation {
        topic: Topic::parse(&summary.topic).ok(),
        language: Some(summary.language),
        question: open.then(|| known.question.unwrap_or(counted)),
        finished: summary.finished,
        ..Conversation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Background, Language, Word};

    #[test]
    fn an_answer_too_large_for_a_server_is_sent_without_the_times_of_its_words() {
        let word = Word {
            text: "word".to_owned(),
            start: 1.25,
            end: 1.5,
        };
        let spoken = |words| Spoken {
            seconds: 1_200.0,
            words: vec![word.clone(); words],
            voiced: vec![],
        };
        let features = ServerFeatures {
            options: true,
            ..ServerFeatures::default()
        };
        let sent = |words| {
            let answer = Answer {
                text: "word".to_owned(),
                spoken: Some(spoken(words)),
            };
            answered(&answer, features).answer.unwrap()
        };
        assert_eq!(sent(10), spoken(10));
        assert_eq!(sent(3_000), spoken(0));
    }

    #[test]
    fn the_plain_original_receives_no_unknown_field() {
        let answer = Answer {
            text: "Yes.".to_owned(),
            spoken: Some(Spoken::default()),
        };
        let json = serde_json::to_value(answered(&answer, ServerFeatures::default())).unwrap();
        assert_eq!(json, serde_json::json!({"user_input": "Yes."}));
        assert!(matches!(
            of_input(&TurnInput::Finish(None), ServerFeatures::default()),
            Err(BackendError::NotOffered)
        ));
        let background = Background {
            resume: Some("Six years.".to_owned()),
            job_description: None,
        };
        let start = NewInterview {
            topic: None,
            language: Language::English,
            level: None,
            questions: None,
            background,
            seed: 0,
        };
        assert!(matches!(
            of_input(&TurnInput::Start(start), ServerFeatures::default()),
            Err(BackendError::NotOffered)
        ));
    }
}
