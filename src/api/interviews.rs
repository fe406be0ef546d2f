//! Past interviews and the account: our extensions.

use serde::{Deserialize, Serialize};

use crate::interview::{Language, Level, Role, Word};

/// An interview as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewSummary {
    /// Key, a UUID.
    pub id: String,
    /// About.
    pub topic: String,
    /// In.
    pub language: Language,
    /// For whom.
    pub level: Option<Level>,
    /// Questions in all; `null`: until another interview is started.
    pub questions: Option<u32>,
    /// Who asks, for people: `question bank`, `gpt-… at host`.
    pub interviewer: String,
    /// RFC 3339, by the server's clock.
    pub started_at: String,
    /// How many answers were given.
    pub answers: u64,
    /// Feedback was given.
    pub finished: bool,
    /// It is the one that a chat turn goes on with.
    pub current: bool,
}

/// `GET /api/interviews/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewPage {
    /// Newest first.
    pub interviews: Vec<InterviewSummary>,
    /// What `before` has to be for the next page; `null` on the last one.
    pub next: Option<String>,
}

/// `GET /api/interviews/{id}/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InterviewDetail {
    /// What the list shows.
    #[serde(flatten)]
    pub summary: InterviewSummary,
    /// As given at the start.
    pub resume: Option<String>,
    /// As given at the start.
    pub job_description: Option<String>,
    /// Oldest first, the system prompt at 0.
    pub messages: Vec<SpokenMessage>,
}

/// A message, and how it was spoken where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SpokenMessage {
    /// Who says it.
    pub role: Role,
    /// Markdown.
    pub content: String,
    /// Length of the recording; `null` when typed.
    pub seconds: Option<f64>,
    /// The words heard; `null` when typed.
    pub words: Option<Vec<Word>>,
}

/// `GET /api/user/me/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct AccountResponse {
    /// As registered.
    pub username: String,
    /// As registered.
    pub email: String,
    /// Turns taken today.
    pub count: u64,
    /// Turns allowed a day.
    pub limit: u64,
}

/// What was done, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MessageResponse {
    /// One sentence.
    pub message: String,
}

impl MessageResponse {
    /// Says `message`.
    pub fn new(message: &str) -> Self {
        Self {
            message: message.to_owned(),
        }
    }
}

/// `POST /api/user/password/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordChangeRequest {
    /// The present one, in clear.
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
    /// In clear; hashed at rest.
    #[cfg_attr(
        feature = "server",
        schema(min_length = 8, max_length = 1024, pattern = "\\S")
    )]
    pub new_password: String,
}

/// `DELETE /api/user/me/`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PasswordRequest {
    /// In clear.
    #[cfg_attr(feature = "server", schema(min_length = 1, pattern = "\\S"))]
    pub password: String,
}
