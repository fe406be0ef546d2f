//! The default settings, which `config.example.toml` documents.

use super::{
    InterviewConfig, LanguageChoice, LogTo, NarratorConfig, NarratorEngine, OpenAiConfig, Rate,
    Registration, ServeConfig, ServerConfig, SpeechConfig, SpeechLanguage, StyleSample, Volume,
};

impl Default for InterviewConfig {
    fn default() -> Self {
        Self {
            language: LanguageChoice::Auto,
            questions: 5,
            question_folders: vec![],
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8000".into(),
        }
    }
}

impl Default for OpenAiConfig {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            key_host: String::new(),
            model: String::new(),
            speech_model: String::new(),
            voice: "alloy".into(),
        }
    }
}

impl Default for NarratorConfig {
    fn default() -> Self {
        Self {
            engine: NarratorEngine::Auto,
            command: vec![],
            base_url: String::new(),
            model: String::new(),
            volume: Volume::default(),
            rate: Rate::default(),
            cache_megabytes: 100,
        }
    }
}

impl Default for SpeechConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            language: SpeechLanguage::Interview,
            mirror: Self::PUBLISHED.into(),
            threads: 0,
            style_sample: StyleSample::Auto,
            open_microphone: true,
        }
    }
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            database_url: String::new(),
            daily_chat_limit: 6,
            registration: Registration::Open,
            registrations_per_hour: 100,
            time_zone: String::new(),
            allow_origins: vec![],
            login_days: 90,
            trusted_proxies: vec![],
            behind_tls: false,
            log: LogTo::File,
            open_metrics: false,
        }
    }
}
