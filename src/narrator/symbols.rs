//! Replaces symbols by words. The same sign is read differently in prose and in code.

use rust_i18n::t;

use crate::interview::Language;

/// Signs of several characters, longest first, with the key of their word. They read alike in prose
/// and code.
const OPERATORS: [(&str, &str); 14] = [
    ("!==", "not_equal"),
    ("===", "equals"),
    ("!=", "not_equal"),
    ("==", "equals"),
    ("<=", "at_most"),
    (">=", "at_least"),
    ("->", "arrow"),
    ("=>", "arrow"),
    ("&&", "and"),
    ("||", "or"),
    ("++", "plus_plus"),
    ("+=", "plus"),
    ("::", ""),
    ("//", ""),
];

/// Single signs that mean the same everywhere.
const SIGNS: [(char, &str); 19] = [
    ('&', "and"),
    ('%', "percent"),
    ('+', "plus"),
    ('=', "equals"),
    ('@', "at"),
    ('≠', "not_equal"),
    ('≤', "at_most"),
    ('≥', "at_least"),
    ('→', "to"),
    ('⇒', "to"),
    ('×', "times"),
    ('÷', "divided"),
    ('°', "degrees"),
    ('∞', "infinity"),
    ('²', "squared"),
    ('³', "cubed"),
    ('≈', "about"),
    ('−', "minus"),
    ('€', "euros"),
];

/// Single signs that are only spoken in code.
const CODE_SIGNS: [(char, &str); 11] = [
    ('<', "less"),
    ('>', "greater"),
    ('!', "not"),
    ('?', "question"),
    ('*', "star"),
    ('#', "hash"),
    ('/', "slash"),
    ('\\', "backslash"),
    ('|', "pipe"),
    ('^', "caret"),
    ('~', "tilde"),
];

/// Reads text outside code: signs become words or are dropped, and marks that guide a voice stay.
pub fn prose(text: &str, language: Language) -> String {
    let mut reading = SymbolReader {
        text: String::new(),
        language,
    };
    for (index, piece) in text.split(' ').enumerate() {
        if index > 0 {
            reading.text.push(' ');
        }
        reading.word(piece);
    }
    reading.text
}

/// Reads inline code: names become words, operators are named, and brackets are dropped.
pub fn code(text: &str, language: Language) -> String {
    let mut reading = SymbolReader {
        text: String::new(),
        language,
    };
    let mut scan = Cursor::of(text);
    while let Some(c) = scan.next {
        reading.code_sign(c, &mut scan);
    }
    reading
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A position in a text, with the characters around it.
struct Cursor<'a> {
    rest: &'a str,
    previous: Option<char>,
    next: Option<char>,
}

impl<'a> Cursor<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            previous: None,
            next: text.chars().next(),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.previous = self.rest[..bytes].chars().next_back();
        self.rest = &self.rest[bytes..];
        self.next = self.rest.chars().next();
    }

    /// Returns the character behind the next one.
    fn second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    fn operator(&self) -> Option<(&'static str, &'static str)> {
        OPERATORS
            .into_iter()
            .find(|(sign, _)| self.rest.starts_with(sign))
    }
}

fn is_digit(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit())
}

fn is_letter(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphabetic)
}

struct SymbolReader {
    text: String,
    language: Language,
}

impl SymbolReader {
    /// Appends the word of `key`, separated from its neighbours.
    fn say(&mut self, key: &str) {
        self.text.push(' ');
        if !key.is_empty() {
            self.text.push_str(&t!(
                format!("narrator.{key}"),
                locale = self.language.code()
            ));
            self.text.push(' ');
        }
    }

    fn word(&mut self, word: &str) {
        let bare = word.trim_start_matches(['(', '"', '“']);
        let opening = &word[..word.len() - bare.len()];
        if let Some(spoken) = self.read_whole(bare) {
            self.signs(opening);
            self.text.push_str(&spoken);
        } else {
            self.signs(word);
        }
    }

    /// Returns the reading of an address or an abbreviation, which is spoken as a whole.
    fn read_whole(&self, word: &str) -> Option<String> {
        let locale = self.language.code();
        if let Some(address) = ["https://", "http://", "www."]
            .iter()
            .find_map(|scheme| word.strip_prefix(scheme))
        {
            let host: String = address
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
                .collect();
            let dot = format!(" {} ", t!("narrator.dot", locale = locale));
            let host = host.trim_end_matches('.').replace('.', &dot);
            let end = word
                .chars()
                .next_back()
                .filter(|c| matches!(c, '.' | ',' | '!' | '?'));
            return Some(
                t!("narrator.link", locale = locale, host = host).into_owned()
                    + &end.map(String::from).unwrap_or_default(),
            );
        }
        let key = match word.trim_end_matches(',') {
            "e.g." => "for_example",
            "i.e." => "that_is",
            "vs." | "vs" => "versus",
            _ => return None,
        };
        Some(t!(format!("narrator.{key}"), locale = locale).into_owned())
    }

