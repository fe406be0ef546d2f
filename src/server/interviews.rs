//! Past interviews: the list, one interview, its report, its deletion. An interview of another user
//! is answered like one that does not exist.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::auth::SignedIn;
use super::error::ApiError;
use super::responses::{InterviewNotFound, InvalidQuery, ServerFailure, Unauthorized};
use super::state::AppState;
use super::{accept, speech};
use crate::api::interviews::{InterviewDetail, InterviewPage, MessageResponse, SpokenMessage};
use crate::interview::report::{Report, html, markdown};
use crate::interview::{QuestionNumber, Role};
use crate::practice::{numbers_of_messages, progress, summary};
use crate::store::{
    HistoryCursor, InterviewId, ListedInterview, StoreError, StoredMessage, Transcript, User,
};

const DEFAULT_PAGE_SIZE: u32 = 20;
const MAX_PAGE_SIZE: u32 = 100;

/// Lists the interviews, newest first, page by page.
#[utoipa::path(
    get,
    path = "/api/interviews/",
    summary = "List past interviews",
    tag = "interviews",
    params(
        ("page_size" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many interviews to return, 20 by default."),
        ("before" = Option<String>, Query, pattern = "^(|[0-9]{1,14}_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$", description = "The `next` of an earlier page."),
    ),
    responses((status = 200, description = "A page of interviews, newest first.", body = InterviewPage), InvalidQuery, Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    uri: Uri,
) -> Result<Json<InterviewPage>, ApiError> {
    let (size, before) = page_parameters(&uri)?;
    let zone = &state.settings().time_zone;
    let page = state
        .practice()
        .interviews(&user.id, before.as_ref(), size, zone)
        .await?;
    Ok(Json(page))
}

/// Returns an interview with all its messages.
#[utoipa::path(
    get,
    operation_id = "interview",
    path = "/api/interviews/{id}/",
    summary = "Get one interview",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "The id of the interview.")),
    responses((status = 200, description = "The interview with all its messages.", body = InterviewDetail), Unauthorized, InterviewNotFound, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn get(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
) -> Result<Json<InterviewDetail>, ApiError> {
    let store = state.store();
    let transcript = store.interview(&user.id, &id).await?;
    let transcript = transcript.ok_or_else(ApiError::unknown_interview)?;
    let current = store.is_current(&user.id, &id).await?;
    Ok(Json(detail(&state, transcript, current)))
}

/// Deletes an interview and its audio.
#[utoipa::path(
    delete,
    operation_id = "delete_interview",
    path = "/api/interviews/{id}/",
    summary = "Delete an interview",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "The id of the interview.")),
    responses((status = 200, description = "The interview was deleted.", body = MessageResponse), Unauthorized, InterviewNotFound, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn delete(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
) -> Result<Json<MessageResponse>, ApiError> {
    let store = state.store();
    let transcript = store.interview(&user.id, &id).await?;
    let transcript = transcript.ok_or_else(ApiError::unknown_interview)?;
    let audio = own_audio(&state, &user, &id, &transcript).await?;
    if store.delete_interview(&user.id, &id, &audio).await? {
        Ok(Json(MessageResponse::new("Interview deleted.")))
    } else {
        Err(ApiError::unknown_interview())
    }
}

/// Returns the audio stems of an interview that no other interview shares. A sentence has one audio
/// file, however many interviews it is said in.
async fn own_audio(
    state: &AppState,
    user: &User,
    id: &InterviewId,
    transcript: &Transcript,
) -> Result<Vec<String>, StoreError> {
    let messages = transcript.messages.iter().map(|stored| &stored.message);
    let replies: Vec<_> = messages
        .filter(|message| message.role == Role::Assistant)
        .map(|message| message.content.as_str())
        .collect();
    let language = transcript.interview.language;
    let mut stems = speech::interview_stems(user, &id.0, language, &replies);
    let kept_since = jiff::Timestamp::now() - state.settings().retention;
    let store = state.store();
    for (language, reply) in store
        .replies_in_other_interviews(&user.id, id, kept_since)
        .await?
    {
        let shared = speech::sentence_stems(user, language, &reply);
        stems.retain(|stem| !shared.contains(stem));
    }
    Ok(stems)
}

/// Returns the report of an interview as JSON, Markdown or HTML.
#[utoipa::path(
    get,
    path = "/api/interviews/{id}/report/",
    summary = "Get the report of an interview",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "The id of the interview.")),
    responses((status = 200, description = "The report in the format that `Accept` prefers.", content((Report = "application/json"), (String = "text/markdown"), (String = "text/html"))), Unauthorized, InterviewNotFound, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn report(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let zone = state.settings().time_zone.clone();
    let report = state.practice().report(&user.id, Some(&id), zone).await?;
    let format = accept::preferred(&headers, &[accept::JSON, accept::MARKDOWN, accept::HTML]);
    let vary = [(header::VARY, HeaderValue::from_static("accept"))];
    Ok((vary, rendered(&report, format)).into_response())
}

fn rendered(report: &Report, format: &str) -> Response {
    match format {
        accept::MARKDOWN => {
            let content_type = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
            (content_type, markdown::render(report)).into_response()
        }
        accept::HTML => {
            let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, policy),
            ];
            (headers, html::render(report)).into_response()
        }
        _ => Json(report).into_response(),
    }
}

