//! The words for failures of the interview: its server, its database, the interviewer and the
//! narrator.

use std::borrow::Cow;
use std::error::Error;

use rust_i18n::t;

use super::{Words, korean};
use crate::backend::{BackendError, ConnectError, EmbeddedError};
use crate::client::ClientError;
use crate::files::reason::{of_kind, reason};
use crate::interview::Language;
use crate::interviewer::InterviewerError;
use crate::narrator::NarratorError;
use crate::practice::PracticeError;
use crate::store::{Fault, InvalidInterviewId, StoreError};
use crate::upstream::{ConnectionFailure, CutOff, Flaw, UpstreamError};
use crate::voice::VoiceError;

pub(super) fn words_of(cause: &(dyn Error + 'static)) -> Option<Words> {
    if let Some(error) = cause.downcast_ref() {
        return Some(of_backend(error));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(of_connect(error));
    }
    if let Some(error) = cause.downcast_ref::<EmbeddedError>() {
        return Some(of_embedded(error));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::whole(of_practice(error)));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::whole(of_client(error)));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::whole(of_store(error)));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::Whole(of_interviewer(error, Language::Korean)));
    }
    of_engine(cause)
}

fn of_engine(cause: &(dyn Error + 'static)) -> Option<Words> {
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::whole(of_narrator(error)));
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(Words::whole(of_upstream(error)));
    }
    if let Some(error) = cause.downcast_ref::<VoiceError>() {
        return Some(Words::Whole(error.message(Language::Korean)));
    }
    cause
        .is::<InvalidInterviewId>()
        .then(|| Words::whole(korean!("invalid_id")))
}

/// Returns why a connection failed or broke.
pub fn of_connection(failure: &ConnectionFailure, language: Language) -> String {
    if language == Language::English {
        return failure.to_string();
    }
    match failure {
        ConnectionFailure::NoAnswer => korean!("io.timed_out").into(),
        ConnectionFailure::Lost | ConnectionFailure::BrokeOff => korean!("io.broken").into(),
        ConnectionFailure::NotMade => korean!("client.not_made").into(),
        ConnectionFailure::System { kind, words } => {
            of_kind(*kind).map_or_else(|| format!("“{words}”"), Into::into)
        }
        ConnectionFailure::NoCertificates(_) => korean!("client.no_certificates").into(),
        ConnectionFailure::Other(words) => format!("“{words}”"),
    }
}

fn of_backend(error: &BackendError) -> Words {
    match error {
        BackendError::Practice(error) => Words::whole(of_practice(error)),
        BackendError::Client(error) => Words::whole(of_client(error)),
        BackendError::NotOffered => Words::whole(t!("runtime.not_offered", locale = "ko")),
    }
}

fn of_connect(error: &ConnectError) -> Words {
    match error {
        ConnectError::Store(error) => Words::whole(of_store(error)),
        ConnectError::Client(error) => Words::whole(of_client(error)),
        ConnectError::Embedded(error) => of_embedded(error),
        ConnectError::NoServer => Words::whole(korean!("backend.no_server")),
    }
}

fn of_embedded(error: &EmbeddedError) -> Words {
    match error {
        EmbeddedError::Listen(_) => Words::lead(korean!("backend.embedded")),
    }
}

fn of_practice(error: &PracticeError) -> Cow<'static, str> {
    match error {
        PracticeError::NoInterview => t!("runtime.no_interview", locale = "ko"),
        PracticeError::NothingToFinish => korean!("practice.nothing_to_finish"),
        PracticeError::UnknownInterview => korean!("practice.unknown_interview"),
        PracticeError::MovedOn => korean!("practice.moved_on"),
        PracticeError::Finished => t!("runtime.finished", locale = "ko"),
        PracticeError::LimitReached => t!("runtime.limit", locale = "ko"),
        PracticeError::IdempotencyMismatch => korean!("practice.mismatch"),
        PracticeError::Interviewer(error) => of_interviewer(error, Language::Korean).into(),
        PracticeError::Store(error) => of_store(error),
    }
}

