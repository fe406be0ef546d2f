//! What the server counts, told as Prometheus text. The labels are methods, patterns of paths and statuses: nothing in
//! them is about anybody. Each process counts for itself, as Prometheus expects.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use crate::interviewer::InterviewerError;
use crate::sync::lock;

/// Upper bounds of the latency's classes, in seconds: from a lookup to a model's whole reply.
const BOUNDS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// MessageResponse apart in the labels; a client may make up any number of others.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH"];

/// Everything counted since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    paths: Mutex<BTreeMap<String, Path>>,
    turns: AtomicU64,
    quota_refusals: AtomicU64,
    throttled_logins: AtomicU64,
    upstream_failed: AtomicU64,
    upstream_timed_out: AtomicU64,
    upstream_overloaded: AtomicU64,
    silent_replies: AtomicU64,
}

/// What happened at one pattern of paths.
#[derive(Debug, Default)]
struct Path {
    answers: BTreeMap<(&'static str, u16), u64>,
    /// By class, the last one without bound.
    latencies: [u64; BOUNDS.len() + 1],
    total: Duration,
}

/// Why a request was refused, where that is counted by itself; travels with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Quota,
    Throttle,
    UpstreamFailed,
    UpstreamTimedOut,
    UpstreamOverloaded,
}

impl From<&InterviewerError> for Cause {
    fn from(error: &InterviewerError) -> Self {
        match error {
            InterviewerError::Failed { .. } => Self::UpstreamFailed,
            InterviewerError::TimedOut { .. } => Self::UpstreamTimedOut,
            InterviewerError::Overloaded { .. } => Self::UpstreamOverloaded,
        }
    }
}

impl Metrics {
    /// An answer began after `took`.
    pub fn responded(&self, method: &Method, path: &str, status: StatusCode, took: Duration) {
        let method = METHODS
            .into_iter()
            .find(|known| *known == method.as_str())
            .unwrap_or("other");
        // With and without its trailing slash a path is the same.
        let path = path.trim_end_matches('/');
        let mut paths = lock(&self.paths);
        if !paths.contains_key(path) {
            paths.insert(path.to_owned(), Path::default());
        }
        let Some(known) = paths.get_mut(path) else {
            return;
        };
        *known.answers.entry((method, status.as_u16())).or_default() += 1;
        let class = BOUNDS
            .iter()
            .position(|bound| took.as_secs_f64() <= *bound)
            .unwrap_or(BOUNDS.len());
        known.latencies[class] += 1;
        known.total += took;
    }

    /// Something was refused, or broke off.
    pub fn refused(&self, cause: Cause) {
        let counter = match cause {
            Cause::Quota => &self.quota_refusals,
            Cause::Throttle => &self.throttled_logins,
            Cause::UpstreamFailed => &self.upstream_failed,
            Cause::UpstreamTimedOut => &self.upstream_timed_out,
            Cause::UpstreamOverloaded => &self.upstream_overloaded,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A turn was taken.
    pub fn took_turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// A reply, or the rest of one, could not be spoken.
    pub fn fell_silent(&self) {
        self.silent_replies.fetch_add(1, Ordering::Relaxed);
    }

    /// As Prometheus reads it: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write_paths(&mut text);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        counter(
            &mut text,
            "turns_total",
            "Chat turns answered, repeats included.",
            &[("", read(&self.turns))],
        );
        let quota = [("", read(&self.quota_refusals))];
        counter(
            &mut text,
            "quota_refusals_total",
            "Turns refused since the day was used up.",
            &quota,
        );
        let throttled = [("", read(&self.throttled_logins))];
        counter(
            &mut text,
            "throttled_logins_total",
            "Logins refused after too many failures.",
            &throttled,
        );
        let upstream = [
            ("{kind=\"failed\"}", read(&self.upstream_failed)),
            ("{kind=\"overloaded\"}", read(&self.upstream_overloaded)),
            ("{kind=\"timed_out\"}", read(&self.upstream_timed_out)),
        ];
        counter(
            &mut text,
            "upstream_errors_total",
            "Turns lost since the interviewer's engine failed.",
            &upstream,
        );
        let silent = [("", read(&self.silent_replies))];
        counter(
            &mut text,
            "silent_replies_total",
            "Replies that could not be spoken.",
            &silent,
        );
        text
    }

