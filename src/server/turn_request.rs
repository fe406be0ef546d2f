//! The content of a chat turn, read from its fields and headers. It is checked here and trusted
//! inside.

use axum::http::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use super::accept_language;
use super::body::Fields;
use super::error::ApiError;
use crate::api::MAX_INPUT_CHARS;
use crate::interview::{Answer, Background, Language, Level, MOST_QUESTIONS, Spoken, Topic};
use crate::practice::{Idempotency, NewInterview, TurnInput};
use crate::store::InterviewId;

/// The most words of one spoken answer: half an hour of fast speech.
const MAX_WORDS: usize = 5_000;
/// The longest recording in seconds.
const MAX_SECONDS: f64 = 86_400.0;

/// The content of a turn, read and checked.
#[derive(Debug)]
pub(super) struct TurnContent {
    pub input: TurnInput,
    pub interview: Option<InterviewId>,
    /// The question that is answered, as in [`crate::practice::TurnRequest::answers`].
    pub answers: Option<u32>,
    pub idempotency: Option<Idempotency>,
}

/// Reads and checks a turn. A refusal names the field and what is allowed.
pub(super) fn read(fields: &Fields, headers: &HeaderMap) -> Result<TurnContent, ApiError> {
    // A text that is no id names no interview of the user's.
    let interview = text(fields, "interview_id")?
        .map(|id| id.parse().unwrap_or_else(|_| InterviewId(id.to_owned())));
    let input = input(fields, headers)?;
    if interview.is_some() && matches!(input, TurnInput::Start(_)) {
        return Err(ApiError::invalid(
            "interview_topic begins an interview and interview_id goes on with one: not both.",
        ));
    }
    let answers = answers(fields, &input)?;
    let idempotency = idempotency(interview.as_ref(), &input, fields, headers)?;
    Ok(TurnContent {
        input,
        interview,
        answers,
        idempotency,
    })
}

fn input(fields: &Fields, headers: &HeaderMap) -> Result<TurnInput, ApiError> {
    let user_input = text(fields, "user_input")?;
    let topic = text(fields, "interview_topic")?;
    let spoken = spoken(fields)?;
    let interview = new_interview(topic, fields, headers)?;
    if user_input.is_none() && spoken.is_some() {
        return Err(ApiError::invalid("answer tells how user_input was spoken."));
    }
    let answer = user_input.map(|text| Answer {
        text: text.to_owned(),
        spoken,
    });
    if boolean(fields, "finish")? {
        if topic.is_some() {
            return Err(ApiError::invalid(
                "interview_topic begins an interview and finish ends one: not both.",
            ));
        }
        return Ok(TurnInput::Finish(answer));
    }
    Ok(match answer {
        Some(answer) => TurnInput::Answer {
            answer,
            otherwise: interview,
        },
        None if topic.is_some() => TurnInput::Start(interview),
        None => TurnInput::Repeat,
    })
}

fn new_interview(
    topic: Option<&str>,
    fields: &Fields,
    headers: &HeaderMap,
) -> Result<NewInterview, ApiError> {
    let topic = topic.map(Topic::parse).transpose()?;
    let background = Background {
        resume: text(fields, "resume")?.map(str::to_owned),
        job_description: text(fields, "job_description")?.map(str::to_owned),
    };
    let language = language(fields)?;
    Ok(NewInterview {
        topic,
        language: language.unwrap_or_else(|| accept_language::preferred(headers)),
        level: one_of(fields, "level", &Level::ALL, Level::code)?,
        questions: questions(fields)?,
        background,
        seed: seed()?,
    })
}

/// Returns the language named in the body, which takes precedence over the header's.
fn language(fields: &Fields) -> Result<Option<Language>, ApiError> {
    one_of(fields, "language", &Language::ALL, Language::code)
}

fn one_of<T: Copy>(
    fields: &Fields,
    name: &str,
    all: &[T],
    code: fn(T) -> &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(value) = fields.value(name) else {
        return Ok(None);
    };
    let found = all
        .iter()
        .copied()
        .find(|one| value.as_str() == Some(code(*one)));
    let allowed = || {
        all.iter()
            .map(|one| code(*one))
            .collect::<Vec<_>>()
            .join(", ")
    };
    found
        .map(Some)
        .ok_or_else(|| ApiError::invalid(format!("{name} must be one of {}.", allowed())))
}

