//! Refuses ways to standard output and standard error that go around `cli::output`, which takes away
//! what would act on the terminal.

use std::path::Path;

use super::source::{Mention, macros, mentions};

/// The macros that print.
const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
/// The functions and types of the streams, whatever module they come from.
const STREAMS: [&str; 4] = ["stdout", "stderr", "Stdout", "Stderr"];
/// The parents of what is called like a stream and is none: the cleaned streams, and the module that
/// keeps standard error.
const OTHERS: [&str; 2] = ["output", "crate"];

/// The uses that print nothing, or nothing that somebody else said, each with its reason.
const ALLOWED: [(&str, &str); 4] = [
    // It asks whether standard output is a terminal.
    ("cli/environment.rs", "std::io::stdout"),
    // It asks whether standard error is a terminal, and the bar cleans the name it shows.
    ("cli/models/bar.rs", "std::io::stderr"),
    ("cli/models/bar.rs", "indicatif::ProgressDrawTarget::stderr"),
    // It flushes what was printed.
    ("main.rs", "std::io::stdout"),
];

/// Returns whether the rule holds for a file below `src`.
pub fn concerns(file: &Path) -> bool {
    let is_command = file.starts_with("cli") || file == Path::new("main.rs");
    is_command && file != Path::new("cli/output.rs")
}

/// Returns each way around `cli::output` in `source`, with its line.
pub fn ways_around(file: &Path, source: &str) -> Vec<String> {
    let found = macros(source)
        .into_iter()
        .filter(|(name, _)| MACROS.contains(&name.as_str()))
        .map(|(name, line)| (format!("{name}!"), line));
    let streams = streams(source)
        .into_iter()
        .filter(|(path, _)| !is_allowed(file, path));
    found
        .chain(streams)
        .map(|(what, line)| {
            let file = file.display();
            format!("src/{file}:{line}: `{what}` goes around `cli::output`")
        })
        .collect()
}

fn is_allowed(file: &Path, path: &str) -> bool {
    ALLOWED
        .iter()
        .any(|(allowed, what)| file == Path::new(allowed) && path == *what)
}

/// Returns the paths that lead to a stream, in full where an import shortens them.
fn streams(source: &str) -> Vec<(String, usize)> {
    let mentions = mentions(source, &["cli", "file"]);
    let imports: Vec<Vec<String>> = mentions.iter().map(whole).collect();
    mentions
        .iter()
        .map(|mention| (in_full(&whole(mention), &imports), mention.line))
        .filter(|(path, _)| leads_to_a_stream(path))
        .map(|(path, line)| (path.join("::"), line))
        .collect()
}

/// Returns the path of a mention without the `self` of a group.
fn whole(mention: &Mention) -> Vec<String> {
    let mut path = mention.path.clone();
    path.pop_if(|last| last == "self");
    path
}

fn in_full(path: &[String], imports: &[Vec<String>]) -> Vec<String> {
    let import = imports.iter().find(|import| {
        import.len() > 1 && import.last() == path.first() && import.first() != path.first()
    });
    match import {
        Some(import) => [import, &path[1..]].concat(),
        None => path.to_vec(),
    }
}

fn leads_to_a_stream(path: &[String]) -> bool {
    let [.., parent, name] = path else {
        return false;
    };
    match name.as_str() {
        "writer" => parent == "stderr",
        name => STREAMS.contains(&name) && !OTHERS.contains(&parent.as_str()),
    }
}
