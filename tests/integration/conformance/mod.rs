//! The contract of the API as one table of request → status, headers, body, in the files of
//! `table/`.
//!
//! It runs against this server in-process, or against the server at
//! `MOCK_INTERVIEWER_CONFORMANCE_URL`. That may be the plain original, whose known differences are
//! noted in the same table. Every scenario creates its own users and takes at most six turns with
//! each, so that it can run against a server in use.
//!
//! ```text
//! # title of a scenario                      the following rows have users of their own
//! > POST /api/user/login/ as ann {"a": 1}    a request; `as ann`: with the token of a user of the scenario
//! > Header: value                            a header of the request; an empty value removes it
//! < 200 {"count": 1, ...}                    the status and the whole body; `...`: more keys may follow
//! < Header: value                            a header of the answer; `<none>`: it is absent
//! < contains text                            the body contains this text
//! orig 500                                   the answer of the plain original; `orig skip`: it has no such call
//! ```
//!
//! A request may contain variables: `$ann` is the name of that user, `$password` the password,
//! `$key` a new UUID, `$id` a text captured before, `$8001` that many letters. A body may contain
//! patterns: `<text>` is any text that is not blank, `<text id>` captures it, `<number>` is any
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
async fn every_answer_is_as_the_contract_says() {
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
            if let Err(why) = target.run(&scenario).await {
                failures.insert(format!("{name}: {}", scenario.title), why);
            }
        }
    }
    let reports: Vec<_> = failures
        .iter()
        .map(|(title, why)| format!("{title}\n{why}\n"))
        .collect();
    assert!(
        failures.is_empty(),
        "{} scenarios of the contract fail:\n\n{}",
        failures.len(),
        reports.join("\n")
    );
}
