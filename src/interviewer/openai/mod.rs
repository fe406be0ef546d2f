//! An interviewer that streams chat completions: `POST {base_url}/chat/completions`.
//!
//! [`OpenAiInterviewer::reply`] returns with the first words, so that every failure worth a retry
//! has happened by then. The rest is streamed, and a failure in it ends the stream.

mod completion_chunk;
mod completion_request;
mod completion_stream;
mod server_habits;
mod spoken_stream;
mod thinking;

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryFutureExt as _;
use futures_util::stream::{BoxStream, StreamExt};
use jiff::civil::Date;
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::completion_stream::{CompletionDelta, CompletionStream};
use self::server_habits::ServerHabits;
use super::{Brief, Identity, InterviewerError, InterviewerTask, Reply, ReplyDelta};
use crate::config::model_title;
use crate::upstream::http2_pool::Http2Pool;
use crate::upstream::model_endpoint::{ModelEndpoint, json};
use crate::upstream::model_name::{self, ModelName, Purpose};
use crate::upstream::retry::with_retries;
use crate::upstream::unsupported::Unsupported;
use crate::upstream::{Flaw, Limits, UpstreamError, model_choice, model_list};

/// The most bytes of one reply. A longer reply is cut off with an error.
const MAX_REPLY_BYTES: usize = 256 * 1024;

/// The time that the list is waited for when only the end of a model is looked up.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(2);
/// How much longer a whole reply takes than its first words.
const WHOLE_REPLY_FACTOR: u32 = 4;

/// A model at an OpenAI-compatible endpoint.
#[derive(Clone, Debug)]
pub struct OpenAiInterviewer {
    endpoint: ModelEndpoint,
    model: ModelName,
    limits: Limits,
    habits: ServerHabits,
}

/// Reads a response as the interviewer does, for fuzzing.
#[cfg(fuzzing)]
pub fn read_reply(response: reqwest::Response) -> BoxStream<'static, Result<(), UpstreamError>> {
    static POOL: std::sync::OnceLock<Http2Pool> = std::sync::OnceLock::new();
    let url = Url::parse("http://127.0.0.1").expect("an address");
    let pool = POOL.get_or_init(|| Http2Pool::new(&url).expect("HTTP can be set up"));
    let client = pool.acquire().expect("HTTP can be set up");
    let endpoint = ModelEndpoint::new(pool.clone(), url, None);
    let deltas = completion_stream::read(endpoint, response, client);
    spoken_stream::without_thinking(deltas, ServerHabits::default())
        .map(|delta| delta.map(drop))
        .boxed()
}

impl OpenAiInterviewer {
    /// Creates an interviewer at `base_url`, such as `https://api.openai.com/v1`. Local servers may
    /// need no `key`. If `model` is empty, one is chosen from the server's list before the first
    /// reply. Fails if HTTP cannot be set up.
    pub fn new(
        base_url: Url,
        key: Option<SecretString>,
        model: String,
    ) -> Result<Self, reqwest::Error> {
        let pool = Http2Pool::new(&base_url)?;
        Ok(Self {
            endpoint: ModelEndpoint::new(pool, base_url, key),
            model: ModelName::new(Purpose::Chat, model),
            limits: Limits::default(),
            habits: ServerHabits::default(),
        })
    }

    /// Returns the interviewer with other time limits and attempts.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Streams the next line.
    pub async fn reply(&self, brief: Brief) -> Result<Reply, InterviewerError> {
        let model = self.resolved_model().await?;
        // The rest of the brief is freed here, before the model thinks.
        let closes = brief.task != InterviewerTask::Ask;
        let request = json(&completion_request::build(model, brief));
        let (first, rest) = match self.open_without_refused(request).await {
            Ok(opened) => opened,
            Err(error) => {
                let error = self.model.explain(error, &self.endpoint).await;
                return Err(interviewer_error(&self.engine(), error));
            }
        };
        Ok(Reply {
            deltas: self.deltas(first, rest),
            asked: None,
            closes,
        })
    }

    /// Chooses the model, if the settings name none, and returns the last day of the model if that
    /// has passed or is near.
    pub async fn prepare(&self) -> Result<Option<Date>, InterviewerError> {
        let model = self.resolved_model().await?;
        let models = model_list::fetch(&self.endpoint, PREPARE_TIMEOUT).await;
        let models = models.unwrap_or_default();
        Ok(model_choice::ending(&models, model, model_name::today()))
    }

    async fn resolved_model(&self) -> Result<&str, InterviewerError> {
        let chosen = with_retries(&self.limits, || self.model.resolve(&self.endpoint)).await;
        chosen.map_err(|error| interviewer_error(&self.engine(), error))
    }

    /// Returns the model, which is empty until it is known, and its host.
    pub fn identity(&self) -> Identity {
        Identity::Model {
            model: model_title(self.model.known()).to_owned(),
            host: self.endpoint.host(),
        }
    }

    fn engine(&self) -> String {
        self.identity().to_string()
    }

    /// Asks, and asks again without what the server refuses.
    async fn open_without_refused(
        &self,
        request: Bytes,
    ) -> Result<(String, CompletionStream), UpstreamError> {
        loop {
            let refused = self.habits.refused();
            let adapted = server_habits::without(&request, &refused);
            let first = self.first_within(&refused);
            let opened = with_retries(&self.limits, || self.open(adapted.clone(), first)).await;
            match opened {
                Err(UpstreamError::Unsupported { what, .. }) if !refused.contains(&what) => {
                    tracing::info!(?what, "asking again without what the server refuses");
                    self.habits.learn(what);
                }
                opened => return opened,
            }
        }
    }

