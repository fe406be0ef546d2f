//! The used fields of a chat completion, or of one chunk of it. Servers differ in everything else,
//! and some send `null`, an empty text or another type where a field is usually missing.

use serde_json::Value;

use crate::upstream::event_reader::Event;
use crate::upstream::{CutOff, response};

/// What one event of a reply says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CompletionChunk {
    /// The text that continues the reply.
    pub(super) delta: String,
    /// The whole text, in a completion that is not streamed or as a summary of one that is.
    pub(super) message: Option<String>,
    /// The words with which the model declines to answer.
    pub(super) refusal: String,
    /// The end of the reply, if the server announces it.
    pub(super) end: Option<ReplyEnd>,
}

/// The way a reply ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReplyEnd {
    Whole,
    CutOff(CutOff),
}

/// The event is no chat completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkError {
    /// The event ends in the middle of its JSON.
    Unfinished,
    Malformed,
}

/// Reads an event. One without JSON, such as a heartbeat, says nothing.
pub(super) fn parse(event: &Event) -> Result<CompletionChunk, ChunkError> {
    let data = event.data.trim();
    if data == "[DONE]" {
        return Ok(CompletionChunk::ending(ReplyEnd::Whole));
    }
    let is_error = event.name.as_deref() == Some("error");
    if !is_error && !data.starts_with(['{', '[']) {
        return Ok(CompletionChunk::default());
    }
    match serde_json::from_str::<Value>(data) {
        Ok(value) => Ok(chunk(event, &value)),
        Err(_) if is_error => Ok(CompletionChunk::failure(data)),
        Err(error) if error.is_eof() => Err(ChunkError::Unfinished),
        Err(_) => Err(ChunkError::Malformed),
    }
}

impl CompletionChunk {
    fn ending(end: ReplyEnd) -> Self {
        Self {
            end: Some(end),
            ..Self::default()
        }
    }

    /// Returns the chunk for an error, whose `body` holds the server's message.
    fn failure(body: &str) -> Self {
        let message = response::error_message(body.as_bytes())
            .unwrap_or_else(|| "an error without a message".to_owned());
        Self::ending(ReplyEnd::CutOff(CutOff::Failed(message)))
    }
}

fn chunk(event: &Event, value: &Value) -> CompletionChunk {
    if is_error(event, value) {
        return CompletionChunk::failure(event.data.trim());
    }
    let Some(choice) = first_choice(value) else {
        return CompletionChunk::default();
    };
    let message = choice.get("message").and_then(content);
    let refusal = ["delta", "message"]
        .iter()
        .find_map(|part| choice.get(*part)?.get("refusal")?.as_str());
    let reason = choice.get("finish_reason").and_then(Value::as_str);
    let end = reason.and_then(reply_end);
    // A completion that is not streamed consists of one object.
    let is_whole = event.name.is_none() && message.is_some();
    CompletionChunk {
        delta: choice.get("delta").and_then(content).unwrap_or_default(),
        end: end.or_else(|| is_whole.then_some(ReplyEnd::Whole)),
        message,
        refusal: refusal.unwrap_or_default().to_owned(),
    }
}

/// Returns whether the event reports an error instead of a part of the reply.
fn is_error(event: &Event, value: &Value) -> bool {
    let has_error = match value.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    };
    let is_named_error = event.name.as_deref() == Some("error")
        || value.get("object").and_then(Value::as_str) == Some("error");
    let is_other_object = event.name.is_none()
        && value.get("choices").is_none()
        && response::error_message(event.data.as_bytes()).is_some();
    has_error || is_named_error || is_other_object
}

/// Returns the choice with index 0, which is also that of a choice without an index.
fn first_choice(value: &Value) -> Option<&Value> {
    let index = |choice: &Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0);
    let choices = value.get("choices")?.as_array()?;
    choices.iter().find(|choice| index(choice) == 0)
}

/// Returns the text of a message, whose content is a text or a list of parts. Parts other than
/// text, such as the model's thinking, are left out.
fn content(message: &Value) -> Option<String> {
    match message.get("content")? {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(parts.iter().filter_map(part_text).collect()),
        _ => None,
    }
}

fn part_text(part: &Value) -> Option<&str> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    match part {
        Value::String(text) => Some(text),
        _ if matches!(kind, "text" | "output_text") => part.get("text")?.as_str(),
        _ => None,
    }
}

