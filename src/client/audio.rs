//! Fetching the speech at an `audio_url`, only from the server itself.

use bytes::Bytes;
use url::Url;

use super::{Client, ClientError};
use crate::upstream::response;

/// The largest spoken reply in bytes.
const MAX_SPEECH_BYTES: usize = 32 * 1024 * 1024;

impl Client {
    /// Returns the bytes at an `audio_url` of this server, and refuses another origin. No token is
    /// sent.
    pub async fn audio(&self, url: &str) -> Result<Bytes, ClientError> {
        let Some(url) = at_origin(self.base(), url) else {
            return Err(self.unusable(
                200,
                "its speech is on another server, which is not contacted",
            ));
        };
        let mut response = self
            .send(self.http.get(url).timeout(self.timeouts.call))
            .await?;
        let status = response.status().as_u16();
        let body = response::read_bounded(&mut response, MAX_SPEECH_BYTES)
            .await
            .map_err(|error| self.unreachable(&error))?;
        let is_page = response::has_content_type(response.headers(), "html");
        if body.truncated {
            Err(self.unusable(status, "its speech is too large"))
        } else if body.bytes.is_empty() || is_page {
            Err(self.unusable(status, "its answer is not speech"))
        } else {
            Ok(body.bytes)
        }
    }
}

/// Returns `url` at the origin of `base`; `None` for another host or port. A server behind a proxy
/// that terminates TLS calls itself `http://host/…`: that is the same server, and is contacted at
/// `base`.
fn at_origin(base: &Url, url: &str) -> Option<Url> {
    let named = base
        .join(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let same_port = named.port_or_known_default() == base.port_or_known_default();
    let unnamed_port = named.port().is_none();
    if named.host() != base.host() || !(same_port || unnamed_port) {
        return None;
    }
    let mut url = base.clone();
    url.set_path(named.path());
    url.set_query(named.query());
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "http://h:8000",
        "http://h:8000/media/a.wav",
        Some("http://h:8000/media/a.wav")
    )]
    #[case(
        "http://h:8000/x",
        "/media/a.wav?v=1",
        Some("http://h:8000/media/a.wav?v=1")
    )]
    #[case(
        "https://h",
        "http://h/media/한 글.mp3",
        Some("https://h/media/%ED%95%9C%20%EA%B8%80.mp3")
    )]
    #[case("http://h:8000", "http://h:9000/a.wav", None)]
    #[case("http://h:8000", "http://other:8000/a.wav", None)]
    #[case("http://h:8000", "//other/a.wav", None)]
    #[case("http://h:8000", "file:///etc/passwd", None)]
    #[case("http://h:8000", "http://h@other/a.wav", None)]
    fn speech_is_fetched_only_from_the_server_itself(
        #[case] base: &str,
        #[case] url: &str,
        #[case] expected: Option<&str>,
    ) {
        let found = at_origin(&base.parse().unwrap(), url);
        assert_eq!(found.as_ref().map(Url::as_str), expected);
    }
}
