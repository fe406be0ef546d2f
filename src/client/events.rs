//! Reading a turn as it happens from server-sent events, bounded in size, or from a whole answer
//! where a server sends no events.

use bytes::Bytes;
use eventsource_stream::{Event, EventStreamError, Eventsource};
use futures_util::Stream;
use futures_util::stream::{BoxStream, StreamExt};
use reqwest::header::HeaderValue;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::Refusal;
use super::wire::MAX_BYTES;
use super::{Client, ClientError, completed_turn};
use crate::api::{AudioEvent, ChatRequest, DeltaEvent, ErrorEvent, TurnResponse};
use crate::practice::{SpokenSentence, TurnEvent};
use crate::upstream::response;

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
        if !response::has_content_type(response.headers(), "event-stream") {
            return whole_reply(client, response).boxed();
        }
        let events = bounded(client.clone(), response).eventsource();
        let read = move |event: Result<Event, EventStreamError<ClientError>>| {
            let event = event.map_err(|error| client.unreadable(error));
            let read = event.and_then(|event| client.read_event(&event));
            async { read.transpose() }
        };
        events.filter_map(read).boxed()
    }

    /// Returns `None` for events of a later version.
    fn read_event(&self, event: &Event) -> Result<Option<TurnEvent>, ClientError> {
        Ok(Some(match event.event.as_str() {
            "delta" => TurnEvent::Delta(self.data::<DeltaEvent>(event)?.text),
            "audio" => {
                let AudioEvent { index, text, url } = self.data(event)?;
                TurnEvent::SpokenSentence(SpokenSentence { index, text, url })
            }
            "done" => TurnEvent::Done(completed_turn(self.data::<TurnResponse>(event)?)),
            "error" => return Err(self.event_error(self.data(event)?)),
            _ => return Ok(None),
        }))
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
            reason: "the reply broke off".to_owned(),
        }
    }

    fn unreadable(&self, error: EventStreamError<ClientError>) -> ClientError {
        match error {
            EventStreamError::Transport(error) => error,
            EventStreamError::Utf8(_) | EventStreamError::Parser(_) => {
                self.unusable(200, "its events are not the interview API's")
            }
        }
    }
}

fn whole_reply(
    client: Client,
    response: Response,
) -> impl Stream<Item = Result<TurnEvent, ClientError>> {
    async_stream::try_stream! {
        let turn = client.read_turn(response).await?;
        yield TurnEvent::Delta(turn.response.clone());
        yield TurnEvent::Done(turn);
    }
}

fn bounded(client: Client, response: Response) -> impl Stream<Item = Result<Bytes, ClientError>> {
    let mut left = MAX_BYTES;
    response.bytes_stream().map(move |chunk| {
        let chunk = chunk.map_err(|error| client.unreachable(&error))?;
        left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| client.unusable(200, "its answer does not end"))?;
        Ok(chunk)
    })
}
