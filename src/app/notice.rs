//! Notices beside the interview. [`super::notices`] decides which of them is shown.

use rust_i18n::t;

use super::action::{Missing, Part, SilentMicrophone};
use crate::config::{Rate, Volume};
use crate::interview::{Language, Topic};
use crate::voice::DeviceEvent;

/// Something the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The recording held no speech.
    NoSpeech,
    /// An utterance was lost, for this reason.
    NotTranscribed(String),
    Missing(Missing),
    /// The microphone or the loudspeaker changed.
    Device(Part, DeviceEvent),
    /// No signal comes from the microphone that is being recorded.
    SilentMicrophone(SilentMicrophone),
    /// A request failed, for this reason, and this key makes it again.
    Retry(String, RetryKey),
    /// A request failed, for this reason, and would fail again.
    Refused(String),
    /// The quota of the day is used up, in the server's words.
    Limit(String),
    SignInAgain,
    Cancelled,
    StillAnswering,
    DraftFound,
    /// The server went on with an earlier interview.
    TopicIgnored,
    /// The question was answered elsewhere, so that the interview was read again.
    MovedOn,
    /// The app quits when the last words are transcribed.
    Leaving,
    /// A second Ctrl+C quits.
    InterruptAgain,
    /// Whether spoken replies were turned off, or on again.
    Muted(bool),
    Volume(Volume),
    Rate(Rate),
    /// This voice has one rate only.
    FixedRate,
    /// Interviews on this server cannot be ended early.
    CannotFinish,
    TopicTooLong,
    NothingToReplay,
    /// Nothing is replayed while spoken replies are off.
    MutedReplay,
    /// Nothing is replayed because no speech engine is in use.
    Unspoken,
    ModelReady,
    /// The download of the speech model failed, for this reason.
    ModelFailed(String),
    /// A speech model is installed, or none can be downloaded.
    NoModelToFetch,
    /// The report was written to this path.
    Report(String),
    /// A notice that is already worded.
    Words(String),
}

/// The key that makes a failed request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryKey {
    Enter,
    Finish,
    /// Enter in the lobby, where nothing was written that could be lost.
    Load,
    /// The request is not made again, and nothing is lost by that.
    Never,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Good,
    Plain,
    Bad,
}

/// How soon a notice is shown when there are several, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The app waits for a key that the notice names.
    Pressing,
    /// Something that the user asked for failed.
    Failure,
    /// The answer to a key.
    Response,
    /// Something has become ready.
    Result,
    /// Something is so, and the interview goes on with it.
    Condition,
}

impl Notice {
    pub fn severity(&self) -> Severity {
        match self {
            Self::ModelReady | Self::Report(_) | Self::Device(_, DeviceEvent::Returned(_)) => {
                Severity::Good
            }
            Self::NotTranscribed(_)
            | Self::Retry(..)
            | Self::Refused(_)
            | Self::Limit(_)
            | Self::MovedOn
            | Self::SignInAgain
            | Self::ModelFailed(_)
            | Self::SilentMicrophone(_)
            | Self::Missing(_)
            | Self::Device(
                _,
                DeviceEvent::NotFound { .. }
                | DeviceEvent::Replaced { .. }
                | DeviceEvent::NoSuchChannel { .. }
                | DeviceEvent::Overrun(_),
            ) => Severity::Bad,
            Self::NoSpeech
            | Self::Device(_, DeviceEvent::DefaultChanged(_))
            | Self::Cancelled
            | Self::StillAnswering
            | Self::DraftFound
            | Self::TopicIgnored
            | Self::Leaving
            | Self::InterruptAgain
            | Self::Muted(_)
            | Self::Volume(_)
            | Self::Rate(_)
            | Self::FixedRate
            | Self::CannotFinish
            | Self::TopicTooLong
            | Self::NothingToReplay
            | Self::MutedReplay
            | Self::Unspoken
            | Self::NoModelToFetch
            | Self::Words(_) => Severity::Plain,
        }
    }

