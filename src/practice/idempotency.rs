//! Recognizing a request that is sent again.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{NewInterview, TurnInput};
use crate::interview::{Answer, Topic};
use crate::store::InterviewId;

/// The idempotency key of a request. A repeat under the same key gets the same answer and is not
/// counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The UUID chosen by the client.
    pub key: String,
    /// The SHA-256 (hex) of the request. Another request under the same key is refused.
    pub fingerprint: String,
}

impl Idempotency {
    /// Includes `detail`, another part of the request, in the fingerprint.
    #[must_use]
    pub fn with_detail(self, detail: &str) -> Self {
        let fingerprint = hex::encode(Sha256::digest(format!("{}\0{detail}", self.fingerprint)));
        Self {
            fingerprint,
            ..self
        }
    }

    /// Takes the fingerprint of `input` in `interview`. It covers what the candidate asked for, not
    /// the seed or the language: both may differ when the same request is sent again.
    pub fn new(key: uuid::Uuid, interview: Option<&InterviewId>, input: &TurnInput) -> Self {
        let mut request = match input {
            TurnInput::Start(start) => vec![json!("start"), topic(start)],
            TurnInput::Answer { answer, otherwise } => {
                vec![json!("answer"), json!(answer.text), topic(otherwise)]
            }
            TurnInput::Repeat => vec![json!("repeat")],
            TurnInput::Finish(None) => vec![json!("finish")],
            TurnInput::Finish(Some(last)) => vec![json!("finish"), json!(last.text)],
        };
        // Only fields that are set are added, so that fingerprints stored by versions without them
        // stay the same.
        request.extend(interview.map(|id| json!({"interview": id.0})));
        request.extend(options(input));
        request.extend(spoken(input));
        Self {
            key: key.to_string(),
            fingerprint: hex::encode(Sha256::digest(Value::from(request).to_string())),
        }
    }
}

fn topic(start: &NewInterview) -> Value {
    json!(start.topic.as_ref().map(Topic::as_str))
}

fn options(input: &TurnInput) -> Option<Value> {
    let (TurnInput::Start(start)
    | TurnInput::Answer {
        otherwise: start, ..
    }) = input
    else {
        return None;
    };
    let background = &start.background;
    let options = json!({
        "level": start.level,
        "questions": start.questions,
        "resume": background.resume,
        "job_description": background.job_description,
    });
    options
        .as_object()
        .is_some_and(|options| options.values().any(|value| !value.is_null()))
        .then_some(options)
}

fn spoken(input: &TurnInput) -> Option<Value> {
    let (TurnInput::Answer {
        answer: Answer { spoken, .. },
        ..
    }
    | TurnInput::Finish(Some(Answer { spoken, .. }))) = input
    else {
        return None;
    };
    spoken.as_ref().map(|spoken| json!({"spoken": spoken}))
}
