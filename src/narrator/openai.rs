//! Speaks through an OpenAI-compatible speech endpoint: `POST {base_url}/audio/speech`.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use serde::Serialize;
use tokio::time::timeout;

use super::NarratorError;
use crate::config::Rate;
use crate::upstream::model_endpoint::{ModelEndpoint, json};
use crate::upstream::model_name::ModelName;
use crate::upstream::retry::with_retries;
use crate::upstream::{Limits, UpstreamError, response};

/// The most bytes of audio accepted for one text.
const MAX_AUDIO_BYTES: usize = 32 * 1024 * 1024;

/// A voice of a model at an OpenAI-compatible endpoint.
#[derive(Clone)]
pub struct OpenAiNarrator {
    pub endpoint: ModelEndpoint,
    /// The speech model, or the choice of one.
    pub model: ModelName,
    /// A voice, such as `alloy`.
    pub voice: String,
    pub rate: Rate,
}

impl fmt::Debug for OpenAiNarrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiNarrator")
            .field("name", &self.name())
            .field("voice", &self.voice)
            .finish_non_exhaustive()
    }
}

/// The body of `POST /audio/speech`.
#[derive(Debug, Serialize)]
struct SpeechRequest<'a> {
    model: &'a str,
    voice: &'a str,
    input: &'a str,
    response_format: &'a str,
    /// The speed from 0.25 to 4, with 1 as the default. Not every compatible server knows this
    /// field, so the default is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f32>,
}

impl OpenAiNarrator {
    /// Returns the audio for `text`, requested as WAV.
    pub async fn speak(&self, text: &str) -> Result<Bytes, NarratorError> {
        self.speak_within(&Limits::default(), text).await
    }

    /// Works like [`OpenAiNarrator::speak`], with other time limits and attempts.
    pub async fn speak_within(&self, limits: &Limits, text: &str) -> Result<Bytes, NarratorError> {
        let spoken = self.request_speech(limits, text).await;
        spoken.map_err(|error| self.narrator_error(&error))
    }

    async fn request_speech(&self, limits: &Limits, text: &str) -> Result<Bytes, UpstreamError> {
        let endpoint = &self.endpoint;
        let model = with_retries(limits, || self.model.resolve(endpoint)).await?;
        let request = json(&self.request(model, text));
        match with_retries(limits, || fetch(endpoint, request.clone(), limits)).await {
            Ok(audio) => Ok(audio),
            Err(error) => Err(self.model.explain(error, endpoint).await),
        }
    }

    fn request<'a>(&'a self, model: &'a str, text: &'a str) -> SpeechRequest<'a> {
        let speed = (self.rate != Rate::default()).then(|| self.rate.factor());
        SpeechRequest {
            model,
            voice: &self.voice,
            input: text,
            response_format: "wav",
            speed,
        }
    }

    /// Returns the model, once it is known, and its host.
    pub fn name(&self) -> String {
        match self.model.known() {
            "" => self.endpoint.host(),
            model => format!("{model} at {}", self.endpoint.host()),
        }
    }

    fn narrator_error(&self, error: &UpstreamError) -> NarratorError {
        match error {
            UpstreamError::TimedOut => NarratorError::TimedOut {
                engine: self.name(),
            },
            other => NarratorError::Server {
                engine: self.name(),
                error: other.clone(),
            },
        }
    }
}

async fn fetch(
    endpoint: &ModelEndpoint,
    request: Bytes,
    limits: &Limits,
) -> Result<Bytes, UpstreamError> {
    let post = endpoint.post(&["audio", "speech"], "audio/*", request);
    let (mut response, _reserved_until_read) = timeout(limits.first, post)
        .await
        .map_err(|_| UpstreamError::TimedOut)??;
    let mut audio = BytesMut::new();
    while let Some(chunk) = next_chunk(endpoint, &mut response, limits.between).await? {
        audio.extend_from_slice(&chunk);
        if audio.len() > MAX_AUDIO_BYTES {
            return Err(endpoint.unusable("its audio is too long"));
        }
    }
    match error_in(&audio) {
        Some(reason) => Err(endpoint.unusable(&reason)),
        None => Ok(audio.freeze()),
    }
}

/// Returns why `audio` is none: some servers answer an error with status 200, and a chat server may
/// answer with a page.
fn error_in(audio: &[u8]) -> Option<String> {
    let begin = &audio[..audio.len().min(response::MAX_ERROR_BYTES)];
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let text = text.trim_ascii_start();
    let starts: [&[u8]; 6] = [b"{", b"[", b"<", b"error:", b"event:", b"data:"];
    let is_text = starts.iter().any(|start| text.starts_with(start));
    is_text.then(|| {
        response::error_message(text).unwrap_or_else(|| "its response is not audio".to_owned())
    })
}

async fn next_chunk(
    endpoint: &ModelEndpoint,
    response: &mut Response,
    wait: Duration,
) -> Result<Option<Bytes>, UpstreamError> {
    let chunk = timeout(wait, response.chunk())
        .await
        .map_err(|_| UpstreamError::TimedOut)?;
    chunk.map_err(|error| endpoint.connection_error(&error))
}
