//! Recognises that a server refuses a part of the chat-completions request that others need, so that
//! it can be asked again without.
//!
//! There is no common code for this: each server words it differently. Only the words of a provider
//! are matched here, and nowhere else.

use super::error_message::ProviderError;

/// A part of the request that a server does not support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// Messages of the role `system`, because of the chat template of the model.
    SystemRole,
    /// `"stream": true`.
    Streaming,
}

/// Words that refuse the role `system`, in lower case.
const NO_SYSTEM_ROLE: [&str; 11] = [
    "system role not supported",
    "system role is not supported",
    "system role isn't supported",
    "system message is not supported",
    "system messages are not supported",
    "system message not supported",
    "does not support system",
    "doesn't support system",
    "developer instruction is not enabled",
    "only user and assistant roles are supported",
    "roles must alternate",
];

/// Words that refuse to stream.
const NO_STREAMING: [&str; 9] = [
    "verified to stream",
    "streaming is not supported",
    "streaming not supported",
    "stream is not supported",
    "stream not supported",
    "does not support stream",
    "doesn't support stream",
    "streaming is disabled",
    "stream must be false",
];

/// Words of a refusal about a named part.
const REFUSALS: [&str; 6] = [
    "support",
    "unknown",
    "invalid",
    "not allowed",
    "unexpected",
    "must be one of",
];

/// Returns what a response with this `status` and `error` refuses. Templates that raise an error
/// end in status 500 on some servers.
pub fn recognise(status: u16, error: &ProviderError) -> Option<Unsupported> {
    if !matches!(status, 400 | 403 | 404 | 422 | 500 | 501) {
        return None;
    }
    let message = error.message.as_deref().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    let param = error.param.as_deref().unwrap_or_default();
    let names_role = message.contains("'system'")
        || message.contains("\"system\"")
        || message.contains("`system`")
        || message.contains("system role")
        || message.contains("role system");
    if param == "stream" || says(&NO_STREAMING) {
        Some(Unsupported::Streaming)
    } else if says(&NO_SYSTEM_ROLE) || names_role && says(&REFUSALS) {
        Some(Unsupported::SystemRole)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn recognised(status: u16, message: &str, param: Option<&str>) -> Option<Unsupported> {
        let error = ProviderError {
            message: Some(message.to_owned()),
            code: None,
            param: param.map(str::to_owned),
        };
        recognise(status, &error)
    }

    #[rstest]
    #[case(400, "System role not supported")]
    #[case(500, "jinja: System role not supported")]
    #[case(400, "Only user and assistant roles are supported!")]
    #[case(
        400,
        "Conversation roles must alternate user/assistant/user/assistant/..."
    )]
    #[case(
        422,
        "messages.0.role: Input should be 'user' or 'assistant', 'system' is invalid"
    )]
    #[case(400, "Developer instruction is not enabled for models/gemma-3-27b-it")]
    #[case(
        400,
        "Unsupported value: 'messages[0].role' does not support 'system' with this model."
    )]
    fn a_refused_system_role_is_recognised(#[case] status: u16, #[case] message: &str) {
        let expected = Some(Unsupported::SystemRole);
        assert_eq!(recognised(status, message, None), expected);
    }

    #[rstest]
    #[case(
        "Your organization must be verified to stream this model.",
        Some("stream")
    )]
    #[case("Your organization must be verified to stream this model.", None)]
    #[case("Unsupported value", Some("stream"))]
    #[case("Streaming is not supported for this model", None)]
    fn refused_streaming_is_recognised(#[case] message: &str, #[case] param: Option<&str>) {
        let expected = Some(Unsupported::Streaming);
        assert_eq!(recognised(400, message, param), expected);
    }

    #[rstest]
    #[case(400, "no such model")]
    #[case(401, "System role not supported")]
    #[case(429, "Streaming is not supported")]
    #[case(500, "the file system is full")]
    #[case(400, "upstream connection refused")]
    fn other_errors_refuse_nothing(#[case] status: u16, #[case] message: &str) {
        assert_eq!(recognised(status, message, None), None);
    }
}
