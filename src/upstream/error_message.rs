//! Finds the words that a person can use in the error of a model server.
//!
//! Every provider has its own shape: an object, a list of one object, a list of fields, or one
//! error as text inside another. Only members that are known to hold a message are read: anything
//! else may be the request, with what the candidate said in it.

use reqwest::StatusCode;
use serde_json::{Map, Value};

use super::retry_after::retry_after_in;

/// The most characters of an error message that are passed on.
const MAX_CHARS: usize = 300;

/// The deepest nesting of errors within errors.
const MAX_DEPTH: u32 = 6;

/// The members that hold the message of an error, the most telling first.
const MESSAGES: [&str; 13] = [
    "message",
    "Message",
    "detail",
    "error_description",
    "errors",
    "msg",
    "reason",
    "title",
    "faultstring",
    "error_message",
    "errorMessage",
    "description",
    "fault",
];

/// An error as a provider words it. Its text is data like any other: what it says decides nothing
/// outside this folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderError {
    pub message: Option<String>,
    /// The provider's name of the error, such as `insufficient_quota`.
    pub code: Option<String>,
    /// The member of the request that was refused, such as `stream`.
    pub param: Option<String>,
}

impl ProviderError {
    /// Reads the body of an error.
    pub fn parse(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let outer = value.get(0).unwrap_or(&value);
        let error = outer.get("error").unwrap_or(outer);
        let text = |name: &str| Some(error.get(name)?.as_str()?.to_owned());
        Self {
            message: error_message(body),
            code: text("code").or_else(|| text("type")),
            param: text("param"),
        }
    }

    /// Returns whether the account has no credit left, which no wait changes.
    pub fn is_out_of_credit(&self) -> bool {
        const CODES: [&str; 3] = [
            "insufficient_quota",
            "billing_hard_limit",
            "insufficient_balance",
        ];
        const WORDS: [&str; 3] = [
            "insufficient balance",
            "insufficient credit",
            "insufficient_quota",
        ];
        let code = self.code.as_deref().unwrap_or_default();
        let message = self.message.as_deref().unwrap_or_default().to_lowercase();
        let is_final_quota =
            message.contains("exceeded your current quota") && retry_after_in(&message).is_none();
        is_final_quota
            || CODES.iter().any(|known| code.starts_with(known))
            || WORDS.iter().any(|words| message.contains(words))
    }
}

/// Returns the message in an error's body: a member that holds one, or plain text. Returns `None`
/// for an empty body, for HTML, and for other JSON.
pub fn error_message(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let message = match serde_json::from_str::<Value>(text) {
        Ok(value) => message_in(&value)?,
        Err(_) => lines_message(text)?,
    };
    bounded_words(&message)
}

/// Returns the words of a provider or model on one line, shortened; `None` if there are none.
pub fn bounded_words(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| shortened(&line))
}

/// Returns the message of a JSON value that is an error.
pub fn message_in(value: &Value) -> Option<String> {
    match value {
        Value::Object(_) | Value::Array(_) => message_at(value, 0),
        _ => None,
    }
}

/// Returns whether `value` is an error where another answer was expected.
pub fn is_error(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some_and(is_telling);
    let is_named = |name: &str| value.get(name).and_then(Value::as_str) == Some("error");
    match value {
        Value::Array(items) => items.first().is_some_and(is_error),
        _ if has("choices") => has("error"),
        _ => {
            let named = is_named("object") || is_named("type");
            named || ["error", "errors", "detail"].into_iter().any(has)
        }
    }
}

fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn message_at(value: &Value, depth: u32) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    match value {
        Value::String(text) => words_of(text, depth),
        Value::Array(items) => joined(items.iter().filter_map(|item| item_message(item, depth))),
        Value::Object(members) => object_message(members, depth),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Returns the message of an item of a list. At the outermost level, text may be anything.
fn item_message(item: &Value, depth: u32) -> Option<String> {
    if depth == 0 && !item.is_object() {
        return None;
    }
    message_at(item, depth + 1)
}

fn object_message(members: &Map<String, Value>, depth: u32) -> Option<String> {
    let own = own_message(members, depth);
    let error = members
        .get("error")
        .and_then(|error| message_at(error, depth + 1));
    let message = match (error, own) {
        (Some(error), Some(own)) if is_label(&error) => own,
        (Some(error), _) => error,
        (None, Some(own)) => own,
        (None, None) => return None,
    };
    Some(located(members, message))
}

fn own_message(members: &Map<String, Value>, depth: u32) -> Option<String> {
    let message = MESSAGES
        .iter()
        .filter_map(|name| members.get(*name))
        .find_map(|value| {
            message_at(value, depth + 1).or_else(|| field_messages(value.as_object()?, depth))
        });
    // OpenRouter wraps the provider's error in one that says nothing.
    let raw = members
        .get("metadata")
        .and_then(|metadata| metadata.get("raw"))
        .and_then(|raw| message_at(raw, depth + 1));
    match (message, raw) {
        (Some(message), Some(raw)) if message.len() < 40 => Some(format!("{message}: {raw}")),
        (message, raw) => message.or(raw).or_else(|| code_of(members, depth)),
    }
}

/// Returns the name of an error that has no message, such as `rate_limit_exceeded`.
fn code_of(members: &Map<String, Value>, depth: u32) -> Option<String> {
    let name = ["code", "type", "status"]
        .iter()
        .filter_map(|name| members.get(*name)?.as_str())
        .find(|name| is_label(name))?;
    (depth > 0).then(|| name.to_owned())
}

/// Returns the messages of an object of fields, such as `{"model": ["unknown"]}`.
fn field_messages(members: &Map<String, Value>, depth: u32) -> Option<String> {
    let lists = members.iter().filter(|(_, value)| value.is_array());
    joined(lists.filter_map(|(name, value)| {
        let message = message_at(value, depth + 1)?;
        Some(format!("{name}: {message}"))
    }))
}

/// Puts the place before the message of a validation error, without `body`.
fn located(members: &Map<String, Value>, message: String) -> String {
    let place: Vec<String> = members
        .get("loc")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|part| part.as_str() != Some("body"))
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    if place.is_empty() {
        message
    } else {
        format!("{}: {message}", place.join("."))
    }
}

/// Returns whether `text` only names a kind of error, as `Bad Request` or `invalid_request` do.
fn is_label(text: &str) -> bool {
    let is_name = !text.contains(char::is_whitespace) && text.is_ascii();
    let is_reason = (400..600)
        .filter_map(|code| StatusCode::from_u16(code).ok()?.canonical_reason())
        .any(|reason| reason.eq_ignore_ascii_case(text));
    !text.is_empty() && (is_name || is_reason)
}

/// Returns a text without the JSON that some providers put into it.
fn words_of(text: &str, depth: u32) -> Option<String> {
    let text = text.trim();
    let nested = text.find(['{', '[']).and_then(|begin| {
        let value: Value = first_value(&text[begin..])?;
        message_at(&value, depth + 1)
    });
    let is_words = !text.is_empty() && !text.starts_with(['<', '{', '[']);
    nested.or_else(|| is_words.then(|| text.to_owned()))
}

/// Reads the JSON value at the beginning of `text`, whatever follows it.
fn first_value(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    values
        .next()?
        .ok()
        .filter(|value: &Value| value.is_object() || value.is_array())
}

/// Reads text that is not JSON as a whole: lines such as `error: {…}` or `data: {…}`, or plain text.
fn lines_message(text: &str) -> Option<String> {
    let prefixes = ["error:", "data:"];
    let line_value = |line: &str| {
        let line = line.trim();
        let json = prefixes
            .iter()
            .find_map(|prefix| line.strip_prefix(prefix))
            .unwrap_or(line);
        message_in(&first_value(json.trim_start())?)
    };
    let is_plain = !text.starts_with(['<', '{', '[']);
    text.lines()
        .find_map(line_value)
        .or_else(|| is_plain.then(|| text.to_owned()))
}

