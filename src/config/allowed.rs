//! The values that each setting allows, for errors in a language other than that of the code.

use crate::interview::MOST_QUESTIONS;

/// The values that a setting allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// One of some words, separated by commas.
    OneOf(&'static str),
    /// A whole number between two bounds, both allowed.
    Whole {
        least: u32,
        most: u32,
    },
    /// A whole number from 0.
    Count,
    /// `true` or `false`.
    Switch,
    Text,
    /// A list of paths.
    Paths,
    Path,
    /// A program with its arguments.
    Program,
    /// The address of a server.
    Http,
    /// The name or the address of a model server.
    ModelServer,
    /// An address and a port to listen on.
    Listen,
    TimeZone,
    /// The channel of a microphone.
    Channel,
    /// A list of the origins of web pages.
    Origins,
    /// A list of addresses or networks.
    Networks,
}

impl Allowed {
    /// Returns what the setting of the dotted name `key` allows, or `None` if there is none.
    pub fn of(key: &str) -> Option<Self> {
        Some(match key {
            "mode" => Self::OneOf("local, server, embedded"),
            "language" | "interview.language" => Self::OneOf("auto, en, ko"),
            "interview.questions" => Self::Whole {
                least: 1,
                most: MOST_QUESTIONS,
            },
            "interview.question_folders" => Self::Paths,
            "server.url" | "speech.mirror" => Self::Http,
            "interviewer.engine" => Self::OneOf("auto, offline, openai"),
            "openai.base_url" | "openai.key_host" | "narrator.base_url" => Self::ModelServer,
            "narrator.engine" => Self::OneOf("auto, none, espeak, say, openai, command"),
            "narrator.command" => Self::Program,
            "narrator.volume" => Self::Whole {
                least: 0,
                most: 100,
            },
            "narrator.rate" => Self::Whole {
                least: 50,
                most: 200,
            },
            "speech.model" => Self::Path,
            "speech.language" => Self::OneOf("interview, auto, en, ko"),
            "speech.style_sample" => Self::OneOf("auto, always, never"),
            "audio.microphone_channel" => Self::Channel,
            "serve.listen" => Self::Listen,
            "serve.registration" => Self::OneOf("open, closed, invite"),
            "serve.time_zone" => Self::TimeZone,
            "serve.allow_origins" => Self::Origins,
            "serve.trusted_proxies" => Self::Networks,
            "serve.log" => Self::OneOf("file, text, json"),
            "narrator.cache_megabytes"
            | "speech.threads"
            | "serve.daily_chat_limit"
            | "serve.registrations_per_hour"
            | "serve.login_days" => Self::Count,
            "speech.open_microphone" | "serve.behind_tls" | "serve.open_metrics" => Self::Switch,
            "openai.model"
            | "openai.speech_model"
            | "openai.voice"
            | "narrator.model"
            | "audio.microphone"
            | "audio.speaker"
            | "serve.database_url" => Self::Text,
            _ => return None,
        })
    }
}
