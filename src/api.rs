//! The wire types of the Mock-Interviewer API, shared by client and server.

pub mod interviews;

use serde::{Deserialize, Deserializer, Serialize};

use crate::interview::{Language, Level, Message, Progress, Spoken};

/// The longest answer or topic of one turn, in characters.
pub const MAX_INPUT_CHARS: usize = 8_000;

/// The body of `POST /api/user/register/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RegisterRequest {
    #[cfg_attr(
        feature = "server",
        schema(max_length = 150, pattern = "^[\\w@.+][\\w@.+-]*$")
    )]
    pub username: String,
    #[cfg_attr(feature = "server", schema(max_length = 254, format = Email))]
    pub email: String,
    #[cfg_attr(
        feature = "server",
        schema(min_length = 8, max_length = 1024, pattern = "\\S")
    )]
    pub password: String,
    /// Repeats the password. The original requires it.
    #[cfg_attr(feature = "server", schema(required = false))]
    pub password2: String,
    /// The code of an invitation, which some servers require.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
}

/// The body of `POST /api/user/login/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub username: String,
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
}

/// The response to a login.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LoginResponse {
    /// A sentence for the user.
    #[serde(default)]
    pub message: String,
    /// The key to send as `Authorization: Token <key>`.
    #[serde(rename = "Token")]
    pub token: String,
}

/// The body of `POST /api/chat/gpt/`. The original knows `user_input` and `interview_topic` only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// The candidate's answer in the current interview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub user_input: Option<String>,
    /// The topic of a new interview, which this starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub interview_topic: Option<String>,
    #[serde(flatten)]
    pub options: InterviewOptions,
    /// The earlier interview to continue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(max_length = 8000))]
    pub interview_id: Option<String>,
    /// The question that `user_input` answers, or `finish` ends at: how many messages the
    /// interviewer has said so far. If the interview has moved on since, the answer is 409. By
    /// default any question is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<u32>,
    /// Ends the interview with feedback, after `user_input` if there is any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finish: bool,
    /// The recording's length and words, if `user_input` was spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Spoken>,
}

/// The options of a new interview. The original ignores them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewOptions {
    /// The language of the interview, by default the one that `Accept-Language` prefers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The level of the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The number of main questions; follow-ups of the question bank come on top. By default the
    /// interview goes on until another is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(minimum = 1, maximum = 50))]
    pub questions: Option<u32>,
    /// The candidate's resume, about which a model asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub resume: Option<String>,
    /// The description of the job, about which a model asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "server",
        schema(max_length = 8000, pattern = "^[^\\u0000]*$")
    )]
    pub job_description: Option<String>,
}

/// The interviewer's reply to a turn. The original sends `response` and `audio_url` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TurnResponse {
    /// The text of the reply.
    pub response: String,
    /// The address of the reply's audio; `null` if it is not spoken.
    #[serde(default)]
    pub audio_url: Option<String>,
    /// The interview this turn belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview_id: Option<String>,
    /// The question just asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Progress>,
    /// The question of the bank that was asked, or followed up on, as `topic/question`; `null` if a
    /// model asked, and after the last answer.
    #[serde(default)]
    pub asked: Option<String>,
    /// True if the interview is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<bool>,
    /// The number of turns taken today.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub count: Option<u64>,
    /// The number of turns allowed per day.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_or_text"
    )]
    pub limit: Option<u64>,
}

/// The data of a `delta` event: the next piece of the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeltaEvent {
    pub text: String,
}

/// The data of an `audio` event: a sentence that can be heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AudioEvent {
    /// The position of the sentence in the audio, from 0.
    pub index: u32,
    /// The sentence as it stands in the reply.
    pub text: String,
    /// The address of the sentence's audio.
    pub url: String,
}

/// The data of an `error` event, which ends the stream of a turn that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ErrorEvent {
    /// A sentence for the user.
    pub error: String,
    /// The HTTP status that the response would have had.
    pub status: u16,
    /// Seconds until the next attempt is worthwhile, as in a `Retry-After` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// The response of `GET /api/chat/gpt/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConversationResponse {
    /// The messages of the current interview, oldest first. The system prompt is the first.
    pub conversations: Vec<Message>,
    /// The number of turns taken today.
    #[serde(default, deserialize_with = "number_or_text")]
    pub count: Option<u64>,
    /// The number of turns allowed per day.
    #[serde(default, deserialize_with = "number_or_text")]
    pub limit: Option<u64>,
}

/// The response of `GET /api/`, which the original does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ServiceInfo {
    pub name: String,
    pub version: String,
    /// Codes of the interview languages.
    pub languages: Vec<String>,
    /// Names of the extensions that the server offers.
    #[serde(default)]
    pub features: Vec<String>,
}

impl ServiceInfo {
    /// Returns whether the server offers the extension called `feature`.
    pub fn offers(&self, feature: &str) -> bool {
        self.features.iter().any(|offered| offered == feature)
    }
}

/// The response of `GET /healthz/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HealthResponse {
    /// The word `ok`.
    pub status: String,
}

/// The body of an error. The application sets `error`, and sometimes `message`; the protocol level
/// sets `detail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ErrorResponse {
    /// The error of the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same text, under the name that the original sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The error of the protocol level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ErrorResponse {
    /// Returns the text, whichever key carries it.
    pub fn text(&self) -> Option<&str> {
        [&self.error, &self.message, &self.detail]
            .into_iter()
            .find_map(Option::as_deref)
    }
}

/// Reads a count. The original's documentation shows strings, but the recorded original sends
/// numbers.
fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(u64),
        Text(String),
    }
    match Option::<NumberOrText>::deserialize(from)? {
        None => Ok(None),
        Some(NumberOrText::Number(n)) => Ok(Some(n)),
        Some(NumberOrText::Text(text)) => text
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
