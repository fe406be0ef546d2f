//! A turn as server-sent events: `delta`s as they come, `audio` for each sentence, then `done`, or `error`.
//!
//! ```text
//! turn ─deltas─┬────────────────────────────► delta
//!              └─► sentences ─► narrator ─────► audio     (two at a time, in order)
//!      └─ committed ───── once all is spoken ─► done
//! ```

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, FuturesOrdered};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::time::timeout;
use tracing::{Instrument as _, Span};

use super::Shared;
use super::error::ApiError;
use super::speech;
use super::turn::{self, Caller};
use crate::api::{AudioEvent, DeltaEvent, ErrorEvent, TurnResponse};
use crate::interview::Language;
use crate::narrator::Narrator;
use crate::narrator::sentences::SentenceSplitter;
use crate::practice::{CompletedTurn, PracticeError, TurnEvent, TurnRequest};

/// Sentences spoken side by side for one turn: the next one while this is played, and no more, since others wait too.
const AT_ONCE: usize = 2;

type Events = BoxStream<'static, Result<TurnEvent, PracticeError>>;

/// Waits for the first event, but not for ever: what fails before is an ordinary answer with its status. The turn lasts as
/// long as the stream is read; dropped before the commit, it was not taken.
pub(super) async fn stream(
    shared: Arc<Shared>,
    caller: Caller,
    turn: TurnRequest,
) -> Result<Response, ApiError> {
    let now = turn.now.clone();
    let language = spoken_in(&shared, &turn).await?;
    let mut events = shared.service.practice.turn(turn);
    let first = match timeout(shared.settings().first_word_within, events.next()).await {
        Ok(first) => Some(first.ok_or_else(ApiError::internal)?),
        Err(_) => None,
    };
    let first = first
        .transpose()
        .map_err(|error| turn::with_retry_after(error.into(), &now))?;
    let events = stream::iter(first.map(Ok)).chain(events).boxed();
    let body = Sse::new(tell(TurnStream::new(shared, caller, language, events)))
        .keep_alive(KeepAlive::new());
    // Proxies that collect an answer before they pass it on are asked not to (nginx).
    Ok((
        [("x-accel-buffering", HeaderValue::from_static("no"))],
        body,
    )
        .into_response())
}

/// `None`: nobody speaks.
async fn spoken_in(shared: &Shared, turn: &TurnRequest) -> Result<Option<Language>, ApiError> {
    match shared.service.narrator {
        Narrator::None => Ok(None),
        _ => Ok(Some(shared.service.practice.language_of(turn).await?)),
    }
}

/// What goes wrong is logged as of the request, which is answered already.
fn tell(mut turn: TurnStream) -> impl Stream<Item = Result<Event, Infallible>> {
    let request = Span::current();
    async_stream::stream! {
        while let Some(event) = turn.next().instrument(request.clone()).await {
            yield Ok(event.event());
        }
    }
}

/// What the client is event next.
#[derive(Debug)]
enum TurnStreamEvent {
    Delta(String),
    Audio(AudioEvent),
    Done(TurnResponse),
    Error(ErrorEvent),
}

impl TurnStreamEvent {
    fn event(self) -> Event {
        match self {
            Self::Delta(text) => named("delta", &DeltaEvent { text }),
            Self::Audio(audio) => named("audio", &audio),
            Self::Done(reply) => named("done", &reply),
            Self::Error(error) => named("error", &error),
        }
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    Event::default()
        .event(name)
        .json_data(data)
        .expect("texts and numbers only")
}

/// A turn on its way to the client.
struct TurnStream {
    shared: Arc<Shared>,
    caller: Caller,
    /// In which it is spoken; `None` once nothing is to be spoken any more.
    language: Option<Language>,
    /// `None` once the turn has ended.
    events: Option<Events>,
    cut: SentenceSplitter,
    waiting: VecDeque<String>,
    speaking: FuturesOrdered<BoxFuture<'static, SpokenSentence>>,
    /// Of the sentences that are heard, in order.
    names: Vec<String>,
    done: Option<CompletedTurn>,
}

/// A sentence that was to be spoken.
struct SpokenSentence {
    text: String,
    /// Where it is kept; `None` when there is nothing to hear in it.
    name: anyhow::Result<Option<String>>,
}

enum Progress {
    Turn(Option<Result<TurnEvent, PracticeError>>),
    Spoken(SpokenSentence),
    Over,
}

impl TurnStream {
    fn new(
        shared: Arc<Shared>,
        caller: Caller,
        language: Option<Language>,
        events: Events,
    ) -> Self {
        // Without an address nobody could fetch what is spoken.
        let language = language.filter(|_| caller.authority.is_some());
        Self {
            shared,
            caller,
            language,
            events: Some(events),
            cut: SentenceSplitter::default(),
            waiting: VecDeque::new(),
            speaking: FuturesOrdered::new(),
            names: Vec::new(),
            done: None,
        }
    }

