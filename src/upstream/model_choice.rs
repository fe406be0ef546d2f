//! Chooses a model from a server's list, where the settings name none, and tells whether one ends
//! soon.
//!
//! Names of models come and go, so the choice knows families and sizes only. Within a family the
//! newest version is preferred, and a middle size, which answers quickly.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::model_list::ListedModel;

/// The number of days before its end from which a model is spoken of as ending.
const ENDS_SOON_DAYS: i32 = 60;

/// The most names that a message lists.
const MOST_NAMES: usize = 5;

/// Words in the names of models that do not hold a conversation in text.
const NO_CHAT: [&str; 31] = [
    "embed",
    "whisper",
    "tts",
    "transcribe",
    "audio",
    "speech",
    "voice",
    "kokoro",
    "orpheus",
    "realtime",
    "live",
    "image",
    "imagen",
    "dall-e",
    "diffusion",
    "flux",
    "sora",
    "veo",
    "lyria",
    "moderation",
    "guard",
    "rerank",
    "bge-",
    "davinci",
    "babbage",
    "turbo-instruct",
    "aqa",
    "ocr",
    "deep-research",
    "computer-use",
    "search-preview",
];

/// The families of hosted models, each with the size that suits an interview, best first. An empty
/// size stands for any other of the family.
const FAMILIES: [(&str, &str); 10] = [
    ("gpt-", "-mini"),
    ("claude", "haiku"),
    ("gemini", "flash"),
    ("mistral", "small"),
    ("mistral", "medium"),
    ("gpt-", ""),
    ("claude", "sonnet"),
    ("gemini", ""),
    ("claude", ""),
    ("mistral", ""),
];

/// Words in the names of variants that are smaller, slower or less settled than their family.
const VARIANTS: [&str; 12] = [
    "nano", "lite", "8b", "preview", "exp", "beta", "thinking", "codex", "search", "latest",
    "-oss", "robotics",
];

/// Words in the names of models that speak.
const SPEAKS: [&str; 6] = ["tts", "kokoro", "orpheus", "piper", "speech", "voice"];

/// Returns the model to hold interviews with: of a family that is known to suit, or else the first
/// that chats and does not end soon.
pub fn chat_model(models: &[ListedModel], today: Date) -> Option<&str> {
    let chats = models
        .iter()
        .filter(|model| chats(model) && !has_ended(model, today));
    let best = chats.min_by_key(|model| (ends_soon(model, today), rank(&model.id)));
    best.map(|model| model.id.as_str())
}

/// Returns the model to speak with.
pub fn speech_model(models: &[ListedModel], today: Date) -> Option<&str> {
    let speaks = models.iter().filter(|model| {
        let id = model.id.to_lowercase();
        let speaks = SPEAKS.iter().any(|word| id.contains(word));
        speaks && !has_ended(model, today)
    });
    let best = speaks.min_by_key(|model| {
        let id = model.id.to_lowercase();
        let is_snapshot = has_date(&id);
        (ends_soon(model, today), !id.contains("mini"), is_snapshot)
    });
    best.map(|model| model.id.as_str())
}

/// Returns the models that hold a conversation.
pub fn chat_models(models: &[ListedModel]) -> impl Iterator<Item = &ListedModel> {
    models.iter().filter(|model| chats(model))
}

/// Returns whether the list has the model `name`. Ollama lists `name:latest` for `name`.
pub fn has_model(models: &[ListedModel], name: &str) -> bool {
    find(models, name).is_some()
}

/// Returns the last day of the model `name`, if it has passed or is near.
pub fn ending(models: &[ListedModel], name: &str, today: Date) -> Option<Date> {
    let model = find(models, name)?;
    model.shutdown.filter(|_| ends_soon(model, today))
}

/// Returns the first names of a list as one text, and how many there are beyond them.
pub fn names(models: &[ListedModel]) -> String {
    let chat: Vec<&str> = chat_models(models).map(|model| model.id.as_str()).collect();
    let all: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    let names = if chat.is_empty() { all } else { chat };
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} (+{more})"),
    }
}

fn find<'l>(models: &'l [ListedModel], name: &str) -> Option<&'l ListedModel> {
    let name = name.strip_prefix("models/").unwrap_or(name);
    models.iter().find(|model| {
        let id = model.id.as_str();
        id == name || id.strip_suffix(":latest") == Some(name)
    })
}

fn chats(model: &ListedModel) -> bool {
    let id = model.id.to_lowercase();
    !model.no_chat && !NO_CHAT.iter().any(|word| id.contains(word))
}

fn has_ended(model: &ListedModel, today: Date) -> bool {
    model.shutdown.is_some_and(|day| day <= today)
}

fn ends_soon(model: &ListedModel, today: Date) -> bool {
    let left = |day: Date| (day - today).get_days();
    model
        .shutdown
        .is_some_and(|day| left(day) <= ENDS_SOON_DAYS)
}

/// Returns the place of a model among those of a list; the lowest is best.
fn rank(id: &str) -> (usize, bool, Reverse<Vec<u32>>, bool, usize) {
    let id = id.to_lowercase();
    // A router names the provider before the model, and a variant of the offer behind it.
    let name = id.rsplit('/').next().unwrap_or(&id);
    let family = FAMILIES
        .iter()
        .position(|(family, size)| name.starts_with(family) && name.contains(size));
    let Some(family) = family else {
        return (FAMILIES.len(), false, Reverse(vec![]), false, 0);
    };
    let is_variant = VARIANTS.iter().any(|word| name.contains(word));
    (
        family,
        is_variant,
        Reverse(version(name)),
        has_date(name),
        name.len(),
    )
}