fn of_client(error: &ClientError) -> Cow<'static, str> {
    match error {
        ClientError::Unreachable { host, reason } => {
            let reason = of_connection(reason, Language::Korean);
            t!(
                "runtime.unreachable",
                locale = "ko",
                host = host,
                reason = reason
            )
        }
        ClientError::Unauthorized(message) => korean!("client.unauthorized", message = message),
        ClientError::SignedInElsewhere { host } => {
            t!("runtime.signed_in_elsewhere", locale = "ko", host = host)
        }
        ClientError::LimitReached { message, .. } => {
            t!("runtime.limit_server", locale = "ko", message = message)
        }
        ClientError::MovedOn { .. } => korean!("practice.moved_on"),
        ClientError::Refused { status: 429, .. } => korean!("client.too_many"),
        // Outside of a turn, which has its own error, these are answers to a registration.
        ClientError::Refused { status: 409, .. } => korean!("client.taken"),
        ClientError::Refused { status: 403, .. } => korean!("client.registration"),
        ClientError::Refused { status, message } => {
            korean!("client.refused", status = status, message = message)
        }
        ClientError::Server {
            host, status: 503, ..
        } => korean!("client.unavailable", host = host),
        ClientError::Server {
            host,
            status,
            message,
        } => korean!(
            "client.failed",
            host = host,
            status = status,
            message = message
        ),
    }
}

fn of_store(error: &StoreError) -> Cow<'static, str> {
    match error {
        StoreError::Open { url, reason } => {
            korean!("store.open", url = url, reason = of_fault(reason))
        }
        StoreError::Query { .. } => {
            let fault = error.fault().map(|fault| of_fault(&fault));
            korean!("store.query", reason = fault.unwrap_or_default())
        }
        StoreError::Unreadable { .. } => korean!("store.newer"),
        StoreError::Conflict => korean!("store.conflict"),
        StoreError::UsernameTaken => korean!("store.username_taken"),
        StoreError::UsernameLooksTaken => korean!("store.username_looks_taken"),
        StoreError::EmailTaken => korean!("store.email_taken"),
        StoreError::NotInvited => korean!("store.not_invited"),
        StoreError::LimitReached => t!("runtime.limit", locale = "ko"),
    }
}

fn of_narrator(error: &NarratorError) -> Cow<'static, str> {
    match error {
        NarratorError::NotInstalled { program } => {
            korean!("narrator.not_installed", program = program)
        }
        NarratorError::Failed { engine, reason } => {
            korean!("narrator.failed", engine = engine, reason = reason)
        }
        NarratorError::Server { engine, error } => {
            korean!(
                "narrator.failed",
                engine = engine,
                reason = of_upstream(error)
            )
        }
        NarratorError::TimedOut { engine } => korean!("narrator.timed_out", engine = engine),
    }
}

/// Returns why a model server gave no usable response.
pub fn of_upstream_in(error: &UpstreamError, language: Language) -> String {
    match language {
        Language::English => error.to_string(),
        Language::Korean => of_upstream(error).into(),
    }
}

fn of_flaw(flaw: &Flaw) -> Cow<'static, str> {
    match flaw {
        Flaw::EmptyReply => korean!("flaw.empty_reply"),
        Flaw::LongReply => korean!("flaw.long_reply"),
        Flaw::NoList => korean!("flaw.no_list"),
        Flaw::NoModel { setting } => korean!("flaw.no_model", setting = setting),
        Flaw::Other(words) => format!("“{words}”").into(),
    }
}

fn of_upstream(error: &UpstreamError) -> Cow<'static, str> {
    match error {
        UpstreamError::Unreachable(reason) => korean!(
            "upstream.unreachable",
            reason = of_connection(reason, Language::Korean)
        ),
        UpstreamError::Overloaded {
            status, message, ..
        } => korean!("upstream.overloaded", status = status, message = message),
        UpstreamError::Down {
            status, message, ..
        } => korean!("upstream.down", status = status, message = message),
        UpstreamError::Refused { status, message }
        | UpstreamError::Unsupported {
            status, message, ..
        } => korean!("upstream.refused", status = status, message = message),
        UpstreamError::Unusable(flaw) => of_flaw(flaw),
        UpstreamError::CutOff(reason) => korean!(
            "upstream.cut_off",
            reason = of_cut_off(reason, Language::Korean)
        ),
        UpstreamError::NoWords(reason) => korean!(
            "upstream.no_words",
            reason = of_cut_off(reason, Language::Korean)
        ),
        UpstreamError::TimedOut => korean!("upstream.timed_out"),
    }
}

