//! Decides what a turn does, from the current interview and the input alone.

use super::{NewInterview, PracticeError, TurnInput, questions};
use crate::interview::{Answer, Language, Message, Role, Topic, prompt};
use crate::interviewer::{Brief, InterviewerTask};
use crate::store::{EarlierInterviews, Interview, InterviewId, StoredMessage, Transcript, UserId};

/// The course of a turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// Repeats the interviewer's last message.
    Repeat(Transcript),
    /// Asks the interviewer for a reply.
    Reply(PlannedReply),
}

/// A reply that the interviewer is asked for, and the messages to store with it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlannedReply {
    /// The interview with the messages of this turn, except for the reply.
    pub(super) transcript: Transcript,
    /// The number of messages that are stored already; 0 for a new interview.
    pub(super) stored: usize,
    pub(super) task: InterviewerTask,
}

/// The data that a new interview needs besides its settings.
#[derive(Clone, Debug)]
pub(super) struct PlanContext {
    pub(super) user: UserId,
    pub(super) interviewer: String,
    pub(super) now: jiff::Timestamp,
    /// The question that is answered, as in [`super::TurnRequest::answers`].
    pub(super) answers: Option<u32>,
}

impl Plan {
    pub(super) fn new(
        input: TurnInput,
        current: Option<Transcript>,
        context: PlanContext,
    ) -> Result<Self, PracticeError> {
        let said = current.as_ref().map_or(0, questions::said);
        let answers = matches!(input, TurnInput::Answer { .. } | TurnInput::Finish(_));
        if answers && context.answers.is_some_and(|answered| answered != said) {
            return Err(PracticeError::MovedOn);
        }
        match (input, current) {
            (TurnInput::Start(start), _) => Ok(Self::Reply(open(start, context))),
            (TurnInput::Answer { answer, otherwise }, None) => {
                Ok(Self::Reply(open(otherwise, context).with_answer(answer)))
            }
            (TurnInput::Repeat, None) => Err(PracticeError::NoInterview),
            (TurnInput::Finish(_), None) => Err(PracticeError::NothingToFinish),
            (TurnInput::Repeat, Some(current)) => Ok(Self::Repeat(current)),
            (TurnInput::Answer { .. } | TurnInput::Finish(_), Some(current))
                if current.interview.finished =>
            {
                Err(PracticeError::Finished)
            }
            (TurnInput::Answer { answer, .. }, Some(current)) => {
                Ok(Self::Reply(next_message(current).with_answer(answer)))
            }
            (TurnInput::Finish(last), Some(current)) => {
                let reply = PlannedReply {
                    task: InterviewerTask::Close,
                    ..next_message(current)
                };
                Ok(Self::Reply(match last {
                    Some(answer) => reply.with_answer(answer),
                    None => reply,
                }))
            }
        }
    }
}

impl PlannedReply {
    /// Returns what the interviewer needs to know.
    pub(super) fn brief(&self, earlier: EarlierInterviews) -> Brief {
        let interview = &self.transcript.interview;
        let asked = questions::main_questions(&self.transcript);
        let remaining = interview.questions.map(|of| match self.task {
            InterviewerTask::Ask => of.saturating_sub(asked).max(1),
            InterviewerTask::FollowUpOrClose | InterviewerTask::Close => 0,
        });
        Brief {
            task: self.task,
            language: interview.language,
            topic: interview.topic.clone(),
            level: interview.level,
            remaining,
            seed: interview.seed,
            messages: self
                .transcript
                .messages
                .iter()
                .map(|stored| stored.message.clone())
                .collect(),
            exchanges: questions::exchanges(&self.transcript),
            asked_before: earlier.asked,
            returning: earlier.any,
        }
    }

    /// Adds the candidate's answer.
    fn with_answer(mut self, answer: Answer) -> Self {
        let message = Message::new(Role::User, answer.text);
        self.transcript.messages.push(StoredMessage {
            message,
            asked: None,
            spoken: answer.spoken,
        });
        self
    }
}

/// Returns a new interview that consists of the system prompt.
fn open(start: NewInterview, context: PlanContext) -> PlannedReply {
    let topic = start.topic.unwrap_or_else(|| general_topic(start.language));
    let system = prompt::system(
        start.language,
        &topic,
        start.level,
        start.questions,
        &start.background,
    );
    let interview = Interview {
        id: InterviewId(uuid::Uuid::new_v4().to_string()),
        user: context.user,
        topic,
        language: start.language,
        level: start.level,
        questions: start.questions,
        background: start.background,
        seed: start.seed,
        interviewer: context.interviewer,
        started_at: context.now,
        finished: false,
    };
    let messages = vec![StoredMessage {
        message: Message::new(Role::System, system),
        asked: None,
        spoken: None,
    }];
    PlannedReply {
        transcript: Transcript {
            interview,
            messages,
        },
        stored: 0,
        task: InterviewerTask::Ask,
    }
}

/// Plans the next message of an interview: a question while any is left, then what may be left to
/// ask about the last answer, then the feedback.
fn next_message(transcript: Transcript) -> PlannedReply {
    let all_asked = transcript
        .interview
        .questions
        .is_some_and(|of| questions::main_questions(&transcript) >= of);
    let task = if all_asked {
        InterviewerTask::FollowUpOrClose
    } else {
        InterviewerTask::Ask
    };
    PlannedReply {
        stored: transcript.messages.len(),
        transcript,
        task,
    }
}

fn general_topic(language: Language) -> Topic {
    let name = rust_i18n::t!("practice.general_topic", locale = language.code());
    Topic::parse(&name).expect("the translated name is short and not empty")
}
