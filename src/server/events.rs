//! A turn as server-sent events: `delta`s as they come, `audio` for each sentence, then `done`, or
//! `error`.
//!
//! ```text
//! turn ─deltas─┬────────────────────────────► delta
//!              └─► sentences ─► narrator ─────► audio     (two at a time, in order)
//!      └─ committed ─── once all is narrated ─► done
//! ```

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, FuturesOrdered};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::time::timeout;

use super::error::ApiError;
use super::reply::{self, Recipient};
use super::speech;
use super::state::AppState;
use crate::api::{AudioEvent, DeltaEvent, ErrorEvent, TurnResponse};
use crate::interview::Language;
use crate::narrator::Narrator;
use crate::narrator::sentences::SentenceSplitter;
use crate::practice::{CompletedTurn, PracticeError, TurnEvent, TurnRequest};

/// The number of sentences of one turn narrated at once: the next one is made while this one is
/// played. More would only make other users wait.
const CONCURRENT_SENTENCES: usize = 2;

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

type TurnEvents = BoxStream<'static, Result<TurnEvent, PracticeError>>;

/// Streams a turn. A failure before the first event is an ordinary answer with its own status, but
/// the head of the answer does not wait for that event longer than the settings allow. The turn
/// lasts as long as the stream is read; if it is dropped before the commit, the turn was not taken.
pub(super) async fn stream(
    state: Arc<AppState>,
    recipient: Recipient,
    turn: TurnRequest,
) -> Result<Response, ApiError> {
    let now = turn.now.clone();
    let language = narration_language(&state, &turn).await?;
    let mut events = state.practice().turn(turn);
    let first = match timeout(state.settings().first_word_within, events.next()).await {
        Ok(first) => Some(first.ok_or_else(ApiError::internal)?),
        Err(_) => None,
    };
    let first = first
        .transpose()
        .map_err(|error| reply::with_retry_time(error.into(), &now))?;
    let events = stream::iter(first.map(Ok)).chain(events).boxed();

    let turn = StreamedTurn::new(state, recipient, language, events);
    let events = stream::unfold(turn, async |mut turn| {
        let event = turn.next().await?;
        Some((Ok::<_, Infallible>(event.into_event()), turn))
    });
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Asks nginx and other proxies not to collect the answer before they pass it on.
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    let body = Sse::new(events).keep_alive(KeepAlive::new());
    Ok((headers, body).into_response())
}

/// Returns the language in which the turn is narrated; `None` if there is no narrator.
async fn narration_language(
    state: &AppState,
    turn: &TurnRequest,
) -> Result<Option<Language>, ApiError> {
    match state.service.narrator {
        Narrator::None => Ok(None),
        _ => Ok(Some(state.practice().language_of(turn).await?)),
    }
}

/// An event as the client receives it.
#[derive(Debug)]
enum ReplyEvent {
    Delta(String),
    Audio(AudioEvent),
    Done(TurnResponse),
    Error(ErrorEvent),
}

impl ReplyEvent {
    fn into_event(self) -> Event {
        match self {
            Self::Delta(text) => named("delta", &DeltaEvent { text }),
            Self::Audio(audio) => named("audio", &audio),
            Self::Done(response) => named("done", &response),
            Self::Error(error) => named("error", &error),
        }
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    Event::default()
        .event(name)
        .json_data(data)
        .expect("strings and numbers serialize to JSON")
}

/// A turn that is being streamed to its client.
struct StreamedTurn {
    state: Arc<AppState>,
    recipient: Recipient,
    /// The language of the narration; `None` once nothing more is narrated.
    language: Option<Language>,
    /// The events still to come; `None` once the turn has ended.
    events: Option<TurnEvents>,
    splitter: SentenceSplitter,
    waiting: VecDeque<String>,
    narrations: FuturesOrdered<BoxFuture<'static, Narration>>,
    /// Names of the audio files sent so far, in order.
    audio_names: Vec<String>,
    completed: Option<CompletedTurn>,
}

/// A sentence whose narration has ended.
struct Narration {
    sentence: String,
    /// The name of the audio file; `None` if the sentence has nothing to say aloud.
    name: anyhow::Result<Option<String>>,
}

/// The next thing that happened in a streamed turn.
enum Progress {
    Turn(Option<Result<TurnEvent, PracticeError>>),
    Narrated(Narration),
    Ended,
}

impl StreamedTurn {
    fn new(
        state: Arc<AppState>,
        recipient: Recipient,
        language: Option<Language>,
        events: TurnEvents,
    ) -> Self {
        // Without an address the client could not fetch the audio.
        let language = language.filter(|_| recipient.base_url.is_some());
        Self {
            state,
            recipient,
            language,
            events: Some(events),
            splitter: SentenceSplitter::default(),
            waiting: VecDeque::new(),
            narrations: FuturesOrdered::new(),
            audio_names: Vec::new(),
            completed: None,
        }
    }

