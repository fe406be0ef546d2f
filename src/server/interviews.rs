//! Past interviews: the list, one of them, its report, its deletion. Another user's is as unknown as none.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::auth::SignedIn;
use super::error::ApiError;
use super::responses::{InvalidQuery, ServerFailure, Unauthorized, UnknownInterview};
use super::{Shared, accept, speech};
use crate::api::interviews::{InterviewDetail, InterviewPage, MessageResponse, SpokenMessage};
use crate::interview::Role;
use crate::interview::report::{Report, html, markdown};
use crate::practice::summary;
use crate::store::{HistoryCursor, InterviewId, ListedInterview, StoredMessage, Transcript};

/// Interviews on a page where the client names no number.
const PAGE: u32 = 20;
const LARGEST_PAGE: u32 = 100;

/// `GET /api/interviews/?page_size=&before=`.
#[utoipa::path(
    get,
    path = "/api/interviews/",
    summary = "Past interviews, page by page",
    tag = "interviews",
    params(
        ("page_size" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many, 20 by default."),
        ("before" = Option<String>, Query, pattern = "^(|[0-9]{1,14}_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$", description = "The `next` of an earlier page."),
    ),
    responses((status = 200, description = "Newest first.", body = InterviewPage), InvalidQuery, Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    uri: Uri,
) -> Result<Json<InterviewPage>, ApiError> {
    let (size, before) = wanted(&uri)?;
    let zone = &shared.settings().time_zone;
    Ok(Json(
        shared
            .service
            .practice
            .interviews(&user.id, before.as_ref(), size, zone)
            .await?,
    ))
}

/// `GET /api/interviews/{id}/`.
#[utoipa::path(
    get,
    operation_id = "interview",
    path = "/api/interviews/{id}/",
    summary = "One interview with all that was said",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "Of the interview.")),
    responses((status = 200, description = "With all that was said.", body = InterviewDetail), Unauthorized, UnknownInterview, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
) -> Result<Json<InterviewDetail>, ApiError> {
    let store = &shared.service.store;
    let transcript = store.interview(&user.id, &id).await?.ok_or_else(unknown)?;
    let current = store.is_current(&user.id, &id).await?;
    Ok(Json(detail(&shared, transcript, current)))
}

/// `DELETE /api/interviews/{id}/`.
#[utoipa::path(
    delete,
    operation_id = "delete_interview",
    path = "/api/interviews/{id}/",
    summary = "Deletes an interview and its sound",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "Of the interview.")),
    responses((status = 200, description = "Deleted.", body = MessageResponse), Unauthorized, UnknownInterview, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
) -> Result<Json<MessageResponse>, ApiError> {
    let store = &shared.service.store;
    let transcript = store.interview(&user.id, &id).await?.ok_or_else(unknown)?;
    let said = transcript.messages.iter().map(|stored| &stored.message);
    let said: Vec<_> = said
        .filter(|message| message.role == Role::Assistant)
        .map(|message| message.content.as_str())
        .collect();
    let mut sounds = speech::stems_of(&user, &id.0, transcript.interview.language, &said);
    // The same sentence is one sound wherever it is said.
    let recently = jiff::Timestamp::now() - shared.settings().retention;
    for (language, text) in store
        .replies_in_other_interviews(&user.id, &id, recently)
        .await?
    {
        let shared_ones = speech::stems_of_sentences(&user, language, &text);
        sounds.retain(|sound| !shared_ones.contains(sound));
    }
    let deleted = store.delete_interview(&user.id, &id, &sounds).await?;
    if deleted {
        Ok(Json(MessageResponse::new("Interview deleted.")))
    } else {
        Err(unknown())
    }
}

/// `GET /api/interviews/{id}/report/`, in the form the client would rather have.
#[utoipa::path(
    get,
    path = "/api/interviews/{id}/report/",
    summary = "The report as JSON, Markdown or HTML",
    tag = "interviews",
    params(("id" = Uuid, Path, description = "Of the interview.")),
    responses((status = 200, description = "In the form that `Accept` likes best.", content((Report = "application/json"), (String = "text/markdown"), (String = "text/html"))), Unauthorized, UnknownInterview, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn report(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let zone = shared.settings().time_zone.clone();
    let report = shared
        .service
        .practice
        .report(&user.id, Some(&id), zone)
        .await?;
    let form = accept::preferred(&headers, &[accept::JSON, accept::MARKDOWN, accept::HTML]);
    let vary = [(header::VARY, HeaderValue::from_static("accept"))];
    Ok((vary, written(&report, form)).into_response())
}

fn written(report: &Report, form: &str) -> Response {
    let kind = |kind: &'static str| (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    match form {
        accept::MARKDOWN => (
            [kind("text/markdown; charset=utf-8")],
            markdown::render(report),
        )
            .into_response(),
        accept::HTML => {
            let policy =
                HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
            let policy: (HeaderName, _) = (header::CONTENT_SECURITY_POLICY, policy);
            (
                [kind("text/html; charset=utf-8"), policy],
                html::render(report),
            )
                .into_response()
        }
        _ => Json(report).into_response(),
    }
}

/// The key in the path; what cannot be one is not found.
#[derive(Debug)]
pub(super) struct Id(InterviewId);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| unknown())?;
        id.parse().map(Self).map_err(|_| unknown())
    }
}

fn unknown() -> ApiError {
    crate::practice::PracticeError::UnknownInterview.into()
}

fn wanted(uri: &Uri) -> Result<(u32, Option<HistoryCursor>), ApiError> {
    let (mut size, mut before) = (PAGE, None);
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "page_size" => size = page_size(&value)?,
            "before" if !value.is_empty() => before = Some(place(&value)?),
            _ => {}
        }
    }
    Ok((size, before))
}

fn page_size(text: &str) -> Result<u32, ApiError> {
    let size = text
        .parse()
        .ok()
        .filter(|size| (1..=LARGEST_PAGE).contains(size));
    size.ok_or_else(|| {
        ApiError::invalid(format!(
            "page_size must be a whole number from 1 to {LARGEST_PAGE}."
        ))
    })
}

fn place(cursor: &str) -> Result<HistoryCursor, ApiError> {
    cursor
        .parse()
        .map_err(|_| ApiError::invalid("before must be the next of an earlier page."))
}

fn detail(shared: &Shared, transcript: Transcript, current: bool) -> InterviewDetail {
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
        summary: summary(&listed, &shared.settings().time_zone),
        resume: listed.interview.background.resume,
        job_description: listed.interview.background.job_description,
        messages: messages.into_iter().map(message).collect(),
    }
}

fn message(stored: StoredMessage) -> SpokenMessage {
    let (seconds, words) = stored
        .spoken
        .map(|spoken| (spoken.seconds, spoken.words))
        .unzip();
    SpokenMessage {
        role: stored.message.role,
        content: stored.message.content,
        seconds,
        words,
    }
}
