//! What parts of the state are called.
use rust_i18n::t;

use crate::app::setup::{Asks, Mode};
use crate::app::{App, Usage};
use crate::config::SpeechLanguage;
use crate::interview::{Language, Level, Progress};

/// Who asks.
pub(super) fn asks(app: &App) -> String {
    let locale = app.language.code();
    match &app.asks {
        Asks::QuestionBank => t!("ui.who.question_bank", locale = locale).into_owned(),
        Asks::Model { model, host } => {
            t!("ui.who.model", locale = locale, model = model, host = host).into_owned()
        }
        Asks::Server { host } => t!("ui.who.server", locale = locale, host = host).into_owned(),
    }
}

/// `3/6 today`; nothing where nobody counts.
pub(super) fn usage(app: &App) -> Option<String> {
    let locale = app.language.code();
    match app.usage {
        Usage {
            count: Some(count),
            limit: Some(limit),
        } => Some(
            t!(
                "ui.who.today",
                locale = locale,
                count = count,
                limit = limit
            )
            .into_owned(),
        ),
        Usage {
            count: Some(count),
            limit: None,
        } if app.mode != Mode::Local => {
            Some(t!("ui.who.today_count", locale = locale, count = count).into_owned())
        }
        _ => None,
    }
}

/// `question 2 of 5`.
pub(super) fn question(progress: Progress, language: Language) -> String {
    let (locale, number) = (language.code(), progress.number);
    match progress.of {
        Some(of) => t!(
            "ui.who.question_of",
            locale = locale,
            number = number,
            of = of
        )
        .into_owned(),
        None => t!("ui.who.question", locale = locale, number = number).into_owned(),
    }
}

/// Where the account lives.
pub(super) fn host(app: &App) -> String {
    match &app.mode {
        Mode::Server { host } => host.clone(),
        _ => t!("ui.form.here", locale = app.language.code()).into_owned(),
    }
}

/// While it is not known yet who is signed in.
pub(super) fn connecting(app: &App) -> String {
    let locale = app.language.code();
    match &app.mode {
        Mode::Server { host } => t!("ui.connecting", locale = locale, host = host).into_owned(),
        _ => t!("ui.connecting_embedded", locale = locale).into_owned(),
    }
}

/// What answers are spoken in, as a key of the locale files.
pub(super) fn spoken(language: SpeechLanguage) -> &'static str {
    match language {
        SpeechLanguage::Interview => "ui.lobby.spoken_same",
        SpeechLanguage::Auto => "ui.lobby.spoken_auto",
        SpeechLanguage::En => "ui.language.en",
        SpeechLanguage::Ko => "ui.language.ko",
    }
}

/// A level, or any.
pub(super) fn level(level: Option<Level>, language: Language) -> String {
    let key = match level {
        None => "ui.lobby.level_any",
        Some(Level::Junior) => "ui.lobby.level_junior",
        Some(Level::Middle) => "ui.lobby.level_middle",
        Some(Level::Senior) => "ui.lobby.level_senior",
    };
    t!(key, locale = language.code()).into_owned()
}

/// A language by its own name.
pub(super) fn language(of: Language) -> String {
    let key = match of {
        Language::English => "ui.language.en",
        Language::Korean => "ui.language.ko",
    };
    t!(key, locale = "en").into_owned()
}

/// `0:04` from milliseconds.
pub(super) fn time(ms: u64) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// How far the download of the speech model is, while the notice tells something else.
pub(super) fn download(app: &App) -> Option<String> {
    let percent = app
        .voice
        .download
        .filter(|_| app.notice.is_some())?
        .percent();
    Some(
        t!(
            "ui.status.download",
            locale = app.language.code(),
            percent = percent
        )
        .into_owned(),
    )
}
