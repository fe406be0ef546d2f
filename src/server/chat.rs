//! The interview over HTTP: one turn, and the conversation so far.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;
use jiff::Zoned;

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::Ends;
use super::docs::{BadBody, Broken, NoTurn, SignedOut};
use super::error::ApiError;
use super::proxies::Secure;
use super::{Shared, accept, events, request, speech};
use crate::api::{ChatReply, ChatRequest, Conversations};
use crate::practice::{CompletedTurn, Practice, TurnEvent, TurnRequest};
use crate::store::User;

/// `GET /api/chat/gpt/`.
#[utoipa::path(
    get,
    path = "/api/chat/gpt/",
    summary = "The current interview",
    tag = "chat",
    responses((status = 200, description = "The current interview, oldest message first.", body = Conversations), SignedOut, Broken),
    security(("token" = [])),
)]
pub(super) async fn conversations(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<Conversations>, ApiError> {
    let limit = limit(&shared, &user);
    let current = shared
        .service
        .practice
        .current(&user.id, Some(limit), &shared.now())
        .await?;
    Ok(Json(Conversations {
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
            `delta` (DeltaEvent), `audio` (AudioEvent), at the end `done` (ChatReply) or `error` (ErrorEvent). What fails \
            before the first word, within five seconds, has its own status.",
            content((ChatReply = "application/json"), (String = "text/event-stream"))),
        SignedOut, NoTurn, BadBody, Broken
    ),
    security(("token" = [])),
)]
pub(super) async fn turn(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    (ends, secure): (Option<Extension<Ends>>, Option<Extension<Secure>>),
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    let asked = request::read(&fields, &headers)?;
    let turn = TurnRequest {
        user: user.id.clone(),
        interview: asked.interview,
        input: asked.input,
        limit: Some(limit(&shared, &user)),
        now: shared.now(),
        idempotency: asked.idempotency,
    };
    let authority = speech::authority(&headers, ends.map(|Extension(ends)| ends));
    let place = Place {
        user,
        authority,
        secure: secure.is_some(),
    };
    let form = accept::preferred(&headers, &[accept::JSON, accept::EVENTS]);
    // They are views of the connection's buffer, which would be kept, and another taken, as long as the model thinks.
    drop(headers);
    match form {
        // Boxed: whoever waits for the one has no room for the other.
        accept::EVENTS => Box::pin(events::stream(shared, place, turn)).await,
        _ => Box::pin(whole(&shared, &place, turn))
            .await
            .map(IntoResponse::into_response),
    }
}

/// For whom a turn is taken, and where they reach this server.
#[derive(Debug)]
pub(super) struct Place {
    pub user: User,
    pub authority: Option<String>,
    /// Over TLS.
    pub secure: bool,
}

impl Place {
    /// Where the sound kept under `name` is heard.
    pub fn address(&self, name: &str) -> Option<String> {
        let scheme = if self.secure { "https" } else { "http" };
        self.authority
            .as_ref()
            .map(|authority| format!("{scheme}://{authority}/media/{name}"))
    }
}

async fn whole(
    shared: &Shared,
    place: &Place,
    turn: TurnRequest,
) -> Result<Json<ChatReply>, ApiError> {
    let now = turn.now.clone();
    let done = take(&shared.service.practice, turn)
        .await
        .map_err(|error| at_the_limit(error, &now))?;
    shared.metrics.took_turn();
    let sound = speech::of_reply(shared, &place.user, &done).await;
    Ok(Json(reply(
        done,
        sound.and_then(|name| place.address(&name)),
    )))
}

/// Runs a turn to its end.
async fn take(practice: &Practice, turn: TurnRequest) -> Result<CompletedTurn, ApiError> {
    let mut events = practice.turn(turn);
    while let Some(event) = events.next().await {
        if let TurnEvent::Done(done) = event? {
            return Ok(done);
        }
    }
    tracing::error!("a turn ended without being done");
    Err(ApiError::internal())
}

/// As it goes to the client.
pub(super) fn reply(done: CompletedTurn, audio_url: Option<String>) -> ChatReply {
    ChatReply {
        response: done.response,
        audio_url,
        interview_id: done.interview_id,
        question: done.question,
        finished: Some(done.finished),
        count: done.count,
        limit: done.limit,
    }
}

/// Turns a day of `user`.
pub(super) fn limit(shared: &Shared, user: &User) -> u32 {
    user.daily_limit
        .unwrap_or(shared.settings().daily_chat_limit)
}

/// Adds to a refusal for the day when the next day begins.
pub(super) fn at_the_limit(error: ApiError, now: &Zoned) -> ApiError {
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => error.retry_after(seconds_to_next_day(now)),
        _ => error,
    }
}

/// Rounded up: a client that waits as told arrives on the next day.
fn seconds_to_next_day(now: &Zoned) -> u64 {
    let midnight = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let left = midnight.map_or(jiff::SignedDuration::from_hours(24), |midnight| {
        midnight.duration_since(now)
    });
    u64::try_from(left.as_secs()).unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-03-14T23:59:30+09:00[Asia/Seoul]", 31)]
    #[case("2026-03-14T00:00:00+09:00[Asia/Seoul]", 86_401)]
    #[case("2026-03-29T00:30:00+01:00[Europe/Berlin]", 81_001)]
    fn the_next_day_begins_at_midnight_in_the_servers_time_zone(
        #[case] now: Zoned,
        #[case] seconds: u64,
    ) {
        assert_eq!(seconds_to_next_day(&now), seconds);
    }
}
