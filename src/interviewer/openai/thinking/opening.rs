//! Holds back the beginning of a reply that reads like thinking.
//!
//! Some chat templates open the thinking themselves, so that a reply contains only the closing tag.
//! Everything before it was thinking, but a reply cannot be held back until its end: it should be
//! read and spoken while it is written. A reply that begins as models begin to think is therefore
//! held until its closing tag or its end, and every other one is shown at once. The words below
//! only decide how long the candidate waits; no text is lost by them.

/// The most characters that are read to decide.
const MAX_UNDECIDED: usize = 120;

/// Beginnings that thinking and speech share: what follows them decides.
const OPENERS: [&str; 25] = [
    "okay",
    "ok,",
    "ok ",
    "alright",
    "all right",
    "hmm",
    "let me",
    "let's",
    "got it",
    "wait",
    "음",
    "좋아",
    "먼저",
    "자,",
    "알겠",
    "so the ",
    "so, the ",
    "so i ",
    "so we ",
    "now i ",
    "now the ",
    "first, i",
    "first i ",
    "well, the",
    "well, i",
];

/// Words that speak about the candidate or the task instead of to the candidate. A reply that begins
/// with one of them, or contains one soon after an opener, is thinking.
const ASIDES: [&str; 51] = [
    "the user",
    "the candidate",
    "the interviewer",
    "the system prompt",
    "the prompt",
    "the instruction",
    "the assistant",
    "thinking process",
    "user wants",
    "user is",
    "user said",
    "candidate's answer",
    "we need to",
    "we have to",
    "we are asked",
    "we're asked",
    "we should",
    "we must",
    "i need to",
    "i have to",
    "i should",
    "i must",
    "i'm supposed",
    "i am supposed",
    "as an interviewer",
    "as the interviewer",
    "analysis",
    "사용자가",
    "사용자는",
    "지원자가",
    "지원자는",
    "면접관으로서",
    "用户",
    "我需要",
    "need to ask",
    "i will ask",
    "i'll ask",
    "i want to ask",
    "i can ask",
    "i could ask",
    "my task",
    "my goal",
    "my role",
    "the task is",
    "this user",
    "this candidate",
    "thinking:",
    "reasoning:",
    "plan:",
    "好的",
    "首先",
];

/// What the beginning of a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// More text has to come.
    Undecided,
    Thinking,
    Speech,
}

/// Judges the beginning of a reply.
pub(super) fn judge(text: &str) -> Opening {
    let lower = text.trim_start().to_lowercase().replace('’', "'");
    if ASIDES.iter().any(|aside| lower.starts_with(aside)) {
        return Opening::Thinking;
    }
    if OPENERS.iter().any(|opener| lower.starts_with(opener)) {
        return judge_after_opener(&lower);
    }
    let mut all = OPENERS.iter().chain(&ASIDES);
    if all.any(|words| words.starts_with(&lower)) {
        Opening::Undecided
    } else {
        Opening::Speech
    }
}

fn judge_after_opener(lower: &str) -> Opening {
    if ASIDES.iter().any(|aside| lower.contains(aside)) {
        Opening::Thinking
    } else if lower.contains('?') || lower.chars().count() > MAX_UNDECIDED {
        Opening::Speech
    } else {
        Opening::Undecided
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Opening::Undecided)]
    #[case("W", Opening::Undecided)]
    #[case("Why", Opening::Speech)]
    #[case("What is ownership?", Opening::Speech)]
    #[case("So then", Opening::Speech)]
    #[case("Now, how", Opening::Speech)]
    #[case("러스트를", Opening::Speech)]
    #[case("Okay", Opening::Undecided)]
    #[case("Okay, and how would you test it?", Opening::Speech)]
    #[case("Okay, the user wants an interview.", Opening::Thinking)]
    #[case("Alright, I need to ask one question.", Opening::Thinking)]
    #[case("We need to ask", Opening::Thinking)]
    #[case("The candidate said", Opening::Thinking)]
    #[case("Need to ask about", Opening::Thinking)]
    #[case("Now I will ask", Opening::Thinking)]
    #[case("Plan: one question", Opening::Thinking)]
    #[case("음, 사용자가 면접을", Opening::Thinking)]
    fn a_beginning_is_judged_by_whom_it_speaks_to(#[case] text: &str, #[case] expected: Opening) {
        assert_eq!(judge(text), expected);
    }

    #[test]
    fn a_long_beginning_without_an_aside_is_speech() {
        assert_eq!(
            judge(&format!("Okay, {}", "a".repeat(300))),
            Opening::Speech
        );
    }
}
