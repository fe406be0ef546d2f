//! Tests of the architecture: imports go down the floors only, no floor knows what it must not know, and no files of one
//! folder import each other in a circle.

mod circles;
mod output;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;

use circles::{Source, circles};
use source::{Mention, mentions};

/// The modules of each floor, by its number.
const FLOORS: [&[&str]; 7] = [
    &[
        "interview",
        "api",
        "config",
        "paths",
        "logging",
        "files",
        "machine",
        "stderr",
        "sync",
        "username",
        "wave",
        "printable",
    ],
    &[
        "interviewer",
        "narrator",
        "voice",
        "store",
        "secrets",
        "models",
        "upstream",
        "preferences",
        "report_files",
    ],
    &["practice", "client", "server"],
    &["backend"],
    &["app", "ui"],
    &["runtime"],
    &["cli"],
];

/// The imports between neighbours on one floor that are allowed, each with its reason.
const NEIGHBOURS: [(&str, &str); 11] = [
    // The server's handlers call the service.
    ("server", "crate::practice"),
    // What a turn yields is the same wherever it is taken: the types alone.
    ("client", "crate::practice::Conversation"),
    ("client", "crate::practice::CompletedTurn"),
    ("client", "crate::practice::SpokenSentence"),
    ("client", "crate::practice::TurnEvent"),
    // What draws the state sees the state.
    ("ui", "crate::app"),
    // Two engines share the rules of talking to an OpenAI-compatible server.
    ("interviewer", "crate::upstream"),
    ("narrator", "crate::upstream"),
    // A download fails in the same words as a request.
    ("models", "crate::upstream"),
    // An imported file is checked as it will be when it is loaded.
    ("models", "crate::voice::model_file"),
    // What a narrator makes is what a speaker plays: the type alone.
    ("voice", "crate::narrator::Speech"),
];

