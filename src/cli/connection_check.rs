//! `config check --connect`: tries the key, the address, the model, streaming, the system role and
//! the speech of the settings, and says what helps where one fails.

use std::time::Duration;

use rust_i18n::t;
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::Context;
use super::failure::words_of;
use super::output::print;
use crate::config::{InterviewerEngine, NarratorEngine, key_variable, preset_at};
use crate::narrator::Narrator;
use crate::runtime::wording;
use crate::upstream::discovery;
use crate::upstream::model_endpoint::{self, ModelEndpoint};
use crate::upstream::model_list::{self, LIST_TIMEOUT, ListedModel};
use crate::upstream::model_name::{Purpose, today};
use crate::upstream::{Flaw, UpstreamError, host_of, model_choice};

/// The time for one reply. A server on this machine may load its model first.
const REPLY_TIMEOUT: Duration = Duration::from_mins(1);

/// The outcome of one part of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    Failed,
    /// No reply came within the time, which a model may need to load.
    TimedOut,
    Skipped,
}

/// One line of the outcome: what was tried, how it went, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub step: &'static str,
    pub status: Status,
    pub detail: String,
    pub remedy: Option<String>,
}

/// Tries everything, prints a line for each, and returns the exit code: 1 if something failed.
pub async fn run(context: &Context) -> anyhow::Result<u8> {
    let check = ConnectionCheck::new(context);
    let mut failed = false;
    let mut lines = check.interviewer().await?;
    lines.push(check.speech().await);
    for line in &lines {
        print(&check.text(line))?;
        failed |= matches!(line.status, Status::Failed | Status::TimedOut);
    }
    Ok(u8::from(failed))
}

/// Tries the servers of the settings.
pub struct ConnectionCheck<'c> {
    context: &'c Context,
    /// The time for one reply.
    limit: Duration,
}

macro_rules! words {
    ($check:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        t!(
            concat!("connect.check.", $key),
            locale = $check.context.language.code()
            $(, $name = $value)*
        )
        .into_owned()
    };
}

impl<'c> ConnectionCheck<'c> {
    pub fn new(context: &'c Context) -> Self {
        Self {
            context,
            limit: REPLY_TIMEOUT,
        }
    }

