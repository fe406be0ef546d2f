//! What a client asks for in a chat turn: read from its fields and headers, checked here, trusted inside.

use axum::http::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use super::body::Fields;
use super::error::ApiError;
use super::language;
use crate::api::MAX_INPUT_CHARS;
use crate::interview::{Answer, Background, Language, Level, MOST_QUESTIONS, Spoken, Topic};
use crate::practice::{Idempotency, NewInterview, TurnInput};
use crate::store::InterviewId;

/// Most words of one spoken answer: half an hour of quick talk.
const MOST_WORDS: usize = 5_000;
/// Longest recording, in seconds.
const LONGEST: f64 = 86_400.0;

/// A chat turn as asked for.
#[derive(Debug)]
pub(super) struct ParsedTurn {
    pub input: TurnInput,
    pub interview: Option<InterviewId>,
    pub idempotency: Option<Idempotency>,
}

/// Reads and checks everything; what is refused is named with what is allowed.
pub(super) fn parse(fields: &Fields, headers: &HeaderMap) -> Result<ParsedTurn, ApiError> {
    // What is no key is nobody's.
    let interview = text(fields, "interview_id")?
        .map(|id| id.parse().unwrap_or_else(|_| InterviewId(id.to_owned())));
    let input = input(fields, headers)?;
    if interview.is_some() && matches!(input, TurnInput::Start(_)) {
        return Err(ApiError::invalid(
            "interview_topic begins an interview and interview_id goes on with one: not both.",
        ));
    }
    let idempotency = idempotency(interview.as_ref(), &input, fields, headers)?;
    Ok(ParsedTurn {
        input,
        interview,
        idempotency,
    })
}

fn input(fields: &Fields, headers: &HeaderMap) -> Result<TurnInput, ApiError> {
    let said = text(fields, "user_input")?;
    let topic = text(fields, "interview_topic")?;
    let spoken = spoken(fields)?;
    let (start, begins) = (start(topic, fields, headers)?, topic.is_some());
    if said.is_none() && spoken.is_some() {
        return Err(ApiError::invalid("answer tells how user_input was spoken."));
    }
    let answer = said.map(|text| Answer {
        text: text.to_owned(),
        spoken,
    });
    match (answer, truth(fields, "finish")?) {
        (_, true) if begins => Err(ApiError::invalid(
            "interview_topic begins an interview and finish ends one: not both.",
        )),
        (last, true) => Ok(TurnInput::Finish(last)),
        (Some(answer), false) => Ok(TurnInput::Answer {
            answer,
            otherwise: start,
        }),
        (None, false) if begins => Ok(TurnInput::Start(start)),
        (None, false) => Ok(TurnInput::Repeat),
    }
}

fn start(
    topic: Option<&str>,
    fields: &Fields,
    headers: &HeaderMap,
) -> Result<NewInterview, ApiError> {
    let topic = topic
        .map(Topic::parse)
        .transpose()
        .map_err(|refusal| ApiError::invalid(refusal.to_string()))?;
    let background = Background {
        resume: text(fields, "resume")?.map(str::to_owned),
        job_description: text(fields, "job_description")?.map(str::to_owned),
    };
    Ok(NewInterview {
        topic,
        language: chosen(fields)?.unwrap_or_else(|| language::of(headers)),
        level: one_of(fields, "level", &Level::ALL, Level::code)?,
        questions: questions(fields)?,
        background,
        seed: seed()?,
    })
}

/// The language named in the body; it goes before the header's.
fn chosen(fields: &Fields) -> Result<Option<Language>, ApiError> {
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

/// A number, or its digits: a form has no numbers.
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

fn truth(fields: &Fields, name: &str) -> Result<bool, ApiError> {
    match fields.value(name) {
        None => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
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
    if spoken.words.len() > MOST_WORDS {
        return Err(ApiError::invalid(format!(
            "answer has more than {MOST_WORDS} words."
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
        "The times in answer must run from 0 to at most {LONGEST} seconds, each end after its start."
    ))
}

/// Times that a recording can have; a word's end may lie a little beyond the recording's.
fn is_possible(spoken: &Spoken) -> bool {
    let within =
        |start: f64, end: f64| (0.0..=LONGEST).contains(&start) && (start..=LONGEST).contains(&end);
    (0.0..=LONGEST).contains(&spoken.seconds)
        && spoken.words.iter().all(|word| within(word.start, word.end))
        && spoken.voiced.len() <= 2 * MOST_WORDS
        && spoken
            .voiced
            .iter()
            .all(|span| within(span.start, span.end))
}

/// A text of at most [`MAX_INPUT_CHARS`] characters.
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
    // PostgreSQL cannot store it, and nobody types it.
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
    // The meaning and not the bytes: a client may write the same request differently when it sends it again.
    let request = Idempotency::new(key, interview, input);
    // A language in the header may differ then; one in the body is part of the request.
    Ok(Some(match chosen(fields)? {
        Some(language) => request.with_detail(language.code()),
        None => request,
    }))
}

/// The store keeps it as a signed number.
fn seed() -> Result<u64, ApiError> {
    let random = getrandom::u64().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ApiError::internal()
    })?;
    Ok(random >> 1)
}
