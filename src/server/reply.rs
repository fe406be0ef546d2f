//! The answer to a turn, whether it is sent as a whole or as events.

use axum::http::StatusCode;
use jiff::Zoned;

use super::error::ApiError;
use crate::api::TurnResponse;
use crate::practice::CompletedTurn;
use crate::store::User;

/// The user who takes a turn, and where that user reaches this server.
#[derive(Debug)]
pub(super) struct Recipient {
    pub user: User,
    /// Such as `https://interview.example`; `None` if the request does not say.
    pub base_url: Option<String>,
}

impl Recipient {
    /// Returns the address of the audio stored under `name`.
    pub fn media_url(&self, name: &str) -> Option<String> {
        let base_url = self.base_url.as_ref()?;
        Some(format!("{base_url}/media/{name}"))
    }
}

/// Returns a completed turn as the client receives it.
pub(super) fn response(completed: CompletedTurn, audio_url: Option<String>) -> TurnResponse {
    TurnResponse {
        response: completed.response,
        audio_url,
        interview_id: completed.interview_id,
        question: completed.question,
        asked: completed.asked,
        finished: Some(completed.finished),
        count: completed.count,
        limit: completed.limit,
    }
}

/// Adds to a refusal at the daily limit when the next day begins.
pub(super) fn with_retry_time(error: ApiError, now: &Zoned) -> ApiError {
    match error.status() {
        StatusCode::TOO_MANY_REQUESTS => error.retry_after(seconds_to_next_day(now)),
        _ => error,
    }
}

/// Rounds up, so that a client that waits this long arrives on the next day.
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