    /// Waits no longer than `limit` for a reply.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    fn reason(&self, error: &(dyn std::error::Error + 'static)) -> String {
        wording::of(error, self.context.language)
    }

    fn text(&self, line: &Line) -> String {
        let locale = self.context.language.code();
        let status = match line.status {
            Status::Ok => words!(self, "ok"),
            Status::Failed | Status::TimedOut => words!(self, "failed"),
            Status::Skipped => words!(self, "skipped"),
        };
        let step = t!(format!("connect.check.{}", line.step), locale = locale);
        let detail = match &line.remedy {
            Some(remedy) => format!("{}. {remedy}", line.detail.trim_end_matches('.')),
            None => line.detail.clone(),
        };
        format!("{status}\t{step}: {detail}\n")
    }

    /// Tries the server that asks, if one is set.
    async fn interviewer(&self) -> anyhow::Result<Vec<Line>> {
        let is_bank = self.context.config.interviewer.engine == InterviewerEngine::Offline;
        if is_bank || !self.context.has_endpoint() {
            return Ok(self.without_server().await);
        }
        self.server().await
    }

    /// Tries the server of the settings.
    pub async fn server(&self) -> anyhow::Result<Vec<Line>> {
        let base = self.context.config.openai.endpoint()?;
        let key = match self.context.key_for(&base) {
            Ok(key) => key,
            Err(error) => return Ok(vec![failed("key", error.to_string(), None)]),
        };
        let has_key = key.is_some();
        let endpoint = self.context.model_endpoint(base.clone())?;
        let listed = model_list::fetch(&endpoint, LIST_TIMEOUT.min(self.limit)).await;
        let mut lines = vec![
            self.key(&base, has_key, &listed),
            self.address(&base, &listed),
        ];
        if lines.iter().any(|line| line.status == Status::Failed) {
            return Ok(lines);
        }
        let models = listed.unwrap_or_default();
        let (line, model) = self.model(&base, &models);
        lines.push(line);
        if let Some(model) = model {
            lines.extend(self.replies(&endpoint, &model).await);
        }
        Ok(lines)
    }

    /// Says that no server is set, and which one could be.
    pub async fn without_server(&self) -> Vec<Line> {
        let mut lines = vec![skipped("address", words!(self, "no_server"))];
        for server in discovery::find(discovery::usual_addresses()).await {
            let detail = words!(
                self,
                "found",
                server = server.title,
                names = model_choice::names(&server.models),
                address = server.base_url
            );
            lines.push(skipped("address", detail));
        }
        lines
    }

    fn key(
        &self,
        base: &Url,
        has_key: bool,
        listed: &Result<Vec<ListedModel>, UpstreamError>,
    ) -> Line {
        let host = host_of(base);
        let server = preset_at(base).map_or(host.as_str(), |preset| preset.name);
        if let Err(UpstreamError::Refused {
            status: 401 | 403,
            message,
        }) = listed
            && has_key
        {
            let detail = words!(self, "key_refused", host = host, reason = message);
            let remedy = words!(self, "remedy.key_refused", server = server);
            return failed("key", detail, Some(remedy));
        }
        let needed = key_variable(base);
        match (has_key, self.context.key_variable(base), needed) {
            (true, Some(name), _) => ok(
                "key",
                words!(self, "from_variable", name = name, host = host),
            ),
            (true, None, _) => ok("key", words!(self, "from_store", host = host)),
            (false, _, Some(variable)) => {
                let remedy = words!(
                    self,
                    "remedy.key_missing",
                    server = server,
                    variable = variable
                );
                failed(
                    "key",
                    words!(self, "key_missing", host = host),
                    Some(remedy),
                )
            }
            (false, _, None) => ok("key", words!(self, "no_key", host = host)),
        }
    }

    fn address(&self, base: &Url, listed: &Result<Vec<ListedModel>, UpstreamError>) -> Line {
        let host = host_of(base);
        match listed {
            Ok(models) => ok(
                "address",
                words!(self, "reached", host = host, count = models.len()),
            ),
            Err(error @ (UpstreamError::Unreachable(_) | UpstreamError::TimedOut)) => failed(
                "address",
                words!(
                    self,
                    "unreachable",
                    host = host,
                    reason = self.reason(error)
                ),
                Some(words!(self, "remedy.unreachable")),
            ),
            Err(error) => ok(
                "address",
                words!(self, "no_list", host = host, reason = self.reason(error)),
            ),
        }
    }

    /// Returns the line of the model, and the model to try.
    fn model(&self, base: &Url, models: &[ListedModel]) -> (Line, Option<String>) {
        let named = self.context.config.openai.model.as_str();
        let listed = model_choice::names(models);
        if named.is_empty() {
            let Some(model) = Purpose::Chat.choice(models, today()) else {
                let remedy = if listed.is_empty() {
                    words!(self, "remedy.model_unnamed")
                } else {
                    words!(self, "remedy.model_unset", names = listed)
                };
                let line = failed("model", words!(self, "model_unset"), Some(remedy));
                return (line, None);
            };
            let line = ok("model", words!(self, "model_chosen", model = model));
            return (line, Some(model.to_owned()));
        }
        let host = host_of(base);
        if !models.is_empty() && !model_choice::has_model(models, named) {
            let detail = words!(self, "model_missing", host = host, model = named);
            let remedy = words!(self, "remedy.model_missing", names = listed);
            return (failed("model", detail, Some(remedy)), None);
        }
        let detail = match model_choice::ending(models, named, today()) {
            Some(day) => t!(
                "connect.model_ends",
                locale = self.context.language.code(),
                model = named,
                host = host,
                day = day
            )
            .into_owned(),
            None => words!(self, "model_ok", model = named),
        };
        (ok("model", detail), Some(named.to_owned()))
    }

    /// Asks for two short replies: one streamed, one with a system message.
    async fn replies(&self, endpoint: &ModelEndpoint, model: &str) -> [Line; 2] {
        let user = json!({"role": "user", "content": "Reply with the word OK."});
        let system = json!({"role": "system", "content": "You are a polite interviewer."});
        let request = |messages: Value, stream: bool| json!({"model": model, "messages": messages, "stream": stream});
        let plain = json!([user.clone()]);
        let ask = |request: Value| async move { ask(endpoint, &request, self.limit).await };
        let streamed = ask(request(plain.clone(), true)).await;
        let streams = streamed.is_ok();
        let whole = || async { ask(request(plain, false)).await };
        let stream = self.reply_line("stream", streamed, whole).await;
        let with_system = ask(request(json!([system, user.clone()]), streams)).await;
        let alone = || async { ask(request(json!([user]), streams)).await };
        let system = self.reply_line("system", with_system, alone).await;
        [stream, system]
    }

    /// Returns the line of one attempt. If it was refused, `without` tries the same without what is
    /// tested.
    async fn reply_line<F>(
        &self,
        step: &'static str,
        outcome: Result<(), UpstreamError>,
        without: impl FnOnce() -> F,
    ) -> Line
    where
        F: Future<Output = Result<(), UpstreamError>>,
    {
        let error = match outcome {
            Ok(()) => return ok(step, words!(self, "replies")),
            Err(error) => error,
        };
        let is_refusal = !matches!(
            error,
            UpstreamError::Unreachable(_) | UpstreamError::TimedOut
        );
        if is_refusal && without().await.is_ok() {
            return ok(
                step,
                words!(self, "works_without", reason = self.reason(&error)),
            );
        }
        let status = match error {
            UpstreamError::TimedOut => Status::TimedOut,
            _ => Status::Failed,
        };
        Line {
            step,
            status,
            detail: words!(self, "reply_failed", reason = self.reason(&error)),
            remedy: Some(words!(self, "remedy.reply_failed")),
        }
    }

    /// Lets the narrator of the settings speak.
    pub async fn speech(&self) -> Line {
        let engine = self.context.config.narrator.engine;
        if engine == NarratorEngine::None {
            return skipped("speech", words!(self, "silent"));
        }
        let narrator = match self.context.narrator() {
            Ok(Narrator::None) => {
                let remedy = words!(self, "remedy.no_narrator");
                return failed("speech", words!(self, "no_narrator"), Some(remedy));
            }
            Ok(narrator) => narrator,
            Err(error) => return self.silent(words_of(&error, self.context.language)),
        };
        let language = self.context.interview_language;
        match timeout(self.limit, narrator.speak("OK", language)).await {
            Ok(Ok(_)) => ok("speech", words!(self, "speaks", name = narrator.name())),
            Ok(Err(error)) => self.silent(self.reason(&error)),
            Err(_) => self.silent(self.reason(&UpstreamError::TimedOut)),
        }
    }

    fn silent(&self, reason: String) -> Line {
        failed("speech", reason, Some(words!(self, "remedy.speech_failed")))
    }
}

