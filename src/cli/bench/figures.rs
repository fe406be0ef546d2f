//! The figures, as JSON and as lines for people.

use std::io::{self, Write};
use std::time::Duration;

use rust_i18n::t;
use serde::Serialize;

use crate::interview::Language;

/// All that is measured. Times in milliseconds.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// See there.
    #[serde(flatten)]
    pub recognition: Recognition,
    /// See there.
    #[serde(flatten)]
    pub sound: Sound,
    /// From a key to the frame that shows it, while the model writes.
    pub key_to_frame_ms: Tail99,
    /// Memory of the process with the model loaded, in megabytes.
    pub rss_mb: f64,
}

/// From speech to words.
#[derive(Debug, Serialize)]
pub struct Recognition {
    /// File of the model.
    pub model: String,
    /// It calculates with.
    pub threads: usize,
    /// "virtual" or, with `--full`, "real".
    pub clock: &'static str,
    /// Loading it.
    pub load_ms: f64,
    /// Time to write down a recording, divided by its length.
    pub real_time_factor: f64,
    /// From the first sound of an answer to its first words on the screen; `None` where the model is too slow to write any
    /// while somebody talks.
    pub first_partial_ms: Option<f64>,
    /// Between two drafts of a phrase that goes on, if there are any.
    pub partial_interval_ms: Option<Tail95>,
    /// From the release of the key to the final words, for answers of so many seconds.
    pub release_to_final_ms: ReleaseToFinal,
}

/// By the length of the answer in seconds.
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

impl ReleaseToFinal {
    /// Of the four lengths, in order.
    pub fn of(times: &[f64]) -> Self {
        let at = |place: usize| times.get(place).copied().unwrap_or_default();
        Self {
            five: at(0),
            ten: at(1),
            thirty: at(2),
            two_minutes: at(3),
        }
    }
}

/// From text to sound.
#[derive(Debug, Serialize)]
pub struct Sound {
    /// From the first words of a reply to their sound; `None` without an offline speech engine.
    pub first_delta_to_sound_ms: Option<f64>,
    /// From an interruption to silence.
    pub interrupt_to_silence_ms: Tail95,
}

/// The half and nineteen of twenty are no slower.
#[derive(Debug, PartialEq, Serialize)]
pub struct Tail95 {
    pub p50: f64,
    pub p95: f64,
}

/// The half and ninety-nine of a hundred are no slower.
#[derive(Debug, PartialEq, Serialize)]
pub struct Tail99 {
    pub p50: f64,
    pub p99: f64,
}

/// Of times in any order, at least one.
pub fn tail95(times: Vec<Duration>) -> Tail95 {
    let times = Sorted::new(times);
    Tail95 {
        p50: times.at(50),
        p95: times.at(95),
    }
}

/// As [`tail95`].
pub fn tail99(times: Vec<Duration>) -> Tail99 {
    let times = Sorted::new(times);
    Tail99 {
        p50: times.at(50),
        p99: times.at(99),
    }
}

/// Of times in any order, at least one.
pub fn median(times: Vec<Duration>) -> f64 {
    Sorted::new(times).at(50)
}

/// To the tenth of a millisecond.
pub fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

struct Sorted(Vec<Duration>);

impl Sorted {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The smallest time that `percent` of all do not exceed (nearest rank).
    fn at(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        ms(self.0[rank - 1])
    }
}

impl Figures {
    /// For people.
    pub fn print(&self, language: Language, out: &mut impl Write) -> io::Result<()> {
        let Self {
            recognition: heard,
            sound,
            key_to_frame_ms: keys,
            rss_mb,
        } = self;
        let final_ms = &heard.release_to_final_ms;
        let silence = &sound.interrupt_to_silence_ms;
        let none = t!("bench.none", locale = language.code());
        let known = |text: Option<String>| text.unwrap_or_else(|| none.to_string());
        let rows = [
            ("model", heard.model.clone()),
            ("threads", heard.threads.to_string()),
            ("load", one(heard.load_ms)),
            ("real_time_factor", format!("{:.3}", heard.real_time_factor)),
            ("first_partial", known(heard.first_partial_ms.map(one))),
            (
                "partial_interval",
                known(
                    heard
                        .partial_interval_ms
                        .as_ref()
                        .map(|tail| two(tail.p50, "p95", tail.p95)),
                ),
            ),
            (
                "release_to_final",
                format!(
                    "5 s: {} · 10 s: {} · 30 s: {} · 120 s: {} ms",
                    final_ms.five, final_ms.ten, final_ms.thirty, final_ms.two_minutes
                ),
            ),
            (
                "first_delta_to_sound",
                known(sound.first_delta_to_sound_ms.map(one)),
            ),
            ("interrupt_to_silence", two(silence.p50, "p95", silence.p95)),
            ("key_to_frame", two(keys.p50, "p99", keys.p99)),
            ("memory", format!("{rss_mb:.1} MB")),
        ];
        for (key, value) in rows {
            let label = t!(format!("bench.{key}"), locale = language.code());
            let pad = 32_usize.saturating_sub(crate::app::wrap::columns(&label));
            writeln!(out, "{label}{}{value}", " ".repeat(pad))?;
        }
        Ok(())
    }
}

fn one(time: f64) -> String {
    format!("{time} ms")
}

fn two(median: f64, name: &str, tail: f64) -> String {
    format!("{median} ms, {name} {tail} ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<Duration> = (1..=20).rev().map(Duration::from_millis).collect();
        assert_eq!(
            tail95(times.clone()),
            Tail95 {
                p50: 10.0,
                p95: 19.0
            }
        );
        assert_eq!(
            tail99(times),
            Tail99 {
                p50: 10.0,
                p99: 20.0
            }
        );
        assert_eq!(
            tail95(vec![Duration::from_micros(1_260)]),
            Tail95 { p50: 1.3, p95: 1.3 }
        );
    }
}
