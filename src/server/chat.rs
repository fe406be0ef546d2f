//! The interview over HTTP: one turn, and the conversation so far.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::Peers;
use super::error::ApiError;
use super::proxies::Secure;
use super::responses::{InvalidBody, ServerFailure, TurnRefused, Unauthorized};
use super::turn::{self, Caller};
use super::{Shared, accept, events, request, speech};
use crate::api::{ChatRequest, ConversationResponse, TurnResponse};
use crate::practice::{CompletedTurn, Practice, TurnEvent, TurnRequest};

/// `GET /api/chat/gpt/`.
#[utoipa::path(
    get,
    path = "/api/chat/gpt/",
    summary = "The current interview",
    tag = "chat",
    responses((status = 200, description = "The current interview, oldest message first.", body = ConversationResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn conversations(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<ConversationResponse>, ApiError> {
    let limit = turn::daily_limit(&shared, &user);
    let current = shared
        .service
        .practice
        .current(&user.id, Some(limit), &shared.now())
        .await?;
    Ok(Json(ConversationResponse {
        conversations: current.messages,
        count: Some(current.count.unwrap_or(0)),
        limit: Some(u64::from(limit)),
    }))
}

/// `POST /api/chat/gpt/`, whole or as events. A client that hangs up before the turn is committed has not taken it.
#[utoipa::path(
    post,
    path = "/api/chat/gpt/",
    summary = "Takes a turn: starts an interview, answers, repeats, or ends it",
    tag = "chat",
    params(
        ("Idempotency-Key" = Option<uuid::Uuid>, Header,
            description = "A repeat under the same key within 24 hours gives the same answer and is not counted."),
        ("Accept-Language" = Option<String>, Header, description = "Of an interview that starts, where the body names none."),
    ),
    request_body(content((ChatRequest = "application/json"), (ChatRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "What the interviewer says; as events while it is said where `Accept` asks for them: \
            `delta` (DeltaEvent), `audio` (AudioEvent), at the end `done` (TurnResponse) or `error` (ErrorEvent). What fails \
            before the first word, within five seconds, has its own status.",
            content((TurnResponse = "application/json"), (String = "text/event-stream"))),
        Unauthorized, TurnRefused, InvalidBody, ServerFailure
    ),
    security(("token" = [])),
)]
pub(super) async fn turn(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    (peers, secure): (Option<Extension<Peers>>, Option<Extension<Secure>>),
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    let parsed = request::parse(&fields, &headers)?;
    let request = TurnRequest {
        user: user.id.clone(),
        interview: parsed.interview,
        input: parsed.input,
        limit: Some(turn::daily_limit(&shared, &user)),
        now: shared.now(),
        idempotency: parsed.idempotency,
    };
    let authority = speech::authority(&headers, peers.map(|Extension(peers)| peers));
    let caller = Caller {
        user,
        authority,
        secure: secure.is_some(),
    };
    let form = accept::preferred(&headers, &[accept::JSON, accept::EVENTS]);
    match form {
        accept::EVENTS => events::stream(shared, caller, request).await,
        _ => whole(&shared, &caller, request)
            .await
            .map(IntoResponse::into_response),
    }
}

async fn whole(
    shared: &Shared,
    caller: &Caller,
    request: TurnRequest,
) -> Result<Json<TurnResponse>, ApiError> {
    let now = request.now.clone();
    let done = complete(&shared.service.practice, request)
        .await
        .map_err(|error| turn::with_retry_after(error, &now))?;
    shared.metrics.took_turn();
    let sound = speech::of_reply(shared, &caller.user, &done).await;
    Ok(Json(turn::response(
        done,
        sound.and_then(|name| caller.sound_url(&name)),
    )))
}

/// Runs a turn to its end.
async fn complete(practice: &Practice, request: TurnRequest) -> Result<CompletedTurn, ApiError> {
    let mut events = practice.turn(request);
    while let Some(event) = events.next().await {
        if let TurnEvent::Done(done) = event? {
            return Ok(done);
        }
    }
    tracing::error!("a turn ended without being done");
    Err(ApiError::internal())
}
