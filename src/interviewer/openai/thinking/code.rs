//! Code in Markdown, which passes unread: `<think>` in backticks is what the interviewer talks
//! about.

/// The most bytes of a line that are held back while its inline code is open.
const MAX_INLINE: usize = 400;

/// The fence of a code block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    mark: char,
    length: usize,
}

/// What a run of backticks or tildes begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeScan {
    /// More text has to come.
    Incomplete,
    /// The first bytes are ordinary text.
    Text(usize),
    /// The first bytes are inline code.
    Inline(usize),
    /// The first bytes open a code block.
    Block(usize, Fence),
}

/// Returns what the run of backticks or tildes at the beginning of `text` begins. `is_last` means
/// that no more text comes.
pub(super) fn scan(text: &str, at_line_start: bool, is_last: bool) -> CodeScan {
    let mark = text.chars().next().unwrap_or('`');
    let length = run(text, mark);
    if length == text.len() && !is_last {
        return CodeScan::Incomplete;
    }
    if at_line_start && length >= 3 {
        return CodeScan::Block(length, Fence { mark, length });
    }
    if mark == '~' {
        return CodeScan::Text(length);
    }
    inline(text, length, is_last)
}

fn inline(text: &str, length: usize, is_last: bool) -> CodeScan {
    let line_end = text.find('\n');
    let line = &text[..line_end.unwrap_or(text.len())];
    let mut at = length;
    while let Some(next) = line[at..].find('`').map(|offset| at + offset) {
        let closing = run(&line[next..], '`');
        let may_grow = next + closing == text.len() && !is_last;
        if may_grow {
            return CodeScan::Incomplete;
        }
        at = next + closing;
        if closing == length {
            return CodeScan::Inline(at);
        }
    }
    if line_end.is_some() || is_last || line.len() > MAX_INLINE {
        CodeScan::Text(length)
    } else {
        CodeScan::Incomplete
    }
}

fn run(text: &str, mark: char) -> usize {
    text.len() - text.trim_start_matches(mark).len()
}

/// What stands at the beginning of a line of a code block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineScan {
    Incomplete,
    /// The line belongs to the code.
    Code,
    /// The first bytes close the block.
    Closing(usize),
}

impl Fence {
    /// Reads the beginning of a line. A special token may follow the closing fence directly.
    pub(super) fn scan_line(self, text: &str, is_last: bool) -> LineScan {
        let indent = text.len() - text.trim_start_matches([' ', '\t']).len();
        let length = run(&text[indent..], self.mark);
        let end = indent + length;
        let after = text[end..].trim_start_matches([' ', '\t']).chars().next();
        match after {
            None if !is_last => LineScan::Incomplete,
            None | Some('\n' | '\r' | '<' | '[') if length >= self.length => LineScan::Closing(end),
            _ => LineScan::Code,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("`a` b", CodeScan::Inline(3))]
    #[case("``a ` b`` c", CodeScan::Inline(9))]
    #[case("`a", CodeScan::Incomplete)]
    #[case("`a`", CodeScan::Incomplete)]
    #[case("`a\nb`", CodeScan::Text(1))]
    #[case("```rust\n", CodeScan::Block(3, Fence { mark: '`', length: 3 }))]
    #[case("~ 3 ", CodeScan::Text(1))]
    fn code_is_found(#[case] text: &str, #[case] expected: CodeScan) {
        assert_eq!(scan(text, true, false), expected);
    }

    #[rstest]
    #[case("```\n", LineScan::Closing(3))]
    #[case("  ```` \n", LineScan::Closing(6))]
    #[case("```<|im_end|>", LineScan::Closing(3))]
    #[case("``", LineScan::Incomplete)]
    #[case("```", LineScan::Incomplete)]
    #[case("let a = 1;", LineScan::Code)]
    #[case("```rust", LineScan::Code)]
    fn a_block_ends_with_its_fence(#[case] text: &str, #[case] expected: LineScan) {
        let fence = Fence {
            mark: '`',
            length: 3,
        };
        assert_eq!(fence.scan_line(text, false), expected);
    }
}
