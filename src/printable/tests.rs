use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[rstest]
#[case::reset("a \u{1b}cB", "a B")]
#[case::colours("Why \u{1b}[31mRust\u{1b}[0m?", "Why Rust?")]
#[case::title("\u{1b}[2J\u{1b}]0;pwned\u{7}Why", "Why")]
#[case::title_ended_by_st("\u{1b}]2;pwned\u{1b}\\Why", "Why")]
#[case::clipboard("\u{1b}]52;c;cm0gLXJm\u{7}Why", "Why")]
#[case::link("\u{1b}]8;;http://evil\u{1b}\\here\u{1b}]8;;\u{1b}\\", "here")]
#[case::device_control("\u{1b}P$q\"p\u{1b}\\Why", "Why")]
#[case::application("\u{1b}_Gf=24;AAAA\u{1b}\\Why", "Why")]
#[case::privacy_message("\u{1b}^secret\u{1b}\\Why\u{1b}Xstart\u{9c}!", "Why!")]
#[case::character_set("\u{1b}(0Why\u{1b})B\u{1b} F?", "Why?")]
#[case::eight_bits("\u{9b}31mWhy\u{9d}0;x\u{9c}? \u{8d}\u{90}q\u{9c}", "Why? ")]
#[case::escaped_twice("\u{1b}\u{1b}[31mWhy", "Why")]
#[case::broken_off_by_a_letter("\u{1b}[31한", "한")]
#[case::cancelled("\u{1b}]0;ti\u{18}Why", "Why")]
#[case::restarted("\u{1b}]0;ti\u{1b}[31mWhy", "Why")]
#[case::at_the_end("Why\u{1b}", "Why")]
#[case::controls("W\u{0}h\u{7}y\u{8}\u{7f}?\u{e}", "Why?")]
#[case::overwriting("50%\rWhy\r\nRust\n", "50%\nWhy\nRust\n")]
#[case::line_separators("a\u{2028}b\u{2029}c\u{85}d\u{b}e", "a\nb\nc\nd\ne")]
#[case::overrides(
    "\u{202e}evil\u{202c} \u{2067}a\u{2069}\u{200e}\u{200f}\u{61c}",
    "evil a"
)]
#[case::invisible("R\u{200b}u\u{2060}s\u{ad}t?\u{200d}\u{feff} y\u{fe0f}", "Rust? y")]
#[case::invisible_in_korean("러\u{200d}스\u{200b}트", "러스트")]
#[case::tags("Hi\u{e0001}\u{e0049}\u{e007f}\u{e0100}", "Hi")]
fn what_acts_on_a_terminal_or_hides_is_dropped(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(printable(text), expected);
}

#[rstest]
#[case::code("fn main() {\n\tprintln!(\"[31m ]0;\");\n}\n")]
#[case::korean("왜 러스트를 선택하셨나요?")]
#[case::jamo("\u{1112}\u{1161}\u{11ab}글 ㅋㅋ")]
#[case::family("👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3} 👍🏽 🇰🇷")]
#[case::accents("e\u{301} ệ naïve — “quoted” … ≤ →")]
#[case::vietnamese("e\u{323}\u{302}\u{301}")]
#[case::hindi("क\u{94d}\u{200d}ष")]
#[case::ideograph("葛\u{e0100}")]
fn ordinary_text_stays_as_it_is(#[case] text: &str) {
    assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
}

#[rstest]
#[case::string("\u{1b}]0;")]
#[case::device_control("\u{1b}P")]
#[case::sequence("\u{1b}[")]
fn an_unterminated_sequence_does_not_swallow_the_rest(#[case] start: &str) {
    let rest = "0".repeat(LONGEST_STRING + 100);
    let printed = printable(&format!("{start}{rest}")).into_owned();
    assert!(printed.len() >= 100, "{}", printed.len());
    assert_eq!(printable(&format!("{start}12\nnext line")), "\nnext line");
}

#[test]
fn a_tower_of_marks_is_cut() {
    let tower = format!("a{}b", "\u{301}".repeat(500));
    assert_eq!(
        printable(&tower),
        format!("a{}b", "\u{301}".repeat(MOST_MARKS))
    );
}

#[test]
fn a_label_is_one_line() {
    assert_eq!(printable_line("a\r\nb\u{1b}[1m\tc"), "a b c");
}

#[test]
fn json_keeps_its_value_and_is_printable() {
    let value =
        serde_json::json!({"text": "\u{1b}c \u{9b}31m \u{202e}x\u{7f} \u{e0041} 가 👨\u{200d}👩"});
    let text = value.to_string();
    let escaped = printable_json(&text);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&escaped).unwrap(),
        value
    );
    assert_eq!(printable(&escaped), escaped);
    assert!(escaped.contains("\\u009b31m \\u202ex") && escaped.contains('가'));
}

/// Texts in which sequences are likely.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,3}",
        prop::sample::select(vec![
            "\u{1b}",
            "\u{1b}[",
            "\u{1b}]",
            "\u{1b}P",
            "\\",
            "\u{7}",
            "\u{9b}",
            "\u{9c}",
            "\u{9d}",
            "\r",
            "\n",
            "\u{200d}",
            "\u{fe0f}",
            "\u{301}",
            "\u{e0101}",
            "👍",
            "葛",
            "가",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_acts_on_the_terminal_afterwards(text in hostile()) {
        let printed = printable(&text).into_owned();
        let acts = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || Class::of(c) == Class::Hidden;
        prop_assert!(!printed.contains(acts), "{printed:?}");
        prop_assert_eq!(&*printable(&printed), &*printed);
    }

    #[test]
    fn the_pieces_of_a_text_print_as_the_whole(text in hostile(), at in any::<prop::sample::Index>()) {
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (one, other) = text.split_at(starts[at.index(starts.len())]);
        let mut stream = PrintableStream::default();
        let pieces = stream.push(one) + &stream.push(other);
        prop_assert_eq!(&*pieces, &*printable(&text));
    }
}
