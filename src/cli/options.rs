//! The options that several commands share, in the groups that `--help` shows them in.
//!
//! A command takes the groups that change what it does, and no other: see [`super::Command::options`]. Each
//! option may stand before or after the command.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};

use super::Environment;
use crate::config::{self, Setting};

/// The shared options as they were given. A command leaves the groups it does not take at their
/// defaults.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    #[command(flatten)]
    pub interview_language: InterviewLanguageOption,
    #[command(flatten)]
    pub interviewer: InterviewerOption,
    #[command(flatten)]
    pub server: ServerOptions,
    #[command(flatten)]
    pub recognition: RecognitionOptions,
    #[command(flatten)]
    pub narrator: NarratorOption,
    #[command(flatten)]
    pub microphone: MicrophoneOptions,
    #[command(flatten)]
    pub speaker: SpeakerOptions,
    #[command(flatten)]
    pub network: NetworkOption,
    #[command(flatten)]
    pub common: CommonOptions,
}

/// The options of every command that works with the settings.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CommonOptions {
    #[command(flatten)]
    pub files: FileOptions,
    #[command(flatten)]
    pub general: GeneralOptions,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Interview")]
pub struct InterviewLanguageOption {
    /// Language of interviews, if it differs from --language: en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    interview_language: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Interview")]
pub struct InterviewerOption {
    /// Engine that asks the questions: auto, offline, openai
    #[arg(long, global = true, value_name = "ENGINE")]
    interviewer: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Server")]
pub struct ServerOptions {
    /// Place where interviews run: local, server, embedded
    #[arg(long, global = true, value_name = "MODE")]
    mode: Option<String>,
    /// Address of the server, for --mode server
    #[arg(long, global = true, value_name = "URL")]
    server_url: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Speech recognition")]
pub struct RecognitionOptions {
    /// Speech model: a file, or the name of an installed model [default: the best one installed]
    #[arg(long, global = true, value_name = "FILE")]
    pub model: Option<String>,
    #[command(flatten)]
    pub language: SpeechLanguageOption,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Speech recognition")]
pub struct SpeechLanguageOption {
    /// Language of the answers, if it differs from the interview's: auto, en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    speech_language: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Voice output")]
pub struct NarratorOption {
    /// Engine that speaks: auto, none, espeak, say, openai, command
    #[arg(long, global = true, value_name = "ENGINE")]
    narrator: Option<String>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Devices")]
pub struct MicrophoneOptions {
    /// Microphone, by its name or a part of it; `devices` lists them [default: the system's]
    #[arg(long, global = true, value_name = "NAME")]
    microphone: Option<String>,
    /// Play these files instead of recording: each press of the talk key plays the next one
    #[arg(long, global = true, value_name = "WAV", value_parser = file_path())]
    pub mic_file: Vec<PathBuf>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Devices")]
pub struct SpeakerOptions {
    /// Loudspeaker, by its name or a part of it [default: the system's]
    #[arg(long, global = true, value_name = "NAME")]
    speaker: Option<String>,
    /// Write speech to this file instead of playing it
    #[arg(long, global = true, value_name = "WAV", value_parser = file_path())]
    pub speaker_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Files and network")]
pub struct FileOptions {
    /// Settings file [default: the one that `config path` prints]
    #[arg(long, global = true, value_name = "FILE", value_parser = file_path())]
    pub config: Option<PathBuf>,
    /// Folder for everything the program writes [default: the platform's folders]
    #[arg(long, global = true, value_name = "DIR", value_parser = file_path())]
    pub data_dir: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Files and network")]
pub struct NetworkOption {
    /// Use no network beyond this computer, whatever the settings say
    #[arg(long, global = true)]
    pub offline: bool,
}

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "General")]
pub struct GeneralOptions {
    /// Language of the interface, and of interviews unless they have their own: en, ko
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Write no notices or progress to standard error
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log more details
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// Returns the parser of a path, in which a leading `~` that the shell left is the home folder.
pub fn file_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| config::expand_home(&path))
}

impl Options {
    /// Returns the options that override a setting.
    pub fn settings(&self) -> Vec<Setting> {
        let overrides = [
            ("mode", "--mode", &self.server.mode),
            ("server.url", "--server-url", &self.server.server_url),
            ("language", "--language", &self.common.general.language),
            (
                "interview.language",
                "--interview-language",
                &self.interview_language.interview_language,
            ),
            (
                "speech.language",
                "--speech-language",
                &self.recognition.language.speech_language,
            ),
            (
                "interviewer.engine",
                "--interviewer",
                &self.interviewer.interviewer,
            ),
            ("narrator.engine", "--narrator", &self.narrator.narrator),
            ("speech.model", "--model", &self.recognition.model),
            (
                "audio.microphone",
                "--microphone",
                &self.microphone.microphone,
            ),
            ("audio.speaker", "--speaker", &self.speaker.speaker),
        ];
        let given = overrides
            .into_iter()
            .filter_map(|(key, origin, text)| Some((key, origin, text.clone()?)));
        given
            .map(|(key, origin, text)| Setting {
                key: key.into(),
                text,
                origin: origin.into(),
            })
            .collect()
    }
}

impl FileOptions {
    /// Adds the two paths that decide where settings are looked for, if the environment names them
    /// and no option does.
    #[must_use]
    pub fn or_from(self, environment: &Environment) -> Self {
        // `~name` stays as it is, and the error names it.
        let path = |name| {
            let path = PathBuf::from(environment.variable(name)?);
            Some(config::expand_home(&path).unwrap_or(path))
        };
        Self {
            config: self.config.or_else(|| path("MOCK_INTERVIEWER_CONFIG")),
            data_dir: self.data_dir.or_else(|| path("MOCK_INTERVIEWER_DATA_DIR")),
        }
    }
}
