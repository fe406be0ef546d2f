//! The settings that are one of a few words.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Interview, Self::En, Self::Ko, Self::Auto];

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

/// Whether a speech model is shown a sample of the style to write in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StyleSample {
    /// Where it is one of the published models, which were trained with text before the sound.
    #[default]
    Auto,
    /// Whatever model it is.
    Always,
    /// Never.
    Never,
}

impl StyleSample {
    /// Whether a model is shown it.
    pub const fn is_shown_to(self, published: bool) -> bool {
        match self {
            Self::Auto => published,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Where the server's log goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogTo {
    /// The program's log file.
    #[default]
    File,
    /// Standard error, as lines for people.
    Text,
    /// Standard error, one JSON object a line.
    Json,
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

/// Which channel of a microphone is listened to: in files `"mix"`, a number from 1, or an empty text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// As chosen in the interface, else [`Channel::Mix`].
    #[default]
    Unset,
    /// Those that carry the signal, averaged.
    Mix,
    /// One, counted from 1.
    Only(u16),
}

impl Channel {
    /// This one, else `fallback`.
    #[must_use]
    pub fn or(self, fallback: Self) -> Self {
        if self == Self::Unset { fallback } else { self }
    }

    /// Nothing was said of it.
    pub fn is_unset(&self) -> bool {
        *self == Self::Unset
    }
}

impl Serialize for Channel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unset => serializer.serialize_str(""),
            Self::Mix => serializer.serialize_str("mix"),
            Self::Only(number) => serializer.serialize_u16(*number),
        }
    }
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChannelVisitor)
    }
}

struct ChannelVisitor;

impl Visitor<'_> for ChannelVisitor {
    type Value = Channel;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"mix\" or the number of a channel, from 1")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Channel, E> {
        let wrong = || de::Error::invalid_value(de::Unexpected::Signed(number), &self);
        u16::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .map(Channel::Only)
            .ok_or_else(wrong)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Channel, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Environment variables are always text.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Channel, E> {
        match text.trim() {
            "" => Ok(Channel::Unset),
            "mix" => Ok(Channel::Mix),
            number => match number.parse() {
                Ok(number @ 1..) => Ok(Channel::Only(number)),
                _ => Err(de::Error::invalid_value(de::Unexpected::Str(text), &self)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sample_is_for_published_models_unless_it_is_said_otherwise() {
        let shown =
            |style: StyleSample| [true, false].map(|published| style.is_shown_to(published));
        assert_eq!(shown(StyleSample::default()), [true, false]);
        assert_eq!(shown(StyleSample::Always), [true, true]);
        assert_eq!(shown(StyleSample::Never), [false, false]);
    }
}
