//! What a turn is to do, decided from the current interview and the input alone.

use super::{NewInterview, PracticeError, TurnInput, questions};
use crate::interview::{Answer, Language, Message, Role, Topic, prompt};
use crate::interviewer::{Brief, InterviewerTask};
use crate::store::{Interview, InterviewId, StoredMessage, Transcript, UserId};

/// What is to happen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// The interviewer's last message is said again.
    SayAgain(Transcript),
    /// The interviewer is asked.
    Speak(Speak),
}

/// What the interviewer is asked, and what is stored with the reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Speak {
    /// The interview with the messages of this turn, the reply excepted.
    pub(super) transcript: Transcript,
    /// How many of the messages are stored already; none of a new interview.
    pub(super) stored: usize,
    /// A question, or the end.
    pub(super) task: InterviewerTask,
}

/// Who begins an interview, with whom and when.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    pub(super) user: UserId,
    pub(super) interviewer: String,
    pub(super) now: jiff::Timestamp,
}

impl Plan {
    /// Decides.
    pub(super) fn new(
        input: TurnInput,
        current: Option<Transcript>,
        circumstances: Circumstances,
    ) -> Result<Self, PracticeError> {
        match (input, current) {
            (TurnInput::Start(start), _) => Ok(Self::Speak(open(start, circumstances))),
            (TurnInput::Answer { answer, otherwise }, None) => {
                Ok(Self::Speak(open(otherwise, circumstances).heard(answer)))
            }
            (TurnInput::Repeat, None) => Err(PracticeError::NoInterview),
            (TurnInput::Finish(_), None) => Err(PracticeError::NothingToFinish),
            (TurnInput::Repeat, Some(current)) => Ok(Self::SayAgain(current)),
            (TurnInput::Answer { .. } | TurnInput::Finish(_), Some(current))
                if current.interview.finished =>
            {
                Err(PracticeError::Finished)
            }
            (TurnInput::Answer { answer, .. }, Some(current)) => {
                Ok(Self::Speak(go_on(current).heard(answer)))
            }
            (TurnInput::Finish(last), Some(current)) => {
                let speak = Speak {
                    task: InterviewerTask::Close,
                    ..go_on(current)
                };
                Ok(Self::Speak(match last {
                    Some(answer) => speak.heard(answer),
                    None => speak,
                }))
            }
        }
    }
}

impl Speak {
    /// What the interviewer is told; `asked_before` are the questions of earlier interviews.
    pub(super) fn brief(&self, asked_before: Vec<String>) -> Brief {
        let interview = &self.transcript.interview;
        let put = questions::put(&self.transcript);
        let remaining = interview.questions.map(|of| match self.task {
            InterviewerTask::Ask => of.saturating_sub(put).max(1),
            InterviewerTask::Close => 0,
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
            asked_before,
        }
    }

    /// With the candidate's answer.
    fn heard(mut self, answer: Answer) -> Self {
        let message = Message::new(Role::User, answer.text);
        self.transcript.messages.push(StoredMessage {
            message,
            asked: None,
            spoken: answer.spoken,
        });
        self
    }
}

/// A new interview, of which the system prompt alone is known.
fn open(start: NewInterview, by: Circumstances) -> Speak {
    let topic = start.topic.unwrap_or_else(|| general(start.language));
    let system = prompt::system(
        start.language,
        &topic,
        start.level,
        start.questions,
        &start.background,
    );
    let interview = Interview {
        id: InterviewId(uuid::Uuid::new_v4().to_string()),
        user: by.user,
        topic,
        language: start.language,
        level: start.level,
        questions: start.questions,
        background: start.background,
        seed: start.seed,
        interviewer: by.interviewer,
        started_at: by.now,
        finished: false,
    };
    let messages = vec![StoredMessage {
        message: Message::new(Role::System, system),
        asked: None,
        spoken: None,
    }];
    Speak {
        transcript: Transcript {
            interview,
            messages,
        },
        stored: 0,
        task: InterviewerTask::Ask,
    }
}

/// The next line of an interview: a question while any is left.
fn go_on(transcript: Transcript) -> Speak {
    let all_put = transcript
        .interview
        .questions
        .is_some_and(|of| questions::put(&transcript) >= of);
    let task = if all_put {
        InterviewerTask::Close
    } else {
        InterviewerTask::Ask
    };
    Speak {
        stored: transcript.messages.len(),
        transcript,
        task,
    }
}

fn general(language: Language) -> Topic {
    let name = rust_i18n::t!("practice.general_topic", locale = language.code());
    Topic::parse(&name).expect("the name is short and not empty")
}
