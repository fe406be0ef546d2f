//! The audio of a reply, whole or sentence by sentence, stored under a name nobody can guess. A
//! failure here costs the audio only, never the reply.

use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::connection::ConnectionInfo;
use super::state::AppState;
use crate::interview::Language;
use crate::narrator::sentences::{self, SentenceSplitter};
use crate::narrator::{AudioFormat, Narrator, Speech, wav};
use crate::practice::CompletedTurn;
use crate::store::{InterviewId, StoreError, User};

/// The longest time for a narration. After it the reply is sent without audio.
const MAX_NARRATION_TIME: Duration = Duration::from_secs(30);

/// Returns the name of the audio of a reply under `/media/`, or `None` without audio. The same
/// reply has the same name when it is repeated, and is neither narrated nor paid for twice.
pub(super) async fn of_reply(
    state: &AppState,
    user: &User,
    completed: &CompletedTurn,
) -> Option<String> {
    if matches!(state.service.narrator, Narrator::None) {
        return None;
    }
    let narrated = async {
        let language = language(state, user, completed).await?;
        let stem = reply_stem(user, completed);
        find_or_narrate(state, user, &stem, &completed.response, language).await
    };
    limited(narrated).await.unwrap_or_else(|error| {
        report_failure(state, &error);
        None
    })
}

/// Returns the name of the audio of one sentence. The same sentence in another reply has the same
/// name.
pub(super) async fn of_sentence(
    state: &AppState,
    user: &User,
    text: &str,
    language: Language,
) -> anyhow::Result<Option<String>> {
    let stem = sentence_stem(user, text, language);
    limited(find_or_narrate(state, user, &stem, text, language)).await
}

/// Returns the name of the whole reply's audio, joined from the audio of its `sentences`; `None` if
/// they cannot be joined.
pub(super) async fn joined(
    state: &AppState,
    user: &User,
    completed: &CompletedTurn,
    sentences: &[String],
) -> Option<String> {
    if let [only] = sentences {
        return Some(only.clone());
    }
    let stem = reply_stem(user, completed);
    let joined = limited(find_or_join(state, user, &stem, sentences)).await;
    joined.unwrap_or_else(|error| {
        report_failure(state, &error);
        None
    })
}

async fn limited<T>(narration: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    timeout(MAX_NARRATION_TIME, narration).await?
}

/// Counts and logs a failed narration. The message of a speech engine may quote what it was to say,
/// so it stays out of the log.
pub(super) fn report_failure(state: &AppState, error: &anyhow::Error) {
    state.metrics.count_silent_reply();
    let store = error
        .downcast_ref::<StoreError>()
        .map(tracing::field::display);
    let too_slow = error.is::<tokio::time::error::Elapsed>();
    tracing::warn!(
        store,
        too_slow,
        "a reply is sent without audio, because it was not narrated or not stored"
    );
}

/// Returns the stems of all audio that the interviewer's `messages` in interview `id` can have.
pub(super) fn interview_stems(
    user: &User,
    id: &str,
    language: Language,
    messages: &[&str],
) -> Vec<String> {
    let replies = messages.iter().map(|text| stem(user, id, text));
    let sentences = messages
        .iter()
        .flat_map(|text| sentence_stems(user, language, text));
    replies.chain(sentences).collect()
}

/// Returns the stems of the sentences of one message. They do not depend on the interview.
pub(super) fn sentence_stems(user: &User, language: Language, message: &str) -> Vec<String> {
    let mut splitter = SentenceSplitter::default();
    let mut sentences = splitter.push(message);
    sentences.extend(splitter.finish());
    sentences
        .iter()
        .map(|sentence| sentence_stem(user, sentence, language))
        .collect()
}

/// Returns the address at which the client reaches this server: the host it asked for, or else the
/// socket it is connected to.
pub(super) fn base_url(headers: &HeaderMap, connection: Option<ConnectionInfo>) -> Option<String> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| Authority::try_from(host.as_bytes()).ok())
        .filter(|host| !host.as_str().contains('@'))
        .map(|host| host.to_string());
    let authority = host.or_else(|| connection.map(|info| info.local.to_string()))?;
    let scheme = match connection {
        Some(info) if info.https => "https",
        _ => "http",
    };
    Some(format!("{scheme}://{authority}"))
}

