//! Splits streamed text into sentences, so that the first one is spoken while the rest is still
//! being written.
//!
//! A sentence end depends only on the text up to it and the characters directly behind it. Nothing
//! is decided until those have arrived, so the same text gives the same sentences in whatever
//! pieces it arrives.

pub use super::speakable::speakable;

/// Splits streamed Markdown into sentences.
#[derive(Clone, Debug, Default)]
pub struct SentenceSplitter {
    pending: String,
    /// True once the first sentence has been returned.
    begun: bool,
}

impl SentenceSplitter {
    /// Adds the next piece and returns the sentences it completes, in order and as raw Markdown.
    pub fn push(&mut self, delta: &str) -> Vec<String> {
        self.pending.push_str(delta);
        let mut sentences = Vec::new();
        while let Some(end) = end_of_first(&self.pending, !self.begun) {
            self.begun = true;
            let rest = self.pending.split_off(end);
            let sentence = std::mem::replace(&mut self.pending, rest);
            sentences.extend(trimmed(&sentence));
        }
        sentences
    }

    /// Returns the rest of the text at the end of the stream.
    pub fn finish(&mut self) -> Option<String> {
        trimmed(&std::mem::take(&mut self.pending))
    }
}

fn trimmed(sentence: &str) -> Option<String> {
    let sentence = sentence.trim();
    (!sentence.is_empty()).then(|| sentence.to_owned())
}

/// Words whose full stop does not end a sentence. Case matters: Ms. is a title, ms a unit.
const ABBREVIATIONS: [&str; 15] = [
    "e.g", "E.g", "i.e", "I.e", "etc", "vs", "cf", "Mr", "Mrs", "Ms", "Dr", "Prof", "approx",
    "resp", "Fig",
];

/// The length in bytes beyond which an opening sentence is cut at a clause, so that a voice need
/// not wait ten seconds for the end of what a slow model writes. Bytes measure speech well: a
/// Hangul syllable takes three, and about as long to say as three letters.
const LONG_OPENING: usize = 160;
/// The length in bytes up to which a clause is too short to be spoken on its own.
const SHORT_CLAUSE: usize = 40;

/// Returns where the first sentence of `text` ends, once that is certain. An `opening` sentence may
/// end at a clause.
fn end_of_first(text: &str, opening: bool) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    if let Some(marker) = fence_marker(&text[start..]) {
        return end_of_fence(text, start, marker);
    }
    let mut at = start;
    let mut clause = None;
    while let Some(c) = text[at..].chars().next() {
        if opening && at - start > LONG_OPENING && clause.is_some() {
            return clause;
        }
        let after = at + c.len_utf8();
        if at - start > SHORT_CLAUSE
            && matches!(c, ',' | ';' | ':')
            && text[after..].starts_with(' ')
        {
            clause = Some(after);
        }
        at = match c {
            '\n' => return Some(after),
            '`' => after_code(text, at)?,
            _ if is_terminator(c) => match judge_terminator(text, start, at)? {
                TerminatorKind::EndsSentence(end) => return Some(end),
                TerminatorKind::InsideSentence(next) => next,
            },
            _ => after,
        };
    }
    None
}

enum TerminatorKind {
    EndsSentence(usize),
    InsideSentence(usize),
}

/// Decides whether the terminator at `at` ends the sentence that began at `start`; `None` until
/// enough text has arrived.
fn judge_terminator(text: &str, start: usize, at: usize) -> Option<TerminatorKind> {
    let mark = text[at..].chars().next()?;
    let first = at + mark.len_utf8();
    let tail = text[first..].find(|c: char| !is_terminator(c) && !is_closing(c))?;
    let end = first + tail;
    let next = text[end..].chars().next()?;
    let wide = text[at..end]
        .chars()
        .any(|c| matches!(c, '。' | '！' | '？'));
    let plain_stop = mark == '.' && !text[first..end].contains(is_terminator);
    let ends = (next.is_whitespace() || wide) && !(plain_stop && belongs_to_word(&text[start..at]));
    Some(if ends {
        TerminatorKind::EndsSentence(end)
    } else {
        TerminatorKind::InsideSentence(end)
    })
}

/// Returns whether the full stop belongs to the word before it: an abbreviation, an initial, or the
/// number of a list item.
fn belongs_to_word(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '\'' | '*' | '_'))
        .next()
        .unwrap_or("");
    let initials = word
        .split('.')
        .all(|part| part.len() == 1 && part.chars().all(|c| c.is_ascii_alphabetic()));
    let is_list_number =
        !word.is_empty() && word.len() == before.len() && word.chars().all(|c| c.is_ascii_digit());
    initials || is_list_number || ABBREVIATIONS.contains(&word)
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        ')' | ']'
            | '}'
            | '"'
            | '\''
            | '”'
            | '’'
            | '»'
            | '」'
            | '』'
            | '》'
            | '〉'
            | '）'
            | '*'
            | '_'
            | '~'
    )
}

/// Returns the position behind the inline code that begins at `at`, or behind the backticks alone
/// if the line ends before the code does.
fn after_code(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let ticks = rest.find(|c| c != '`')?;
    let mut from = ticks;
    loop {
        let next = from + rest[from..].find(['`', '\n'])?;
        if rest[next..].starts_with('\n') {
            return Some(at + ticks);
        }
        let run = rest[next..].find(|c| c != '`')?;
        from = next + run;
        if run == ticks {
            return Some(at + from);
        }
    }
}

/// Returns the marker of a code fence at the beginning of `line`: three or more backticks or
/// tildes.
fn fence_marker(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.find(|c| c != mark)?;
    // More backticks on the same line make it inline code.
    let is_inline = mark == '`'
        && line[length..]
            .lines()
            .next()
            .is_some_and(|info| info.contains('`'));
    (length >= 3 && !is_inline).then(|| &line[..length])
}

