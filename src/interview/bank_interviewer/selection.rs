//! Selects the next question, and decides whether to follow up on an answer first.

use super::{Exchange, FlowContext, SelectedQuestion};
use crate::interview::Language;
use crate::interview::bank::{Bank, Question, TopicBank, main_of};

/// Returns the question of `topic` that was asked least recently. New questions come first, ordered
/// by distance from the requested level and then by seed. No question repeats before all were
/// asked; after that, the topic starts over.
pub fn main_question<'a>(
    topic: &'a TopicBank,
    context: &FlowContext<'_>,
) -> Option<SelectedQuestion<'a>> {
    let asked: Vec<&str> = asked_so_far(context).collect();
    let order = |question: &&Question| {
        let name = name(topic, question);
        let last_asked = asked.iter().rposition(|asked| *asked == name);
        (
            last_asked,
            level_distance(question, context),
            shuffle_key(context.seed, &name),
        )
    };
    let question = topic.questions.iter().min_by_key(order)?;
    Some(SelectedQuestion {
        name: name(topic, question),
        text: &question.text,
    })
}

/// Returns a follow-up on the first point that the newest answer missed. A main question gets at
/// most one follow-up, about two of five questions are follow-ups, and an answer that said nothing
/// gets none.
pub fn follow_up<'a>(bank: &'a Bank, context: &FlowContext<'_>) -> Option<SelectedQuestion<'a>> {
    let last = context.exchanges.last()?;
    let name = last.asked.as_deref().filter(|name| !name.contains('#'))?;
    let answer = last.given_answer()?;
    let question = bank.question(name, context.language)?;
    if !may_follow_up(context.exchanges) || !is_substantial(question, answer, context.language) {
        return None;
    }
    let missed = |id: &str| {
        question
            .points
            .iter()
            .any(|point| point.id == id && !point.is_mentioned_in(answer))
    };
    let follow_up = question
        .follow_ups
        .iter()
        .find(|follow_up| missed(&follow_up.point))?;
    Some(SelectedQuestion {
        name: format!("{name}#{}", follow_up.point),
        text: &follow_up.text,
    })
}

/// Keeps follow-ups to two of five questions, rounded, counting the question about to be asked.
fn may_follow_up(exchanges: &[Exchange]) -> bool {
    let put = exchanges.iter().filter(|exchange| {
        exchange
            .asked
            .as_deref()
            .is_some_and(|name| name.contains('#'))
    });
    let allowed = ((exchanges.len() + 1) * 2 + 2) / 5;
    put.count() < allowed
}

/// Returns whether an answer mentions a point, or at least speaks for a sentence without declining
/// to answer.
fn is_substantial(question: &Question, answer: &str, language: Language) -> bool {
    let (sentence, refusals): (usize, &[&str]) = match language {
        Language::English => (
            8,
            &[
                "don't know",
                "do not know",
                "no idea",
                "not sure",
                "skip",
                "pass on",
            ],
        ),
        Language::Korean => (5, &["모르", "모릅", "넘어가", "패스"]),
    };
    let spoken = answer.to_lowercase().replace('’', "'");
    let declined = refusals.iter().any(|words| spoken.contains(words));
    let mentioned = question
        .points
        .iter()
        .any(|point| point.is_mentioned_in(answer));
    mentioned || (!declined && answer.split_whitespace().count() >= sentence)
}

/// Returns the main questions asked so far by name, oldest first, earlier interviews included.
fn asked_so_far<'a>(context: &'a FlowContext<'_>) -> impl Iterator<Item = &'a str> {
    let now = context
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.asked.as_deref());
    context
        .asked_before
        .iter()
        .map(String::as_str)
        .chain(now)
        .map(main_of)
}

fn name(topic: &TopicBank, question: &Question) -> String {
    format!("{}/{}", topic.id, question.id)
}

fn level_distance(question: &Question, context: &FlowContext<'_>) -> u8 {
    context
        .level
        .map_or(0, |level| (level as u8).abs_diff(question.level as u8))
}

/// Returns a sort key fixed by `seed` that does not change when other questions are added: FNV-1a
/// of the name (<http://www.isthe.com/chongo/tech/comp/fnv/>), then the finaliser of Steele, Lea
/// and Flood 2014, "Fast Splittable Pseudorandom Number Generators".
fn shuffle_key(seed: u64, name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ hash;
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
