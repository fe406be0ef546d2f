use crossterm::event::KeyEventKind;
use rstest::rstest;

use super::*;

/// Writes inputs down as a reader says them, such as `a ctrl-c paste("b")`.
fn shown(inputs: &[Input]) -> String {
    let words: Vec<String> = inputs.iter().map(word).collect();
    words.join(" ")
}

fn word(input: &Input) -> String {
    match input {
        Input::Event(Event::Key(key)) => {
            let mut word = String::new();
            for (modifier, name) in [
                (KeyModifiers::CONTROL, "ctrl-"),
                (KeyModifiers::ALT, "alt-"),
                (KeyModifiers::SHIFT, "shift-"),
            ] {
                if key.modifiers.contains(modifier) {
                    word += name;
                }
            }
            word += &key.code.to_string().to_lowercase();
            match key.kind {
                KeyEventKind::Press => word,
                KeyEventKind::Repeat => word + "(repeat)",
                KeyEventKind::Release => word + "(release)",
            }
        }
        Input::Event(Event::Paste(text)) => format!("paste({text:?})"),
        Input::Burst(text) => format!("burst({text:?})"),
        Input::Event(Event::Mouse(mouse)) => format!("{:?}", mouse.kind),
        other => format!("{other:?}"),
    }
}

#[rstest]
#[case::letters("aB가👍", "a shift-b 가 👍")]
#[case::controls("\r\t\x7f\x03\x08", "enter tab backspace ctrl-c ctrl-h")]
#[case::arrows("\x1b[A\x1bOB\x1b[1;5C\x1b[1;1:3D", "up down ctrl-right left(release)")]
#[case::function_keys("\x1bOQ\x1b[18~\x1b[[A\x1b[13~\x1b[R", "f2 f7 f1 f3 f3")]
#[case::alt(
    "\x1bb\x1b\r\x1b\x7f\x1b,\x1b가",
    "alt-b alt-enter alt-backspace alt-, alt-가"
)]
#[case::alt_arrow("\x1b\x1b[A", "alt-up")]
#[case::alt_brackets("\x1b]ab", "alt-] a b")]
#[case::shift_enter("\x1b[13;2u\x1b[27;2;13~", "shift-enter shift-enter")]
#[case::other_enters("\x1b[13;3u\x1b[27;5;13~\x1bOM", "alt-enter ctrl-enter enter")]
#[case::kitty(
    "\x1b[27u\x1b[99;5u\x1b[32;1:3u\x1b[97:65;2u\x1b[9;2u",
    "esc ctrl-c space(release) shift-a shift-back tab"
)]
#[case::keypad("\x1b[57400u\x1b[57414u\x1b[57441;2u", "1 enter")]
#[case::window_manager("\x1b[97;9ua\x1b[108;17u\x1b[109;33u\x1b[27;9;97~\x1b[1;9A", "a")]
#[case::wheel("\x1b[<64;3;4M\x1b[<0;3;4M\x1b[M !!x", "ScrollUp x")]
#[case::bracketed_paste("\x1b[200~a\r\nb\x1b[201~c", "paste(\"a\\nb\") c")]
fn keys_are_decoded(#[case] bytes: &str, #[case] expected: &str) {
    let mut decoder = Decoder::default();
    assert_eq!(
        shown(&decoder.push(bytes.as_bytes(), 0)).replace("char-", ""),
        expected
    );
    assert_eq!(decoder.patience(), None);
}

