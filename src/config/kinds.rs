//! The settings whose values are a few words.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::interview::{Language, UnknownValue, ValueKind};

/// The place where interviews run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Interviews run in this process, without an account.
    #[default]
    Local,
    Server,
    /// Interviews run on the bundled server, started inside this process.
    Embedded,
}

/// A language, or the default of its setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageChoice {
    /// The interface follows `LANG`, the interview the interface.
    #[default]
    Auto,
    En,
    Ko,
}

impl LanguageChoice {
    /// Returns the language, unless it is `auto`.
    pub const fn fixed(self) -> Option<Language> {
        match self {
            Self::Auto => None,
            Self::En => Some(Language::English),
            Self::Ko => Some(Language::Korean),
        }
    }

    /// Returns the language, or `fallback` for `auto`.
    pub fn or(self, fallback: Language) -> Language {
        self.fixed().unwrap_or(fallback)
    }
}

/// The language that answers are spoken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpeechLanguage {
    /// The language of the interview.
    #[default]
    Interview,
    /// The language is detected.
    Auto,
    En,
    Ko,
}

impl SpeechLanguage {
    /// All values, the default first.
    pub const ALL: [Self; 4] = [Self::Interview, Self::En, Self::Ko, Self::Auto];

    /// Returns the language to recognise in an interview in the language `interview`, or `None` to
    /// detect it.
    pub const fn during(self, interview: Language) -> Option<Language> {
        match self {
            Self::Interview => Some(interview),
            Self::Auto => None,
            Self::En => Some(Language::English),
            Self::Ko => Some(Language::Korean),
        }
    }
}

/// The choice of speech models that are given a sample of the style to write in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StyleSample {
    /// The published models, which were trained with text before the audio.
    #[default]
    Auto,
    /// Every model.
    Always,
    Never,
}

impl StyleSample {
    /// Returns whether a model is given the sample.
    pub const fn is_shown_to(self, published: bool) -> bool {
        match self {
            Self::Auto => published,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Who may create an account on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    #[default]
    Open,
    /// Nobody.
    Closed,
    /// Whoever has an invitation of the administrator's, each for one account.
    Invite,
}

impl FromStr for Registration {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        match text {
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            "invite" => Ok(Self::Invite),
            _ => Err(UnknownValue::new(
                ValueKind::Registration,
                text,
                "open, closed, invite",
            )),
        }
    }
}

/// The destination of the server's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogTo {
    /// The program's log file.
    #[default]
    File,
    /// Standard error, as text.
    Text,
    /// Standard error, one JSON object a line.
    Json,
}

/// The engine that asks the questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterviewerEngine {
    /// The endpoint if a key or a base URL is set and the user agreed, else the question bank.
    #[default]
    Auto,
    /// The question bank.
    Offline,
    /// The OpenAI-compatible endpoint.
    OpenAi,
}

/// The engine that speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NarratorEngine {
    /// `espeak-ng`, or `say` on macOS, if installed.
    #[default]
    Auto,
    /// No engine: replies are silent.
    None,
    /// `espeak-ng`.
    Espeak,
    /// The `say` command of macOS.
    Say,
    /// The OpenAI-compatible endpoint.
    OpenAi,
    /// The program that `narrator.command` names.
    Command,
}

/// The channel of a microphone that is recorded: in files `"mix"`, a number from 1, or an empty text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The channel chosen in the interface, else [`Channel::Mix`].
    #[default]
    Unset,
    /// The average of the channels that carry the signal.
    Mix,
    /// One channel, counted from 1.
    Only(u16),
}

impl Channel {
    /// Returns this channel, or `fallback` if it is not set.
    #[must_use]
    pub fn or(self, fallback: Self) -> Self {
        if self == Self::Unset { fallback } else { self }
    }

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

    /// Parses the text of an environment variable.
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
    fn only_published_models_are_given_a_style_sample_by_default() {
        let shown =
            |style: StyleSample| [true, false].map(|published| style.is_shown_to(published));
        assert_eq!(shown(StyleSample::default()), [true, false]);
        assert_eq!(shown(StyleSample::Always), [true, true]);
        assert_eq!(shown(StyleSample::Never), [false, false]);
    }
}