    /// Returns the next event for the client, and `None` after the last.
    async fn next(&mut self) -> Option<ReplyEvent> {
        loop {
            self.start_narrations();
            let event = match self.progress().await {
                Progress::Turn(Some(Ok(event))) => self.on_turn_event(event),
                Progress::Turn(Some(Err(error))) => Some(self.fail(error.into())),
                Progress::Turn(None) => Some(self.fail(ApiError::internal())),
                Progress::Narrated(narration) => self.on_narration(narration),
                Progress::Ended => return self.finish().await,
            };
            if event.is_some() {
                return event;
            }
        }
    }

    async fn progress(&mut self) -> Progress {
        let Some(events) = &mut self.events else {
            let narration = self.narrations.next().await;
            return narration.map_or(Progress::Ended, Progress::Narrated);
        };
        tokio::select! {
            biased;
            event = events.next() => Progress::Turn(event),
            Some(narration) = self.narrations.next() => Progress::Narrated(narration),
        }
    }

    /// Hands waiting sentences to the narrator.
    fn start_narrations(&mut self) {
        while self.narrations.len() < CONCURRENT_SENTENCES
            && let Some(language) = self.language
            && let Some(sentence) = self.waiting.pop_front()
        {
            let state = self.state.clone();
            let user = self.recipient.user.clone();
            self.narrations.push_back(Box::pin(async move {
                let name = speech::of_sentence(&state, &user, &sentence, language).await;
                Narration { sentence, name }
            }));
        }
    }

    fn on_turn_event(&mut self, event: TurnEvent) -> Option<ReplyEvent> {
        match event {
            TurnEvent::Delta(text) => {
                self.waiting.extend(self.splitter.push(&text));
                Some(ReplyEvent::Delta(text))
            }
            // Only a client of another server receives spoken sentences.
            TurnEvent::SpokenSentence(_) => None,
            TurnEvent::Done(completed) => {
                self.events = None;
                self.state.metrics.count_turn();
                self.waiting.extend(self.splitter.finish());
                self.completed = Some(completed);
                None
            }
        }
    }

    fn fail(&mut self, error: ApiError) -> ReplyEvent {
        let error = reply::with_retry_time(error, &self.state.now());
        self.events = None;
        self.stop_narration();
        if let Some(cause) = error.cause() {
            self.state.metrics.count_refusal(cause);
        }
        ReplyEvent::Error(error.into_event())
    }

    fn on_narration(&mut self, narration: Narration) -> Option<ReplyEvent> {
        match narration.name {
            Ok(name) => self.audio(narration.sentence, name?),
            Err(error) => {
                speech::report_failure(&self.state, &error);
                self.stop_narration();
                self.audio_names.clear();
                None
            }
        }
    }

    fn audio(&mut self, text: String, name: String) -> Option<ReplyEvent> {
        let url = self.recipient.media_url(&name)?;
        let index = u32::try_from(self.audio_names.len()).unwrap_or(u32::MAX);
        self.audio_names.push(name);
        Some(ReplyEvent::Audio(AudioEvent { index, text, url }))
    }

    /// Narrates nothing more of this turn. After one failure the rest is not tried either: a reply
    /// with gaps is worse than one that is only read.
    fn stop_narration(&mut self) {
        self.language = None;
        self.waiting.clear();
        self.narrations = FuturesOrdered::new();
    }

    async fn finish(&mut self) -> Option<ReplyEvent> {
        let completed = self.completed.take()?;
        let user = &self.recipient.user;
        let name = match self.language {
            Some(_) => speech::joined(&self.state, user, &completed, &self.audio_names).await,
            None => None,
        };
        let audio_url = name.and_then(|name| self.recipient.media_url(&name));
        Some(ReplyEvent::Done(reply::response(completed, audio_url)))
    }
}
