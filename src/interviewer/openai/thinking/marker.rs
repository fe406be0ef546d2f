//! Recognises the marks that models set around their thinking and between turns.
//!
//! Servers should remove them, but many pass on what a chat template does not name. The angle
//! brackets of ordinary text, as in `Vec<T>` or `a < b`, are no mark: a name must be on the lists
//! here, or stand between bars as in `<|name|>`.

/// A mark in the text of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    ThinkingStart,
    ThinkingEnd,
    /// The name of a role follows, as in `<|im_start|>assistant`.
    RoleFollows,
    /// A turn of the model begins.
    AssistantTurn,
    /// A turn of somebody else begins, which no model should write.
    OtherTurn,
    /// The name of a channel follows, as in `<|channel|>analysis`.
    ChannelFollows,
    /// The name of a format follows, as in `<|constrain|>json`.
    FormatFollows,
    /// The message of a channel ends.
    MessageEnd,
    /// The user's part of a prompt begins, as in `[INST]`.
    InstructionStart,
    /// The user's part of a prompt ends, as in `[/INST]`.
    InstructionEnd,
    /// A tag around the whole reply, as in `<answer>`.
    WrapperStart,
    WrapperEnd,
    /// `<s>`, which is a mark or struck-out text.
    SequenceStart,
    /// `</s>`, likewise.
    SequenceEnd,
    /// A mark that only has to vanish.
    Stray,
}

/// What stands at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// Ordinary text.
    Text,
    /// The beginning of what may become a mark.
    Incomplete,
    Found {
        marker: Marker,
        /// The length of the mark in bytes.
        length: usize,
    },
}

/// The characters that can begin a mark.
pub(super) const STARTS: [char; 3] = ['<', '[', '◁'];

/// The longest mark in bytes, attributes included.
const MAX_LENGTH: usize = 200;

const THINKING: [&str; 16] = [
    "analysis",
    "antthinking",
    "chain_of_thought",
    "inner_monologue",
    "inner_thoughts",
    "internal_monologue",
    "longcat_think",
    "monologue",
    "mm:think",
    "reasoning",
    "reflection",
    "scratchpad",
    "seed:think",
    "think",
    "thinking",
    "thought",
];
const MORE_THINKING: [&str; 4] = ["thoughts", "think_fast", "think_off", "think_on"];
const WRAPPERS: [&str; 4] = ["answer", "final_answer", "final", "response"];
/// Special tokens without bars, by their names inside angle brackets.
const TOKENS: [&str; 15] = [
    "<sys>",
    "</sys>",
    "bos",
    "channel|",
    "end_of_turn",
    "end_of_utterance",
    "eop",
    "eos",
    "eot",
    "pad",
    "s",
    "sop",
    "start_of_turn",
    "turn|",
    "unk",
];
/// Marks in other brackets, which are written exactly like this.
const LITERALS: [(&str, Marker); 14] = [
    ("[THINK]", Marker::ThinkingStart),
    ("[/THINK]", Marker::ThinkingEnd),
    ("◁think▷", Marker::ThinkingStart),
    ("◁/think▷", Marker::ThinkingEnd),
    ("[INST]", Marker::InstructionStart),
    ("[/INST]", Marker::InstructionEnd),
    ("[SYSTEM_PROMPT]", Marker::InstructionStart),
    ("[/SYSTEM_PROMPT]", Marker::InstructionEnd),
    ("[gMASK]", Marker::Stray),
    ("[BOS]", Marker::Stray),
    ("[EOS]", Marker::Stray),
    ("[end of text]", Marker::Stray),
    ("<unused94>", Marker::ThinkingStart),
    ("<unused95>", Marker::ThinkingEnd),
];

/// Returns what stands at the beginning of `text`.
pub(super) fn scan(text: &str) -> Scan {
    match literal(text) {
        Scan::Text if text.starts_with('<') => tag(text),
        found => found,
    }
}

fn literal(text: &str) -> Scan {
    let mut result = Scan::Text;
    for (written, marker) in LITERALS {
        if text.starts_with(written) {
            let length = written.len();
            return Scan::Found { marker, length };
        }
        if written.starts_with(text) {
            result = Scan::Incomplete;
        }
    }
    result
}