/// Returns the numbers of a version, such as 4 and 1 of `gpt-4.1-mini`, without a date.
fn version(name: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for part in name.split(['-', '.', '_', ':', '@']) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        if digits.len() >= 4 {
            break;
        }
        let is_size = part[digits.len()..].starts_with(['b', 'k', 'x']);
        if !is_size && let Ok(number) = digits.parse() {
            numbers.push(number);
        }
    }
    numbers
}

/// Returns whether a name ends in a date or a release number, which pins one state of the model.
fn has_date(name: &str) -> bool {
    name.split(['-', '_', ':', '@'])
        .any(|part| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    const TODAY: Date = date(2026, 11, 28);

    fn list(ids: &[&str]) -> Vec<ListedModel> {
        ids.iter().map(|id| ListedModel::named(id)).collect()
    }

    fn ending_on(id: &str, shutdown: Date) -> ListedModel {
        ListedModel {
            shutdown: Some(shutdown),
            ..ListedModel::named(id)
        }
    }

    #[rstest]
    #[case::openai(&["text-embedding-3-small", "whisper-1", "tts-1", "dall-e-3", "gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "gpt-5-mini-2025-08-07", "gpt-5-nano", "gpt-4o-mini-tts", "gpt-4o-mini-transcribe", "gpt-4o-mini-search-preview", "gpt-4o-mini-realtime-preview", "gpt-image-1-mini", "o4-mini", "gpt-3.5-turbo-instruct"], "gpt-5-mini")]
    #[case::newer_versions(&["gpt-4.1-mini", "gpt-5.1-mini", "gpt-5-mini"], "gpt-5.1-mini")]
    #[case::anthropic(&["claude-opus-4-1-20250805", "claude-3-5-haiku-20241022", "claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929"], "claude-haiku-4-5-20251001")]
    #[case::gemini(&["embedding-001", "gemini-2.5-pro", "gemini-2.5-flash-lite", "gemini-2.0-flash", "gemini-2.5-flash", "gemini-2.5-flash-preview-tts", "imagen-4.0", "veo-3.0"], "gemini-2.5-flash")]
    #[case::mistral(&["mistral-embed", "codestral-latest", "mistral-large-2411", "mistral-small-2506", "mistral-ocr-latest"], "mistral-small-2506")]
    #[case::router(&["meta-llama/llama-guard-4", "anthropic/claude-opus-4", "openai/gpt-5-mini"], "openai/gpt-5-mini")]
    #[case::one_model(&["/models/qwen3-4b-q4.gguf"], "/models/qwen3-4b-q4.gguf")]
    #[case::local(&["nomic-embed-text:latest", "qwen3:4b", "llama3.2:3b"], "qwen3:4b")]
    fn a_model_that_suits_an_interview_is_chosen(#[case] ids: &[&str], #[case] expected: &str) {
        assert_eq!(chat_model(&list(ids), TODAY), Some(expected));
    }

    #[rstest]
    #[case(&[])]
    #[case(&["text-embedding-3-small", "whisper-1", "tts-1"])]
    fn no_model_is_chosen_where_none_chats(#[case] ids: &[&str]) {
        assert_eq!(chat_model(&list(ids), TODAY), None);
    }

    #[test]
    fn a_model_that_ends_is_chosen_last_and_one_that_has_ended_never() {
        let soon = ending_on("gpt-5-mini", date(2027, 1, 14));
        let over = ending_on("gpt-6-mini", TODAY);
        let lasting = ListedModel::named("gpt-4.1-mini");
        let all = [soon.clone(), over.clone(), lasting];
        assert_eq!(chat_model(&all, TODAY), Some("gpt-4.1-mini"));
        assert_eq!(chat_model(&[soon, over.clone()], TODAY), Some("gpt-5-mini"));
        assert_eq!(chat_model(&[over], TODAY), None);
    }

    #[rstest]
    #[case(date(2026, 1, 1), true)]
    #[case(date(2026, 11, 28), true)]
    #[case(date(2027, 1, 14), true)]
    #[case(date(2027, 1, 27), true)]
    #[case(date(2027, 1, 28), false)]
    fn a_model_ends_soon_within_sixty_days(#[case] day: Date, #[case] expected: bool) {
        let models = [ending_on("a", day)];
        let found = ending(&models, "a", TODAY);
        assert_eq!(found, expected.then_some(day));
    }

    #[rstest]
    #[case(&["whisper-1", "gpt-4o-mini", "tts-1", "gpt-4o-mini-tts", "tts-1-hd"], Some("gpt-4o-mini-tts"))]
    #[case(&["kokoro"], Some("kokoro"))]
    #[case(&["gpt-4o-mini", "whisper-1"], None)]
    fn a_model_that_speaks_is_chosen(#[case] ids: &[&str], #[case] expected: Option<&str>) {
        assert_eq!(speech_model(&list(ids), TODAY), expected);
    }

    #[rstest]
    #[case("qwen3", true)]
    #[case("qwen3:latest", true)]
    #[case("models/gemini", true)]
    #[case("qwen", false)]
    fn a_model_is_found_by_the_names_it_goes_by(#[case] name: &str, #[case] expected: bool) {
        assert_eq!(
            has_model(&list(&["qwen3:latest", "gemini"]), name),
            expected
        );
    }

    #[test]
    fn five_names_are_listed_and_the_others_counted() {
        let models = list(&["a", "b", "c", "d", "e", "tts-1", "f", "g"]);
        assert_eq!(names(&models), "a, b, c, d, e (+2)");
        assert_eq!(names(&list(&["a"])), "a");
        assert_eq!(names(&list(&["tts-1"])), "tts-1");
    }
}