    pub(super) fn priority(&self) -> Priority {
        match self {
            Self::Leaving | Self::InterruptAgain => Priority::Pressing,
            Self::NotTranscribed(_)
            | Self::Retry(..)
            | Self::Refused(_)
            | Self::Limit(_)
            | Self::MovedOn
            | Self::SignInAgain
            | Self::SilentMicrophone(_) => Priority::Failure,
            Self::NoSpeech
            | Self::Cancelled
            | Self::StillAnswering
            | Self::Muted(_)
            | Self::Volume(_)
            | Self::Rate(_)
            | Self::FixedRate
            | Self::CannotFinish
            | Self::TopicTooLong
            | Self::NothingToReplay
            | Self::MutedReplay
            | Self::Unspoken
            | Self::NoModelToFetch => Priority::Response,
            Self::DraftFound | Self::ModelReady | Self::Report(_) => Priority::Result,
            Self::TopicIgnored
            | Self::Missing(_)
            | Self::Device(..)
            | Self::ModelFailed(_)
            | Self::Words(_) => Priority::Condition,
        }
    }

    /// Returns for how many ticks the notice is shown while another one waits, or `None` if it
    /// stays until it is dismissed. Ten ticks are about a second.
    pub(super) fn lifetime(&self) -> Option<u16> {
        match (self, self.priority()) {
            (Self::Report(_), _) | (_, Priority::Pressing | Priority::Failure) => None,
            (_, Priority::Response) => Some(40),
            (_, Priority::Result | Priority::Condition) => Some(100),
        }
    }

    /// Whether `older` need not be shown any more once this notice is.
    pub(super) fn replaces(&self, older: &Self) -> bool {
        match (self, older) {
            (Self::Missing(missing), Self::Missing(other)) => missing.part == other.part,
            (Self::Device(part, _), Self::Device(other, _)) => part == other,
            (Self::Device(part, _), Self::Missing(missing)) => *part == missing.part,
            (Self::Words(_) | Self::Refused(_), _) => self == older,
            // Only the answer to the newest key is awaited.
            _ if self.priority() == Priority::Response => older.priority() == Priority::Response,
            _ => std::mem::discriminant(self) == std::mem::discriminant(older),
        }
    }

    /// Words the notice in `language`.
    pub fn words(&self, language: Language) -> String {
        let locale = language.code();
        let plain = |key: &str| t!(key, locale = locale).into_owned();
        match self {
            Self::Words(words) | Self::Refused(words) => words.clone(),
            Self::Limit(reason) => t!(
                "ui.notice.limit",
                locale = locale,
                reason = sentence(reason)
            )
            .into_owned(),
            Self::Missing(missing) => missing_words(missing, language),
            Self::Device(part, news) => device_words(*part, news, language),
            Self::SilentMicrophone(SilentMicrophone::Device(name)) => {
                t!("ui.notice.dead", locale = locale, name = name).into_owned()
            }
            Self::SilentMicrophone(SilentMicrophone::File(name)) => {
                t!("ui.notice.dead_file", locale = locale, name = name).into_owned()
            }
            Self::NotTranscribed(why) => {
                t!("ui.notice.not_transcribed", locale = locale, reason = why).into_owned()
            }
            Self::TopicTooLong => t!(
                "ui.notice.topic_too_long",
                locale = locale,
                most = Topic::MAX_CHARS
            )
            .into_owned(),
            Self::Volume(volume) => {
                t!("ui.notice.volume", locale = locale, percent = volume).into_owned()
            }
            Self::Rate(rate) => t!("ui.notice.rate", locale = locale, percent = rate).into_owned(),
            Self::Report(path) => t!("ui.notice.report", locale = locale, path = path).into_owned(),
            Self::Retry(why, again) => {
                format!("{} · {}", sentence(why), t!(again.key(), locale = locale))
            }
            Self::ModelFailed(why) => t!(
                "ui.notice.model_failed",
                locale = locale,
                reason = sentence(why)
            )
            .into_owned(),
            Self::NoSpeech => plain("ui.notice.heard_nothing"),
            Self::SignInAgain => plain("ui.notice.sign_in_again"),
            Self::Cancelled => plain("ui.notice.cancelled"),
            Self::StillAnswering => plain("ui.notice.still_answering"),
            Self::DraftFound => plain("ui.notice.draft_found"),
            Self::MovedOn => plain("ui.notice.moved_on"),
            Self::TopicIgnored => plain("ui.notice.topic_ignored"),
            Self::Leaving => plain("ui.notice.leaving"),
            Self::InterruptAgain => plain("ui.notice.interrupt_again"),
            Self::Muted(true) => plain("ui.notice.muted"),
            Self::Muted(false) => plain("ui.notice.unmuted"),
            Self::FixedRate => plain("ui.notice.one_rate"),
            Self::CannotFinish => plain("ui.notice.cannot_finish"),
            Self::MutedReplay => plain("ui.notice.muted_replay"),
            Self::Unspoken => plain("ui.notice.unspoken"),
            Self::NoModelToFetch => plain("ui.notice.no_model_to_fetch"),
            Self::NothingToReplay => plain("ui.notice.nothing_to_replay"),
            Self::ModelReady => plain("ui.notice.model_ready"),
        }
    }
}

