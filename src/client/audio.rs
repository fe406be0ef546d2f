//! The sound behind an `audio_url`, from the server itself and from nowhere else.

use bytes::Bytes;
use url::Url;

use super::{Client, ClientError};
use crate::upstream::response;

/// Most bytes of one spoken reply.
const MAX_SOUND: usize = 32 * 1024 * 1024;

impl Client {
    /// The bytes behind an `audio_url` of this server; refused for another origin. No token is sent.
    pub async fn audio(&self, url: &str) -> Result<Bytes, ClientError> {
        let Some(url) = own(self.base(), url) else {
            return Err(self.unusable(
                200,
                "it names sound at another server, which is not fetched",
            ));
        };
        let mut response = self
            .send(self.http.get(url).timeout(self.timeouts.call))
            .await?;
        let status = response.status().as_u16();
        let body = response::read_bounded(&mut response, MAX_SOUND)
            .await
            .map_err(|error| self.unreachable(&error))?;
        match (
            body.truncated,
            body.bytes.is_empty() || response::has_content_type(response.headers(), "html"),
        ) {
            (true, _) => Err(self.unusable(status, "its sound does not end")),
            (_, true) => Err(self.unusable(status, "what it gave is no sound")),
            _ => Ok(body.bytes),
        }
    }
}

/// `url` at the origin of `base`; `None` for another host or port. A server behind a proxy that speaks TLS for it
/// calls itself `http://host/…`: that is the same server, and is asked where we reach it.
fn own(base: &Url, url: &str) -> Option<Url> {
    let named = base
        .join(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let same_port = named.port_or_known_default() == base.port_or_known_default();
    let unnamed_port = named.port().is_none();
    if named.host() != base.host() || !(same_port || unnamed_port) {
        return None;
    }
    let mut own = base.clone();
    own.set_path(named.path());
    own.set_query(named.query());
    own.set_fragment(None);
    Some(own)
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
    fn sound_is_fetched_from_the_server_itself(
        #[case] base: &str,
        #[case] url: &str,
        #[case] expected: Option<&str>,
    ) {
        let found = own(&base.parse().unwrap(), url);
        assert_eq!(found.as_ref().map(Url::as_str), expected);
    }
}
