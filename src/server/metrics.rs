//! Counters and latencies of the server as Prometheus text. The labels are methods, patterns of
//! paths and statuses: nothing in them identifies a user. Each process counts for itself, as
//! Prometheus expects.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use crate::interviewer::InterviewerError;
use crate::sync::lock;

/// Upper bounds of the latency buckets in seconds, from a lookup to a model's whole reply.
const BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The methods with a label of their own. Clients may invent any number of others.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT", "PATCH"];

/// Everything counted since the process started.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    paths: Mutex<BTreeMap<String, PathMetrics>>,
    turns: AtomicU64,
    quota_refusals: AtomicU64,
    throttled_logins: AtomicU64,
    upstream_failed: AtomicU64,
    upstream_timed_out: AtomicU64,
    upstream_overloaded: AtomicU64,
    silent_replies: AtomicU64,
}

/// The counts of one pattern of paths.
#[derive(Debug, Default)]
struct PathMetrics {
    answers: BTreeMap<(&'static str, u16), u64>,
    /// Answers by latency bucket. The last bucket has no bound.
    latencies: [u64; BUCKETS.len() + 1],
    total: Duration,
}

/// A reason for refusing a request that has a counter of its own. It travels in the extensions of
/// the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefusalCause {
    Quota,
    Throttle,
    UpstreamFailed,
    UpstreamTimedOut,
    UpstreamOverloaded,
}

impl From<&InterviewerError> for RefusalCause {
    fn from(error: &InterviewerError) -> Self {
        match error {
            InterviewerError::Failed { .. }
            | InterviewerError::CutOff { .. }
            | InterviewerError::NoWords { .. } => Self::UpstreamFailed,
            InterviewerError::TimedOut { .. } => Self::UpstreamTimedOut,
            InterviewerError::Overloaded { .. } => Self::UpstreamOverloaded,
        }
    }
}

impl Metrics {
    /// Counts an answer whose head was sent after `latency`.
    pub fn count_answer(&self, method: &Method, path: &str, status: StatusCode, latency: Duration) {
        let method = METHODS
            .into_iter()
            .find(|known| *known == method.as_str())
            .unwrap_or("other");
        // A path with and without its trailing slash counts as one.
        let path = path.trim_end_matches('/');
        let mut paths = lock(&self.paths);
        if !paths.contains_key(path) {
            paths.insert(path.to_owned(), PathMetrics::default());
        }
        let Some(metrics) = paths.get_mut(path) else {
            return;
        };
        *metrics
            .answers
            .entry((method, status.as_u16()))
            .or_default() += 1;
        let bucket = BUCKETS
            .iter()
            .position(|bound| latency.as_secs_f64() <= *bound)
            .unwrap_or(BUCKETS.len());
        metrics.latencies[bucket] += 1;
        metrics.total += latency;
    }

    /// Counts a refusal, or a turn that broke off.
    pub fn count_refusal(&self, cause: RefusalCause) {
        let counter = match cause {
            RefusalCause::Quota => &self.quota_refusals,
            RefusalCause::Throttle => &self.throttled_logins,
            RefusalCause::UpstreamFailed => &self.upstream_failed,
            RefusalCause::UpstreamTimedOut => &self.upstream_timed_out,
            RefusalCause::UpstreamOverloaded => &self.upstream_overloaded,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a reply of which some or all could not be narrated.
    pub fn count_silent_reply(&self) {
        self.silent_replies.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the counts in Prometheus' text format:
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>.
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
            "Turns refused at the daily limit.",
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
            "Turns lost because the interviewer's engine failed.",
            &upstream,
        );
        let silent = [("", read(&self.silent_replies))];
        counter(
            &mut text,
            "silent_replies_total",
            "Replies that could not be narrated.",
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
        for (path, metrics) in &*paths {
            for ((method, status), count) in &metrics.answers {
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
        for (path, metrics) in &*paths {
            write_latencies(text, path, metrics);
        }
    }
}

/// Writes a histogram. Its buckets are cumulative: each includes the smaller ones.
fn write_latencies(text: &mut String, path: &str, metrics: &PathMetrics) {
    const NAME: &str = "http_request_duration_seconds";
    let mut total = 0;
    let bounds = BUCKETS
        .iter()
        .map(f64::to_string)
        .chain(["+Inf".to_owned()]);
    for (bound, count) in bounds.zip(metrics.latencies) {
        total += count;
        line(
            text,
            &format!("{NAME}_bucket"),
            &format!("{{path=\"{path}\",le=\"{bound}\"}}"),
            &total,
        );
    }
    let labels = format!("{{path=\"{path}\"}}");
    line(
        text,
        &format!("{NAME}_sum"),
        &labels,
        &metrics.total.as_secs_f64(),
    );
    line(text, &format!("{NAME}_count"), &labels, &total);
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
    fn answers_are_counted_by_path_and_status_and_grouped_by_latency() {
        let metrics = Metrics::default();
        let millis = Duration::from_millis;
        metrics.count_answer(&Method::GET, "/api/chat/gpt/", StatusCode::OK, millis(4));
        metrics.count_answer(&Method::GET, "/api/chat/gpt", StatusCode::OK, millis(40));
        metrics.count_answer(
            &"BREW".parse().unwrap(),
            "/api/chat/gpt",
            StatusCode::METHOD_NOT_ALLOWED,
            millis(40_000),
        );
        metrics.count_refusal(RefusalCause::UpstreamTimedOut);
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