/// Asks once, and waits for the first part of the reply.
async fn ask(
    endpoint: &ModelEndpoint,
    request: &Value,
    limit: Duration,
) -> Result<(), UpstreamError> {
    let body = model_endpoint::json(request);
    let post = endpoint.post(&["chat", "completions"], "*/*", body);
    let (mut response, _reserved_until_read) = timeout(limit, post)
        .await
        .map_err(|_| UpstreamError::TimedOut)??;
    let first = timeout(limit, response.chunk())
        .await
        .map_err(|_| UpstreamError::TimedOut)?
        .map_err(|error| endpoint.connection_error(&error))?;
    match first {
        Some(begin) if begin.trim_ascii_start().starts_with(b"<") => {
            Err(endpoint.unusable("it answers with a web page"))
        }
        Some(_) => Ok(()),
        None => Err(UpstreamError::Unusable(Flaw::EmptyReply)),
    }
}

fn ok(step: &'static str, detail: String) -> Line {
    Line {
        step,
        status: Status::Ok,
        detail,
        remedy: None,
    }
}

fn failed(step: &'static str, detail: String, remedy: Option<String>) -> Line {
    Line {
        step,
        status: Status::Failed,
        detail,
        remedy,
    }
}

fn skipped(step: &'static str, detail: String) -> Line {
    Line {
        step,
        status: Status::Skipped,
        detail,
        remedy: None,
    }
}
