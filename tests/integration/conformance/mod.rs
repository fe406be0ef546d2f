//! The contract of the API as one table of request → status, headers, body, in the files of `table/`.
//!
//! It runs against this server in-process; with `MOCK_INTERVIEWER_CONFORMANCE_URL` against whatever is there instead, the
//! plain original included, whose known differences stand in the same table. Every scenario makes users of its own and
//! takes at most six turns with each, so that it runs on a server in use.
//!
//! ```text
//! # title of a scenario                      what follows has fresh users and starts anew
//! > POST /api/user/login/ as ann {"a": 1}    a request; `as ann`: signed in as a user made for the scenario
//! > Header: value                            with this header; an empty value leaves it out
//! < 200 {"count": 1, ...}                    the status and the whole body; `...`: more keys may follow
//! < Header: value                            a header of the answer; `<none>`: it has none
//! < contains text                            the body holds this text
//! orig 500                                   the plain original answers so instead; `orig skip`: it has no such thing
//! ```
//!
//! In a request `$ann` is that user's name, `$password` the password, `$key` a fresh UUID, `$id` a text captured before,
//! `$8001` as many letters. In an answer `<text>` is any text but an empty one, `<text id>` captures it, `<number>` any
//! number, `<url?>` an address or null, `<any>` anything.

mod expected;
mod parse;
mod run;

use std::collections::BTreeMap;

use mock_interviewer::server::Settings;

use crate::api_server::{Server, http, narrator};
use run::Target;

const TABLE: [(&str, &str); 4] = [
    ("users", include_str!("table/users.txt")),
    ("chat", include_str!("table/chat.txt")),
    ("protocol", include_str!("table/protocol.txt")),
    ("extensions", include_str!("table/extensions.txt")),
];

#[tokio::test]
async fn every_answer_is_the_contracts() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = None;
    let base = match std::env::var("MOCK_INTERVIEWER_CONFORMANCE_URL") {
        Ok(url) => url.trim_end_matches('/').to_owned(),
        Err(_) => own
            .insert(Server::start_with(Settings::default(), narrator(&folder)).await)
            .url(""),
    };
    let target = Target::reach(http(), base).await;
    let mut failures = BTreeMap::new();
    for (name, text) in TABLE {
        for scenario in parse::scenarios(name, text) {
            if let Err(why) = target.holds(&scenario).await {
                failures.insert(format!("{name}: {}", scenario.title), why);
            }
        }
    }
    let told: Vec<_> = failures
        .iter()
        .map(|(title, why)| format!("{title}\n{why}\n"))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of the contract:\n\n{}",
        failures.len(),
        told.join("\n")
    );
}
