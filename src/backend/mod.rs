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
use crate::interview::report::Report;
use crate::practice::{
    Conversation, Idempotency, Practice, PracticeError, TurnEvent, TurnInput, TurnRequest,
};
use crate::store::UserId;

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

/// An attempt at a turn.
#[derive(Clone, Debug)]
pub struct TurnAttempt {
    pub input: TurnInput,
    /// The ID of the attempt: the same when the same input is sent again after a failure, otherwise
    /// unique.
    pub attempt: uuid::Uuid,
}

impl Backend {
    /// Takes a turn. Dropping the stream cancels it.
    pub fn turn(
        &self,
        request: TurnAttempt,
    ) -> BoxStream<'static, Result<TurnEvent, BackendError>> {
        match self {
            Self::Local { practice, user } => {
                let input = request.input;
                // A turn that is cancelled during its commit may have been taken nevertheless.
                let idempotency = (input != TurnInput::Repeat)
                    .then(|| Idempotency::new(request.attempt, None, &input));
                let turn = TurnRequest {
                    user: user.clone(),
                    interview: None,
                    input,
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
    use crate::practice::{CompletedTurn, NewInterview};
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
