//! The sound of a reply, whole or sentence by sentence, kept under a name nobody can guess. Whatever fails here costs
//! the sound only.

use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::Shared;
use super::connection::Peers;
use crate::interview::Language;
use crate::narrator::sentences::{self, SentenceSplitter};
use crate::narrator::{AudioFormat, Narrator, Speech, wav};
use crate::practice::CompletedTurn;
use crate::store::{InterviewId, StoreError, User};

/// A reply that is not spoken by then is sent without sound.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The name under `/media/` where the reply can be heard. The same reply said again has the same name
/// and is not spoken, or paid for, twice.
pub(super) async fn of_reply(shared: &Shared, user: &User, done: &CompletedTurn) -> Option<String> {
    if matches!(shared.service.narrator, Narrator::None) {
        return None;
    }
    let language = match language(shared, user, done).await {
        Ok(language) => language,
        Err(error) => {
            tell(shared, &error);
            return None;
        }
    };
    let stem = stem_of_reply(user, done);
    within(
        LONGEST_WAIT,
        find_or_make(shared, user, &stem, &done.response, language),
    )
    .await
    .unwrap_or_else(|error| {
        tell(shared, &error);
        None
    })
}

/// The same for one sentence. The same sentence of another reply is the same sound.
pub(super) async fn of_sentence(
    shared: &Shared,
    user: &User,
    text: &str,
    language: Language,
) -> anyhow::Result<Option<String>> {
    let stem = stem_of_sentence(user, text, language);
    within(
        LONGEST_WAIT,
        find_or_make(shared, user, &stem, text, language),
    )
    .await
}

/// The whole reply as one sound, put together from the sounds of its sentences; `None` where they do not fit together.
pub(super) async fn joined(
    shared: &Shared,
    user: &User,
    done: &CompletedTurn,
    sentences: &[String],
) -> Option<String> {
    if let [only] = sentences {
        return Some(only.clone());
    }
    within(
        LONGEST_WAIT,
        join(shared, user, &stem_of_reply(user, done), sentences),
    )
    .await
    .unwrap_or_else(|error| {
        tell(shared, &error);
        None
    })
}

/// A speech engine's own words may quote what it was to say: they stay out of the log.
pub(super) fn tell(shared: &Shared, error: &anyhow::Error) {
    shared.metrics.fell_silent();
    let store = error
        .downcast_ref::<StoreError>()
        .map(tracing::field::display);
    let too_slow = error.is::<tokio::time::error::Elapsed>();
    tracing::warn!(
        store,
        too_slow,
        "a reply is sent without sound: it was not spoken or not kept"
    );
}

/// Names, without extension, of all sounds that the interviewer's `messages` in interview `id` can have.
pub(super) fn stems_of(
    user: &User,
    id: &str,
    language: Language,
    messages: &[&str],
) -> Vec<String> {
    let whole = messages.iter().map(|text| stem(user, [id, text]));
    whole
        .chain(
            messages
                .iter()
                .flat_map(|text| stems_of_sentences(user, language, text)),
        )
        .collect()
}

/// The same of the sentences of one message, in whatever interview it was said.
pub(super) fn stems_of_sentences(user: &User, language: Language, message: &str) -> Vec<String> {
    let mut cut = SentenceSplitter::default();
    let mut sentences = cut.push(message);
    sentences.extend(cut.finish());
    sentences
        .iter()
        .map(|sentence| stem_of_sentence(user, sentence, language))
        .collect()
}

/// Where the client reached this server: the host it asked for, or the address it is connected to.
pub(super) fn authority(headers: &HeaderMap, peers: Option<Peers>) -> Option<String> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let host = host
        .filter(|host| !host.as_str().contains('@'))
        .map(|host| host.to_string());
    host.or_else(|| peers.map(|peers| peers.local.to_string()))
}

async fn within<T>(
    longest: Duration,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout(longest, work).await?
}

