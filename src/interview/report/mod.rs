//! The report of an interview. Its JSON has this shape through serde, [`markdown`] renders it as
//! text, and [`html`] turns that text into a page.

pub mod html;
pub mod markdown;

use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use super::{Language, QuestionNumber, Word};

/// The report of a whole interview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Report {
    /// The topic as the candidate chose it.
    pub topic: String,
    /// The question bank's title for the topic, in the interview's language; `None` for a topic of
    /// the candidate's own.
    #[serde(default)]
    pub title: Option<String>,
    pub language: Language,
    /// The interviewer's display name: `question bank`, or `gpt-… at host`.
    pub interviewer: String,
    /// RFC 3339 to the second, in local time; empty if the server does not send it.
    pub started_at: String,
    /// The turns in order; the last one may be unanswered.
    pub turns: Vec<ReportTurn>,
    pub feedback: Option<String>,
}

impl Report {
    /// The value of [`Report::interviewer`] for the question bank, in every language. [`markdown`]
    /// translates it.
    pub const QUESTION_BANK: &str = "question bank";

    /// Returns the numbers of the turns. A server that sends none counts in order.
    fn numbers(&self) -> impl Iterator<Item = QuestionNumber> {
        (1..)
            .zip(&self.turns)
            .map(|(place, turn)| match turn.number {
                0 => QuestionNumber::main(place),
                number => QuestionNumber {
                    number,
                    follow_up: turn.follow_up,
                },
            })
    }

    /// Returns the display title, which is empty if the topic is unknown.
    fn heading(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.topic)
    }

    /// Formats `at` for [`Report::started_at`], in the time zone `zone`.
    pub fn time(at: jiff::Timestamp, zone: jiff::tz::TimeZone) -> String {
        at.to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }
}

/// One question with its answer and delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReportTurn {
    /// The number of the main question, starting at 1; 0 if the server does not send it.
    #[serde(default)]
    pub number: u32,
    /// 0 for the main question itself, 1 for its first follow-up (3a), 2 for the second (3b).
    #[serde(default)]
    pub follow_up: u32,
    pub question: String,
    /// The answer; `None` if the question was left open.
    pub answer: Option<ReportAnswer>,
    /// The delivery; `None` for a typed answer.
    pub delivery: Option<Delivery>,
    /// A strong answer to a main question of the bank, as it would be spoken.
    #[serde(default)]
    pub model_answer: Option<String>,
}

/// The answer of one turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ReportAnswer {
    pub text: String,
    /// Length of the recording in seconds; `None` for a typed answer.
    pub seconds: Option<f64>,
    /// The recognised words; `None` for a typed answer.
    pub words: Option<Vec<Word>>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::interview::delivery::{Confidence, Filler, Pause};

    #[test]
    fn the_json_has_the_documented_shape() {
        let words = vec![Word {
            text: "Yes.".into(),
            start: 0.5,
            end: 0.75,
        }];
        let delivery = Delivery {
            words_per_minute: None,
            syllables_per_second: None,
            pauses: vec![Pause {
                start: 1.0,
                end: 2.5,
                long: false,
            }],
            time_to_first_word: Some(0.5),
            speaking_share: Some(0.5),
            fillers: vec![Filler {
                text: Some("음".into()),
                start: 0.5,
                end: 0.75,
                confidence: Confidence::Certain,
            }],
        };
        let answered = |seconds, words| {
            Some(ReportAnswer {
                text: "Yes.".into(),
                seconds,
                words,
            })
        };
        let turn = |follow_up, answer, delivery| ReportTurn {
            number: 1,
            follow_up,
            question: "Why?".into(),
            answer,
            delivery,
            model_answer: None,
        };
        let report = Report {
            topic: "rust".into(),
            title: Some("Rust".into()),
            language: Language::Korean,
            interviewer: "question bank".into(),
            started_at: "2026-03-01T09:30:00+09:00".into(),
            turns: vec![
                turn(0, answered(Some(3.0), Some(words)), Some(delivery)),
                turn(1, answered(None, None), None),
                turn(2, None, None),
            ],
            feedback: None,
        };
        let expected = json!({
            "topic": "rust", "title": "Rust", "language": "ko", "interviewer": "question bank", "started_at": "2026-03-01T09:30:00+09:00",
            "turns": [
                {
                    "number": 1, "follow_up": 0,
                    "question": "Why?",
                    "answer": {"text": "Yes.", "seconds": 3.0, "words": [{"text": "Yes.", "start": 0.5, "end": 0.75}]},
                    "delivery": {
                        "words_per_minute": null, "syllables_per_second": null,
                        "pauses": [{"start": 1.0, "end": 2.5, "long": false}], "time_to_first_word": 0.5,
                        "speaking_share": 0.5,
                        "fillers": [{"text": "음", "start": 0.5, "end": 0.75, "confidence": "certain"}],
                    },
                    "model_answer": null,
                },
                {"number": 1, "follow_up": 1, "question": "Why?", "answer": {"text": "Yes.", "seconds": null, "words": null}, "delivery": null, "model_answer": null},
                {"number": 1, "follow_up": 2, "question": "Why?", "answer": null, "delivery": null, "model_answer": null},
            ],
            "feedback": null,
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Report>(expected).unwrap(), report);
    }
}
