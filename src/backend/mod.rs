//! The interview, wherever it runs: in this process, or behind the API of a server.

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

/// Where the interview runs.
#[derive(Clone, Debug)]
pub enum Backend {
    /// In this process, for the reserved local user.
    Local {
        /// The service.
        practice: Practice,
        /// Whose interviews.
        user: UserId,
    },
    /// Behind the API.
    Remote(Remote),
}

/// Why it did not go on.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// In this process.
    #[error(transparent)]
    Practice(#[from] PracticeError),
    /// Behind the API.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server has no such thing.
    #[error("this server cannot do that")]
    NotOffered,
}

/// One turn, as the candidate asks for it.
#[derive(Clone, Debug)]
pub struct TurnAttempt {
    /// What.
    pub input: TurnInput,
    /// The same when the same input is sent again after a failure, else unique.
    pub attempt: uuid::Uuid,
}

impl Backend {
    /// Takes one turn. Dropping the stream abandons it.
    pub fn turn(
        &self,
        request: TurnAttempt,
    ) -> BoxStream<'static, Result<TurnEvent, BackendError>> {
        match self {
            Self::Local { practice, user } => {
                let (input, now) = (request.input, jiff::Zoned::now());
                // Cancelled during its commit, a turn may have been taken all the same.
                let idempotency = (input != TurnInput::Repeat)
                    .then(|| Idempotency::new(request.attempt, None, &input));
                let turn = TurnRequest {
                    user: user.clone(),
                    interview: None,
                    input,
                    limit: None,
                    now,
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

    /// The current interview; empty before the first.
    pub async fn current(&self) -> Result<Conversation, BackendError> {
        match self {
            Self::Local { practice, user } => {
                Ok(practice.current(user, None, &jiff::Zoned::now()).await?)
            }
            Self::Remote(remote) => remote.current().await,
        }
    }

    /// The report of the current interview.
    pub async fn report(&self) -> Result<Report, BackendError> {
        match self {
            Self::Local { practice, user } => {
                Ok(practice.report(user, None, TimeZone::system()).await?)
            }
            Self::Remote(remote) => remote.report().await,
        }
    }

    /// Whether replies arrive as text in pieces, to be spoken by this process as they come. Another reply comes with its
    /// own sound, whole or sentence by sentence, or whole and without.
    pub fn streams_text(&self) -> bool {
        match self {
            Self::Local { .. } => true,
            Self::Remote(remote) => remote.features().events && !remote.features().speech,
        }
    }

    /// Whether an interview can be ended early with feedback.
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

    async fn take(backend: &Backend, request: TurnAttempt) -> CompletedTurn {
        match backend
            .turn(request)
            .collect::<Vec<_>>()
            .await
            .pop()
            .unwrap()
            .unwrap()
        {
            TurnEvent::Done(done) => done,
            other => panic!("ended with {other:?}"),
        }
    }

    #[tokio::test]
    async fn a_local_turn_sent_again_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let backend = local(&folder).await;
        let first = take(&backend, answer(1, 7)).await;
        assert_eq!(take(&backend, answer(1, 8)).await, first);
        assert_eq!(take(&backend, answer(2, 8)).await.count, Some(2));
    }
}