/// What modules must not mention, whatever their floor.
const IGNORANCE: [(&[&str], &[&str]); 4] = [
    (
        &["app"],
        &[
            "tokio",
            "ratatui",
            "crossterm",
            "cpal",
            "reqwest",
            "rodio",
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
        ],
    ),
    (
        &["app"],
        &[
            "std::time::Instant",
            "std::time::SystemTime",
            "Instant::now",
            "SystemTime::now",
            "jiff::Zoned::now",
            "Zoned::now",
            "Timestamp::now",
        ],
    ),
    (
        &["practice", "client", "server", "backend"],
        &["ratatui", "crossterm", "cpal", "rodio", "crate::voice"],
    ),
    (
        &[
            "interviewer",
            "narrator",
            "voice",
            "store",
            "secrets",
            "models",
            "upstream",
            "interview",
            "api",
            "config",
            "paths",
        ],
        &["ratatui", "crossterm"],
    ),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

fn below(path: &str, prefix: &str) -> bool {
    path == prefix
        || path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Returns the reason why `module` must not mention `path`, if there is one.
fn objection(module: &str, path: &[String]) -> Option<String> {
    let joined = path.join("::");
    let unknown = IGNORANCE
        .iter()
        .filter(|(modules, _)| modules.contains(&module))
        .flat_map(|(_, unknown)| *unknown);
    if let Some(unknown) = unknown.copied().find(|unknown| below(&joined, unknown)) {
        return Some(format!(
            "`{module}` mentions `{joined}`, but is to know nothing of `{unknown}`"
        ));
    }
    let target = path.get(1).filter(|_| path[0] == "crate")?.as_str();
    let from = floor(module)?;
    let to = floor(target)?;
    let allowed = target == module
        || NEIGHBOURS
            .iter()
            .any(|(who, what)| *who == module && below(&joined, what));
    match (module, from.cmp(&to)) {
        _ if allowed || from == 0 && to == 0 => None,
        ("ui", _) if to > 0 => Some(format!(
            "`ui` mentions `{joined}`, but imports only `app` and floor 0"
        )),
        (_, std::cmp::Ordering::Greater) => None,
        (_, std::cmp::Ordering::Equal) => Some(format!(
            "`{module}` mentions its neighbour `{joined}` on floor {from}"
        )),
        (_, std::cmp::Ordering::Less) => Some(format!(
            "`{module}` (floor {from}) mentions `{joined}` (floor {to}): imports go down only"
        )),
    }
}

/// Returns the module of a file: `["app", "update"]` for `app/update/mod.rs`.
fn module_of(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

fn objections(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let names: Vec<&str> = module.iter().map(String::as_str).collect();
    let complain = |Mention { path, line }: &Mention| {
        objection(names[0], path).map(|reason| format!("src/{}:{line}: {reason}", file.display()))
    };
    let mut found: Vec<String> = mentions(source, &names)
        .iter()
        .filter_map(complain)
        .collect();
    found.dedup();
    found
}

/// Returns the source files below `folder` without those that only tests see.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources can be read") {
        let path = entry.expect("the sources can be read").path();
        let only_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !only_tests {
            found.extend(files(&path));
        } else if !only_tests && path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn imports_go_down_the_floors_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for path in files(&src) {
        let file = path.strip_prefix(&src).expect("it lies below src");
        if !matches!(file.to_str(), Some("lib.rs" | "main.rs")) {
            found.extend(objections(
                file,
                &fs::read_to_string(&path).expect("the sources can be read"),
            ));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn no_files_of_one_folder_import_each_other_in_a_circle() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources: Vec<Source> = files(&src)
        .into_iter()
        .map(|path| {
            let file = path.strip_prefix(&src).expect("it lies below src");
            Source {
                module: module_of(file),
                file: file.to_owned(),
                text: fs::read_to_string(&path).expect("the sources can be read"),
            }
        })
        .collect();
    assert_eq!(circles(&sources), Vec::<Vec<PathBuf>>::new());
}

fn source(file: &str, text: &str) -> Source {
    Source {
        module: module_of(Path::new(file)),
        file: file.into(),
        text: text.to_owned(),
    }
}

#[rstest]
#[case::directly("use super::b::B;", "use crate::app::a::A;")]
#[case::by_a_name_that_the_root_passes_on("use super::B;", "fn f() -> super::a::A {}")]
fn a_circle_of_files_is_found(#[case] a: &str, #[case] b: &str) {
    let sources = [
        source("app/mod.rs", "mod a;\nmod b;\npub use b::B;"),
        source("app/a.rs", a),
        source("app/b.rs", b),
    ];
    let found = vec![vec![PathBuf::from("app/a.rs"), PathBuf::from("app/b.rs")]];
    assert_eq!(circles(&sources), found);
}

#[test]
fn a_root_and_its_children_are_no_circle() {
    let sources = [
        source("app/mod.rs", "mod a;\nuse a::A;\npub struct App(A);"),
        source("app/a.rs", "use super::App;"),
    ];
    assert_eq!(circles(&sources), Vec::<Vec<PathBuf>>::new());
}

#[test]
fn no_command_prints_around_the_module_that_cleans_its_output() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for path in files(&src) {
        let file = path.strip_prefix(&src).expect("it lies below src");
        if output::concerns(file) {
            let source = fs::read_to_string(&path).expect("the sources can be read");
            found.extend(output::ways_around(file, &source));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[rstest]
#[case::a_macro("fn f() { println!(\"{x}\"); }", "println!")]
#[case::a_macro_by_its_path("fn f() { std::eprint!(\"{x}\"); }", "eprint!")]
#[case::a_stream("fn f() { std::io::stdout().lock(); }", "std::io::stdout")]
#[case::an_imported_module("use std::io; fn f() { io::stderr(); }", "std::io::stderr")]
#[case::an_imported_function("use std::io::stdout;", "std::io::stdout")]
#[case::a_renamed_function("use std::io::{self, stderr as out};", "std::io::stderr")]
#[case::a_renamed_module("use std::io as i; fn f() { i::stdout(); }", "i::stdout")]
#[case::an_asynchronous_stream("fn f() { tokio::io::stdout(); }", "tokio::io::stdout")]
#[case::the_stream_below("fn f() { crate::stderr::writer(); }", "crate::stderr::writer")]
fn a_way_around_the_cleaned_output_is_named_with_its_line(#[case] line: &str, #[case] what: &str) {
    let source = format!("//! Doc.\n// println!()\n{line}\n");
    let found = output::ways_around(Path::new("cli/say.rs"), &source);
    let expected = format!("src/cli/say.rs:3: `{what}` goes around `cli::output`");
    assert!(found.contains(&expected), "{found:?}");
}

#[rstest]
#[case::the_cleaned_stream("use super::output; fn f() { output::stdout(); }")]
#[case::another_macro("fn f() { writeln!(out, \"println!()\"); }")]
#[case::a_test("#[cfg(test)]\nmod tests { fn f() { println!(); } }")]
fn the_cleaned_output_may_be_used(#[case] source: &str) {
    let found = output::ways_around(Path::new("cli/say.rs"), source);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_module_has_a_floor() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let roots = files(&src)
        .into_iter()
        .map(|path| module_of(path.strip_prefix(&src).expect("it lies below src"))[0].clone());
    let homeless: Vec<String> = roots
        .filter(|root| root != "lib" && root != "main" && floor(root).is_none())
        .collect();
    assert_eq!(
        homeless,
        Vec::<String>::new(),
        "name their floor in tests/integration/layers/mod.rs"
    );
}

#[rstest]
#[case::upwards(
    "store/mod.rs",
    "use crate::practice::TurnRequest;",
    "`store` (floor 1) mentions `crate::practice::TurnRequest` (floor 2): imports go down only"
)]
#[case::inside_a_group(
    "config.rs",
    "use crate::{api, ui::theme};",
    "`config` (floor 0) mentions `crate::ui::theme` (floor 4): imports go down only"
)]
#[case::without_an_import(
    "client.rs",
    "fn f() { crate::runtime::run() }",
    "`client` (floor 2) mentions `crate::runtime::run` (floor 5): imports go down only"
)]
#[case::by_way_of_super(
    "voice/wav.rs",
    "use super::super::store;",
    "`voice` mentions its neighbour `crate::store` on floor 1"
)]
#[case::renamed(
    "backend.rs",
    "use crate::app as the_app;",
    "`backend` (floor 3) mentions `crate::app` (floor 4): imports go down only"
)]
#[case::neighbours(
    "practice.rs",
    "use crate::client::Client;",
    "`practice` mentions its neighbour `crate::client::Client` on floor 2"
)]
#[case::a_screen_that_does(
    "ui/lobby.rs",
    "use crate::store::Store;",
    "`ui` mentions `crate::store::Store`, but imports only `app` and floor 0"
)]
#[case::a_state_that_waits(
    "app/mod.rs",
    "async fn f() { tokio::spawn(x); }",
    "`app` mentions `tokio::spawn`, but is to know nothing of `tokio`"
)]
#[case::a_state_with_a_clock(
    "app/draft.rs",
    "use std::{fmt, time::Instant};",
    "`app` mentions `std::time::Instant`, but is to know nothing of `std::time::Instant`"
)]
#[case::a_service_with_a_screen(
    "practice.rs",
    "use ratatui::Frame;",
    "`practice` mentions `ratatui::Frame`, but is to know nothing of `ratatui`"
)]
fn a_wrong_import_is_named_with_its_line(
    #[case] file: &str,
    #[case] line: &str,
    #[case] reason: &str,
) {
    let source = format!("//! Doc.\n/* `use crate::cli;` */\n{line}\n");
    assert_eq!(
        objections(Path::new(file), &source),
        [format!("src/{file}:3: {reason}")]
    );
}