async fn find_or_narrate(
    state: &AppState,
    user: &User,
    stem: &str,
    text: &str,
    language: Language,
) -> anyhow::Result<Option<String>> {
    if let Some(name) = find(state, user, stem).await? {
        return Ok(Some(name));
    }
    let text = sentences::speakable(state.spoken_forms.spoken(text), language);
    let permit = state.narrations.acquire().await?;
    let speech = state.service.narrator.speak(&text, language).await?;
    drop(permit);
    match speech {
        Some(speech) => save(state, user, stem, &speech).await.map(Some),
        None => Ok(None),
    }
}

async fn find(state: &AppState, user: &User, stem: &str) -> Result<Option<String>, StoreError> {
    let now = jiff::Timestamp::now();
    state.store().find_speech(&user.id, stem, now).await
}

async fn save(
    state: &AppState,
    user: &User,
    stem: &str,
    speech: &Speech,
) -> anyhow::Result<String> {
    let name = format!("{stem}.{}", speech.format.extension());
    let content_type = speech.format.content_type();
    let now = jiff::Timestamp::now();
    let saved = state
        .store()
        .save_speech(&user.id, &name, content_type, &speech.bytes, now)
        .await;
    match saved {
        Ok(()) => Ok(name),
        // A repeat of the same request was faster.
        Err(error) => find(state, user, stem).await?.ok_or_else(|| error.into()),
    }
}

async fn find_or_join(
    state: &AppState,
    user: &User,
    stem: &str,
    sentences: &[String],
) -> anyhow::Result<Option<String>> {
    if let Some(name) = find(state, user, stem).await? {
        return Ok(Some(name));
    }
    let mut files = Vec::new();
    for name in sentences {
        let Some(bytes) = state.store().speech_bytes(name, 0..usize::MAX).await? else {
            return Ok(None);
        };
        files.push(bytes);
    }
    let Some(bytes) = wav::join(&files) else {
        return Ok(None);
    };
    let format = AudioFormat::Wav;
    let name = save(state, user, stem, &Speech { bytes, format }).await?;
    Ok(Some(name))
}

async fn language(
    state: &AppState,
    user: &User,
    completed: &CompletedTurn,
) -> anyhow::Result<Language> {
    let id = completed.interview_id.clone().map(InterviewId);
    let language = state
        .store()
        .interview_language(&user.id, id.as_ref())
        .await?;
    Ok(language.unwrap_or_default())
}

fn reply_stem(user: &User, completed: &CompletedTurn) -> String {
    let interview = completed.interview_id.as_deref().unwrap_or_default();
    stem(user, interview, &completed.response)
}

/// Returns the stem of a sentence. The language takes the place of the interview, since no
/// interview id looks like one.
fn sentence_stem(user: &User, text: &str, language: Language) -> String {
    stem(user, language.code(), text)
}

/// Returns 128 bits in hexadecimal. They depend on the user's password hash, whose 128-bit random
/// salt and 256-bit hash never leave the database: without it they cannot be guessed, and yet they
/// are the same for the same reply in every process of the server.
fn stem(user: &User, context: &str, text: &str) -> String {
    let secret = Sha256::digest(["speech\0", user.password_hash.as_str()].concat());
    let reply = Sha256::digest([context, "\0", text].concat());
    hex::encode(&Sha256::digest([secret, reply].concat())[..16])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("interview.example:8000"), "http://interview.example:8000")]
    #[case(Some("[::1]:8000"), "http://[::1]:8000")]
    #[case(Some("evil\"host/x"), "http://127.0.0.1:8000")]
    #[case(Some("user@host"), "http://127.0.0.1:8000")]
    #[case(None, "http://127.0.0.1:8000")]
    fn the_base_url_names_the_requested_host_or_else_the_socket(
        #[case] host: Option<&str>,
        #[case] expected: &str,
    ) {
        let socket = "127.0.0.1:8000".parse().unwrap();
        let info = ConnectionInfo {
            client: socket,
            local: socket,
            https: false,
        };
        let headers = host
            .map(|host| (header::HOST, host.parse().unwrap()))
            .into_iter()
            .collect();
        assert_eq!(base_url(&headers, Some(info)).as_deref(), Some(expected));
    }
}