/// The interview id in the path. A text that cannot be an id is answered like an unknown one.
#[derive(Debug)]
pub(super) struct Id(InterviewId);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = path.map_err(|_| ApiError::unknown_interview())?;
        let id = id.parse().map_err(|_| ApiError::unknown_interview())?;
        Ok(Self(id))
    }
}

/// Reads the page size and the cursor from the query.
fn page_parameters(uri: &Uri) -> Result<(u32, Option<HistoryCursor>), ApiError> {
    let mut size = DEFAULT_PAGE_SIZE;
    let mut before = None;
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "page_size" => size = page_size(&value)?,
            "before" if !value.is_empty() => before = Some(cursor(&value)?),
            _ => {}
        }
    }
    Ok((size, before))
}

fn page_size(text: &str) -> Result<u32, ApiError> {
    let size = text.parse().ok();
    size.filter(|size| (1..=MAX_PAGE_SIZE).contains(size))
        .ok_or_else(|| {
            ApiError::invalid(format!(
                "page_size must be a whole number from 1 to {MAX_PAGE_SIZE}."
            ))
        })
}

fn cursor(text: &str) -> Result<HistoryCursor, ApiError> {
    text.parse()
        .map_err(|_| ApiError::invalid("before must be the next of an earlier page."))
}

fn detail(state: &AppState, transcript: Transcript, current: bool) -> InterviewDetail {
    let question = progress(&transcript);
    let numbers = numbers_of_messages(&transcript);
    let Transcript {
        interview,
        messages,
    } = transcript;
    let answers = messages
        .iter()
        .filter(|stored| stored.message.role == Role::User)
        .count() as u64;
    let listed = ListedInterview {
        interview,
        answers,
        current,
    };
    InterviewDetail {
        summary: summary(&listed, &state.settings().time_zone),
        resume: listed.interview.background.resume,
        job_description: listed.interview.background.job_description,
        question,
        messages: messages
            .into_iter()
            .zip(numbers)
            .map(|(stored, number)| spoken_message(stored, number))
            .collect(),
    }
}

fn spoken_message(stored: StoredMessage, question: Option<QuestionNumber>) -> SpokenMessage {
    let (seconds, words) = stored
        .spoken
        .map(|spoken| (spoken.seconds, spoken.words))
        .unzip();
    SpokenMessage {
        role: stored.message.role,
        content: stored.message.content,
        question,
        seconds,
        words,
    }
}