    fn signs(&mut self, word: &str) {
        let mut scan = Cursor::of(word);
        while let Some(c) = scan.next {
            if let Some((sign, key)) = scan.operator() {
                self.say(key);
                scan.skip(sign.len());
            } else if !self.read_amount(c, &mut scan) {
                self.prose_sign(c, &scan);
                scan.skip(c.len_utf8());
            }
        }
    }

    /// Reads `$5` as five dollars.
    fn read_amount(&mut self, currency: char, scan: &mut Cursor<'_>) -> bool {
        let key = match currency {
            '$' => "dollars",
            '₩' => "won",
            _ => return false,
        };
        let after = &scan.rest[currency.len_utf8()..];
        let number = after
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.'))
            .unwrap_or(after.len());
        let number = after[..number].trim_end_matches([',', '.']);
        self.text.push_str(number);
        if !number.is_empty() {
            self.say(key);
            // A Korean ending belongs to the word, as in 5,000 원입니다.
            self.text.truncate(self.text.trim_end().len());
        }
        scan.skip(currency.len_utf8() + number.len());
        true
    }

    fn prose_sign(&mut self, c: char, scan: &Cursor<'_>) {
        let before = scan.previous;
        let after = scan.second();
        match c {
            '^' if after == Some('2') => self.say("squared"),
            '^' if after == Some('3') => self.say("cubed"),
            '2' | '3' if before == Some('^') => {}
            '#' if is_digit(after) => self.say("number"),
            '#' if is_letter(before) => self.say("sharp"),
            '~' | '–' if is_digit(before) && is_digit(after) => self.say("to"),
            '~' if is_digit(after) && before != Some('~') => self.say("about"),
            '-' if before.is_none() && is_digit(after) => self.say("minus"),
            '-' | '–' | '—' if before.is_none() && after.is_none() => self.text.push_str(" , "),
            '–' | '—' | '(' | ')' | '·' | '|' => self.text.push_str(" , "),
            '/' if is_digit(before) && is_digit(after) => self.say("slash"),
            '<' if after.is_none() || before.is_some() => self.say("less"),
            '>' if after.is_none() || before.is_some() => self.say("greater"),
            '.' if is_name(before, after, scan) => self.say("dot"),
            _ => self.plain(c),
        }
    }

    fn plain(&mut self, c: char) {
        match SIGNS.iter().find(|(sign, _)| *sign == c) {
            Some((_, key)) => self.say(key),
            None if is_readable(c) => self.text.push(c),
            None => self.text.push(' '),
        }
    }

    fn code_sign(&mut self, c: char, scan: &mut Cursor<'_>) {
        let before = scan.previous;
        let after = scan.second();
        if let Some((sign, key)) = scan.operator() {
            self.say(key);
            return scan.skip(sign.len());
        }
        match c {
            '-' if before.is_none_or(|c| c == ' ' || c == '-') => {
                self.say(if is_digit(after) { "minus" } else { "dash" });
            }
            '.' if is_digit(before) && is_digit(after) => self.text.push('.'),
            '.' if after.is_some() => self.say("dot"),
            '-' if is_letter(before) && is_letter(after) => self.text.push('-'),
            '-' => self.say("minus"),
            c if c.is_uppercase() && before.is_some_and(char::is_lowercase) => {
                self.text.extend([' ', c]);
            }
            c if c.is_alphanumeric() => self.text.push(c),
            c => match CODE_SIGNS.iter().chain(&SIGNS).find(|(sign, _)| *sign == c) {
                Some((_, key)) => self.say(key),
                None => self.text.push(' '),
            },
        }
        scan.skip(c.len_utf8());
    }
}

/// Returns whether a dot is part of a name, as in Node.js, but not in U.S. or 3.5.
fn is_name(before: Option<char>, after: Option<char>, scan: &Cursor<'_>) -> bool {
    let initial = scan
        .rest
        .chars()
        .nth(2)
        .is_none_or(|c| !c.is_alphanumeric());
    is_letter(before) && is_letter(after) && !initial
}

/// Returns whether `c` is a letter, a digit, or a mark that guides a voice.
fn is_readable(c: char) -> bool {
    let is_mark = matches!(
        c,
        ' ' | '.'
            | ','
            | '!'
            | '?'
            | ':'
            | ';'
            | '\''
            | '’'
            | '-'
            | '…'
            | '。'
            | '，'
            | '、'
            | '！'
            | '？'
    );
    c.is_alphanumeric() || is_mark
}