impl RetryKey {
    fn key(self) -> &'static str {
        match self {
            Self::Enter => "ui.notice.enter_again",
            Self::Finish => "ui.notice.finish_again",
            Self::Load => "ui.notice.load_again",
            Self::Never => "ui.notice.nothing_lost",
        }
    }
}

/// Says what became of a microphone or a loudspeaker.
pub fn device_words(part: Part, event: &DeviceEvent, language: Language) -> String {
    let locale = language.code();
    let of = if part == Part::Speaker {
        "speaker"
    } else {
        "microphone"
    };
    let say = |key: &str, wanted: &str, there: &str, instead: &str| {
        let key = format!("ui.device.{of}.{key}");
        t!(
            &key,
            locale = locale,
            wanted = wanted,
            there = there,
            instead = instead
        )
        .into_owned()
    };
    match event {
        DeviceEvent::NotFound {
            wanted,
            several,
            there,
            instead,
        } => say(
            if *several { "several" } else { "no_such" },
            wanted,
            &there.join(", "),
            instead,
        ),
        DeviceEvent::Replaced {
            lost,
            reason: None,
            instead,
        } => say("gone", lost, "", instead),
        DeviceEvent::Replaced {
            lost,
            reason: Some(reason),
            instead,
        } => say("refused", lost, sentence(reason), instead),
        DeviceEvent::Returned(name) => say("back", name, "", name),
        DeviceEvent::DefaultChanged(name) => say("default", name, "", name),
        DeviceEvent::NoSuchChannel {
            device,
            channel,
            channels,
        } => t!(
            "ui.device.no_channel",
            locale = locale,
            name = device,
            channel = channel,
            channels = channels
        )
        .into_owned(),
        DeviceEvent::Overrun(Some(time)) => {
            let seconds = format!("{:.1}", time.as_secs_f64().max(0.1));
            t!("ui.device.overrun", locale = locale, seconds = seconds).into_owned()
        }
        DeviceEvent::Overrun(None) => t!("ui.device.hiccup", locale = locale).into_owned(),
    }
}

/// Says what is missing, and which command mends it.
pub fn missing_words(missing: &Missing, language: Language) -> String {
    let part = match missing.part {
        Part::Microphone => "ui.missing.microphone",
        Part::Speaker => "ui.missing.speaker",
        Part::Model => "ui.missing.model",
        Part::Narrator => "ui.missing.narrator",
        Part::Voice => "ui.missing.voice",
    };
    let mut words = t!(part, locale = language.code()).into_owned();
    if !missing.reason.is_empty() {
        words = format!("{words} ({})", sentence(&missing.reason));
    }
    if !missing.remedy.is_empty() {
        words = format!("{words} · {}", missing.remedy);
    }
    words
}

/// Strips the full stop from words of others, because something follows them.
fn sentence(words: &str) -> &str {
    words.trim().trim_end_matches(['.', '。'])
}
