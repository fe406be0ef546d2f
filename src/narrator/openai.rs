//! An OpenAI-compatible speech endpoint: `POST {base_url}/audio/speech`.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use secrecy::SecretString;
use serde::Serialize;
use tokio::time::timeout;
use url::Url;

use super::NarratorError;
use crate::config::Rate;
use crate::upstream::http2_pool::Http2Pool;
use crate::upstream::model_endpoint::{ModelEndpoint, json};
use crate::upstream::retry::with_retries;
use crate::upstream::{Limits, UpstreamError, host_of};

/// Most sound taken for one text.
const MAX_SOUND: usize = 32 * 1024 * 1024;

/// An OpenAI-compatible speech endpoint.
#[derive(Clone)]
pub struct OpenAiNarrator {
    /// Shared connections.
    pub pool: Http2Pool,
    /// Such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// May be absent for local servers.
    pub key: Option<SecretString>,
    /// Such as `gpt-4o-mini-tts`.
    pub model: String,
    /// Such as `alloy`.
    pub voice: String,
    /// How fast.
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
struct Request<'a> {
    model: &'a str,
    voice: &'a str,
    input: &'a str,
    response_format: &'a str,
    /// 0.25 to 4; 1 when it is left out. Not every compatible server knows it, so it is sent only where it says something.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed: Option<f32>,
}

impl OpenAiNarrator {
    /// The endpoint's sound for `text`, asked for as WAV.
    pub async fn speak(&self, text: &str) -> Result<Bytes, NarratorError> {
        self.speak_within(&Limits::default(), text).await
    }

    /// [`OpenAiNarrator::speak`] with other times and attempts.
    pub async fn speak_within(&self, limits: &Limits, text: &str) -> Result<Bytes, NarratorError> {
        let endpoint =
            ModelEndpoint::new(self.pool.clone(), self.base_url.clone(), self.key.clone());
        let request = json(&self.request(text));
        let sound = with_retries(limits, || fetch(&endpoint, request.clone(), limits)).await;
        sound.map_err(|error| self.worded(&error))
    }

    fn request<'a>(&'a self, text: &'a str) -> Request<'a> {
        let speed = (self.rate != Rate::default()).then(|| self.rate.factor());
        Request {
            model: &self.model,
            voice: &self.voice,
            input: text,
            response_format: "wav",
            speed,
        }
    }

    /// Model at host.
    pub fn name(&self) -> String {
        format!("{} at {}", self.model, host_of(&self.base_url))
    }

    fn worded(&self, error: &UpstreamError) -> NarratorError {
        match error {
            UpstreamError::TimedOut => NarratorError::TimedOut {
                engine: self.name(),
            },
            other => NarratorError::Failed {
                engine: self.name(),
                reason: other.to_string(),
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
    let (mut response, _lane) = timeout(limits.first, post)
        .await
        .map_err(|_| UpstreamError::TimedOut)??;
    let mut sound = BytesMut::new();
    while let Some(chunk) = next(endpoint, &mut response, limits.between).await? {
        sound.extend_from_slice(&chunk);
        if sound.len() > MAX_SOUND {
            return Err(endpoint.unusable("its sound does not end"));
        }
    }
    Ok(sound.freeze())
}

async fn next(
    endpoint: &ModelEndpoint,
    response: &mut Response,
    wait: Duration,
) -> Result<Option<Bytes>, UpstreamError> {
    let chunk = timeout(wait, response.chunk())
        .await
        .map_err(|_| UpstreamError::TimedOut)?;
    chunk.map_err(|error| endpoint.connection_error(&error))
}
