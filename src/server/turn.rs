//! The parts that whole and streamed turns share: the caller, the response, and the refusal at the daily limit.

use axum::http::StatusCode;
use jiff::Zoned;

use super::Shared;
use super::error::ApiError;
use crate::api::TurnResponse;
use crate::practice::CompletedTurn;
use crate::store::User;

/// The user who takes a turn, and the address under which they reach this server.
#[derive(Debug)]
pub(super) struct Caller {
    pub user: User,
    /// Host and port, if they are known.
    pub authority: Option<String>,
    /// Whether the caller uses TLS.
    pub secure: bool,
}

impl Caller {
    /// Returns the URL of the sound stored under `name`.
    pub fn sound_url(&self, name: &str) -> Option<String> {
        let scheme = if self.secure { "https" } else { "http" };
        self.authority
            .as_ref()
            .map(|authority| format!("{scheme}://{authority}/media/{name}"))
    }
}

/// Builds the response to a completed turn.
pub(super) fn response(done: CompletedTurn, audio_url: Option<String>) -> TurnResponse {
    TurnResponse {
        response: done.response,
        audio_url,
        interview_id: done.interview_id,
        question: done.question,
        finished: Some(done.finished),
        count: done.count,
        limit: done.limit,
    }
}

/// Returns the number of turns that `user` may take per day.
pub(super) fn daily_limit(shared: &Shared, user: &User) -> u32 {
    user.daily_limit
        .unwrap_or(shared.settings().daily_chat_limit)
}

/// Adds the time of the next day to a refusal at the daily limit.
pub(super) fn with_retry_after(error: ApiError, now: &Zoned) -> ApiError {
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => error.retry_after(seconds_to_next_day(now)),
        _ => error,
    }
}

/// Returns the seconds to the next day, rounded up so that a client that waits this long arrives on it.
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
