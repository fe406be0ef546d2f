//! Recognises the question bank's own words.

use rust_i18n::t;

use crate::interview::Language;
use crate::interview::bank::{Bank, Question, TopicBank};

/// The lines whose wording never changes.
const FIXED_LINES: [&str; 14] = [
    "interview.greeting",
    "interview.greeting_again",
    "interview.no_questions",
    "interview.move_on",
    "interview.next_1",
    "interview.next_2",
    "interview.follow_up_1",
    "interview.follow_up_2",
    "interview.last",
    "interview.feedback.intro",
    "interview.feedback.nothing_asked",
    "interview.feedback.unanswered",
    "interview.feedback.missed",
    "interview.feedback.not_from_bank",
];

/// Returns whether `words`, a sentence or part of one, come from the bank or from a fixed line of
/// the interviewer. This excludes everything a candidate or a model said.
pub fn is_own_line(bank: &Bank, words: &str, language: Language) -> bool {
    let words = words.trim().trim_start_matches("- ");
    let locale = language.code();
    let has = |text: &str| text.contains(words);
    let said = || {
        FIXED_LINES
            .into_iter()
            .any(|line| has(&t!(line, locale = locale)))
    };
    // The other lines about topics are left out, because they quote the candidate's own words.
    let named =
        |topic: &TopicBank| has(&t!("interview.topic", locale = locale, topic = topic.title));
    let asked = |topic: &TopicBank| topic.questions.iter().flat_map(texts).any(has);
    !words.is_empty()
        && (said()
            || bank
                .topics(language)
                .any(|topic| named(topic) || asked(topic)))
}

fn texts(question: &Question) -> impl Iterator<Item = &str> {
    let covered = question.points.iter().map(|point| point.text.as_str());
    let follow_ups = question
        .follow_ups
        .iter()
        .map(|follow_up| follow_up.text.as_str());
    std::iter::once(question.text.as_str())
        .chain(covered)
        .chain(follow_ups)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::fixed("All right. On to the next one.", true)]
    #[case::part_of_a_line("Thank you.", true)]
    #[case::named_topic("The topic is Databases.", true)]
    #[case::unknown_topic(
        "I have no questions on “my merger”, so I will ask general interview questions instead.",
        false
    )]
    #[case::own_topic("The topic is my merger.", false)]
    #[case::of_a_model("You said that Ada leads your team.", false)]
    #[case::nothing(" ", false)]
    fn only_the_programs_own_words_are_own_lines(#[case] words: &str, #[case] own: bool) {
        assert_eq!(
            is_own_line(&Bank::built_in(), words, Language::English),
            own
        );
    }

    #[test]
    fn questions_follow_ups_and_listed_points_are_own_lines_in_their_language() {
        let bank = Bank::built_in();
        for language in Language::ALL {
            let question = &bank.topics(language).next().unwrap().questions[0];
            let point = format!("- {}", question.points[0].text);
            for words in [&question.text, &question.follow_ups[0].text, &point] {
                assert!(is_own_line(&bank, words, language), "{words}");
            }
        }
    }
}
