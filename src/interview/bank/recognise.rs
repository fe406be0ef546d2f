//! Finding a term in what was said, however the transcript spaced, hyphenated or capitalised it.

/// A text prepared for looking terms up in it.
pub struct Text {
    normal: String,
    /// For Korean terms, which may be written with or without blanks.
    closed_up: String,
}

impl Text {
    /// Prepares `text`.
    pub fn new(text: &str) -> Self {
        let normal = normal(text);
        Self {
            closed_up: normal.replace(' ', ""),
            normal,
        }
    }

    /// Whether `term` begins a word, or stands anywhere where it is Korean: Korean words take their particles at the
    /// end and their compounds without a blank.
    pub fn has(&self, term: &str) -> bool {
        self.holds(term, |before, _| !ends_in_a_word(before))
    }

    /// Whether `term` is a whole word or words, so that "java" is not found in "javascript".
    pub fn has_whole(&self, term: &str) -> bool {
        self.holds(term, |before, after| {
            !ends_in_a_word(before) && !begins_in_a_word(after)
        })
    }

    /// Looks for `term` where `fits(text before it, text after it)`.
    fn holds(&self, term: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
        let term = normal(term);
        if term.contains(is_hangul) {
            return self.closed_up.contains(&term.replace(' ', ""));
        }
        let mut found = self.normal.match_indices(&term);
        !term.is_empty()
            && found.any(|(at, _)| fits(&self.normal[..at], &self.normal[at + term.len()..]))
    }
}

/// Lower case, hyphens and slashes as blanks, one blank between words, a straight apostrophe.
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

/// A Hangul syllable block, U+AC00 to U+D7A3 (Unicode 16, block "Hangul Syllables").
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
