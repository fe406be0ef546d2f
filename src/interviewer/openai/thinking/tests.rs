use proptest::prelude::*;
use rstest::rstest;

use super::*;

const QUESTION: &str = "Why did you choose Rust? Please name one trade-off.";

/// Returns what the candidate is left with after these deltas.
fn left(deltas: &[&str]) -> String {
    let mut filter = ThinkingFilter::new(false);
    let mut text = String::new();
    let pieces: Vec<Visible> = deltas.iter().map(|delta| filter.feed(delta)).collect();
    for piece in pieces.into_iter().chain([filter.finish()]) {
        if piece.restart {
            text.clear();
        }
        text.push_str(&piece.text);
    }
    text
}

/// Asserts that `output` leaves `expected`, whole, in single characters, and split at any two
/// places.
fn assert_left(output: &str, expected: &str) {
    assert_eq!(left(&[output]), expected, "whole");
    let borders: Vec<usize> = output.char_indices().map(|(at, _)| at).collect();
    let characters: Vec<&str> = output.split_inclusive(|_| true).collect();
    assert_eq!(left(&characters), expected, "in single characters");
    for (i, &first) in borders.iter().enumerate() {
        assert_eq!(left(&[&output[..first], &output[first..]]), expected);
        for &second in borders[i..].iter().take(12) {
            let parts = [&output[..first], &output[first..second], &output[second..]];
            assert_eq!(left(&parts), expected, "{parts:?}");
        }
    }
}

#[rstest]
#[case::think("<think>\nThe user wants it.\n</think>\n\n{}")]
#[case::case_and_attributes("<Think depth=\"2\">plan</THINK>{}")]
#[case::thought("<thought>plan</thought>\n{}")]
#[case::thinking("<thinking>plan</thinking>\n{}")]
#[case::reasoning("<reasoning>plan</reasoning>\n{}")]
#[case::two_blocks("<think>a</think><think>b</think>{}")]
#[case::empty_block("<think></think>\n\n{}")]
#[case::self_closing("<think/>{}")]
#[case::nested("<think>a<think>b</think>c</think>{}")]
#[case::other_closing("<think>a</thinking>{}")]
#[case::comparisons_inside("<think>if a < b && c<d> then `x</think>{}")]
#[case::lone_closing("Okay, the user wants an interview.\n\nI ask.\n</think>\n\n{}")]
#[case::lone_closing_after_unsuspicious_text("Rust is a language.\n</think>\n{}")]
#[case::lone_closing_in_korean("음, 지원자가 러스트를 골랐습니다.</think>{}")]
#[case::lone_closing_and_open_backtick("Ask about the `borrow checker.\n</think>\n{}")]
#[case::mistral("[THINK]plan[/THINK]{}")]
#[case::kimi("◁think▷plan◁/think▷{}")]
#[case::cohere("<|START_THINKING|>plan<|END_THINKING|><|START_RESPONSE|>{}<|END_RESPONSE|>")]
#[case::gemma("<|channel>thought\nplan<channel|>{}<turn|>")]
#[case::r1_answer("<think>plan</think>\n<answer>{}</answer>")]
#[case::harmony(
    "<|channel|>analysis<|message|>plan<|end|><|start|>assistant<|channel|>final<|message|>{}"
)]
#[case::harmony_return("<|start|>assistant<|channel|>final<|message|>{}<|return|>")]
#[case::harmony_commentary(
    "<|channel|>analysis<|message|>plan<|end|><|start|>assistant<|channel|>commentary to=functions.ask <|constrain|>json<|message|>{\"a\":1}<|call|><|start|>assistant<|channel|>final<|message|>{}"
)]
#[case::harmony_recipient(
    "<|channel|>analysis<|message|>plan<|end|><|start|>assistant to=user<|channel|>final<|message|>{}"
)]
#[case::harmony_without_final("<|channel|>analysis<|message|>plan<|end|>{}")]
#[case::harmony_without_channel(
    "<|channel|>analysis<|message|>plan<|end|><|start|>assistant<|message|>{}"
)]
#[case::harmony_opened_by_the_template(
    "plan<|end|><|start|>assistant<|channel|>final<|message|>{}"
)]
#[case::harmony_without_marks("analysisWe need to ask.assistantfinal{}")]
#[case::chatml("<|im_start|>assistant\n{}<|im_end|>")]
#[case::chatml_runs_on(
    "{}<|im_end|>\n<|im_start|>user\nI like it.<|im_end|>\n<|im_start|>assistant\nGood."
)]
#[case::chatml_repeats_the_prompt("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n{}")]
#[case::llama3("<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>")]
#[case::llama3_end("{}<|end_of_text|>")]
#[case::llama2("<s>{}</s>")]
#[case::llama2_runs_on("{} </s><s>[INST] I like it. [/INST] Good.")]
#[case::llama2_repeats_the_prompt("[INST] <<SYS>>Interview.<</SYS>> Hi [/INST] {}</s>")]
#[case::instruction_only("[INST] {} [/INST]")]
#[case::gpt2("{}<|endoftext|>")]
#[case::gemma2("<start_of_turn>model\n{}<end_of_turn>")]
#[case::deepseek("<｜Assistant｜>{}<｜end▁of▁sentence｜>")]
#[case::phi("<|assistant|>{}<|end|>")]
fn only_the_question_is_left(#[case] output: &str) {
    let left = left(&[&output.replace("{}", QUESTION)]);
    assert_eq!(left.trim_end(), QUESTION);
    assert_left(&output.replace("{}", QUESTION), &left);
}

