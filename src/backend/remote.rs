//! The interview on a server behind the API.
//!
//! The plain original accepts no idempotency key. There, the history is read before every turn, so
//! that a turn that is sent again after its answer was lost is recognized by what was added, and
//! not counted twice.

mod chat;
mod features;
mod report_turns;
mod uncertain_turn;

use std::sync::{Arc, Mutex};

use async_stream::try_stream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

pub use self::features::ServerFeatures;
use self::uncertain_turn::UncertainTurn;
use super::{BackendError, TurnAttempt};
use crate::api::interviews::{InterviewDetail, InterviewSummary};
use crate::api::{ChatRequest, ConversationResponse};
use crate::client::{Client, ClientError};
use crate::interview::report::Report;
use crate::interview::{Answer, Language, Message, QuestionRef, Role, Topic};
use crate::practice::{CompletedTurn, Conversation, TurnEvent, TurnInput};
use crate::sync::lock;

/// A server the user is signed in to.
#[derive(Clone, Debug)]
pub struct Remote {
    client: Client,
    language: Language,
    features: ServerFeatures,
    run: Arc<Mutex<CurrentInterview>>,
}

/// The details of the current interview that only this process knows.
#[derive(Debug, Default)]
struct CurrentInterview {
    /// A turn that may have been taken although its answer was lost or not awaited.
    uncertain: Option<UncertainTurn>,
    /// The answers given in this run, in order.
    spoken: Vec<Answer>,
    started_at: Option<jiff::Timestamp>,
    topic: Option<Topic>,
    /// The ID, where the server names it.
    interview: Option<String>,
}

impl Remote {
    pub fn new(client: Client, language: Language, features: ServerFeatures) -> Self {
        Self {
            client,
            language,
            features,
            run: Arc::default(),
        }
    }

    /// Returns the features beyond those of the original.
    pub fn features(&self) -> ServerFeatures {
        self.features
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn turn(
        &self,
        request: TurnAttempt,
    ) -> BoxStream<'static, Result<TurnEvent, BackendError>> {
        let remote = self.clone();
        let stream = try_stream! {
            let chat = chat::request(&request, remote.features)?;
            if let Some(done) = remote.already_taken(&request, &chat).await? {
                remote.record_turn(&request, &done);
                yield TurnEvent::Delta(done.response.clone());
                yield TurnEvent::Done(done);
                return;
            }
            let key = remote.features.idempotency.then(|| request.attempt.to_string());
            let mut events = if remote.features.events {
                remote.client.streamed_turn(chat, key)
            } else {
                remote.client.turn(chat, key)
            };
            while let Some(event) = events.next().await {
                let event = event.map_err(|error| remote.failed(&request, error))?;
                let event = match event {
                    TurnEvent::Done(done) => {
                        let done = remote.compare_with_earlier(&request, done).await;
                        remote.record_turn(&request, &done);
                        TurnEvent::Done(done)
                    }
                    TurnEvent::Delta(_) | TurnEvent::SpokenSentence(_) => event,
                };
                yield event;
            }
        };
        stream.boxed()
    }

    /// Returns the reply to this turn, if an earlier attempt was taken after all. Otherwise the
    /// turn is uncertain from now on, even before it is sent, because the caller may be cancelled
    /// at any moment.
    async fn already_taken(
        &self,
        request: &TurnAttempt,
        chat: &ChatRequest,
    ) -> Result<Option<CompletedTurn>, BackendError> {
        if self.features.idempotency || matches!(request.input, TurnInput::Repeat) {
            return Ok(None);
        }
        let now = self.client.conversations().await?;
        let mut run = self.run();
        let earlier = run
            .uncertain
            .take()
            .filter(|sent| sent.is_repeated_by(request, chat));
        let done = earlier.and_then(|sent| sent.reply_in(&now));
        if done.is_none() {
            run.uncertain = Some(UncertainTurn {
                attempt: request.attempt,
                chat: chat.clone(),
                before: now,
            });
        }
        Ok(done)
    }

    /// Notes that a start went on with an earlier interview: the original ignores the topic where
    /// there is a history.
    async fn compare_with_earlier(
        &self,
        request: &TurnAttempt,
        done: CompletedTurn,
    ) -> CompletedTurn {
        let earlier = self
            .run()
            .uncertain
            .as_ref()
            .map(|sent| sent.before.clone());
        let Some(earlier) = earlier.filter(|earlier| !earlier.conversations.is_empty()) else {
            return done;
        };
        if !matches!(request.input, TurnInput::Start(_)) {
            return done;
        }
        // Without the history the reply is still good.
        let Ok(now) = self.client.conversations().await else {
            return done;
        };
        let added = now.conversations.strip_prefix(&*earlier.conversations);
        let went_on = added.is_some_and(|added| !added.is_empty());
        CompletedTurn {
            open: open_question(None, &now.conversations),
            topic_ignored: went_on,
            ..done
        }
    }

    fn failed(&self, request: &TurnAttempt, error: ClientError) -> BackendError {
        use ClientError::{LimitReached, MovedOn, Refused, Unauthorized};
        if matches!(
            error,
            Refused { .. } | MovedOn { .. } | Unauthorized(_) | LimitReached { .. }
        ) {
            // This turn was certainly not taken. Another one stays uncertain.
            self.run()
                .uncertain
                .take_if(|sent| sent.attempt == request.attempt);
        }
        error.into()
    }

