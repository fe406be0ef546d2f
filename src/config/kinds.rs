//! The settings that are one of a few words.

use serde::{Deserialize, Serialize};

use crate::interview::Language;

/// Where the interview runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In this process, without an account.
    #[default]
    Local,
    /// On a server.
    Server,
    /// On the bundled server, started inside this process.
    Embedded,
}

/// A language, or the one that follows from the surroundings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageChoice {
    /// The interface follows `LANG`, the interview the interface.
    #[default]
    Auto,
    /// English.
    En,
    /// Korean.
    Ko,
}

impl LanguageChoice {
    /// The language chosen, if one was.
    pub const fn fixed(self) -> Option<Language> {
        match self {
            Self::Auto => None,
            Self::En => Some(Language::English),
            Self::Ko => Some(Language::Korean),
        }
    }

    /// The language chosen, else `fallback`.
    pub fn or(self, fallback: Language) -> Language {
        self.fixed().unwrap_or(fallback)
    }
}

/// The language that answers are spoken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeechLanguage {
    /// The interview's.
    #[default]
    Interview,
    /// Detected from the sound.
    Auto,
    /// English.
    En,
    /// Korean.
    Ko,
}

impl SpeechLanguage {
    /// The language to recognise in an interview held in `interview`; `None`: detect it.
    pub const fn during(self, interview: Language) -> Option<Language> {
        match self {
            Self::Interview => Some(interview),
            Self::Auto => None,
            Self::En => Some(Language::English),
            Self::Ko => Some(Language::Korean),
        }
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterviewerEngine {
    /// The endpoint when a key or a base URL is set and the user agreed, else the question bank.
    #[default]
    Auto,
    /// The question bank.
    Offline,
    /// The OpenAI-compatible endpoint.
    OpenAi,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NarratorEngine {
    /// `espeak-ng`, or `say` on macOS, where installed.
    #[default]
    Auto,
    /// Nobody.
    None,
    /// `espeak-ng`.
    Espeak,
    /// macOS `say`.
    Say,
    /// The OpenAI-compatible endpoint.
    OpenAi,
    /// `narrator.command`.
    Command,
}
