//! How long a server asks to wait: `Retry-After` as a number or a date, `retry-after-ms`, or the
//! words of its message.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The headers that hold milliseconds, of OpenAI and Azure.
const MILLISECONDS: [&str; 2] = ["retry-after-ms", "x-ms-retry-after-ms"];

/// The words before a wait in a provider's message.
const BEFORE_A_WAIT: [&str; 5] = ["again in", "retry in", "retry after", "again after", "wait"];

/// Returns the requested wait in whole seconds, rounded up, so that nobody returns too early.
pub fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let milliseconds = MILLISECONDS
        .iter()
        .find_map(|name| seconds(headers.get(*name)?.to_str().ok()?, 0.001));
    milliseconds.or_else(|| {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        seconds(value, 1.0).or_else(|| seconds_until(value, jiff::Timestamp::now()))
    })
}

/// Returns the wait that a provider's message names, as in `Please try again in 2.13s.`
pub fn retry_after_in(message: &str) -> Option<u64> {
    let lower = message.to_ascii_lowercase();
    BEFORE_A_WAIT.iter().find_map(|words| {
        let at = lower.find(words)? + words.len();
        duration(lower[at..].trim_start_matches([' ', ':', '~']))
    })
}

/// Reads a duration such as `12.5s`, `1m30s`, `250ms` or `20 seconds` at the beginning of `text`.
fn duration(mut text: &str) -> Option<u64> {
    let mut total = None;
    loop {
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let number = text[..digits].trim_end_matches('.');
        let rest = text[digits..].trim_start_matches(' ');
        let unit = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let factor = match &rest[..unit] {
            "ms" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            _ => break,
        };
        let Ok(number) = number.parse::<f64>() else {
            break;
        };
        total = Some(total.unwrap_or(0.0) + number * factor);
        text = &rest[unit..];
    }
    whole_seconds(total?)
}

fn seconds(value: &str, factor: f64) -> Option<u64> {
    let number: f64 = value.trim().trim_end_matches('s').parse().ok()?;
    whole_seconds(number * factor)
}

fn whole_seconds(seconds: f64) -> Option<u64> {
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    Some(rounded_up(duration))
}

/// Returns whole seconds from `now` to an HTTP date, rounded up, and 0 for a date in the past.
fn seconds_until(date: &str, now: jiff::Timestamp) -> Option<u64> {
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(rounded_up(
        Duration::try_from(at.duration_since(now)).unwrap_or_default(),
    ))
}

fn rounded_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_micros() > 0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("retry-after", "3", Some(3))]
    #[case("retry-after", "0", Some(0))]
    #[case("retry-after", "2.13", Some(3))]
    #[case("retry-after", " 0.5 ", Some(1))]
    #[case("retry-after", "2.13s", Some(3))]
    #[case("retry-after-ms", "2130", Some(3))]
    #[case("x-ms-retry-after-ms", "1000", Some(1))]
    #[case("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT", Some(0))]
    #[case("retry-after", "-1", None)]
    #[case("retry-after", "NaN", None)]
    #[case("retry-after", "1e300", None)]
    #[case("retry-after", "soon", None)]
    #[case("date", "3", None)]
    fn a_header_names_the_wait(
        #[case] name: &'static str,
        #[case] value: &'static str,
        #[case] expected: Option<u64>,
    ) {
        let headers = HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            reqwest::header::HeaderValue::from_static(value),
        )]);
        assert_eq!(retry_after(&headers), expected);
    }

    #[rstest]
    #[case("Rate limit reached (TPM). Please try again in 2.13s.", Some(3))]
    #[case("You exceeded your current quota. Please retry in 12.5s.", Some(13))]
    #[case("Please try again in 1m30.5s. Visit us.", Some(91))]
    #[case("Please try again in 250ms.", Some(1))]
    #[case("Please retry after 20 seconds.", Some(20))]
    #[case("Please try again in 2 minutes", Some(120))]
    #[case("Please try again in a while.", None)]
    #[case("Please wait for your turn.", None)]
    #[case("Overloaded", None)]
    fn a_message_names_the_wait(#[case] message: &str, #[case] expected: Option<u64>) {
        assert_eq!(retry_after_in(message), expected);
    }

    #[test]
    fn an_http_date_becomes_seconds() {
        let now: jiff::Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(7));
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:40:00 GMT", now), Some(0));
        assert_eq!(seconds_until("tomorrow", now), None);
    }
}
