use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// A draft from text with `|` at the caret.
fn draft(marked: &str) -> Draft {
    let caret = marked.find('|').expect("the case marks the caret");
    Draft {
        text: marked.replacen('|', "", 1),
        caret,
        ..Draft::default()
    }
}

fn marked(draft: &Draft) -> String {
    let mut text = draft.text.clone();
    text.insert(draft.caret, '|');
    text
}

#[rstest]
#[case("ab|", Edit::Left, "a|b")]
#[case("한글|", Edit::Left, "한|글")]
#[case("e\u{301}|", Edit::Backspace, "|")]
#[case("👩‍👩‍👧|a", Edit::Backspace, "|a")]
#[case("a|👩‍👩‍👧", Edit::Delete, "a|")]
#[case("one two |", Edit::WordLeft, "one |two ")]
#[case("|one two", Edit::WordRight, "one| two")]
#[case("one two|", Edit::DeleteWord, "one |")]
#[case("자료 구조|", Edit::DeleteWord, "자료 |")]
#[case("ab\ncd|ef", Edit::Home, "ab\n|cdef")]
#[case("a|b\ncd", Edit::End, "ab|\ncd")]
#[case("ab|c", Edit::Clear, "|")]
#[case("ab|c", Edit::Break, "ab\n|c")]
#[case("abc\nd|", Edit::Up, "a|bc\nd")]
#[case("ab|c\nd", Edit::Down, "abc\nd|")]
#[case("가나|다\nabcdef", Edit::Down, "가나다\nabcd|ef")]
#[case("ab|", Edit::Up, "|ab")]
fn an_edit_moves_and_deletes_by_graphemes(
    #[case] before: &str,
    #[case] edit: Edit,
    #[case] after: &str,
) {
    let mut draft = draft(before);
    draft.edit(edit, 10);
    assert_eq!(marked(&draft), after);
}

#[rstest]
#[case("|", "hello", "hello|")]
#[case("so|", "hello", "so hello|")]
#[case("so |", " hello ", "so hello|")]
#[case("|then", "hello", "hello |then")]
fn spoken_words_are_separated_from_their_neighbours(
    #[case] before: &str,
    #[case] words: &str,
    #[case] after: &str,
) {
    let mut draft = draft(before);
    draft.insert_words(1, words);
    assert_eq!(marked(&draft), after);
}

#[test]
fn undo_takes_back_a_word_at_a_time_and_redo_makes_it_again() {
    let mut draft = Draft::default();
    "one two".chars().for_each(|c| draft.type_char(c));
    draft.edit(Edit::Undo, 20);
    assert_eq!(marked(&draft), "one |");
    draft.edit(Edit::Undo, 20);
    assert_eq!(marked(&draft), "|");
    draft.edit(Edit::Redo, 20);
    draft.edit(Edit::Redo, 20);
    assert_eq!(marked(&draft), "one two|");
}

#[test]
fn pasted_text_keeps_its_lines_and_loses_its_control_characters() {
    let mut draft = Draft::default();
    draft.insert("a\r\nb\u{1b}[31m\tc");
    assert_eq!(draft.text(), "a\nb    c");
}

#[rstest]
#[case("abc def|", 4, (1, 3))]
#[case("abc |def", 4, (1, 0))]
#[case("가나|", 10, (0, 4))]
#[case("ab\n|", 10, (1, 0))]
fn the_caret_has_a_row_and_a_column(
    #[case] text: &str,
    #[case] width: usize,
    #[case] expected: (usize, usize),
) {
    assert_eq!(draft(text).position(width), expected);
}

fn any_edit() -> impl Strategy<Value = Edit> {
    prop::sample::select(vec![
        Edit::Left,
        Edit::Right,
        Edit::WordLeft,
        Edit::WordRight,
        Edit::Up,
        Edit::Down,
        Edit::Backspace,
        Edit::Delete,
        Edit::DeleteWord,
        Edit::Break,
        Edit::Undo,
        Edit::Redo,
    ])
}

proptest! {
    #[test]
    fn the_caret_is_always_between_graphemes(
        steps in prop::collection::vec((any_edit(), "[a 가\u{301}\u{1100}\u{1161}\u{200d}👩🇰🇷\n]{0,3}"), 0..40),
        width in 1_usize..12,
    ) {
        let mut draft = Draft::default();
        for (edit, typed) in steps {
            typed.chars().for_each(|c| if c == '\n' { draft.insert("\n") } else { draft.type_char(c) });
            draft.edit(edit, width);
            let boundary = draft.caret == draft.text.len()
                || draft.text.grapheme_indices(true).any(|(at, _)| at == draft.caret);
            prop_assert!(boundary, "{:?} at {}", draft.text, draft.caret);
            let (row, column) = draft.position(width);
            prop_assert!(row < draft.rows(width).len() && column <= width);
        }
    }
}
