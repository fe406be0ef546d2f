//! Any bytes as a server's answer to a turn, in pieces of any size: events or a named failure, never a panic.
#![no_main]

use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use mock_interviewer::client::read_events;
use mock_interviewer::practice::TurnEvent;
use mock_interviewer_fuzz::{Reply, run};

fuzz_target!(|reply: Reply<'_>| {
    run(async {
        let mut events = read_events(reply.response());
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