    fn record_turn(&self, request: &TurnAttempt, done: &CompletedTurn) {
        let mut run = self.run();
        run.uncertain
            .take_if(|sent| sent.attempt == request.attempt);
        match &request.input {
            TurnInput::Start(start) => {
                *run = CurrentInterview {
                    started_at: Some(jiff::Timestamp::now()),
                    topic: start.topic.clone(),
                    ..CurrentInterview::default()
                };
            }
            TurnInput::Answer { answer, .. } | TurnInput::Finish(Some(answer)) => {
                run.spoken.push(answer.clone());
            }
            TurnInput::Repeat | TurnInput::Finish(None) => {}
        }
        run.interview.clone_from(&done.interview_id);
    }

    pub(super) async fn current(&self) -> Result<Conversation, BackendError> {
        let ConversationResponse {
            conversations,
            count,
            limit,
        } = self.client.conversations().await?;
        let known = self.current_interview().await?;
        let open = open_question(known.as_ref(), &conversations);
        let details = known
            .as_ref()
            .map(|known| chat::conversation_details(known, &conversations))
            .unwrap_or_default();
        if let Some(known) = known {
            self.run().interview = Some(known.summary.id);
        }
        Ok(Conversation {
            messages: conversations,
            count,
            limit,
            open,
            ..details
        })
    }

    /// Returns an interview by its question, the only one on a server without past interviews.
    pub(super) async fn reload(&self, open: &QuestionRef) -> Result<Conversation, BackendError> {
        if !self.features.interviews {
            return self.current().await;
        }
        let known = self.client.interview(&open.interview).await?;
        let messages: Vec<Message> = known
            .messages
            .iter()
            .map(|message| Message::new(message.role, &*message.content))
            .collect();
        let open = open_question(Some(&known), &messages);
        let details = chat::conversation_details(&known, &messages);
        Ok(Conversation {
            messages,
            open,
            ..details
        })
    }

    async fn current_interview(&self) -> Result<Option<InterviewDetail>, BackendError> {
        if !self.features.interviews {
            return Ok(None);
        }
        match self.client.current_interview().await? {
            Some(current) => Ok(Some(self.client.interview(&current.id).await?)),
            None => Ok(None),
        }
    }

    /// Returns the only interview of a server without past interviews, if there is one.
    pub(super) async fn only_interview(&self) -> Result<Option<InterviewSummary>, BackendError> {
        let messages = self.client.conversations().await?.conversations;
        let Some(open) = open_question(None, &messages) else {
            return Ok(None);
        };
        let answers = messages.iter().filter(|message| message.role == Role::User);
        let topic = self.run().topic.as_ref().map(Topic::to_string);
        Ok(Some(InterviewSummary {
            id: open.interview,
            topic: topic.unwrap_or_default(),
            language: self.language,
            level: None,
            questions: None,
            interviewer: self.client.base().authority().to_owned(),
            started_at: String::new(),
            answers: answers.count() as u64,
            finished: false,
            current: true,
        }))
    }

    /// Returns the report of the server, where it makes one. Otherwise the report is made from the
    /// history, and only the answers of this run have details of how they were spoken.
    pub(super) async fn report(&self) -> Result<Report, BackendError> {
        let id = self
            .run()
            .interview
            .clone()
            .filter(|_| self.features.interviews);
        match id {
            Some(id) => Ok(self.client.report(&id).await?),
            None => self.report_from_history().await,
        }
    }

    pub(super) async fn report_from_history(&self) -> Result<Report, BackendError> {
        let history = self.client.conversations().await?;
        let run = self.run();
        Ok(Report {
            topic: run.topic.as_ref().map(Topic::to_string).unwrap_or_default(),
            title: None,
            language: self.language,
            interviewer: self.client.base().authority().to_owned(),
            started_at: run
                .started_at
                .map(|at| Report::time(at, TimeZone::system()))
                .unwrap_or_default(),
            turns: report_turns::turns(&history.conversations, &run.spoken, self.language),
            feedback: None,
        })
    }

    fn run(&self) -> std::sync::MutexGuard<'_, CurrentInterview> {
        lock(&self.run)
    }
}

/// Returns the question that waits for an answer.
fn open_question(known: Option<&InterviewDetail>, messages: &[Message]) -> Option<QuestionRef> {
    let mut replies = messages
        .iter()
        .filter(|message| message.role == Role::Assistant);
    let first = replies.next()?;
    let open = QuestionRef {
        interview: known.map_or_else(
            || conversation_name(&first.content),
            |known| known.summary.id.clone(),
        ),
        index: u32::try_from(replies.count() + 1).unwrap_or(u32::MAX),
    };
    known
        .is_none_or(|known| !known.summary.finished)
        .then_some(open)
}

/// Returns a name for the conversation that began with this reply, on a server that names none.
pub(super) fn conversation_name(first_reply: &str) -> String {
    let digest = Sha256::digest(first_reply.trim());
    hex::encode(digest)[..16].to_owned()
}

#[cfg(test)]
mod tests;