/// Returns what a finish reason means. Some servers send an empty one until the end, and servers
/// of other makes send their own names.
fn reply_end(reason: &str) -> Option<ReplyEnd> {
    let reason = reason.trim().to_ascii_lowercase();
    Some(match reason.as_str() {
        "" | "null" | "none" => return None,
        "length" | "max_tokens" | "model_length" | "max_output_tokens" => {
            ReplyEnd::CutOff(CutOff::LengthLimit)
        }
        "content_filter" | "safety" | "recitation" | "blocklist" | "prohibited_content"
        | "sensitive" => ReplyEnd::CutOff(CutOff::ContentFilter),
        "error" | "abort" | "insufficient_system_resource" | "network_error" => {
            ReplyEnd::CutOff(CutOff::Failed(reason))
        }
        _ => ReplyEnd::Whole,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn event(name: Option<&str>, data: &str) -> Event {
        Event {
            name: name.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    fn delta(text: &str) -> CompletionChunk {
        CompletionChunk {
            delta: text.to_owned(),
            ..CompletionChunk::default()
        }
    }

    #[rstest]
    #[case(
        r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"x":1}"#,
        "Hi"
    )]
    #[case(r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":""}]}"#, "Hi")]
    #[case(r#"{"choices":[{"index":1,"delta":{"content":"No"}},{"index":0,"delta":{"content":"Hi"}}]}"#, "Hi")]
    #[case(
        r#"{"choices":[{"index":1,"delta":{"content":"No"},"finish_reason":"stop"}]}"#,
        ""
    )]
    #[case(r#"{"choices":[{"index":null,"delta":{"content":"Hi"}}]}"#, "Hi")]
    #[case(r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"No"}]},{"type":"text","text":"H"},{"type":"text","text":"i"}]}}]}"#, "Hi")]
    #[case(
        r#"{"choices":[{"delta":{"role":"assistant","content":null}}],"error":null}"#,
        ""
    )]
    #[case(
        r#"{"choices":[{"delta":{"content":"","reasoning_content":"hm"}}]}"#,
        ""
    )]
    #[case(r#"{"choices":[{"delta":null,"message":null}]}"#, "")]
    #[case(r#"{"choices":[],"usage":{"total_tokens":3}}"#, "")]
    #[case(r#"{"choices":null}"#, "")]
    #[case(r#"{"type":"ping"}"#, "")]
    #[case("ping", "")]
    #[case("", "")]
    fn a_delta_is_read_whatever_surrounds_it(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(parse(&event(Some("message"), json)), Ok(delta(expected)));
    }

    #[rstest]
    #[case("stop", ReplyEnd::Whole)]
    #[case("STOP", ReplyEnd::Whole)]
    #[case("tool_calls", ReplyEnd::Whole)]
    #[case("eos", ReplyEnd::Whole)]
    #[case("length", ReplyEnd::CutOff(CutOff::LengthLimit))]
    #[case("MAX_TOKENS", ReplyEnd::CutOff(CutOff::LengthLimit))]
    #[case("content_filter", ReplyEnd::CutOff(CutOff::ContentFilter))]
    #[case("error", ReplyEnd::CutOff(CutOff::Failed("error".into())))]
    fn a_finish_reason_ends_the_reply(#[case] reason: &str, #[case] expected: ReplyEnd) {
        let json = format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#);
        assert_eq!(
            parse(&event(Some("message"), &json)),
            Ok(CompletionChunk::ending(expected))
        );
    }

    #[rstest]
    #[case::alone(None, "", Some(ReplyEnd::Whole))]
    #[case::in_a_stream(Some("message"), "", None)]
    #[case::cut_off(
        None,
        r#","finish_reason":"length""#,
        Some(ReplyEnd::CutOff(CutOff::LengthLimit))
    )]
    fn an_object_with_a_message_is_whole_unless_it_says_otherwise(
        #[case] name: Option<&str>,
        #[case] reason: &str,
        #[case] end: Option<ReplyEnd>,
    ) {
        let json = format!(r#"{{"choices":[{{"message":{{"content":"Hi"}}{reason}}}]}}"#);
        let expected = CompletionChunk {
            message: Some("Hi".to_owned()),
            end,
            ..CompletionChunk::default()
        };
        assert_eq!(parse(&event(name, &json)), Ok(expected));
    }

    #[rstest]
    #[case(Some("message"), r#"{"error":{"message":"no credit"}}"#, "no credit")]
    #[case(Some("message"), r#"{"error":{"message":"no credit"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#, "no credit")]
    #[case(
        Some("message"),
        r#"{"error":{"code":1}}"#,
        "an error without a message"
    )]
    #[case(Some("message"), r#"{"object":"error","message":"busy"}"#, "busy")]
    #[case(Some("error"), r#"{"message":"busy"}"#, "busy")]
    #[case(Some("error"), "busy", "busy")]
    #[case(None, r#"{"message":"busy"}"#, "busy")]
    #[case(None, r#"{"error":"busy"}"#, "busy")]
    fn an_error_is_read_with_its_message(
        #[case] name: Option<&str>,
        #[case] json: &str,
        #[case] expected: &str,
    ) {
        let end = ReplyEnd::CutOff(CutOff::Failed(expected.to_owned()));
        assert_eq!(parse(&event(name, json)), Ok(CompletionChunk::ending(end)));
    }

    #[rstest]
    #[case(r#"{"choices":[{"delta":{"con"#, ChunkError::Unfinished)]
    #[case(r#"{"choices":oops}"#, ChunkError::Malformed)]
    fn broken_json_is_no_chunk(#[case] json: &str, #[case] expected: ChunkError) {
        assert_eq!(parse(&event(Some("message"), json)), Err(expected));
    }
}
