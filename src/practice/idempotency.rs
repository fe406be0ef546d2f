//! A request sent again.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{NewInterview, TurnInput};
use crate::interview::{Answer, Topic};
use crate::store::InterviewId;

/// A repeat under the same key gives the same answer and is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// UUID given by the client.
    pub key: String,
    /// SHA-256 (hex) of the request; another one under the same key is refused.
    pub fingerprint: String,
}

impl Idempotency {
    /// For a request that names `more` as well.
    #[must_use]
    pub fn with(self, more: &str) -> Self {
        let fingerprint = hex::encode(Sha256::digest(format!("{}\0{more}", self.fingerprint)));
        Self {
            fingerprint,
            ..self
        }
    }

    /// For `input` in `interview` under `key`. What counts is what the candidate asked for, not the seed or the
    /// language that came with it: both may differ when the same is sent again.
    pub fn of(key: uuid::Uuid, interview: Option<&InterviewId>, input: &TurnInput) -> Self {
        let mut request = match input {
            TurnInput::Start(start) => vec![json!("start"), about(start)],
            TurnInput::Answer { answer, otherwise } => {
                vec![json!("answer"), json!(answer.text), about(otherwise)]
            }
            TurnInput::Repeat => vec![json!("repeat")],
            TurnInput::Finish(None) => vec![json!("finish")],
            TurnInput::Finish(Some(last)) => vec![json!("finish"), json!(last.text)],
        };
        // Only what was given is added: fingerprints kept by versions without these stay the same.
        request.extend(interview.map(|id| json!({"interview": id.0})));
        request.extend(options(input));
        request.extend(spoken(input));
        Self {
            key: key.to_string(),
            fingerprint: hex::encode(Sha256::digest(Value::from(request).to_string())),
        }
    }
}

fn about(start: &NewInterview) -> Value {
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