#[rstest]
#[case("What does `Vec<T>` hold, and is a < b or a<b?")]
#[case("Is HashMap<String, Vec<u8>> a type? And Option<&str>?")]
#[case("Explain <div> and <s>old</s> in HTML, a[0] and [link](x).")]
#[case("What does `<think>` do, and ``</think>``?")]
#[case("Read this:\n```html\n<think>a</think>\n<|im_end|>\n```\nWhat is shown?")]
#[case("Read this:\n\n~~~\n</think>\n~~~\nWhy?")]
#[case("Do <thinkers> think <think about it>?")]
#[case("F# has x <| f and Haskell <|> too.")]
#[case("A backtick ` alone, ~ and ~~old~~ text.\nNext < line")]
#[case("Okay, and how would you test it? The user asks.")]
#[case("I see. Let us go on. Why?")]
#[case("러스트의 `Box<dyn Trait>`는 언제 쓰나요? a < b 인가요?")]
#[case("It ends in a bracket <")]
#[case("It ends in half a mark <thi")]
#[case("Only <answer> in the middle")]
fn ordinary_text_is_untouched(#[case] text: &str) {
    assert_left(text, text);
}

#[rstest]
#[case("<think>I will ask about Rust")]
#[case("<think>plan</think>\n\n")]
#[case("plan\n</think>\n")]
#[case("<|channel|>analysis<|message|>plan<|end|>")]
#[case("[THINK]plan")]
fn a_reply_of_thinking_alone_leaves_nothing(#[case] output: &str) {
    assert_left(output, "");
    let mut filter = ThinkingFilter::new(false);
    filter.feed(output);
    filter.finish();
    assert!(filter.has_hidden());
}

#[test]
fn ordinary_text_passes_at_once() {
    let mut filter = ThinkingFilter::new(false);
    let shown = |text: &str| Visible {
        restart: false,
        text: text.to_owned(),
    };
    assert_eq!(filter.feed("Why"), shown("Why"));
    assert_eq!(filter.feed(" did you"), shown(" did you"));
    assert_eq!(filter.feed(" use Vec<"), shown(" use Vec"));
    assert_eq!(filter.feed("T>?"), shown("<T>?"));
}

#[test]
fn suspicious_text_is_held_and_never_shown() {
    let mut filter = ThinkingFilter::new(false);
    let all = ["Okay, ", "the user ", "waits.\n", "</think>\n\n", "Why?"];
    let shown: Vec<Visible> = all.iter().map(|delta| filter.feed(delta)).collect();
    assert!(shown.iter().all(|visible| !visible.restart), "{shown:?}");
    let text: String = shown.into_iter().map(|visible| visible.text).collect();
    assert_eq!(text, "Why?");
    assert!(filter.thinks_aloud());
}

#[test]
fn a_model_that_thinks_aloud_is_held_from_its_first_word() {
    let mut filter = ThinkingFilter::new(true);
    assert_eq!(filter.feed("Rust is a language."), Visible::default());
    assert_eq!(filter.feed("</think>Why?").text, "Why?");
    let mut without_thinking = ThinkingFilter::new(true);
    assert_eq!(without_thinking.feed("Why?"), Visible::default());
    assert_eq!(without_thinking.finish().text, "Why?");
}

proptest! {
    #[test]
    fn borders_of_deltas_do_not_matter(
        parts in prop::collection::vec(prop::sample::select(vec![
            "<think>", "</think>", "<|channel|>", "analysis", "final", "<|message|>", "<|end|>", "<|start|>",
            "assistant", "user", "<|im_end|>", "[INST]", "[/INST]", "<s>", "</s>", "`", "```", "\n", " ", "a < b",
            "Vec<T>", "Okay, ", "the user", "Why?", "<answer>", "</answer>", "가", " to=x", "<", "<<SYS>>",
        ]), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let output = parts.concat();
        let mut borders: Vec<usize> = output.char_indices().map(|(at, _)| at).chain([output.len()]).collect();
        borders.dedup();
        let mut at: Vec<usize> = cuts.iter().map(|cut| borders[cut.index(borders.len())]).collect();
        at.extend([0, output.len()]);
        at.sort_unstable();
        let deltas: Vec<&str> = at.windows(2).map(|pair| &output[pair[0]..pair[1]]).collect();
        prop_assert_eq!(left(&deltas), left(&[&output]));
    }
}