/// Reads a number, or a string of digits, since a form has no numbers.
fn questions(fields: &Fields) -> Result<Option<u32>, ApiError> {
    let Some(value) = fields.value("questions") else {
        return Ok(None);
    };
    let number = value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok());
    let number = number
        .and_then(|number| u32::try_from(number).ok())
        .filter(|n| (1..=MOST_QUESTIONS).contains(n));
    let refusal = || {
        ApiError::invalid(format!(
            "questions must be a whole number from 1 to {MOST_QUESTIONS}."
        ))
    };
    number.map(Some).ok_or_else(refusal)
}

/// Reads which question is answered, as a number or a string of digits.
fn answers(fields: &Fields, input: &TurnInput) -> Result<Option<u32>, ApiError> {
    let Some(value) = fields.value("answers") else {
        return Ok(None);
    };
    if !matches!(input, TurnInput::Answer { .. } | TurnInput::Finish(_)) {
        return Err(ApiError::invalid(
            "answers tells which question user_input answers or finish ends at.",
        ));
    }
    let number = value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok());
    let refusal = || {
        ApiError::invalid("answers must be the number of messages the interviewer has said so far.")
    };
    number
        .and_then(|number| u32::try_from(number).ok())
        .map(Some)
        .ok_or_else(refusal)
}

fn boolean(fields: &Fields, name: &str) -> Result<bool, ApiError> {
    match fields.value(name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
        Some(_) => Err(ApiError::invalid(format!("{name} must be true or false."))),
    }
}

fn spoken(fields: &Fields) -> Result<Option<Spoken>, ApiError> {
    let Some(value) = fields.value("answer") else {
        return Ok(None);
    };
    let shape = || {
        ApiError::invalid(
            "answer must be {\"seconds\": number, \"words\": [{\"text\": string, \"start\": seconds, \"end\": seconds}]}.",
        )
    };
    let spoken: Spoken = serde_json::from_value(value.clone()).map_err(|_| shape())?;
    if spoken.words.len() > MAX_WORDS {
        return Err(ApiError::invalid(format!(
            "answer has more than {MAX_WORDS} words."
        )));
    }
    if is_possible(&spoken) {
        Ok(Some(spoken))
    } else {
        Err(impossible())
    }
}

fn impossible() -> ApiError {
    ApiError::invalid(format!(
        "The times in answer must run from 0 to at most {MAX_SECONDS} seconds, each end after its start."
    ))
}

/// Returns whether a recording can have these times. A word may end a little after the recording.
fn is_possible(spoken: &Spoken) -> bool {
    let within = |start: f64, end: f64| {
        (0.0..=MAX_SECONDS).contains(&start) && (start..=MAX_SECONDS).contains(&end)
    };
    (0.0..=MAX_SECONDS).contains(&spoken.seconds)
        && spoken.words.iter().all(|word| within(word.start, word.end))
        && spoken.voiced.len() <= 2 * MAX_WORDS
        && spoken
            .voiced
            .iter()
            .all(|span| within(span.start, span.end))
}

/// Reads a string of at most [`MAX_INPUT_CHARS`] characters.
fn text<'a>(fields: &'a Fields, name: &str) -> Result<Option<&'a str>, ApiError> {
    let Some(value) = fields.value(name) else {
        return Ok(None);
    };
    let text = value
        .as_str()
        .ok_or_else(|| ApiError::invalid(format!("{name} must be a string.")))?;
    if text.chars().count() > MAX_INPUT_CHARS {
        return Err(ApiError::invalid(format!(
            "{name} is longer than {MAX_INPUT_CHARS} characters."
        )));
    }
    // PostgreSQL cannot store this character, and nobody types it.
    if text.contains('\0') {
        return Err(ApiError::invalid(format!(
            "{name} must not contain the character U+0000."
        )));
    }
    Ok(Some(text))
}

fn idempotency(
    interview: Option<&InterviewId>,
    input: &TurnInput,
    fields: &Fields,
    headers: &HeaderMap,
) -> Result<Option<Idempotency>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key
        .to_str()
        .ok()
        .and_then(|key| Uuid::parse_str(key.trim()).ok());
    let key = key.ok_or_else(|| ApiError::invalid("Idempotency-Key must be a UUID."))?;
    // Compares the meaning rather than the bytes, since a client may write the same request
    // differently when it repeats it.
    let request = Idempotency::new(key, interview, input);
    // The language in the header may differ in the repeat; the one in the body is part of the
    // request.
    Ok(Some(match language(fields)? {
        Some(language) => request.with_detail(language.code()),
        None => request,
    }))
}

/// Returns a random seed of 63 bits, since the store keeps it as a signed number.
fn seed() -> Result<u64, ApiError> {
    let random = getrandom::u64().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ApiError::internal()
    })?;
    Ok(random >> 1)
}
