//! The place where the interview runs: this process, or a server behind the API.

mod account;
mod connector;
mod embedded;
mod history;
mod remote;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use jiff::tz::TimeZone;

pub use account::{Account, SignInOutcome};
pub use connector::{ConnectError, Connected, Connector, ServerConnection, Target};
pub use embedded::{Embedded, EmbeddedError};
pub use remote::{Remote, ServerFeatures};

use crate::client::ClientError;
use crate::interview::QuestionRef;
use crate::interview::report::Report;
use crate::practice::{
    CompletedTurn, Conversation, Idempotency, Practice, PracticeError, TurnEvent, TurnInput,
    TurnRequest,
};
use crate::store::{InterviewId, UserId};

/// A place where the interview runs.
#[derive(Clone, Debug)]
pub enum Backend {
    /// The service in this process, for the reserved local user.
    Local {
        practice: Practice,
        user: UserId,
    },
    Remote(Remote),
}

/// The reason why a backend did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    #[error(transparent)]
    Practice(#[from] PracticeError),
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server does not offer the feature.
    #[error("this server cannot do that")]
    NotOffered,
}

impl BackendError {
    /// Returns whether the question is no longer the open one, so that the interview must be read
    /// again.
    pub fn is_moved_on(&self) -> bool {
        matches!(
            self,
            Self::Practice(PracticeError::MovedOn | PracticeError::Finished)
                | Self::Client(ClientError::MovedOn { .. })
        )
    }
}

/// An attempt at a turn.
#[derive(Clone, Debug)]
pub struct TurnAttempt {
    pub input: TurnInput,
    /// The ID of the attempt: the same when the same input is sent again after a failure, otherwise
    /// unique.
    pub attempt: uuid::Uuid,
    /// The question that the input answers or ends at. The turn is refused if the interview has
    /// moved on since; `None` accepts any question.
    pub open: Option<QuestionRef>,
}

impl TurnAttempt {
    /// Returns the question that waits for an answer after this turn.
    fn next_open(&self, done: &CompletedTurn) -> Option<QuestionRef> {
        if done.finished {
            return None;
        }
        let begun = || QuestionRef {
            interview: done
                .interview_id
                .clone()
                .unwrap_or_else(|| remote::conversation_name(&done.response)),
            index: 1,
        };
        match (&self.input, &self.open) {
            (TurnInput::Start(_), _) => done.open.clone().or_else(|| Some(begun())),
            (TurnInput::Answer { .. } | TurnInput::Finish(_), open) => {
                open.as_ref().map(QuestionRef::next)
            }
            (TurnInput::Repeat, open) => open.clone(),
        }
    }
}

impl Backend {
    /// Takes a turn. Dropping the stream cancels it.
    pub fn turn(
        &self,
        request: TurnAttempt,
    ) -> BoxStream<'static, Result<TurnEvent, BackendError>> {
        let attempt = request.clone();
        let events = self.events(request);
        let named = events.map(move |event| {
            event.map(|event| match event {
                TurnEvent::Done(done) => TurnEvent::Done(CompletedTurn {
                    open: attempt.next_open(&done),
                    ..done
                }),
                TurnEvent::Delta(_) | TurnEvent::SpokenSentence(_) => event,
            })
        });
        named.boxed()
    }

    fn events(&self, request: TurnAttempt) -> BoxStream<'static, Result<TurnEvent, BackendError>> {
        match self {
            Self::Local { practice, user } => {
                let input = request.input;
                let interview = request
                    .open
                    .as_ref()
                    .map(|open| InterviewId(open.interview.clone()));
                // A turn that is cancelled during its commit may have been taken nevertheless.
                let idempotency = (input != TurnInput::Repeat)
                    .then(|| Idempotency::new(request.attempt, interview.as_ref(), &input));
                let turn = TurnRequest {
                    user: user.clone(),
                    interview,
                    input,
                    answers: request.open.map(|open| open.index),
                    limit: None,
                    now: jiff::Zoned::now(),
                    idempotency,
                };
                practice
                    .turn(turn)
                    .map(|event| event.map_err(BackendError::from))
                    .boxed()
            }
            Self::Remote(remote) => remote.turn(request),
        }
    }

    /// Returns the current interview; empty before the first.
    pub async fn current(&self) -> Result<Conversation, BackendError> {
        match self {
            Self::Local { practice, user } => {
                Ok(practice.current(user, None, &jiff::Zoned::now()).await?)
            }
            Self::Remote(remote) => remote.current().await,
        }
    }

    /// Returns the interview that this question belongs to, as it is now.
    pub async fn reload(&self, open: &QuestionRef) -> Result<Conversation, BackendError> {
        match self {
            Self::Local { practice, user } => {
                let id = InterviewId(open.interview.clone());
                Ok(practice.conversation(user, &id).await?)
            }
            Self::Remote(remote) => remote.reload(open).await,
        }
    }

    /// Returns the report of the current interview.
    pub async fn report(&self) -> Result<Report, BackendError> {
        match self {
            Self::Local { practice, user } => {
                Ok(practice.report(user, None, TimeZone::system()).await?)
            }
            Self::Remote(remote) => remote.report().await,
        }
    }

    /// Returns whether replies arrive as pieces of text, which this process speaks as they arrive.
    /// Other replies arrive with speech, whole or sentence by sentence, or whole and without
    /// speech.
    pub fn streams_text(&self) -> bool {
        match self {
            Self::Local { .. } => true,
            Self::Remote(remote) => remote.features().events && !remote.features().speech,
        }
    }

    /// Returns whether an interview can be ended early with feedback.
    pub fn can_finish(&self) -> bool {
        match self {
            Self::Local { .. } => true,
            Self::Remote(remote) => remote.features().options,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::interview::bank::Bank;
    use crate::interview::{Answer, Background, Language};
    use crate::interviewer::Interviewer;
    use crate::practice::NewInterview;
    use crate::store::Store;

    async fn local(folder: &tempfile::TempDir) -> Backend {
        let store = Store::open(&Store::sqlite_url(&folder.path().join("local.db")))
            .await
            .unwrap();
        let user = store.local_user(jiff::Timestamp::now()).await.unwrap().id;
        let bank = Arc::new(Bank::built_in());
        Backend::Local {
            practice: Practice::new(store, Interviewer::question_bank(bank.clone()), bank),
            user,
        }
    }

    fn answer(attempt: u128, seed: u64) -> TurnAttempt {
        let otherwise = NewInterview {
            topic: None,
            language: Language::English,
            level: None,
            questions: None,
            background: Background::default(),
            seed,
        };
        let input = TurnInput::Answer {
            answer: Answer {
                text: "An answer".into(),
                spoken: None,
            },
            otherwise,
        };
        TurnAttempt {
            input,
            attempt: uuid::Uuid::from_u128(attempt),
            open: None,
        }
    }

    async fn completed(backend: &Backend, request: TurnAttempt) -> CompletedTurn {
        match backend
            .turn(request)
            .collect::<Vec<_>>()
            .await
            .pop()
            .unwrap()
            .unwrap()
        {
            TurnEvent::Done(turn) => turn,
            other => panic!("the last event is {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_local_turn_sent_again_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let backend = local(&folder).await;
        let first = completed(&backend, answer(1, 7)).await;
        assert_eq!(completed(&backend, answer(1, 8)).await, first);
        assert_eq!(completed(&backend, answer(2, 8)).await.count, Some(2));
    }
}