#[rstest]
#[case::downwards("runtime/mod.rs", "use crate::{app::App, ui, voice::Listener};")]
#[case::the_domain_among_itself("config.rs", "use crate::interview::Language;")]
#[case::its_own_parts(
    "voice/wav.rs",
    "use super::{Microphone, resample};\nuse crate::voice::mono;"
)]
#[case::what_draws_sees_the_state("ui/mod.rs", "use crate::app::App;")]
#[case::the_service_behind_the_server("server/chat.rs", "use crate::practice::Practice;")]
#[case::results_of_the_service(
    "app/action.rs",
    "use crate::practice::{Conversation, CompletedTurn};"
)]
#[case::what_a_speaker_plays("voice/mod.rs", "use crate::narrator::Speech;")]
#[case::a_duration_is_no_clock("app/mod.rs", "use std::time::Duration;")]
#[case::words_in_comments_and_strings(
    "app/mod.rs",
    "// use tokio::spawn;\nconst A: &str = \"crate::cli::run\"; const B: char = '\"'; // crate::cli::x"
)]
#[case::what_only_tests_see(
    "api.rs",
    "#[cfg(test)]\nmod tests { use crate::server::Server; fn f() { {} } }"
)]
#[case::a_module_in_the_file(
    "store/mod.rs",
    "mod inner { use super::super::store::Store; use super::users; }"
)]
fn a_right_import_passes(#[case] file: &str, #[case] source: &str) {
    assert_eq!(objections(Path::new(file), source), Vec::<String>::new());
}