fn joined(messages: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = messages.collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn shortened(line: &str) -> String {
    let mut text: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_CHARS)
        .collect();
    if line.chars().count() > MAX_CHARS {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::openai(r#"{"error":{"message":"no such model","code":404}}"#, "no such model")]
    #[case::text(r#"{"error":"quota"}"#, "quota")]
    #[case::message(r#"{"message":"taken"}"#, "taken")]
    #[case::detail(r#"{"detail":"Invalid token."}"#, "Invalid token.")]
    #[case::gemini(
        r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#,
        "API key not valid."
    )]
    #[case::two_errors(
        r#"[{"error":{"message":"one"}},{"error":{"message":"two"}}]"#,
        "one; two"
    )]
    #[case::vllm(
        r#"{"object":"error","message":"System role not supported","code":400}"#,
        "System role not supported"
    )]
    #[case::fastapi(r#"{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required","input":"what the user said"}]}"#, "messages.0.role: Field required")]
    #[case::detail_object(r#"{"detail":{"error":"model is loading"}}"#, "model is loading")]
    #[case::detail_texts(r#"{"detail":["one","two"]}"#, "one; two")]
    #[case::errors_list(
        r#"{"success":false,"errors":[{"code":7003,"message":"no route"}]}"#,
        "no route"
    )]
    #[case::errors_object(r#"{"errors":{"model":["is unknown"]}}"#, "model: is unknown")]
    #[case::errors_texts(r#"{"errors":["is unknown"]}"#, "is unknown")]
    #[case::twice(r#"{"error":{"error":{"message":"deep"}}}"#, "deep")]
    #[case::json_in_text(
        r#"{"error":{"message":"{\"error\":{\"message\":\"inner\"}}"}}"#,
        "inner"
    )]
    #[case::json_after_text(r#"{"error":{"message":"litellm.BadRequestError: OpenAIException - {\"error\":{\"message\":\"inner\"}} (try later)"}}"#, "inner")]
    #[case::message_object(
        r#"{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"extra"}]}}"#,
        "n: extra"
    )]
    #[case::problem(
        r#"{"type":"about:blank","title":"Not Found","detail":"no such deployment"}"#,
        "no such deployment"
    )]
    #[case::title(r#"{"title":"Out of credit","status":402}"#, "Out of credit")]
    #[case::oauth(
        r#"{"error":"invalid_client","error_description":"the key expired"}"#,
        "the key expired"
    )]
    #[case::reason_phrase(
        r#"{"statusCode":400,"error":"Bad Request","message":"model is required"}"#,
        "model is required"
    )]
    #[case::reason(r#"{"reason":"region not supported"}"#, "region not supported")]
    #[case::msg(r#"{"code":1,"msg":"balance is empty"}"#, "balance is empty")]
    #[case::only_a_code(
        r#"{"error":{"code":"rate_limit_exceeded","message":""}}"#,
        "rate_limit_exceeded"
    )]
    #[case::anthropic(
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        "Overloaded"
    )]
    #[case::openrouter(r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"too long\"}}","provider_name":"X"}}}"#, "Provider returned error: too long")]
    #[case::llama_cpp("error: {\"code\":400,\"message\":\"too long\"}\n\n", "too long")]
    #[case::event("event: error\ndata: {\"error\":{\"message\":\"gone\"}}\n\n", "gone")]
    #[case::byte_order_mark("\u{feff}{\"error\":\"quota\"}", "quota")]
    #[case::plain("model  not\nloaded", "model not loaded")]
    #[case::plain_error("error: no model loaded", "error: no model loaded")]
    #[case::brackets_in_words(
        r#"{"error":{"message":"unsupported [param] n"}}"#,
        "unsupported [param] n"
    )]
    fn the_message_of_an_error_is_found(#[case] body: &str, #[case] expected: &str) {
        assert_eq!(error_message(body.as_bytes()).as_deref(), Some(expected));
    }

    #[rstest]
    #[case(r#"{"username":["taken"]}"#)]
    #[case(r#"{"error":{"code":1},"request":"what the user said"}"#)]
    #[case(r#"{"error":{"messages":[{"role":"user","content":"what the user said"}]}}"#)]
    #[case(r#"{"request":"what the user said, cut o"#)]
    #[case(r#""what the user said""#)]
    #[case(r#"["what the user said"]"#)]
    #[case("  <!DOCTYPE html><html>…")]
    #[case("")]
    #[case("{}")]
    #[case("[]")]
    #[case("null")]
    fn anything_else_is_not_passed_on(#[case] body: &str) {
        assert_eq!(error_message(body.as_bytes()), None);
    }

    #[test]
    fn the_code_and_the_refused_member_are_found() {
        let body = br#"{"error":{"message":"No.","code":"unsupported_value","param":"stream"}}"#;
        let expected = ProviderError {
            message: Some("No.".to_owned()),
            code: Some("unsupported_value".to_owned()),
            param: Some("stream".to_owned()),
        };
        assert_eq!(ProviderError::parse(body), expected);
    }

    #[test]
    fn a_long_error_is_shortened_by_characters() {
        assert_eq!(
            error_message("가".repeat(1000).as_bytes()).unwrap(),
            format!("{}…", "가".repeat(300))
        );
    }

    #[test]
    fn nesting_without_end_has_no_message() {
        let nested = (0..50).fold(json!("deep"), |inner, _| json!({"error": inner}));
        assert_eq!(message_in(&nested), None);
    }

    #[rstest]
    #[case(json!({"error": {"message": "x"}}), true)]
    #[case(json!([{"error": {"message": "x"}}]), true)]
    #[case(json!({"object": "error", "message": "x"}), true)]
    #[case(json!({"detail": "x"}), true)]
    #[case(json!({"choices": [], "error": {"message": "x"}}), true)]
    #[case(json!({"choices": [], "error": null}), false)]
    #[case(json!({"choices": [{"delta": {}}], "detail": "x"}), false)]
    #[case(json!({"usage": null}), false)]
    fn an_error_is_told_from_an_answer(#[case] value: Value, #[case] expected: bool) {
        assert_eq!(is_error(&value), expected);
    }
}