#[rstest]
#[case::background("\x1b]11;rgb:1e1e/1e1e/1e1e\x07")]
#[case::foreground("\x1b]10;rgb:ffff/ffff/ffff\x1b\\")]
#[case::palette("\x1b]4;1;rgb:cd/00/00\x1b\\")]
#[case::clipboard("\x1b]52;c;aGVsbG8=\x1b\\")]
#[case::version("\x1bP>|XTerm(390)\x1b\\")]
#[case::capability("\x1bP1+r544e=787465726d\x1b\\")]
#[case::setting("\x1bP1$r0m\x1b\\")]
#[case::third_attributes("\x1bP!|00000000\x1b\\")]
#[case::picture("\x1b_Gi=31;OK\x1b\\")]
#[case::mode("\x1b[?2026;2$y")]
#[case::ansi_mode("\x1b[4;2$y")]
#[case::colour_scheme("\x1b[?997;1n")]
#[case::second_attributes("\x1b[>41;390;0c")]
#[case::cursor("\x1b[12;40R")]
#[case::cursor_in_the_first_row("\x1b[1;2R")]
#[case::window("\x1b[8;24;80t")]
#[case::status("\x1b[0n")]
#[case::focus("\x1b[I\x1b[O")]
fn a_late_reply_types_nothing_wherever_it_is_split(#[case] reply: &str) {
    let bytes = format!("a{reply}b");
    for at in 0..=bytes.len() {
        let mut decoder = Decoder::default();
        let mut inputs = decoder.push(&bytes.as_bytes()[..at], 0);
        inputs.extend(decoder.push(&bytes.as_bytes()[at..], 150));
        assert_eq!(shown(&inputs), "a b", "split at {at}");
    }
}

#[test]
fn the_reply_about_the_keyboard_is_told() {
    let replies = Decoder::default().push(b"\x1b[?1u\x1b[?62;22c", 0);
    assert_eq!(replies, [Input::KeyboardProtocol]);
}

#[rstest]
#[case::arrow(&["\x1b", "[A"], "up")]
#[case::longer(&["\x1b[1", ";5", "C"], "ctrl-right")]
#[case::alt(&["\x1b", "\r"], "alt-enter")]
#[case::letter(&["\u{1b}", "OA"], "up")]
fn a_sequence_that_arrives_in_parts_is_one_key(#[case] parts: &[&str], #[case] expected: &str) {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        assert!(number == 0 || decoder.patience() > Some(Duration::from_millis(150)));
        inputs.extend(decoder.push(part.as_bytes(), 0));
    }
    assert_eq!(shown(&inputs), expected);
}

#[rstest]
#[case::escape("\x1b", "esc")]
#[case::two("\x1b\x1b", "esc esc")]
#[case::reply("\x1b]11;rgb", "")]
#[case::sequence("\x1b[1;", "")]
#[case::paste("\x1b[200~half", "paste(\"half\")")]
fn what_does_not_go_on_is_given_up(#[case] begun: &str, #[case] expected: &str) {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.push(begun.as_bytes(), 0), []);
    assert!(decoder.patience().is_some());
    assert_eq!(shown(&decoder.give_up()), expected);
    assert_eq!(shown(&decoder.push(b"a", 0)), "a");
}

#[rstest]
#[case::lines(&[(0, "one\rtwo\r")], "burst(\"one\\ntwo\\n\")")]
#[case::other_breaks(&[(0, "a\r\nb\nc")], "burst(\"a\\nb\\nc\")")]
#[case::typed(&[(0, "ok\r")], "o k enter")]
#[case::enter_before_typing(&[(0, "\rok")], "enter o k")]
#[case::in_two_reads(&[(0, "a\rb"), (40, "c\r")], "burst(\"a\\nb\") burst(\"c\\n\")")]
#[case::enter_later(&[(0, "a\rb"), (400, "\r")], "burst(\"a\\nb\") enter")]
#[case::with_a_tab(&[(0, "a\r\tb")], "burst(\"a\\n\\tb\")")]
#[case::one_after_the_other(&[(0, "a"), (5, "\r"), (10, "b")], "a enter b")]
fn an_unmarked_paste_keeps_its_line_breaks(#[case] reads: &[(u64, &str)], #[case] expected: &str) {
    let mut decoder = Decoder::default();
    let inputs: Vec<Input> = reads
        .iter()
        .flat_map(|(at, bytes)| decoder.push(bytes.as_bytes(), *at))
        .collect();
    assert_eq!(shown(&inputs), expected);
}
