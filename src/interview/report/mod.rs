//! What is left of an interview when it is over. Its JSON is this shape through serde; [`markdown`] words it, [`html`] dresses that.

pub mod html;
pub mod markdown;

use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use super::{Language, Word};

/// A whole interview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Report {
    /// As chosen.
    pub topic: String,
    /// What the question bank calls it in the interview's language; `None` for a topic of the candidate's own.
    #[serde(default)]
    pub title: Option<String>,
    /// Of the interview.
    pub language: Language,
    /// Who asked, for people: `question bank`, `gpt-… at host`.
    pub interviewer: String,
    /// RFC 3339, to the second, by the clock of the place; empty where a server does not tell.
    pub started_at: String,
    /// In order; the last may be unanswered.
    pub turns: Vec<Turn>,
    /// The interviewer's closing words.
    pub feedback: Option<String>,
}

impl Report {
    /// Name of the question bank in [`Report::interviewer`], in every language; [`markdown`] translates it.
    pub const QUESTION_BANK: &str = "question bank";

    /// What it is about, for people; empty where that is not known.
    fn heading(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.topic)
    }

    /// `at` as [`Report::started_at`] has it, by the clock of `zone`.
    pub fn time(at: jiff::Timestamp, zone: jiff::tz::TimeZone) -> String {
        at.to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    }
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Turn {
    /// As put.
    pub question: String,
    /// `None` when it was left open.
    pub answer: Option<Answered>,
    /// `None` for typed answers.
    pub delivery: Option<Delivery>,
}

/// The answer of one turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Answered {
    /// As sent.
    pub text: String,
    /// Length of the recording; `None` when typed.
    pub seconds: Option<f64>,
    /// `None` when typed.
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
            Some(Answered {
                text: "Yes.".into(),
                seconds,
                words,
            })
        };
        let turn = |answer, delivery| Turn {
            question: "Why?".into(),
            answer,
            delivery,
        };
        let report = Report {
            topic: "rust".into(),
            title: Some("Rust".into()),
            language: Language::Korean,
            interviewer: "question bank".into(),
            started_at: "2026-03-01T09:30:00+09:00".into(),
            turns: vec![
                turn(answered(Some(3.0), Some(words)), Some(delivery)),
                turn(answered(None, None), None),
                turn(None, None),
            ],
            feedback: None,
        };
        let expected = json!({
            "topic": "rust", "title": "Rust", "language": "ko", "interviewer": "question bank", "started_at": "2026-03-01T09:30:00+09:00",
            "turns": [
                {
                    "question": "Why?",
                    "answer": {"text": "Yes.", "seconds": 3.0, "words": [{"text": "Yes.", "start": 0.5, "end": 0.75}]},
                    "delivery": {
                        "words_per_minute": null, "syllables_per_second": null,
                        "pauses": [{"start": 1.0, "end": 2.5, "long": false}], "time_to_first_word": 0.5,
                        "speaking_share": 0.5,
                        "fillers": [{"text": "음", "start": 0.5, "end": 0.75, "confidence": "certain"}],
                    },
                },
                {"question": "Why?", "answer": {"text": "Yes.", "seconds": null, "words": null}, "delivery": null},
                {"question": "Why?", "answer": null, "delivery": null},
            ],
            "feedback": null,
        });
        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Report>(expected).unwrap(), report);
    }
}
