//! The interviewer that asks from the question bank. It says so, and never pretends to be an AI.

use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::{Brief, InterviewerTask, Reply, ReplyDelta};
use crate::interview::bank::Bank;
use crate::interview::bank_interviewer::{self, FlowContext};

/// An interviewer that asks from a question bank.
#[derive(Clone, Debug)]
pub struct BankInterviewer {
    bank: Arc<Bank>,
}

impl BankInterviewer {
    pub fn new(bank: Arc<Bank>) -> Self {
        Self { bank }
    }

    /// Returns the next line in word-sized deltas.
    pub fn reply(&self, brief: &Brief) -> Reply {
        let context = FlowContext {
            language: brief.language,
            topic: &brief.topic,
            level: brief.level,
            seed: brief.seed,
            exchanges: &brief.exchanges,
            asked_before: &brief.asked_before,
            returning: brief.returning,
            remaining: brief.remaining,
        };
        let line = match brief.task {
            InterviewerTask::Ask => bank_interviewer::next_question(&self.bank, &context),
            InterviewerTask::FollowUpOrClose => {
                bank_interviewer::follow_up_or_feedback(&self.bank, &context)
            }
            InterviewerTask::Close => bank_interviewer::feedback(&self.bank, &context),
        };
        let deltas: Vec<_> = line
            .text
            .split_inclusive(char::is_whitespace)
            .map(|word| Ok(ReplyDelta::Text(word.to_owned())))
            .collect();
        Reply {
            deltas: stream::iter(deltas).boxed(),
            closes: brief.task != InterviewerTask::Ask && line.asked.is_none(),
            asked: line.asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, TryStreamExt};
    use rstest::rstest;

    use super::*;
    use crate::interview::bank_interviewer::Exchange;
    use crate::interview::report::Report;
    use crate::interview::{Language, Topic};
    use crate::interviewer::Identity;

    fn brief(task: InterviewerTask, language: Language) -> Brief {
        Brief {
            task,
            language,
            topic: Topic::parse("databases").unwrap(),
            level: None,
            remaining: Some(5),
            seed: 7,
            messages: Vec::new(),
            exchanges: Vec::new(),
            asked_before: Vec::new(),
            returning: false,
        }
    }

    /// Returns the deltas of a reply. They are ready at once, so one poll collects them all.
    fn say(brief: &Brief) -> (Vec<String>, Option<String>) {
        let reply = BankInterviewer::new(Arc::new(Bank::built_in())).reply(brief);
        let deltas = reply
            .deltas
            .map_ok(|delta| match delta {
                ReplyDelta::Text(text) => text,
                ReplyDelta::Restart => panic!("the question bank does not think"),
            })
            .try_collect()
            .now_or_never()
            .expect("the deltas are ready at once");
        (deltas.unwrap(), reply.asked)
    }

    #[rstest]
    #[case(Language::English, "question bank, not an AI")]
    #[case(Language::Korean, "AI가 아니라 프로그램에 내장된 질문 은행입니다")]
    fn the_first_reply_says_who_asks_and_asks_a_question(
        #[case] language: Language,
        #[case] honest: &str,
    ) {
        let (deltas, asked) = say(&brief(InterviewerTask::Ask, language));
        let text = deltas.concat();
        let asked = asked.unwrap();
        assert!(text.contains(honest), "{text}");
        assert!(
            text.ends_with(Bank::built_in().text_of(&asked, language).unwrap()),
            "{text}"
        );
        assert!(
            deltas
                .iter()
                .all(|delta| delta.split_whitespace().count() <= 1),
            "{deltas:?}"
        );
    }

    #[test]
    fn the_identity_equals_the_name_in_reports() {
        assert_eq!(Identity::QuestionBank.to_string(), Report::QUESTION_BANK);
    }

    #[test]
    fn closing_gives_feedback_and_asks_nothing() {
        let question = "databases/unknown".to_owned();
        let exchange = Exchange {
            asked: None,
            question,
            answer: Some("An answer.".into()),
        };
        let (deltas, asked) = say(&Brief {
            exchanges: vec![exchange],
            ..brief(InterviewerTask::Close, Language::English)
        });
        assert_eq!(asked, None);
        assert!(deltas.concat().starts_with("The interview is over."));
    }
}