fn tag(text: &str) -> Scan {
    let inner = &text['<'.len_utf8()..];
    let close = if inner.starts_with('<') {
        // `<<SYS>>` closes with two brackets.
        inner.find(">>").map(|at| at + 1)
    } else {
        inner.find('>')
    };
    let Some(close) = close else {
        return unfinished(inner);
    };
    match marker_named(&inner[..close]) {
        Some(marker) => Scan::Found {
            marker,
            length: close + 2,
        },
        None => Scan::Text,
    }
}

/// Returns whether `inner`, which has no closing bracket yet, may become a mark.
fn unfinished(inner: &str) -> Scan {
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let possible = match bar_stripped(name) {
        Some(token) => token.chars().all(|c| is_token_char(c) || is_bar(c)),
        None => may_be_listed(&name.to_ascii_lowercase()),
    };
    if possible && inner.len() <= MAX_LENGTH {
        Scan::Incomplete
    } else {
        Scan::Text
    }
}

fn may_be_listed(name: &str) -> bool {
    let begins = |listed: &str| listed.starts_with(name);
    let has_attributes = |listed: &str| {
        name.strip_prefix(listed)
            .is_some_and(|rest| rest.starts_with([' ', '\t', '/']) && !rest.contains(['\n', '<']))
    };
    let all = THINKING.iter().chain(&MORE_THINKING).chain(&WRAPPERS);
    all.clone().chain(&TOKENS).any(|listed| begins(listed))
        || all.clone().any(|listed| has_attributes(listed))
}

/// Returns the mark whose text between the angle brackets is `inner`.
fn marker_named(inner: &str) -> Option<Marker> {
    if inner.len() > MAX_LENGTH {
        return None;
    }
    let (closes, name) = match inner.strip_prefix('/') {
        Some(name) => (true, name),
        None => (false, inner),
    };
    if let Some(token) = bar_stripped(name) {
        return token_between_bars(token, closes);
    }
    let lower = name.to_ascii_lowercase();
    plain_token(&lower, closes).or_else(|| named_tag(&lower, closes))
}

fn named_tag(tag: &str, closes: bool) -> Option<Marker> {
    let name_end = tag.find([' ', '\t', '/']).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at(name_end);
    let empty = attributes.ends_with('/');
    let blank = attributes.trim_matches([' ', '\t', '/']).is_empty();
    if !blank && !attributes.contains('=') || attributes.contains(['\n', '<']) {
        return None;
    }
    let thinking = THINKING.contains(&name) || MORE_THINKING.contains(&name);
    match (thinking, WRAPPERS.contains(&name), closes) {
        (true, _, _) if empty => Some(Marker::Stray),
        (true, _, false) => Some(Marker::ThinkingStart),
        (true, _, true) => Some(Marker::ThinkingEnd),
        (false, true, false) => Some(Marker::WrapperStart),
        (false, true, true) => Some(Marker::WrapperEnd),
        (false, false, _) => None,
    }
}

fn plain_token(name: &str, closes: bool) -> Option<Marker> {
    match (name, closes) {
        ("s", false) => Some(Marker::SequenceStart),
        ("s", true) => Some(Marker::SequenceEnd),
        ("start_of_turn", false) => Some(Marker::RoleFollows),
        ("channel|" | "turn|" | "end_of_turn", false) => Some(Marker::MessageEnd),
        (name, false) if TOKENS.contains(&name) => Some(Marker::Stray),
        _ => None,
    }
}

/// Returns the mark `<|token|>`. Bars may be of full width, and one of the two may be missing.
fn token_between_bars(token: &str, closes: bool) -> Option<Marker> {
    let name = token.trim_end_matches(is_bar);
    if name.is_empty() || name.starts_with(' ') || !name.chars().all(is_token_char) {
        return None;
    }
    let marker = token_named(&name.to_ascii_lowercase(), closes);
    // `<|f>` may be an operator of some language.
    (marker != Marker::Stray || name.len() < token.len()).then_some(marker)
}