    fn write_paths(&self, text: &mut String) {
        let paths = lock(&self.paths);
        head(
            text,
            "http_requests_total",
            "counter",
            "Answers by method, path and status.",
        );
        for (path, known) in &*paths {
            for ((method, status), count) in &known.answers {
                let labels = format!("{{method=\"{method}\",path=\"{path}\",status=\"{status}\"}}");
                line(text, "http_requests_total", &labels, count);
            }
        }
        head(
            text,
            "http_request_duration_seconds",
            "histogram",
            "Time to the head of an answer.",
        );
        for (path, known) in &*paths {
            write_latencies(text, path, known);
        }
    }
}

/// The classes of a histogram add up: each holds the smaller ones as well.
fn write_latencies(text: &mut String, path: &str, known: &Path) {
    const NAME: &str = "http_request_duration_seconds";
    let mut so_far = 0;
    let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
    for (bound, count) in bounds.zip(known.latencies) {
        so_far += count;
        line(
            text,
            &format!("{NAME}_bucket"),
            &format!("{{path=\"{path}\",le=\"{bound}\"}}"),
            &so_far,
        );
    }
    let labels = format!("{{path=\"{path}\"}}");
    line(
        text,
        &format!("{NAME}_sum"),
        &labels,
        &known.total.as_secs_f64(),
    );
    line(text, &format!("{NAME}_count"), &labels, &so_far);
}

fn counter(text: &mut String, name: &str, help: &str, values: &[(&str, u64)]) {
    head(text, name, "counter", help);
    for (labels, value) in values {
        line(text, name, labels, value);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(
        text,
        "# HELP mock_interviewer_{name} {help}\n# TYPE mock_interviewer_{name} {kind}\n"
    );
}

fn line(text: &mut String, name: &str, labels: &str, value: &impl std::fmt::Display) {
    let _ = writeln!(text, "mock_interviewer_{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_what_they_are_and_classed_by_their_time() {
        let metrics = Metrics::default();
        let millis = Duration::from_millis;
        metrics.responded(&Method::GET, "/api/chat/gpt/", StatusCode::OK, millis(4));
        metrics.responded(&Method::GET, "/api/chat/gpt", StatusCode::OK, millis(40));
        metrics.responded(
            &"BREW".parse().unwrap(),
            "/api/chat/gpt",
            StatusCode::METHOD_NOT_ALLOWED,
            millis(40_000),
        );
        metrics.refused(Cause::UpstreamTimedOut);
        let text = metrics.text();
        for line in [
            "mock_interviewer_http_requests_total{method=\"GET\",path=\"/api/chat/gpt\",status=\"200\"} 2",
            "mock_interviewer_http_requests_total{method=\"other\",path=\"/api/chat/gpt\",status=\"405\"} 1",
            "mock_interviewer_http_request_duration_seconds_bucket{path=\"/api/chat/gpt\",le=\"0.005\"} 1",
            "mock_interviewer_http_request_duration_seconds_bucket{path=\"/api/chat/gpt\",le=\"30\"} 2",
            "mock_interviewer_http_request_duration_seconds_bucket{path=\"/api/chat/gpt\",le=\"+Inf\"} 3",
            "mock_interviewer_http_request_duration_seconds_sum{path=\"/api/chat/gpt\"} 40.044",
            "mock_interviewer_upstream_errors_total{kind=\"timed_out\"} 1",
            "mock_interviewer_quota_refusals_total 0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is missing in\n{text}"
            );
        }
    }
}
