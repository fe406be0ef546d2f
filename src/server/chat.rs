//! The interview over HTTP: one turn, and the conversation so far.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::ConnectionInfo;
use super::error::ApiError;
use super::reply::{self, Recipient};
use super::responses::{InvalidBody, ServerFailure, TurnRefused, Unauthorized};
use super::state::AppState;
use super::{accept, events, speech, turn_request};
use crate::api::{ChatRequest, ConversationResponse, TurnResponse};
use crate::practice::{CompletedTurn, Practice, TurnEvent, TurnRequest};

/// Returns the messages of the current interview, and how many turns are used and allowed today.
#[utoipa::path(
    get,
    path = "/api/chat/gpt/",
    summary = "The current interview",
    tag = "chat",
    responses((status = 200, description = "The current interview, oldest message first.", body = ConversationResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn conversations(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<ConversationResponse>, ApiError> {
    let limit = state.daily_limit(&user);
    let current = state
        .practice()
        .current(&user.id, limit, &state.now())
        .await?;
    Ok(Json(ConversationResponse {
        conversations: current.messages,
        count: Some(current.count.unwrap_or(0)),
        limit: limit.map(u64::from),
    }))
}

/// Starts an interview, takes an answer, repeats the last message or ends the interview. The reply
/// comes as a whole or as events. A turn whose client hangs up before it is stored was not taken.
#[utoipa::path(
    post,
    path = "/api/chat/gpt/",
    summary = "Take a turn",
    tag = "chat",
    params(
        ("Idempotency-Key" = Option<uuid::Uuid>, Header,
            description = "A repeat with the same key within 24 hours returns the same answer and is not counted."),
        ("Accept-Language" = Option<String>, Header, description = "The language of a new interview, unless the body names one."),
    ),
    request_body(content((ChatRequest = "application/json"), (ChatRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The interviewer's reply. If `Accept` asks for events, it is streamed: `delta` (DeltaEvent) \
            and `audio` (AudioEvent), at the end `done` (TurnResponse) or `error` (ErrorEvent). A failure before the first \
            word, within five seconds, has its own status instead.",
            content((TurnResponse = "application/json"), (String = "text/event-stream"))),
        Unauthorized, TurnRefused, InvalidBody, ServerFailure
    ),
    security(("token" = [])),
)]
pub(super) async fn turn(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    connection: Option<Extension<ConnectionInfo>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    let content = turn_request::read(&fields, &headers)?;
    let turn = TurnRequest {
        user: user.id.clone(),
        interview: content.interview,
        input: content.input,
        answers: content.answers,
        limit: state.daily_limit(&user),
        now: state.now(),
        idempotency: content.idempotency,
    };
    let base_url = speech::base_url(&headers, connection.map(|Extension(info)| info));
    let recipient = Recipient { user, base_url };
    match accept::preferred(&headers, &[accept::JSON, accept::EVENTS]) {
        accept::EVENTS => events::stream(state, recipient, turn).await,
        _ => Ok(whole(&state, &recipient, turn).await?.into_response()),
    }
}

async fn whole(
    state: &AppState,
    recipient: &Recipient,
    turn: TurnRequest,
) -> Result<Json<TurnResponse>, ApiError> {
    let now = turn.now.clone();
    let completed = complete(state.practice(), turn)
        .await
        .map_err(|error| reply::with_retry_time(error, &now))?;
    state.metrics.count_turn();
    let audio = speech::of_reply(state, &recipient.user, &completed).await;
    let audio_url = audio.and_then(|name| recipient.media_url(&name));
    Ok(Json(reply::response(completed, audio_url)))
}

/// Runs a turn to its end.
async fn complete(practice: &Practice, turn: TurnRequest) -> Result<CompletedTurn, ApiError> {
    let mut events = practice.turn(turn);
    while let Some(event) = events.next().await {
        if let TurnEvent::Done(completed) = event? {
            return Ok(completed);
        }
    }
    tracing::error!("a turn ended without being done");
    Err(ApiError::internal())
}
