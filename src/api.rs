//! The wire types of the Mock-Interviewer API, shared by client and server.

pub mod interviews;

use serde::{Deserialize, Deserializer, Serialize};

use crate::interview::{Language, Level, Message, Progress, Spoken};

/// Most characters in an answer or a topic of one chat turn.
pub const MAX_INPUT_CHARS: usize = 8_000;

/// `POST /api/user/register/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    /// Login name.
    #[cfg_attr(feature = "server", schema(max_length = 150, pattern = "^[\\w@.+-]+$"))]
    pub username: String,
    /// E-mail address.
    #[cfg_attr(feature = "server", schema(max_length = 254, format = Email))]
    pub email: String,
    /// In clear; hashed at rest.
    #[cfg_attr(
        feature = "server",
        schema(min_length = 8, max_length = 1024, pattern = "\\S")
    )]
    pub password: String,
    /// The same again: the original demands it.
    #[cfg_attr(feature = "server", schema(required = false))]
    pub password2: String,
}

/// `POST /api/user/login/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    /// Login name.
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub username: String,
    /// In clear.
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
}

/// The answer to a login.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LoginResponse {
    /// For people.
    #[serde(default)]
    pub message: String,
    /// Opaque key; capital T on the wire.
    #[serde(rename = "Token")]
    pub token: String,
}

/// `POST /api/chat/gpt/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// The candidate's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub user_input: Option<String>,
    /// Starts an interview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub interview_topic: Option<String>,
    /// Ours alone: what an interview that starts is to be like.
    #[serde(flatten)]
    pub options: InterviewOptions,
    /// Ours alone: goes on with an earlier interview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(max_length = 8000))]
    pub interview_id: Option<String>,
    /// Ours alone: ends the interview with feedback, after `user_input` if there is any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finish: bool,
    /// Ours alone: how `user_input` was spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Spoken>,
}

/// What an interview that starts is to be like; the original does not know these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewOptions {
    /// Of the interview; `Accept-Language` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// How many, follow-ups included, from 1 to 50; by default until another interview is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 50))]
    pub questions: Option<u32>,
    /// Of the candidate; a model asks about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub resume: Option<String>,
    /// Of the job; a model asks about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub job_description: Option<String>,
}

/// The interviewer's reply to a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TurnResponse {
    /// What the interviewer says.
    pub response: String,
    /// Where to hear it.
    #[serde(default)]
    pub audio_url: Option<String>,
    /// Ours alone: the interview this turn belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<String>,
    /// Ours alone: the question just put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Progress>,
    /// Ours alone: whether the interview is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<bool>,
    /// Ours alone: turns taken today.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub count: Option<u64>,
    /// Ours alone: turns allowed a day.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub limit: Option<u64>,
}

/// The event `delta` of a turn that is streamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeltaEvent {
    /// The next piece of the reply.
    pub text: String,
}

/// The event `audio` of a turn that is streamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AudioEvent {
    /// From 0, in the order in which the sentences are heard.
    pub index: u32,
    /// The sentence as it stands in the reply.
    pub text: String,
    /// Where to hear it.
    pub url: String,
}

/// The event `error`, the last one of a turn that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ErrorEvent {
    /// What happened.
    pub error: String,
    /// The HTTP status the answer would have had.
    pub status: u16,
    /// Its `Retry-After`: after so many seconds it is worth another try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// `GET /api/chat/gpt/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConversationResponse {
    /// The current interview, oldest first, the system prompt at 0.
    pub conversations: Vec<Message>,
    /// Turns taken today.
    #[serde(default, deserialize_with = "number_or_text")]
    pub count: Option<u64>,
    /// Turns allowed a day.
    #[serde(default, deserialize_with = "number_or_text")]
    pub limit: Option<u64>,
}

/// `GET /api/`: what a server is. The original has no such page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ServiceInfo {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Interview languages.
    pub languages: Vec<String>,
    /// Names of the extensions offered.
    #[serde(default)]
    pub features: Vec<String>,
}

impl ServiceInfo {
    /// Whether the extension called `feature` is offered.
    pub fn offers(&self, feature: &str) -> bool {
        self.features.iter().any(|offered| offered == feature)
    }
}

/// `GET /healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HealthResponse {
    /// `ok`.
    pub status: String,
}

/// Any error: the application says `error` (or `message`), the protocol `detail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ErrorResponse {
    /// From the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same, under its other name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// From the protocol level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ErrorResponse {
    /// Whichever the server filled in.
    pub fn text(&self) -> Option<&str> {
        [&self.error, &self.message, &self.detail]
            .into_iter()
            .find_map(Option::as_deref)
    }
}

/// The documentation shows counts as strings, the recorded original sends numbers.
fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Option::<Either>::deserialize(from)? {
        None => Ok(None),
        Some(Either::Number(n)) => Ok(Some(n)),
        Some(Either::Text(text)) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_numbers_and_as_text() {
        let read = |json: &str| serde_json::from_str::<ConversationResponse>(json).unwrap();
        let expected = ConversationResponse {
            conversations: vec![],
            count: Some(2),
            limit: Some(6),
        };
        assert_eq!(
            read(r#"{"conversations":[],"count":2,"limit":6}"#),
            expected
        );
        assert_eq!(
            read(r#"{"conversations":[],"count":"2","limit":"6"}"#),
            expected
        );
    }

    #[test]
    fn error_text_is_read_from_whichever_key_carries_it() {
        for json in [
            r#"{"error":"no"}"#,
            r#"{"message":"no"}"#,
            r#"{"detail":"no"}"#,
        ] {
            assert_eq!(
                serde_json::from_str::<ErrorResponse>(json).unwrap().text(),
                Some("no")
            );
        }
    }
}
