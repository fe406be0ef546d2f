//! Refuses files of one folder that import each other in a circle.
//!
//! The root of a folder (`app/mod.rs` or `app.rs`) composes its children, and they use what it defines, so edges from a
//! child to a root above it do not count. A name that a root re-exports counts as an import of the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::source::{Mention, mentions};

/// The path of a module, such as `["app", "draft"]`.
type Module = Vec<String>;

/// One source file: its module and its contents.
pub struct Source {
    pub module: Module,
    pub file: PathBuf,
    pub text: String,
}

/// Returns every circle once, as the files in it.
pub fn circles(sources: &[Source]) -> Vec<Vec<PathBuf>> {
    let graph = imports(sources);
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = graph
        .keys()
        .map(|module| (module, reachable(&graph, module)))
        .collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (module, reached) in &reach {
        if !reached.contains(module) || seen.contains(module) {
            continue;
        }
        let circle: Vec<&Module> = reached
            .iter()
            .copied()
            .filter(|other| reach[other].contains(module))
            .collect();
        seen.extend(circle.iter().copied());
        found.push(files_of(sources, &circle));
    }
    found
}

fn files_of(sources: &[Source], circle: &[&Module]) -> Vec<PathBuf> {
    sources
        .iter()
        .filter(|source| circle.contains(&&source.module))
        .map(|source| source.file.clone())
        .collect()
}

fn reachable<'a>(
    graph: &'a BTreeMap<Module, BTreeSet<Module>>,
    from: &Module,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Module> = graph[from].iter().collect();
    while let Some(module) = open.pop() {
        if reached.insert(module) {
            open.extend(&graph[module]);
        }
    }
    reached
}

/// Maps each module to the modules of the same folder that it imports, without those above it.
fn imports(sources: &[Source]) -> BTreeMap<Module, BTreeSet<Module>> {
    let known: BTreeSet<&Module> = sources.iter().map(|source| &source.module).collect();
    let exports: BTreeMap<(&Module, String), Module> = sources
        .iter()
        .flat_map(|source| re_exports(source, &known))
        .collect();
    let edges = |source: &Source| {
        paths(source)
            .filter_map(|path| target(&path, &known, &exports))
            .filter(|target| target[0] == source.module[0] && !source.module.starts_with(target))
            .collect()
    };
    sources
        .iter()
        .map(|source| (source.module.clone(), edges(source)))
        .collect()
}

/// Returns the paths below the crate that a file mentions.
fn paths(source: &Source) -> impl Iterator<Item = Vec<String>> {
    let names: Vec<&str> = source.module.iter().map(String::as_str).collect();
    mentions(&source.text, &names)
        .into_iter()
        .filter_map(|Mention { mut path, .. }| {
            (path[0] == "crate" && path.len() > 1).then(|| path.split_off(1))
        })
}

/// Returns the names that a root passes on from the files below it.
fn re_exports<'a>(
    source: &'a Source,
    known: &BTreeSet<&Module>,
) -> Vec<((&'a Module, String), Module)> {
    let below = |path: &Vec<String>| path.starts_with(&source.module);
    let names: Vec<&str> = source.module.iter().map(String::as_str).collect();
    let relative = mentions(&source.text, &names)
        .into_iter()
        .filter(|mention| mention.path[0] != "crate")
        .map(|mention| [source.module.clone(), mention.path].concat());
    paths(source)
        .chain(relative)
        .filter(below)
        .filter_map(|path| {
            let module = longest(&path, known)?;
            let name = path.last()?.clone();
            (module.len() > source.module.len() && module.len() < path.len())
                .then_some(((&source.module, name), module))
        })
        .collect()
}

/// Returns the module that defines what `path` names, as far as it is known.
fn target(
    path: &[String],
    known: &BTreeSet<&Module>,
    exports: &BTreeMap<(&Module, String), Module>,
) -> Option<Module> {
    let module = longest(path, known)?;
    let name = path.get(module.len());
    let exported = name.and_then(|name| exports.get(&(&module, name.clone())));
    Some(exported.cloned().unwrap_or(module))
}

fn longest(path: &[String], known: &BTreeSet<&Module>) -> Option<Module> {
    (1..=path.len())
        .rev()
        .map(|length| path[..length].to_vec())
        .find(|module| known.contains(module))
}