    /// Returns the time until the first words. Without streaming, they come with the last.
    fn first_within(&self, refused: &[Unsupported]) -> Duration {
        if refused.contains(&Unsupported::Streaming) {
            self.limits.first * WHOLE_REPLY_FACTOR
        } else {
            self.limits.first
        }
    }

    /// Asks once and waits for the first words.
    async fn open(
        &self,
        request: Bytes,
        first_within: Duration,
    ) -> Result<(String, CompletionStream), UpstreamError> {
        let first_deadline = Instant::now() + first_within;
        let post = self
            .endpoint
            .post(&["chat", "completions"], "text/event-stream", request);
        let (response, client) = before(first_deadline, post).await??;
        let deltas = completion_stream::read(self.endpoint.clone(), response, client);
        let mut deltas = spoken_stream::without_thinking(deltas, self.habits.clone());
        let first = first_words(&mut deltas, first_deadline, self.limits.between).await?;
        Ok((first, deltas))
    }

    fn deltas(
        &self,
        first: String,
        mut rest: CompletionStream,
    ) -> BoxStream<'static, Result<ReplyDelta, InterviewerError>> {
        let engine = self.engine();
        let between = self.limits.between;
        let stream = async_stream::try_stream! {
            let mut length = first.len();
            yield ReplyDelta::Text(first);
            while let Some(delta) = next_delta(&mut rest, between).await.map_err(|error| interviewer_error(&engine, error))? {
                let text = match delta {
                    CompletionDelta::Text(text) => text,
                    CompletionDelta::Restart => {
                        yield ReplyDelta::Restart;
                        continue;
                    }
                    CompletionDelta::Silent => continue,
                };
                length += text.len();
                if length > MAX_REPLY_BYTES {
                    Err(InterviewerError::Failed { engine: engine.clone(), reason: UpstreamError::Unusable(Flaw::LongReply) })?;
                }
                yield ReplyDelta::Text(text);
            }
        };
        stream.boxed()
    }
}

/// Waits for the first words until `first_deadline`. A model that visibly thinks, or whose server
/// sends comments, may take longer over them: each sign of life grants it another `between`.
async fn first_words(
    deltas: &mut CompletionStream,
    first_deadline: Instant,
    between: Duration,
) -> Result<String, UpstreamError> {
    let mut first = String::new();
    let mut deadline = first_deadline;
    while let Some(delta) = before(deadline, deltas.next()).await? {
        match delta? {
            CompletionDelta::Text(text) => first.push_str(&text),
            CompletionDelta::Restart => first.clear(),
            CompletionDelta::Silent => {}
        }
        if !first.trim().is_empty() {
            return Ok(first);
        }
        deadline = first_deadline.max(Instant::now() + between);
    }
    Err(UpstreamError::Unusable(Flaw::EmptyReply))
}

/// Runs `work` until `deadline`. An `async fn` would reserve room for `work` twice.
fn before<T>(
    deadline: Instant,
    work: impl Future<Output = T>,
) -> impl Future<Output = Result<T, UpstreamError>> {
    timeout_at(deadline, work).map_err(|_| UpstreamError::TimedOut)
}

async fn next_delta(
    deltas: &mut CompletionStream,
    wait: Duration,
) -> Result<Option<CompletionDelta>, UpstreamError> {
    before(Instant::now() + wait, deltas.next())
        .await?
        .transpose()
}

fn interviewer_error(engine: &str, error: UpstreamError) -> InterviewerError {
    let engine = engine.to_owned();
    match error {
        UpstreamError::TimedOut => InterviewerError::TimedOut { engine },
        UpstreamError::Overloaded {
            message,
            retry_after,
            ..
        } => InterviewerError::Overloaded {
            engine,
            reason: message,
            retry_after,
        },
        UpstreamError::CutOff(reason) => InterviewerError::CutOff { engine, reason },
        UpstreamError::NoWords(reason) => InterviewerError::NoWords { engine, reason },
        other => InterviewerError::Failed {
            engine,
            reason: other,
        },
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use rstest::rstest;
    use tokio::time::sleep;

    use super::*;

    /// Returns `first` at once, and words later.
    fn words_after(first: Vec<CompletionDelta>) -> CompletionStream {
        let words = stream::once(async {
            sleep(Duration::from_millis(20)).await;
            Ok(CompletionDelta::Text("Why?".to_owned()))
        });
        stream::iter(first.into_iter().map(Ok)).chain(words).boxed()
    }

    #[rstest]
    #[case(vec![CompletionDelta::Silent], Ok("Why?".to_owned()))]
    #[case(vec![], Err(UpstreamError::TimedOut))]
    #[tokio::test]
    async fn a_sign_of_life_extends_the_wait_for_the_first_words(
        #[case] first: Vec<CompletionDelta>,
        #[case] expected: Result<String, UpstreamError>,
    ) {
        let no_time_left = Instant::now();
        let between = Limits::default().between;
        let mut deltas = words_after(first);
        assert_eq!(
            first_words(&mut deltas, no_time_left, between).await,
            expected
        );
    }
}
