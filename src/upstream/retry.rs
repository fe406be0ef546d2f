//! Retries requests that got no response. The wait doubles and is jittered.

use std::time::Duration;

use super::{Limits, UpstreamError};

impl UpstreamError {
    /// Returns how long the endpoint asks to wait, or `None` if the same request cannot succeed a
    /// moment later.
    fn retry_delay(&self) -> Option<Duration> {
        match self {
            Self::Unreachable(_) => Some(Duration::ZERO),
            Self::Overloaded { retry_after, .. } | Self::Down { retry_after, .. } => {
                Some(Duration::from_secs(retry_after.unwrap_or(0)))
            }
            Self::Refused { .. }
            | Self::Unsupported { .. }
            | Self::Unusable(_)
            | Self::CutOff(_)
            | Self::NoWords(_)
            | Self::TimedOut => None,
        }
    }
}

/// Repeats `attempt` until it succeeds, fails for good, or uses up the attempts of `limits`.
pub async fn with_retries<T, F>(
    limits: &Limits,
    mut attempt: impl FnMut() -> F,
) -> Result<T, UpstreamError>
where
    F: Future<Output = Result<T, UpstreamError>>,
{
    let mut made = 1;
    loop {
        let outcome = attempt().await;
        let Err(error) = &outcome else { return outcome };
        let Some(wait) = wait_before(made, error, limits) else {
            return outcome;
        };
        tracing::debug!(%error, ?wait, made, "asking again");
        tokio::time::sleep(wait).await;
        made += 1;
    }
}

/// Returns the wait after `made` attempts, the last of which ended in `error`; `None` means to give
/// up.
fn wait_before(made: u32, error: &UpstreamError, limits: &Limits) -> Option<Duration> {
    let requested = error.retry_delay()?;
    if made >= limits.attempts || requested > limits.longest_wait {
        return None;
    }
    let doubled = limits.back_off.saturating_mul(1 << (made - 1).min(16));
    Some((requested + jittered(doubled)).min(limits.longest_wait))
}

/// Returns a random wait between half of `wait` and all of it, so that many clients do not return
/// at once.
fn jittered(wait: Duration) -> Duration {
    let share = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
    wait.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::upstream::ConnectionFailure;

    fn overloaded(retry_after: Option<u64>) -> UpstreamError {
        UpstreamError::Overloaded {
            status: 429,
            message: String::new(),
            retry_after,
        }
    }

    #[rstest]
    #[case(1, overloaded(None), 250, 500)]
    #[case(2, overloaded(None), 500, 1000)]
    #[case(1, overloaded(Some(3)), 3250, 3500)]
    #[case(1, UpstreamError::Unreachable(ConnectionFailure::Lost), 250, 500)]
    fn waits_grow_and_honour_the_endpoint(
        #[case] made: u32,
        #[case] error: UpstreamError,
        #[case] least: u64,
        #[case] most: u64,
    ) {
        let wait = wait_before(made, &error, &Limits::default()).unwrap();
        assert!(
            (Duration::from_millis(least)..=Duration::from_millis(most)).contains(&wait),
            "{wait:?}"
        );
    }

    #[rstest]
    #[case(3, overloaded(None))]
    #[case(1, overloaded(Some(13)))]
    #[case(1, overloaded(Some(3600)))]
    #[case(1, UpstreamError::TimedOut)]
    #[case(1, UpstreamError::Refused { status: 401, message: String::new() })]
    #[case(1, UpstreamError::Unusable("empty".into()))]
    fn a_hopeless_request_is_not_repeated(#[case] made: u32, #[case] error: UpstreamError) {
        assert_eq!(wait_before(made, &error, &Limits::default()), None);
    }
}
