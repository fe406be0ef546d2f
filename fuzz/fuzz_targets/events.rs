//! Any bytes as a server's answer to a turn, in pieces of any size: events or a named failure, never a panic.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use libfuzzer_sys::fuzz_target;
use mock_interviewer::client::read_events;
use mock_interviewer::practice::TurnEvent;

#[derive(Debug, Arbitrary)]
struct Reply<'a> {
    json: bool,
    chunk: u8,
    body: &'a [u8],
}

fuzz_target!(|reply: Reply<'_>| {
    let chunks: Vec<Result<Bytes, std::io::Error>> =
        reply.body.chunks(usize::from(reply.chunk) + 1).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let kind = if reply.json { "application/json" } else { "text/event-stream" };
    let body = reqwest::Body::wrap_stream(stream::iter(chunks));
    let response = http::Response::builder().header("content-type", kind).body(body).expect("a plain answer");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut events = read_events(response.into());
        while let Some(event) = events.next().await {
            match event {
                Ok(TurnEvent::Done(_)) => break,
                Ok(_) => {}
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    break;
                }
            }
        }
    });
});
