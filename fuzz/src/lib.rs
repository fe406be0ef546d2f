//! What targets share.

use arbitrary::Arbitrary;
use bytes::Bytes;
use futures_util::stream;

/// Any bytes as an answer over HTTP, in pieces of any size.
#[derive(Debug, Arbitrary)]
pub struct Reply<'a> {
    json: bool,
    chunk: u8,
    body: &'a [u8],
}

impl Reply<'_> {
    /// As a client gets it.
    pub fn response(&self) -> reqwest::Response {
        let pieces = self.body.chunks(usize::from(self.chunk) + 1);
        let chunks: Vec<Result<Bytes, std::io::Error>> = pieces.map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let kind = if self.json { "application/json" } else { "text/event-stream" };
        let body = reqwest::Body::wrap_stream(stream::iter(chunks));
        http::Response::builder().header("content-type", kind).body(body).expect("a plain answer").into()
    }
}

/// Runs `work` to its end.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}
