//! Reading a turn as it happens from server-sent events, or from a whole answer where a server sends
//! no events.

use futures_util::stream::{BoxStream, StreamExt};
use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::Refusal;
use super::{Client, ClientError, completed_turn};
use crate::api::{AudioEvent, ChatRequest, DeltaEvent, ErrorEvent, TurnResponse};
use crate::practice::{SpokenSentence, TurnEvent};
use crate::upstream::ConnectionFailure;
use crate::upstream::event_reader::Event;
use crate::upstream::event_stream::{self, StreamError, StreamPart};

/// Reads an answer of a server, for the fuzz tests.
#[cfg(fuzzing)]
pub fn read_events(response: Response) -> BoxStream<'static, Result<TurnEvent, ClientError>> {
    static HTTP: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    let http = HTTP.get_or_init(|| {
        crate::upstream::http_client().expect("the HTTP client has valid settings")
    });
    let base = url::Url::parse("http://127.0.0.1").expect("the address is valid");
    Client::new(http.clone(), base).events(response)
}

impl Client {
    /// Takes a turn on a server whose [`Client::service`] offers `events`, as it happens.
    pub fn streamed_turn(
        &self,
        request: ChatRequest,
        idempotency_key: Option<String>,
    ) -> BoxStream<'static, Result<TurnEvent, ClientError>> {
        let client = self.clone();
        let stream = async_stream::try_stream! {
            let call = client.turn_request(&request, idempotency_key.as_deref())?;
            // Replaces the header that every call has: with both, the server could choose either.
            let call = client.modified(call, |call| {
                call.headers_mut().insert("accept", HeaderValue::from_static("text/event-stream"));
            })?;
            let response = client.send_turn(call).await?;
            let mut events = client.events(response);
            while let Some(event) = events.next().await {
                let event = event?;
                let last = matches!(event, TurnEvent::Done(_));
                yield event;
                if last {
                    return;
                }
            }
            Err(client.broken_off())?;
        };
        stream.boxed()
    }

    fn events(&self, response: Response) -> BoxStream<'static, Result<TurnEvent, ClientError>> {
        let client = self.clone();
        let stream = async_stream::try_stream! {
            let mut parts = event_stream::read(response);
            while let Some(part) = parts.next().await {
                let part = part.map_err(|error| client.unreadable(error))?;
                let StreamPart::Event(event) = part else { continue };
                for event in client.read_event(&event)? {
                    yield event;
                }
            }
        };
        stream.boxed()
    }

    /// Returns nothing for events of a later version.
    fn read_event(&self, event: &Event) -> Result<Vec<TurnEvent>, ClientError> {
        let read = match event.name.as_deref() {
            None => return self.whole_reply(event),
            Some("delta") => TurnEvent::Delta(self.data::<DeltaEvent>(event)?.text),
            Some("audio") => {
                let AudioEvent { index, text, url } = self.data(event)?;
                TurnEvent::SpokenSentence(SpokenSentence { index, text, url })
            }
            Some("done") => TurnEvent::Done(completed_turn(self.data::<TurnResponse>(event)?)),
            Some("error") => return Err(self.event_error(self.data(event)?)),
            Some(_) => return Ok(vec![]),
        };
        Ok(vec![read])
    }

    /// Reads a whole answer, as a server sends it that has no events.
    fn whole_reply(&self, event: &Event) -> Result<Vec<TurnEvent>, ClientError> {
        let reply = serde_json::from_str(&event.data).map_err(|_| self.foreign_answer())?;
        let turn = self.completed(reply)?;
        Ok(vec![
            TurnEvent::Delta(turn.response.clone()),
            TurnEvent::Done(turn),
        ])
    }

    fn data<T: DeserializeOwned>(&self, event: &Event) -> Result<T, ClientError> {
        serde_json::from_str(&event.data)
            .map_err(|_| self.unusable(200, "its events are not the interview API's"))
    }

    /// Returns the error that the same status would have been before the answer began.
    fn event_error(
        &self,
        ErrorEvent {
            error,
            status,
            retry_after,
        }: ErrorEvent,
    ) -> ClientError {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = crate::upstream::redacted(&error, self.token.as_ref());
        Refusal {
            host: self.host(),
            status,
            message: Some(message),
            location: None,
            retry_after,
            on_chat: true,
        }
        .into()
    }

    fn broken_off(&self) -> ClientError {
        ClientError::Unreachable {
            host: self.host(),
            reason: ConnectionFailure::BrokeOff,
        }
    }

    fn unreadable(&self, error: StreamError) -> ClientError {
        match error {
            StreamError::Connection(error) => self.unreachable(&error),
            StreamError::TooLong => self.unusable(200, "its answer does not end"),
            StreamError::Foreign => self.foreign_answer(),
        }
    }
}
