//! The figures as JSON and as a table. Times are in milliseconds.

use std::time::Duration;

use rust_i18n::t;
use serde::Serialize;

use crate::interview::Language;

#[derive(Debug, Serialize)]
pub struct Figures {
    #[serde(flatten)]
    pub recognition: Recognition,
    #[serde(flatten)]
    pub sound: Sound,
    /// The time from a key to the frame that shows it, while the model transcribes.
    pub key_to_frame_ms: MedianAndP99,
    /// Memory of the process with the model loaded, in megabytes.
    pub rss_mb: f64,
}

#[derive(Debug, Serialize)]
pub struct Recognition {
    /// The model's file.
    pub model: String,
    pub threads: usize,
    pub load_ms: f64,
    /// The time a recording takes to transcribe, divided by its length.
    pub real_time_factor: f64,
    /// The time from the start of an answer to its first words; `None` if the model is too slow to
    /// transcribe any while the candidate talks.
    pub first_partial_ms: Option<f64>,
    pub release_to_final_ms: ReleaseToFinal,
}

/// The time from the release of the talk key to the final words, by the answer's length in seconds.
#[derive(Debug, Serialize)]
pub struct ReleaseToFinal {
    #[serde(rename = "5")]
    pub five: f64,
    #[serde(rename = "10")]
    pub ten: f64,
    #[serde(rename = "30")]
    pub thirty: f64,
    #[serde(rename = "120")]
    pub two_minutes: f64,
}

#[derive(Debug, Serialize)]
pub struct Sound {
    /// The time from the first words of a reply to their sound; `None` without an offline speech engine.
    pub first_delta_to_sound_ms: Option<f64>,
    pub interrupt_to_silence_ms: MedianAndP95,
}

#[derive(Debug, Serialize)]
pub struct MedianAndP95 {
    pub p50: f64,
    pub p95: f64,
}

#[derive(Debug, Serialize)]
pub struct MedianAndP99 {
    pub p50: f64,
    pub p99: f64,
}

/// Returns the smallest time that `percent` of all times do not exceed (nearest rank), in
/// milliseconds. There must be at least one time.
pub fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).max(1);
    ms(times[rank - 1])
}

/// Returns a time in milliseconds, rounded to a tenth.
pub fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

impl Figures {
    /// Returns one line for each figure, with its name in `language`.
    pub fn table(&self, language: Language) -> String {
        let none = t!("bench.none", locale = language.code());
        let optional = |time: Option<f64>| time.map_or_else(|| none.to_string(), with_unit);
        let final_ms = &self.recognition.release_to_final_ms;
        let silence = &self.sound.interrupt_to_silence_ms;
        let keys = &self.key_to_frame_ms;
        let rows = [
            ("model", self.recognition.model.clone()),
            ("threads", self.recognition.threads.to_string()),
            ("load", with_unit(self.recognition.load_ms)),
            (
                "real_time_factor",
                format!("{:.3}", self.recognition.real_time_factor),
            ),
            ("first_partial", optional(self.recognition.first_partial_ms)),
            (
                "release_to_final",
                format!(
                    "5 s: {} · 10 s: {} · 30 s: {} · 120 s: {} ms",
                    final_ms.five, final_ms.ten, final_ms.thirty, final_ms.two_minutes
                ),
            ),
            (
                "first_delta_to_sound",
                optional(self.sound.first_delta_to_sound_ms),
            ),
            (
                "interrupt_to_silence",
                format!("{} ms, p95 {} ms", silence.p50, silence.p95),
            ),
            (
                "key_to_frame",
                format!("{} ms, p99 {} ms", keys.p50, keys.p99),
            ),
            ("memory", format!("{:.1} MB", self.rss_mb)),
        ];
        rows.map(|(key, value)| row(key, &value, language)).concat()
    }
}

fn with_unit(time: f64) -> String {
    format!("{time} ms")
}

fn row(key: &str, value: &str, language: Language) -> String {
    let label = t!(format!("bench.{key}"), locale = language.code());
    let pad = 32_usize.saturating_sub(crate::app::wrap::columns(&label));
    format!("{label}{}{value}\n", " ".repeat(pad))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_measured_times() {
        let mut times: Vec<Duration> = (1..=20).rev().map(Duration::from_millis).collect();
        let percentiles = [50, 95, 99].map(|percent| percentile(&mut times, percent));
        assert_eq!(format!("{percentiles:?}"), "[10.0, 19.0, 20.0]");
        let rounded = percentile(&mut [Duration::from_micros(1_260)], 50);
        assert_eq!(rounded.to_string(), "1.3");
    }
}
