//! The wire types of the extensions for past interviews and the account.

use serde::{Deserialize, Serialize};

use crate::interview::{Language, Level, Progress, QuestionNumber, Role, Word};

/// An interview in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewSummary {
    /// The id of the interview, a UUID.
    pub id: String,
    pub topic: String,
    pub language: Language,
    pub level: Option<Level>,
    /// The number of main questions; `null` if the interview goes on until another is started.
    pub questions: Option<u32>,
    /// The name of the interviewer, such as `question bank` or `gpt-… at host`.
    pub interviewer: String,
    /// The time of the start in RFC 3339, by the server's clock.
    pub started_at: String,
    /// The number of answers given.
    pub answers: u64,
    /// True if the interview ended with feedback.
    pub finished: bool,
    /// True if the next turn continues this interview.
    pub current: bool,
}

/// The response of `GET /api/interviews/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewPage {
    /// The interviews of this page, newest first.
    pub interviews: Vec<InterviewSummary>,
    /// The value of `before` for the next page; `null` on the last page.
    pub next: Option<String>,
}

/// The response of `GET /api/interviews/{id}/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewDetail {
    #[serde(flatten)]
    pub summary: InterviewSummary,
    pub resume: Option<String>,
    pub job_description: Option<String>,
    /// The question that waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Progress>,
    /// The messages, oldest first. The system prompt is the first.
    pub messages: Vec<SpokenMessage>,
}

/// A message, and how it was spoken if it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SpokenMessage {
    pub role: Role,
    /// The text of the message as Markdown.
    pub content: String,
    /// The number of the question, if the message asks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionNumber>,
    /// The length of the recording in seconds; `null` if the message was typed.
    pub seconds: Option<f64>,
    /// The recognized words; `null` if the message was typed.
    pub words: Option<Vec<Word>>,
}

/// The response of `GET /api/user/me/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AccountResponse {
    pub username: String,
    pub email: String,
    /// The number of turns taken today.
    pub count: u64,
    /// The number of turns allowed per day; `null` without limit.
    pub limit: Option<u64>,
}

/// The response of a call that only reports its success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MessageResponse {
    /// A sentence for the user.
    pub message: String,
}

impl MessageResponse {
    pub fn new(message: &str) -> Self {
        Self {
            message: message.to_owned(),
        }
    }
}

/// The body of `POST /api/user/password/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordChangeRequest {
    /// The password to be replaced.
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
    #[cfg_attr(
        feature = "server",
        schema(min_length = 8, max_length = 1024, pattern = "\\S")
    )]
    pub new_password: String,
}

/// The body of `DELETE /api/user/me/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordRequest {
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
}