/// Returns the position behind the line that closes the fence beginning at `start`.
fn end_of_fence(text: &str, start: usize, marker: &str) -> Option<usize> {
    let mut at = start + text[start..].find('\n')? + 1;
    loop {
        let end = at + text[at..].find('\n')? + 1;
        let line = text[at..end].trim();
        if line.starts_with(marker) && line.trim_start_matches(&marker[..1]).is_empty() {
            return Some(end);
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn split_sentences<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut sentences = SentenceSplitter::default();
        let mut all: Vec<String> = pieces
            .into_iter()
            .flat_map(|piece| sentences.push(piece))
            .collect();
        all.extend(sentences.finish());
        all
    }

    #[rstest]
    #[case("Hello there. How are you? Fine!", &["Hello there.", "How are you?", "Fine!"])]
    #[case("Well… yes... no", &["Well…", "yes...", "no"])]
    #[case("Really?! He said \"no.\" (I left.) End", &["Really?!", "He said \"no.\"", "(I left.)", "End"])]
    #[case("Use a cache, e.g. Redis, i.e. memory. Next", &["Use a cache, e.g. Redis, i.e. memory.", "Next"])]
    #[case("Node.js v1.2 takes 3.5 ms. Good", &["Node.js v1.2 takes 3.5 ms.", "Good"])]
    #[case("Ask J. K. Rowling in the U.S. today. Now", &["Ask J. K. Rowling in the U.S. today.", "Now"])]
    #[case("The answer is 5. Next", &["The answer is 5.", "Next"])]
    #[case("1. First.\n2. Second\n- third", &["1. First.", "2. Second", "- third"])]
    #[case("# Title\n\nText\nmore", &["# Title", "Text", "more"])]
    #[case("**Bold.** Then `a. b` and `?` stay. End", &["**Bold.**", "Then `a. b` and `?` stay.", "End"])]
    #[case("A stray ` tick. Next\nline", &["A stray ` tick.", "Next", "line"])]
    #[case("Look:\n```rust\nlet a = 1. ;\n\nf(). x\n```\nDone.", &["Look:", "```rust\nlet a = 1. ;\n\nf(). x\n```", "Done."])]
    #[case("```a. b``` is code. End", &["```a. b``` is code.", "End"])]
    #[case("````\n```\na. b\n````\nx", &["````\n```\na. b\n````", "x"])]
    #[case("See https://a.example/x?y=1. Then", &["See https://a.example/x?y=1.", "Then"])]
    #[case("안녕하세요. 자기소개를 해 주세요! 준비되셨나요?", &["안녕하세요.", "자기소개를 해 주세요!", "준비되셨나요?"])]
    #[case("“네.”라고 했습니다. 그리고 3.5초입니다.", &["“네.”라고 했습니다.", "그리고 3.5초입니다."])]
    #[case("좋습니다。다음입니다！끝", &["좋습니다。", "다음입니다！", "끝"])]
    #[case("그는 「예。」 했다. 끝", &["그는 「예。」", "했다.", "끝"])]
    #[case(" \n\n ", &[])]
    fn text_is_split_where_a_speaker_would_pause(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(split_sentences([text]), expected);
    }

    #[test]
    fn only_a_long_opening_sentence_is_split_at_its_last_clause() {
        let long = "Since you mentioned it, let us stay with the index for a moment, because it is where most of the \
                    time of such a query goes, and tell me what you would look at in the plan";
        let first = "Since you mentioned it, let us stay with the index for a moment, because it is where most of the \
                     time of such a query goes,";
        let rest = "and tell me what you would look at in the plan.";
        assert_eq!(
            split_sentences([&format!("{long}. {long}. End")[..]]),
            [first, rest, &format!("{long}."), "End"]
        );
        let short = "First, tell me a little about the project you are proudest of.";
        assert_eq!(split_sentences([short]), [short]);
    }

    #[test]
    fn a_sentence_is_returned_as_soon_as_it_is_certain() {
        let mut sentences = SentenceSplitter::default();
        assert_eq!(sentences.push("Version 1."), Vec::<String>::new());
        assert_eq!(sentences.push("2 is out."), Vec::<String>::new());
        assert_eq!(sentences.push(" What"), ["Version 1.2 is out."]);
        assert_eq!(sentences.finish().as_deref(), Some("What"));
        assert_eq!(sentences.finish(), None);
    }

    fn text() -> impl Strategy<Value = String> {
        let pieces = [
            "a",
            "B",
            " ",
            "long words, ",
            "\n",
            ".",
            "!",
            "?",
            "…",
            "。",
            "`",
            "```",
            "~~~",
            "\"",
            ")",
            "*",
            "1",
            "e.g",
            "다",
            "네요",
            "- ",
        ];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60)
            .prop_map(|parts| parts.concat())
    }

    fn split_at(text: &str, cuts: &[usize]) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let mut pieces = vec![String::new()];
        for (index, c) in chars.iter().enumerate() {
            if cuts.contains(&index) {
                pieces.push(String::new());
            }
            pieces.last_mut().expect("there is always a piece").push(*c);
        }
        pieces
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_sentences(text in text(), cuts in prop::collection::vec(0usize..80, 0..20)) {
            let pieces = split_at(&text, &cuts);
            prop_assert_eq!(split_sentences(pieces.iter().map(String::as_str)), split_sentences([text.as_str()]));
        }

        #[test]
        fn nothing_but_blanks_is_lost(text in text()) {
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&split_sentences([text.as_str()]).concat()), bare(&text));
        }
    }
}
