//! The words for wrong settings, question banks and values.

use std::borrow::Cow;
use std::error::Error;

use super::{Words, korean};
use crate::config::{Allowed, ConfigError, PRESETS, Problem};
use crate::files::reason::reason;
use crate::interview::bank::{BankError, BankProblem};
use crate::interview::{Language, Topic, TopicError, UnknownValue, ValueKind};

pub(super) fn words_of(cause: &(dyn Error + 'static)) -> Option<Words> {
    if let Some(error) = cause.downcast_ref() {
        return Some(of_config(error));
    }
    if let Some(error) = cause.downcast_ref::<UnknownValue>() {
        return Some(Words::whole(of_value(error)));
    }
    if let Some(error) = cause.downcast_ref::<BankError>() {
        return Some(Words::whole(of_bank(error)));
    }
    cause.downcast_ref().map(|error| {
        Words::whole(match error {
            TopicError::Empty => korean!("topic.empty"),
            TopicError::TooLong => korean!("topic.too_long", most = Topic::MAX_CHARS),
        })
    })
}

fn of_config(error: &ConfigError) -> Words {
    Words::whole(match error {
        ConfigError::Unreadable { path, .. } => {
            return Words::lead(korean!("unreadable", path = path.display()));
        }
        ConfigError::File {
            path,
            line,
            key,
            reason,
            problem,
        } => korean!(
            "config.file",
            path = path.display(),
            line = line,
            problem = in_file(*problem, key, reason),
        ),
        ConfigError::Setting {
            origin, problem, ..
        } => korean!(
            "config.setting",
            origin = origin,
            problem = of_option(*problem, origin),
        ),
        ConfigError::Value { key, value, .. } => korean!(
            "config.given",
            key = key,
            value = format!("{value:?}"),
            allowed = Allowed::of(key).map_or_else(String::new, of_allowed),
        ),
        ConfigError::Questions(error) => {
            korean!("config.questions", reason = of_bank(error))
        }
        ConfigError::Offline { url } => korean!("config.offline", url = url),
    })
}

fn in_file(problem: Problem, key: &str, parser: &str) -> Cow<'static, str> {
    match problem {
        Problem::Syntax => korean!("config.syntax", text = quoted(parser)),
        Problem::UnknownKey => korean!("config.unknown", key = key),
        Problem::Table => korean!("config.table", key = key),
        Problem::Value(allowed) => {
            korean!("config.value", key = key, allowed = of_allowed(allowed))
        }
    }
}

fn of_option(problem: Problem, origin: &str) -> Cow<'static, str> {
    match problem {
        Problem::Value(allowed) => {
            korean!("config.origin_value", allowed = of_allowed(allowed))
        }
        other => in_file(other, origin, ""),
    }
}

fn quoted(words: &str) -> String {
    format!("“{words}”")
}

fn of_allowed(allowed: Allowed) -> String {
    match allowed {
        Allowed::OneOf(words) => words.into(),
        Allowed::Whole { least, most } => {
            korean!("allowed.whole", least = least, most = most)
        }
        Allowed::Count => korean!("allowed.count"),
        Allowed::Switch => korean!("allowed.switch"),
        Allowed::Text => korean!("allowed.text"),
        Allowed::Paths => korean!("allowed.paths"),
        Allowed::Path => korean!("allowed.path"),
        Allowed::Program => korean!("allowed.program"),
        Allowed::Http => korean!("allowed.http"),
        Allowed::ModelServer => {
            let names = PRESETS.map(|preset| preset.name).join(", ");
            korean!("allowed.model_server", names = names)
        }
        Allowed::Listen => korean!("allowed.listen"),
        Allowed::TimeZone => korean!("allowed.time_zone"),
        Allowed::Channel => korean!("allowed.channel"),
        Allowed::Origins => korean!("allowed.origins"),
        Allowed::Networks => korean!("allowed.networks"),
    }
    .into()
}

fn of_value(error: &UnknownValue) -> Cow<'static, str> {
    let what = match error.what {
        ValueKind::Language => korean!("what.language"),
        ValueKind::Level => korean!("what.level"),
        ValueKind::Registration => korean!("what.registration"),
        ValueKind::ReportFormat => korean!("what.report_format"),
    };
    korean!(
        "unknown_value",
        given = format!("{:?}", error.given),
        what = what,
        allowed = error.allowed,
    )
}

fn of_bank(error: &BankError) -> Cow<'static, str> {
    let BankError::Invalid {
        file,
        line,
        problem,
    } = error;
    let problem = of_bank_problem(problem);
    if let Some(line) = line {
        korean!("bank.line", file = file, line = line, problem = problem)
    } else {
        korean!("bank.file", file = file, problem = problem)
    }
}

fn of_bank_problem(problem: &BankProblem) -> Cow<'static, str> {
    let reason = |error| reason(error, Language::Korean);
    match problem {
        BankProblem::NoLanguage => korean!("bank.no_language"),
        BankProblem::Unreadable(error) => korean!("bank.unreadable", reason = reason(error)),
        BankProblem::Unlisted(error) => korean!("bank.unlisted", reason = reason(error)),
        BankProblem::Format(text) => korean!("bank.format", text = quoted(text)),
        BankProblem::NoQuestion => korean!("bank.no_question"),
        BankProblem::Points { id, found, least } => {
            korean!("bank.points", id = id, found = found, least = least)
        }
        BankProblem::FollowUps { id, found, most } => {
            korean!("bank.follow_ups", id = id, found = found, most = most)
        }
        BankProblem::Missing { what, id, key } => {
            korean!("bank.missing", what = what, id = id, key = key)
        }
        BankProblem::Sentences {
            id,
            key,
            found,
            least,
        } => korean!(
            "bank.sentences",
            id = id,
            key = key,
            found = found,
            least = least
        ),
        BankProblem::NoTerms { id } => korean!("bank.no_terms", id = id),
        BankProblem::FollowUpPoint { point } => korean!("bank.follow_up_point", point = point),
        BankProblem::BadId { what, id } => korean!("bank.bad_id", what = what, id = id),
        BankProblem::IdTwice { what, id } => korean!("bank.id_twice", what = what, id = id),
        BankProblem::Empty { key } => korean!("bank.empty", key = key),
    }
}
