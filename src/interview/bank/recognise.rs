//! Finds terms in an answer, however the transcript spaces, hyphenates or capitalises them.

/// A text prepared for looking up terms.
pub struct Text {
    normal: String,
    /// The text without blanks, for Korean terms, which may be written with or without them.
    closed_up: String,
}

impl Text {
    pub fn new(text: &str) -> Self {
        let normal = normal(text);
        Self {
            closed_up: normal.replace(' ', ""),
            normal,
        }
    }

    /// Returns whether `term` starts a word. A Korean term may stand anywhere, because Korean words
    /// take particles at the end and form compounds without a blank.
    pub fn has(&self, term: &str) -> bool {
        self.occurs(term, |before, _| !ends_in_a_word(before))
    }

    /// Returns whether `term` is a whole word or words, so that "java" is not found in
    /// "javascript".
    pub fn has_whole(&self, term: &str) -> bool {
        self.occurs(term, |before, after| {
            !ends_in_a_word(before) && !begins_in_a_word(after)
        })
    }

    /// Looks for an occurrence of `term` for which `accepts(text before it, text after it)` holds.
    fn occurs(&self, term: &str, accepts: impl Fn(&str, &str) -> bool) -> bool {
        let term = normal(term);
        if term.contains(is_hangul) {
            return self.closed_up.contains(&term.replace(' ', ""));
        }
        let mut found = self.normal.match_indices(&term);
        !term.is_empty()
            && found.any(|(at, _)| accepts(&self.normal[..at], &self.normal[at + term.len()..]))
    }
}

/// Normalises `text`: lower case, hyphens and slashes as blanks, single blanks, a straight
/// apostrophe.
pub fn normal(text: &str) -> String {
    let lower = text
        .to_lowercase()
        .replace(['-', '_', '/'], " ")
        .replace('’', "'");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ends_in_a_word(before: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn begins_in_a_word(after: &str) -> bool {
    after.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Returns whether `c` is a Hangul syllable block, U+AC00 to U+D7A3 (Unicode 16, block "Hangul
/// Syllables").
pub fn is_hangul(c: char) -> bool {
    ('\u{AC00}'..='\u{D7A3}').contains(&c)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::start_of_a_word("We take locks.", "lock", true)]
    #[case::not_inside_a_word("It is blocking.", "lock", false)]
    #[case::any_case("An SQL index", "sql", true)]
    #[case::hyphen_and_blank_are_one("a trade off", "trade-off", true)]
    #[case::line_breaks("two phase\ncommit", "two phase commit", true)]
    #[case::apostrophe("it doesn’t scale", "doesn't", true)]
    #[case::latin_before_a_korean_particle("DB를 씁니다", "db", true)]
    #[case::latin_after_korean("관계형DB", "db", true)]
    #[case::latin_inside_a_word("program", "ram", false)]
    #[case::korean_inside_a_compound("복합인덱스를 만듭니다", "인덱스", true)]
    #[case::korean_spacing("격리 수준", "격리수준", true)]
    #[case::korean_absent("쓰기가 느려집니다", "인덱스", false)]
    #[case::blank_term("anything", " ", false)]
    fn a_term_is_found_where_it_begins_a_word(
        #[case] text: &str,
        #[case] term: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(Text::new(text).has(term), expected);
    }

    #[rstest]
    #[case("javascript", "java", false)]
    #[case("Java, please", "java", true)]
    #[case("Rust를 준비합니다", "rust", true)]
    #[case("C++ and system-design", "system design", true)]
    fn a_whole_term_ends_with_its_word(
        #[case] text: &str,
        #[case] term: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(Text::new(text).has_whole(term), expected);
    }
}