fn token_named(name: &str, closes: bool) -> Marker {
    match (name, closes) {
        ("im_start" | "start" | "start_header_id" | "start_of_role" | "turn", _) => {
            Marker::RoleFollows
        }
        ("im_end" | "end" | "eot_id" | "return" | "call" | "end_of_role", _) => Marker::MessageEnd,
        ("channel", false) => Marker::ChannelFollows,
        ("constrain", _) => Marker::FormatFollows,
        ("assistant" | "model" | "bot" | "start_response" | "begin_of_solution", false) => {
            Marker::AssistantTurn
        }
        ("user" | "system" | "human" | "observation" | "tool" | "developer", false) => {
            Marker::OtherTurn
        }
        ("think" | "thinking" | "start_thinking" | "begin_of_thought" | "inner_prefix", false) => {
            Marker::ThinkingStart
        }
        ("end_thinking" | "end_of_thought" | "inner_suffix", _) | ("think" | "thinking", true) => {
            Marker::ThinkingEnd
        }
        _ => Marker::Stray,
    }
}

fn bar_stripped(name: &str) -> Option<&str> {
    name.strip_prefix(is_bar)
}

fn is_bar(c: char) -> bool {
    matches!(c, '|' | '｜')
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.' | '▁' | ' ')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<think>", Marker::ThinkingStart)]
    #[case("<THINK>", Marker::ThinkingStart)]
    #[case("<think >", Marker::ThinkingStart)]
    #[case("<thought>", Marker::ThinkingStart)]
    #[case("<reasoning effort=\"high\">", Marker::ThinkingStart)]
    #[case("</Thinking>", Marker::ThinkingEnd)]
    #[case("<think/>", Marker::Stray)]
    #[case("[THINK]", Marker::ThinkingStart)]
    #[case("[/THINK]", Marker::ThinkingEnd)]
    #[case("◁/think▷", Marker::ThinkingEnd)]
    #[case("<|START_THINKING|>", Marker::ThinkingStart)]
    #[case("<|channel|>", Marker::ChannelFollows)]
    #[case("<|channel>", Marker::ChannelFollows)]
    #[case("<channel|>", Marker::MessageEnd)]
    #[case("<|im_start|>", Marker::RoleFollows)]
    #[case("<start_of_turn>", Marker::RoleFollows)]
    #[case("<|im_end|>", Marker::MessageEnd)]
    #[case("<|endoftext|>", Marker::Stray)]
    #[case("<｜end▁of▁sentence｜>", Marker::Stray)]
    #[case("<｜Assistant｜>", Marker::AssistantTurn)]
    #[case("<|user|>", Marker::OtherTurn)]
    #[case("[INST]", Marker::InstructionStart)]
    #[case("<<SYS>>", Marker::Stray)]
    #[case("<</SYS>>", Marker::Stray)]
    #[case("<s>", Marker::SequenceStart)]
    #[case("</s>", Marker::SequenceEnd)]
    #[case("<answer>", Marker::WrapperStart)]
    fn a_mark_is_found_and_its_beginning_is_waited_for(#[case] text: &str, #[case] marker: Marker) {
        let length = text.len();
        assert_eq!(scan(text), Scan::Found { marker, length });
        assert_eq!(
            scan(&format!("{text} more > text")),
            Scan::Found { marker, length }
        );
        for (at, _) in text.char_indices().skip(1) {
            assert_eq!(scan(&text[..at]), Scan::Incomplete, "{}", &text[..at]);
        }
    }

    #[rstest]
    #[case("<T>")]
    #[case("< b")]
    #[case("<div>")]
    #[case("<|>")]
    #[case("<||>")]
    #[case("<thinker>")]
    #[case("<think about it>")]
    #[case("<string>")]
    #[case("<u8>")]
    #[case("<= 3")]
    #[case("<< 3")]
    #[case("[0]")]
    #[case("[Index]")]
    #[case("<|x, y| x>")]
    fn ordinary_brackets_are_text(#[case] text: &str) {
        assert_eq!(scan(text), Scan::Text);
    }
}
