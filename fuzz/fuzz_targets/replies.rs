//! Any bytes as the answer of a model's endpoint, in pieces of any size: words or a named failure, never a panic.
#![no_main]

use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use mock_interviewer::interviewer::openai::read_reply;
use mock_interviewer_fuzz::{Reply, run};

fuzz_target!(|reply: Reply<'_>| {
    run(async {
        let mut pieces = read_reply(reply.response());
        while let Some(piece) = pieces.next().await {
            if piece.is_err() {
                break;
            }
        }
    });
});
