//! The interview over HTTP: one turn, and the conversation so far.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use futures_util::StreamExt;
use jiff::Zoned;
use uuid::Uuid;

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::Ends;
use super::error::ApiError;
use super::{Shared, language, speech};
use crate::api::{ChatReply, Conversations, MAX_INPUT_CHARS};
use crate::interview::{Answer, Topic};
use crate::practice::{Done, Idempotency, Input, Practice, Start, Turn, TurnEvent};
use crate::store::User;

/// `GET /api/chat/gpt/`.
pub(super) async fn conversations(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<Conversations>, ApiError> {
    let limit = limit(&shared, &user);
    let current = shared.service.practice.current(&user.id, Some(limit), &shared.now()).await?;
    Ok(Json(Conversations {
        conversations: current.messages,
        count: Some(current.count.unwrap_or(0)),
        limit: Some(u64::from(limit)),
    }))
}

/// `POST /api/chat/gpt/`. A client that hangs up before the turn is committed has not taken it.
pub(super) async fn turn(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    ends: Option<Extension<Ends>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<ChatReply>, ApiError> {
    let now = shared.now();
    let input = input(&fields, &headers)?;
    let idempotency = idempotency(&input, &headers)?;
    let limit = Some(limit(&shared, &user));
    let turn = Turn { user: user.id.clone(), input, limit, now: now.clone(), idempotency };
    let done = take(&shared.service.practice, turn).await.map_err(|error| at_the_limit(error, &now))?;
    let sound = speech::of_reply(&shared, &user, &done).await;
    let authority = speech::authority(&headers, ends.map(|Extension(ends)| ends));
    Ok(Json(ChatReply {
        response: done.response,
        audio_url: sound.zip(authority).map(|(name, authority)| format!("http://{authority}/media/{name}")),
        interview_id: done.interview_id,
        count: done.count,
        limit: done.limit,
    }))
}

/// Runs a turn to its end; as a stream it is of use only to clients that ask for events.
async fn take(practice: &Practice, turn: Turn) -> Result<Done, ApiError> {
    let mut events = practice.turn(turn);
    while let Some(event) = events.next().await {
        if let TurnEvent::Done(done) = event? {
            return Ok(done);
        }
    }
    tracing::error!("a turn ended without being done");
    Err(ApiError::internal())
}

fn limit(shared: &Shared, user: &User) -> u32 {
    user.daily_limit.unwrap_or(shared.settings().daily_chat_limit)
}

fn input(fields: &Fields, headers: &HeaderMap) -> Result<Input, ApiError> {
    let answer = text(fields, "user_input")?;
    let topic = text(fields, "interview_topic")?;
    let begins = topic.is_some();
    let topic = topic.map(Topic::parse).transpose().map_err(|refusal| ApiError::invalid(refusal.to_string()))?;
    let start = Start { topic, language: language::of(headers), level: None, questions: None, seed: seed()? };
    Ok(match answer {
        Some(text) => Input::Answer { answer: Answer { text: text.to_owned(), spoken: None }, otherwise: start },
        None if begins => Input::Start(start),
        None => Input::Repeat,
    })
}

fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, ApiError> {
    let Some(value) = fields.value(name) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| ApiError::invalid(format!("{name} must be a string.")))?;
    if text.chars().count() > MAX_INPUT_CHARS {
        return Err(ApiError::invalid(format!("{name} is longer than {MAX_INPUT_CHARS} characters.")));
    }
    // PostgreSQL cannot store it, and nobody types it.
    if text.contains('\0') {
        return Err(ApiError::invalid(format!("{name} must not contain the character U+0000.")));
    }
    Ok(Some(text))
}

fn idempotency(input: &Input, headers: &HeaderMap) -> Result<Option<Idempotency>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().and_then(|key| Uuid::parse_str(key.trim()).ok());
    let key = key.ok_or_else(|| ApiError::invalid("Idempotency-Key must be a UUID."))?;
    // The meaning and not the bytes: a client may write the same request differently when it sends it again.
    Ok(Some(Idempotency::of(key, input)))
}

/// The store keeps it as a signed number.
fn seed() -> Result<u64, ApiError> {
    let random = getrandom::u64().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ApiError::internal()
    })?;
    Ok(random >> 1)
}

/// Adds to a refusal for the day when the next day begins.
fn at_the_limit(error: ApiError, now: &Zoned) -> ApiError {
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => error.retry_after(seconds_to_next_day(now)),
        _ => error,
    }
}

/// Rounded up: a client that waits as told arrives on the next day.
fn seconds_to_next_day(now: &Zoned) -> u64 {
    let midnight = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
    let left = midnight.map_or(jiff::SignedDuration::from_hours(24), |midnight| midnight.duration_since(now));
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
    fn the_next_day_begins_at_midnight_in_the_servers_time_zone(#[case] now: Zoned, #[case] seconds: u64) {
        assert_eq!(seconds_to_next_day(&now), seconds);
    }
}
