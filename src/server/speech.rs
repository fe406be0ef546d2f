//! The sound of a reply: made after its turn was committed, kept under a name nobody can guess. Whatever
//! fails here costs the sound only.

use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::Shared;
use super::connection::Ends;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Narrator, Speech, sentences};
use crate::practice::Done;
use crate::store::{Store, StoreError, User};

/// A reply that is not spoken by then is sent without sound.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The name under `/media/` where the reply can be heard. The same reply said again has the same name
/// and is not spoken, or paid for, twice.
pub(super) async fn of_reply(shared: &Shared, user: &User, done: &Done) -> Option<String> {
    if matches!(shared.service.narrator, Narrator::None) {
        return None;
    }
    match tokio::time::timeout(LONGEST_WAIT, find_or_make(shared, user, done)).await {
        Ok(Ok(name)) => name,
        Ok(Err(error)) => {
            // A speech engine's own words may quote what it was to say.
            let store = error.downcast_ref::<StoreError>().map(tracing::field::display);
            tracing::warn!(store, "a reply is sent without sound: it was not spoken or not kept");
            None
        }
        Err(_) => {
            tracing::warn!("a reply is sent without sound: it took too long to speak");
            None
        }
    }
}

/// Where the client reached this server: the host it asked for, or the address it is connected to.
pub(super) fn authority(headers: &HeaderMap, ends: Option<Ends>) -> Option<String> {
    let host = headers.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let host = host.filter(|host| !host.as_str().contains('@')).map(|host| host.to_string());
    host.or_else(|| ends.map(|ends| ends.local.to_string()))
}

async fn find_or_make(shared: &Shared, user: &User, done: &Done) -> anyhow::Result<Option<String>> {
    let (store, stem) = (&shared.service.store, stem(user, done));
    if let Some(name) = find(store, &stem).await? {
        return Ok(Some(name));
    }
    let Some(speech) = speak(shared, user, done).await? else { return Ok(None) };
    let name = format!("{stem}.{}", speech.format.extension());
    match store.save_speech(&name, speech.format.content_type(), &speech.bytes, jiff::Timestamp::now()).await {
        Ok(()) => Ok(Some(name)),
        // A repeat of the same request was quicker.
        Err(error) => find(store, &stem).await?.map(Some).ok_or_else(|| error.into()),
    }
}

async fn find(store: &Store, stem: &str) -> Result<Option<String>, StoreError> {
    for format in [AudioFormat::Wav, AudioFormat::Mp3, AudioFormat::Ogg, AudioFormat::Flac] {
        let name = format!("{stem}.{}", format.extension());
        if store.speech(&name).await?.is_some() {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

async fn speak(shared: &Shared, user: &User, done: &Done) -> anyhow::Result<Option<Speech>> {
    let practice = &shared.service.practice;
    let language = practice.current(&user.id, None, &shared.now()).await?.language.unwrap_or(Language::English);
    let text = sentences::speakable(&done.response, language);
    let _voice = shared.voices.acquire().await?;
    Ok(shared.service.narrator.speak(&text, language).await?)
}

/// 128 bits. They depend on the user's password hash, whose 128-bit random salt and 256-bit hash never leave
/// the database: unguessable without it, and yet the same for the same reply, in every process of the server.
fn stem(user: &User, done: &Done) -> String {
    let secret = Sha256::digest(["speech\0", user.password_hash.as_str()].concat());
    let reply = Sha256::digest([done.interview_id.as_deref().unwrap_or_default(), "\0", &done.response].concat());
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
        let headers = host.map(|host| (header::HOST, host.parse().unwrap())).into_iter().collect();
        assert_eq!(authority(&headers, Some(Ends { remote: socket, local: socket })).as_deref(), expected);
    }
}