async fn find_or_make(
    shared: &Shared,
    user: &User,
    stem: &str,
    text: &str,
    language: Language,
) -> anyhow::Result<Option<String>> {
    if let Some(name) = find(shared, user, stem).await? {
        return Ok(Some(name));
    }
    let text = sentences::speakable(text, language);
    let voice = shared.voices.acquire().await?;
    let speech = shared.service.narrator.speak(&text, language).await?;
    drop(voice);
    match speech {
        Some(speech) => keep(shared, user, stem, &speech).await.map(Some),
        None => Ok(None),
    }
}

async fn find(shared: &Shared, user: &User, stem: &str) -> Result<Option<String>, StoreError> {
    shared
        .service
        .store
        .find_speech(&user.id, stem, jiff::Timestamp::now())
        .await
}

async fn keep(shared: &Shared, user: &User, stem: &str, speech: &Speech) -> anyhow::Result<String> {
    let name = format!("{stem}.{}", speech.format.extension());
    let (kind, now) = (speech.format.content_type(), jiff::Timestamp::now());
    match shared
        .service
        .store
        .save_speech(&user.id, &name, kind, &speech.bytes, now)
        .await
    {
        Ok(()) => Ok(name),
        // A repeat of the same request was quicker.
        Err(error) => find(shared, user, stem).await?.ok_or_else(|| error.into()),
    }
}

async fn join(
    shared: &Shared,
    user: &User,
    stem: &str,
    sentences: &[String],
) -> anyhow::Result<Option<String>> {
    if let Some(name) = find(shared, user, stem).await? {
        return Ok(Some(name));
    }
    let mut sounds = Vec::new();
    for name in sentences {
        let Some(bytes) = shared
            .service
            .store
            .speech_bytes(name, 0..usize::MAX)
            .await?
        else {
            return Ok(None);
        };
        sounds.push(bytes);
    }
    match wav::join(&sounds) {
        Some(bytes) => keep(
            shared,
            user,
            stem,
            &Speech {
                bytes,
                format: AudioFormat::Wav,
            },
        )
        .await
        .map(Some),
        None => Ok(None),
    }
}

async fn language(shared: &Shared, user: &User, done: &CompletedTurn) -> anyhow::Result<Language> {
    let id = done.interview_id.clone().map(InterviewId);
    let language = shared
        .service
        .store
        .interview_language(&user.id, id.as_ref())
        .await?;
    Ok(language.unwrap_or_default())
}

fn stem_of_reply(user: &User, done: &CompletedTurn) -> String {
    stem(
        user,
        [
            done.interview_id.as_deref().unwrap_or_default(),
            &done.response,
        ],
    )
}

/// No interview has a language's name as its key.
fn stem_of_sentence(user: &User, text: &str, language: Language) -> String {
    stem(user, [language.code(), text])
}

/// 128 bits. They depend on the user's password hash, whose 128-bit random salt and 256-bit hash never leave
/// the database: unguessable without it, and yet the same for the same reply, in every process of the server.
fn stem(user: &User, [context, text]: [&str; 2]) -> String {
    let secret = Sha256::digest(["speech\0", user.password_hash.as_str()].concat());
    let reply = Sha256::digest([context, "\0", text].concat());
    hex::encode(&Sha256::digest([secret, reply].concat())[..16])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("interview.example:8000"), Some("interview.example:8000"))]
    #[case(Some("[::1]:8000"), Some("[::1]:8000"))]
    #[case(Some("evil\"host/x"), Some("127.0.0.1:8000"))]
    #[case(Some("user@host"), Some("127.0.0.1:8000"))]
    #[case(None, Some("127.0.0.1:8000"))]
    fn the_address_is_the_host_asked_for_or_else_the_socket(
        #[case] host: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        let socket = "127.0.0.1:8000".parse().unwrap();
        let headers = host
            .map(|host| (header::HOST, host.parse().unwrap()))
            .into_iter()
            .collect();
        assert_eq!(
            authority(
                &headers,
                Some(Peers {
                    remote: socket,
                    local: socket
                })
            )
            .as_deref(),
            expected
        );
    }
}
