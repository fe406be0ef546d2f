//! Numbers the questions of an interview: main questions count from 1, and the follow-ups of
//! question 3 are 3a, 3b and so on. Everything that shows or sends a number takes it from here.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bank::main_of;

/// The number of a question within its interview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct QuestionNumber {
    /// The number of the main question, starting at 1.
    pub number: u32,
    /// 0 for the main question itself, 1 for its first follow-up (3a), 2 for the second (3b).
    #[serde(default)]
    pub follow_up: u32,
}

impl QuestionNumber {
    /// Returns the number of the main question `number`.
    pub const fn main(number: u32) -> Self {
        Self {
            number,
            follow_up: 0,
        }
    }

    const fn next_main(self) -> Self {
        Self::main(self.number + 1)
    }

    const fn next_follow_up(self) -> Self {
        Self {
            number: self.number,
            follow_up: self.follow_up + 1,
        }
    }
}

/// Formats the number as `3`, `3a` or `3b`; the follow-up after `3z` is `3aa`.
impl fmt::Display for QuestionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut left = self.follow_up;
        while left > 0 {
            left -= 1;
            letters.push(char::from(b'a' + (left % 26) as u8));
            left /= 26;
        }
        write!(f, "{}", self.number)?;
        f.write_str(&letters.iter().rev().collect::<String>())
    }
}

/// The position in an interview: question `number` out of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Progress {
    /// The number of the main question, starting at 1.
    pub number: u32,
    /// The number of main questions in total; `None` when the interview has no fixed length.
    pub of: Option<u32>,
    /// 0 for the main question itself, 1 for its first follow-up (3a), 2 for the second (3b).
    #[serde(default)]
    pub follow_up: u32,
}

impl Progress {
    pub const fn new(question: QuestionNumber, of: Option<u32>) -> Self {
        Self {
            number: question.number,
            of,
            follow_up: question.follow_up,
        }
    }

    /// Returns the number of the question, which formats as `3` or `3a`.
    pub const fn question(self) -> QuestionNumber {
        QuestionNumber {
            number: self.number,
            follow_up: self.follow_up,
        }
    }
}

/// Names the question that an answer or a draft belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionRef {
    /// The ID of the interview. A server that names none gets a name made up for its conversation.
    pub interview: String,
    /// How many messages the interviewer has said, this question included.
    pub index: u32,
}

impl QuestionRef {
    /// Returns the question that follows in the same interview.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            interview: self.interview.clone(),
            index: self.index + 1,
        }
    }
}

/// Returns whether the question called `next` follows up on the question called `before`. The names
/// are those of the question bank; a question of a model has none, and counts as a main question.
pub fn follows_up(before: Option<&str>, next: Option<&str>) -> bool {
    match (before, next) {
        (Some(before), Some(next)) => next.contains('#') && main_of(before) == main_of(next),
        _ => false,
    }
}

/// Returns the numbers of questions, given their names in the order in which they were asked.
pub fn question_numbers<'a>(
    asked: impl IntoIterator<Item = Option<&'a str>>,
) -> Vec<QuestionNumber> {
    let mut before = None;
    let mut number = QuestionNumber::default();
    asked
        .into_iter()
        .map(|name| {
            number = if follows_up(before, name) {
                number.next_follow_up()
            } else {
                number.next_main()
            };
            before = name;
            number
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn labels(asked: &[Option<&str>]) -> Vec<String> {
        question_numbers(asked.iter().copied())
            .iter()
            .map(QuestionNumber::to_string)
            .collect()
    }

    #[rstest]
    #[case::nothing(&[], &[])]
    #[case::bank(&[Some("t/x"), Some("t/x#a"), Some("t/x#b"), Some("t/y"), Some("t/y#a")], &["1", "1a", "1b", "2", "2a"])]
    #[case::model(&[None, None, None], &["1", "2", "3"])]
    #[case::model_in_between(&[Some("t/x"), None, Some("t/x#a")], &["1", "2", "3"])]
    #[case::follow_up_on_another_question(&[Some("t/x"), Some("t/y#a")], &["1", "2"])]
    #[case::same_question_again(&[Some("t/x"), Some("t/x")], &["1", "2"])]
    #[case::begins_with_a_follow_up(&[Some("t/x#a"), Some("t/x#b")], &["1", "1a"])]
    fn main_questions_count_and_follow_ups_get_letters(
        #[case] asked: &[Option<&str>],
        #[case] expected: &[&str],
    ) {
        assert_eq!(labels(asked), expected);
    }

    #[rstest]
    #[case(0, "3")]
    #[case(1, "3a")]
    #[case(26, "3z")]
    #[case(27, "3aa")]
    #[case(52, "3az")]
    #[case(703, "3aaa")]
    fn a_number_is_shown_with_the_letters_of_its_follow_up(
        #[case] follow_up: u32,
        #[case] expected: &str,
    ) {
        let number = QuestionNumber {
            number: 3,
            follow_up,
        };
        assert_eq!(number.to_string(), expected);
        assert_eq!(Progress::new(number, Some(5)).question(), number);
    }

    #[test]
    fn a_position_without_a_follow_up_is_read_as_a_main_question() {
        let read: Progress = serde_json::from_str(r#"{"number":2,"of":null}"#).unwrap();
        assert_eq!(read, Progress::new(QuestionNumber::main(2), None));
    }
}
