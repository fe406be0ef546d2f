//! The words for parts of the state that several panes show.

use rust_i18n::t;

use crate::app::App;
use crate::app::ctx::Usage;
use crate::app::setup::{InterviewerInfo, Mode};
use crate::config::SpeechLanguage;
use crate::interview::{Language, Level, Progress};

/// Returns the name of the interviewer.
pub(super) fn interviewer(app: &App) -> String {
    let locale = app.ctx.language.code();
    match &app.interviewer {
        InterviewerInfo::QuestionBank => t!("ui.who.question_bank", locale = locale).into_owned(),
        InterviewerInfo::Model { model, host } if model.is_empty() => host.clone(),
        InterviewerInfo::Model { model, host } => {
            t!("ui.who.model", locale = locale, model = model, host = host).into_owned()
        }
        InterviewerInfo::Server { host } => {
            t!("ui.who.server", locale = locale, host = host).into_owned()
        }
    }
}

/// Returns the used part of the day's quota, such as `3/6 today`, unless nobody counts.
pub(super) fn usage(app: &App) -> Option<String> {
    let Usage { count, limit } = app.ctx.usage;
    let count = count?;
    let locale = app.ctx.language.code();
    match limit {
        Some(limit) => {
            let text = t!(
                "ui.who.today",
                locale = locale,
                count = count,
                limit = limit
            );
            Some(text.into_owned())
        }
        None if app.mode == Mode::Local => None,
        None => Some(t!("ui.who.today_count", locale = locale, count = count).into_owned()),
    }
}

/// Returns the number of the question, such as `question 2 of 5`.
pub(super) fn question(progress: Progress, language: Language) -> String {
    let locale = language.code();
    let number = progress.question();
    let text = if let Some(of) = progress.of {
        t!(
            "ui.who.question_of",
            locale = locale,
            number = number,
            of = of
        )
    } else {
        t!("ui.who.question", locale = locale, number = number)
    };
    text.into_owned()
}

/// Returns the place where the account lives.
pub(super) fn host(app: &App) -> String {
    match &app.mode {
        Mode::Server { host } => host.clone(),
        Mode::Local | Mode::Embedded => {
            t!("ui.form.here", locale = app.ctx.language.code()).into_owned()
        }
    }
}

/// Returns what is waited for before it is known who is signed in.
pub(super) fn connecting(app: &App) -> String {
    let locale = app.ctx.language.code();
    match &app.mode {
        Mode::Server { host } => t!("ui.connecting", locale = locale, host = host).into_owned(),
        Mode::Local | Mode::Embedded => t!("ui.connecting_embedded", locale = locale).into_owned(),
    }
}

/// Returns the key, in the locale files, of the language that answers are spoken in.
pub(super) fn spoken_key(language: SpeechLanguage) -> &'static str {
    match language {
        SpeechLanguage::Interview => "ui.lobby.spoken_same",
        SpeechLanguage::Auto => "ui.lobby.spoken_auto",
        SpeechLanguage::En => "ui.language.en",
        SpeechLanguage::Ko => "ui.language.ko",
    }
}

pub(super) fn level(level: Option<Level>, language: Language) -> String {
    let key = match level {
        None => "ui.lobby.level_any",
        Some(Level::Junior) => "ui.lobby.level_junior",
        Some(Level::Middle) => "ui.lobby.level_middle",
        Some(Level::Senior) => "ui.lobby.level_senior",
    };
    t!(key, locale = language.code()).into_owned()
}

/// Returns a language in its own words.
pub(super) fn language(language: Language) -> String {
    let key = match language {
        Language::English => "ui.language.en",
        Language::Korean => "ui.language.ko",
    };
    t!(key, locale = "en").into_owned()
}

/// Returns a time such as `0:04`.
pub(super) fn time(ms: u64) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// Returns the progress of the speech model's download. Without another notice, the notice shows
/// it.
pub(super) fn download(app: &App) -> Option<String> {
    app.ctx.notices.first()?;
    let percent = app.voice.download?.percent();
    let locale = app.ctx.language.code();
    Some(t!("ui.status.download", locale = locale, percent = percent).into_owned())
}
