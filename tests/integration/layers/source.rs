//! Finds the paths in Rust source. It understands only as much of the grammar as imports need.

/// A path such as `crate::app::Action` in segments, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    text: String,
    line: usize,
}

/// Returns every path that `source`, the text of `module`, mentions. Grouped imports are expanded, and `self` and `super`
/// are resolved to `crate::…`. Code that only tests see is left out.
pub fn mentions(source: &str, module: &[&str]) -> Vec<Mention> {
    let tokens = without_tests(&tokens(source));
    let mut walk = Walk {
        tokens: &tokens,
        at: 0,
        inner: Vec::new(),
        depth: 0,
        module,
        found: Vec::new(),
    };
    walk.run();
    walk.found
}

/// Returns the macros that `source` calls, with their lines. Code that only tests see is left out.
pub fn macros(source: &str) -> Vec<(String, usize)> {
    let tokens = without_tests(&tokens(source));
    let calls = tokens
        .windows(3)
        .filter(|call| call[1].text == "!" && matches!(call[2].text.as_str(), "(" | "[" | "{"));
    calls
        .map(|call| (call[0].text.clone(), call[0].line))
        .collect()
}

/// Splits the source into identifiers, `::` and single punctuation marks, without comments, literals and lifetimes.
fn tokens(source: &str) -> Vec<Token> {
    let mut rest = source;
    let mut line = 1;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = blank_length(rest).unwrap_or_else(|| {
            let length = word_length(rest).unwrap_or(if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            });
            tokens.push(Token {
                text: rest[..length].to_owned(),
                line,
            });
            length
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn word_length(rest: &str) -> Option<usize> {
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    (length > 0).then_some(length)
}

/// Returns the length of a comment, a literal or white space at the start of `rest`.
fn blank_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    let blanks = rest.len() - rest.trim_start().len();
    if blanks > 0 {
        return Some(blanks);
    }
    raw_string_length(rest).or_else(|| quoted_length(rest))
}

fn raw_string_length(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r').or_else(|| rest.strip_prefix("br"))?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let start = rest.len() - hashes.len() + count + 1;
    hashes[count..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(count));
    Some(
        rest[start..]
            .find(&close)
            .map_or(rest.len(), |end| start + end + close.len()),
    )
}

/// Returns the length of a string, a character or the quote of a lifetime at the start of `rest`.
fn quoted_length(rest: &str) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            c if c == quote => return Some(at + 1),
            _ if quote == '\'' && !rest[1 + c.len_utf8()..].starts_with('\'') => return Some(1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// Drops each `#[cfg(test)] mod … { … }`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let marked = ["#", "[", "cfg", "(", "test", ")", "]"]
            .iter()
            .enumerate()
            .all(|(n, wanted)| text(at + n) == *wanted);
        let opened = (at + 7..tokens.len())
            .find(|&n| matches!(text(n), "{" | ";"))
            .unwrap_or(tokens.len());
        let module = marked && (at + 7..opened).any(|n| text(n) == "mod");
        if module {
            at = if text(opened) == "{" {
                closing(tokens, opened)
            } else {
                opened
            } + 1;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Returns the index of the brace that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

struct Walk<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The inline modules around the current position, with the depth of their braces.
    inner: Vec<(String, usize)>,
    depth: usize,
    module: &'a [&'a str],
    found: Vec<Mention>,
}

impl Walk<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn run(&mut self) {
        while self.at < self.tokens.len() {
            match self.text(self.at) {
                "use" => {
                    self.at += 1;
                    self.tree(&[]);
                }
                "mod" if self.text(self.at + 2) == "{" => {
                    self.inner
                        .push((self.text(self.at + 1).to_owned(), self.depth));
                    self.at += 2;
                }
                "{" => self.brace(1),
                "}" => self.brace(-1),
                word if word_length(word).is_some() && self.text(self.at + 1) == "::" => {
                    self.tree(&[]);
                }
                _ => self.at += 1,
            }
        }
    }

    fn brace(&mut self, change: isize) {
        self.depth = self.depth.saturating_add_signed(change);
        self.at += 1;
        if change < 0
            && self
                .inner
                .last()
                .is_some_and(|(_, depth)| *depth == self.depth)
        {
            self.inner.pop();
        }
    }

    /// Reads one path, or one branch of a grouped import below `prefix`, and stops behind it.
    fn tree(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(self.at) {
                "::" => self.at += 1,
                "{" => return self.branches(&path),
                word if word_length(word).is_some() || word == "*" => {
                    path.push(word.to_owned());
                    self.at += 1;
                    if self.text(self.at) != "::" {
                        break;
                    }
                }
                _ => break,
            }
        }
        if let Some(path) = self.resolved(path) {
            self.found.push(Mention { path, line });
        }
    }

    fn branches(&mut self, prefix: &[String]) {
        self.at += 1;
        while self.at < self.tokens.len() && self.text(self.at) != "}" {
            match self.text(self.at) {
                "," => self.at += 1,
                "as" => self.at += 2,
                _ => {
                    let before = self.at;
                    self.tree(prefix);
                    self.at = self.at.max(before + 1);
                }
            }
        }
        self.at += 1;
    }

    fn resolved(&self, path: Vec<String>) -> Option<Vec<String>> {
        let here = self
            .module
            .iter()
            .map(|name| (*name).to_owned())
            .chain(self.inner.iter().map(|(name, _)| name.clone()));
        let mut base: Vec<String> = std::iter::once("crate".to_owned()).chain(here).collect();
        let ups = path
            .iter()
            .take_while(|part| matches!(part.as_str(), "self" | "super"))
            .count();
        if ups == 0 {
            return (!path.is_empty()).then_some(path);
        }
        for part in &path[..ups] {
            if part == "super" {
                base.pop();
            }
        }
        Some(
            base.into_iter()
                .chain(path[ups..].iter().cloned())
                .collect(),
        )
    }
}