/// Returns why the interviewer did not reply.
pub fn of_interviewer(error: &InterviewerError, language: Language) -> String {
    let locale = language.code();
    match error {
        InterviewerError::Failed { engine, reason } => {
            t!(
                "runtime.interviewer_failed",
                locale = locale,
                engine = engine,
                reason = of_upstream_in(reason, language)
            )
        }
        InterviewerError::TimedOut { engine } => {
            t!("runtime.interviewer_slow", locale = locale, engine = engine)
        }
        InterviewerError::Overloaded { engine, reason, .. } => {
            t!(
                "runtime.interviewer_busy",
                locale = locale,
                engine = engine,
                reason = reason
            )
        }
        InterviewerError::CutOff { engine, reason } => {
            t!(
                "runtime.cut_off",
                locale = locale,
                engine = engine,
                reason = of_cut_off(reason, language).trim_end_matches('.')
            )
        }
        InterviewerError::NoWords { engine, reason } => {
            t!(
                "runtime.no_words",
                locale = locale,
                engine = engine,
                reason = of_cut_off(reason, language).trim_end_matches('.')
            )
        }
    }
    .into()
}

/// Returns why a reply is not whole.
fn of_cut_off(reason: &CutOff, language: Language) -> String {
    let locale = language.code();
    match reason {
        CutOff::LengthLimit => t!("runtime.length_limit", locale = locale),
        CutOff::ContentFilter => t!("runtime.content_filter", locale = locale),
        CutOff::ConnectionEnded => t!("runtime.connection_ended", locale = locale),
        CutOff::OnlyThinking => t!("runtime.only_thinking", locale = locale),
        CutOff::Refusal(words) => t!("runtime.refusal", locale = locale, reason = words),
        CutOff::Failed(message) => t!("runtime.model_failed", locale = locale, reason = message),
    }
    .into()
}

/// Returns what is wrong with a database.
fn of_fault(fault: &Fault) -> Cow<'static, str> {
    let because = |error| reason(error, Language::Korean);
    match fault {
        Fault::Locked => korean!("fault.locked"),
        Fault::ReadOnly => korean!("fault.read_only"),
        Fault::Denied => korean!("fault.denied"),
        Fault::DiskFailed => korean!("fault.disk_failed"),
        Fault::FileDamaged | Fault::Damaged => korean!("fault.damaged"),
        Fault::DiskFull => korean!("fault.full"),
        Fault::CannotOpen => korean!("fault.cannot_open"),
        Fault::Contradiction => korean!("fault.contradiction"),
        Fault::NotADatabase => korean!("fault.not_a_database"),
        Fault::Foreign => korean!("fault.foreign"),
        Fault::ForeignTables => korean!("fault.foreign_tables"),
        Fault::NoDatabase => korean!("fault.no_database"),
        Fault::Slow => korean!("fault.slow"),
        Fault::Broke => korean!("fault.broke"),
        Fault::Credentials => korean!("fault.credentials"),
        Fault::Overloaded => korean!("fault.overloaded"),
        Fault::Starting => korean!("fault.starting"),
        Fault::Concurrent => korean!("fault.concurrent"),
        Fault::Busy => korean!("fault.busy"),
        Fault::Closed => korean!("fault.closed"),
        Fault::Unexpected => korean!("fault.unexpected"),
        Fault::Newer => korean!("fault.newer"),
        Fault::OtherBuild => korean!("fault.other_build"),
        Fault::InMemory => korean!("fault.in_memory"),
        Fault::Address => korean!("fault.address"),
        Fault::Encoding(encoding) => korean!("fault.encoding", encoding = encoding),
        Fault::NoFolder(error) => korean!("fault.no_folder", reason = because(error)),
        Fault::NotCreated(error) => korean!("fault.not_created", reason = because(error)),
        Fault::Unreached(kind, words) => {
            let reason = of_kind(*kind).unwrap_or_else(|| format!("“{words}”").into());
            korean!("fault.unreached", reason = reason)
        }
        Fault::Insecure(words) => korean!("fault.insecure", words = words),
        Fault::Code(code) => korean!("fault.code", code = code),
        Fault::Other(words) => format!("“{words}”").into(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::name_taken(409, "이미 쓰고 있거나")]
    #[case::registration_closed(403, "새 계정을 받지 않거나")]
    #[case::too_many(429, "요청이 너무 많습니다")]
    #[case::of_another_server(418, "“I'm a teapot”")]
    fn a_refusal_is_explained_in_korean(#[case] status: u16, #[case] expected: &str) {
        let error = ClientError::Refused {
            status,
            message: "I'm a teapot".to_owned(),
        };
        let words = of_client(&error);
        assert!(words.contains(expected), "{words}");
    }
}