    /// `None` after the last event.
    async fn next(&mut self) -> Option<TurnStreamEvent> {
        loop {
            self.speak_on();
            let event = match self.step().await {
                Progress::Turn(Some(Ok(event))) => self.went_on(event),
                Progress::Turn(Some(Err(error))) => Some(self.failed(error.into())),
                Progress::Turn(None) => Some(self.failed(ApiError::internal())),
                Progress::Spoken(sound) => self.spoken(sound),
                Progress::Over => return self.finish().await,
            };
            if event.is_some() {
                return event;
            }
        }
    }

    async fn step(&mut self) -> Progress {
        let Some(events) = &mut self.events else {
            return self
                .speaking
                .next()
                .await
                .map_or(Progress::Over, Progress::Spoken);
        };
        tokio::select! {
            biased;
            event = events.next() => Progress::Turn(event),
            Some(sound) = self.speaking.next() => Progress::Spoken(sound),
        }
    }

    /// Puts waiting sentences to the narrator.
    fn speak_on(&mut self) {
        while self.speaking.len() < AT_ONCE
            && let Some(language) = self.language
            && let Some(text) = self.waiting.pop_front()
        {
            let (shared, user) = (self.shared.clone(), self.caller.user.clone());
            self.speaking.push_back(Box::pin(async move {
                let name = speech::of_sentence(&shared, &user, &text, language).await;
                SpokenSentence { text, name }
            }));
        }
    }

    fn went_on(&mut self, event: TurnEvent) -> Option<TurnStreamEvent> {
        match event {
            TurnEvent::Delta(text) => {
                self.waiting.extend(self.cut.push(&text));
                Some(TurnStreamEvent::Delta(text))
            }
            // Of a server further on: there is none behind a server.
            TurnEvent::SpokenSentence(_) => None,
            TurnEvent::Done(done) => {
                self.events = None;
                self.shared.metrics.took_turn();
                self.waiting.extend(self.cut.finish());
                self.done = Some(done);
                None
            }
        }
    }

    fn failed(&mut self, error: ApiError) -> TurnStreamEvent {
        let error = turn::with_retry_after(error, &self.shared.now());
        self.events = None;
        self.fall_silent();
        if let Some(cause) = error.cause() {
            self.shared.metrics.refused(cause);
        }
        TurnStreamEvent::Error(error.event())
    }

    fn spoken(&mut self, sound: SpokenSentence) -> Option<TurnStreamEvent> {
        match sound.name {
            Ok(name) => self.heard(sound.text, name?),
            Err(error) => {
                speech::tell(&self.shared, &error);
                self.fall_silent();
                self.names.clear();
                None
            }
        }
    }

    fn heard(&mut self, text: String, name: String) -> Option<TurnStreamEvent> {
        let url = self.caller.sound_url(&name)?;
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name);
        Some(TurnStreamEvent::Audio(AudioEvent { index, text, url }))
    }

    /// A narrator that failed once is not asked for the rest: a reply with holes is worse than one read on the screen.
    fn fall_silent(&mut self) {
        self.language = None;
        self.waiting.clear();
        self.speaking = FuturesOrdered::new();
    }

    async fn finish(&mut self) -> Option<TurnStreamEvent> {
        let done = self.done.take()?;
        let name = match self.language {
            // Boxed: a stream that waits has no room for it.
            Some(_) => {
                Box::pin(speech::joined(
                    &self.shared,
                    &self.caller.user,
                    &done,
                    &self.names,
                ))
                .await
            }
            None => None,
        };
        Some(TurnStreamEvent::Done(turn::response(
            done,
            name.and_then(|name| self.caller.sound_url(&name)),
        )))
    }
}
