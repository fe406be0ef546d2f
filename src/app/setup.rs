//! Everything the app needs to know when it starts.

use crate::config::{Rate, SpeechLanguage, Volume};
use crate::interview::Language;

/// The mode in which interviews are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Interviews are held in this process, without an account.
    Local,
    Server {
        /// The host, with the port where it is not the usual one.
        host: String,
    },
    /// Interviews are held on a server inside this process, with an account.
    Embedded,
}

/// The interviewer, who is always named on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterviewerInfo {
    QuestionBank,
    Model {
        /// The name, or an empty text until the server has named its models.
        model: String,
        host: String,
    },
    /// A server, which does not say what it asks with.
    Server {
        host: String,
    },
}

/// A topic of the question bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicItem {
    /// The name that is sent to the interviewer.
    pub id: String,
    pub title: String,
}

/// The question whether answers may go to this model, asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentQuestion {
    /// The name, or an empty text if the server is yet to name its models.
    pub model: String,
    pub host: String,
    /// The program that was found on this computer, or `None` for a server of the settings.
    pub found: Option<String>,
}

/// A speech model the user may download now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelOffer {
    /// The name of the model, such as `base`.
    pub name: String,
    pub bytes: u64,
    /// The number of bytes that an earlier run has downloaded.
    pub begun: u64,
    /// Why this model is offered, in words.
    pub reason: String,
    pub how: OfferMode,
}

/// How a model is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferMode {
    /// The user is asked first.
    Ask,
    /// The user agreed in an earlier run, so the download goes on at once.
    Resume,
    /// The user declined in an earlier run, so only a key fetches the model.
    OnRequest,
}

/// How replies are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeechSettings {
    pub volume: Volume,
    /// The rate, or `None` where it cannot be chosen.
    pub rate: Option<Rate>,
}

impl Default for SpeechSettings {
    fn default() -> Self {
        Self {
            volume: Volume::default(),
            rate: Some(Rate::default()),
        }
    }
}

/// Everything the app knows at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The mode in which interviews are held.
    pub mode: Mode,
    /// Who asks the questions, and while the consent question is open, who asks until then.
    pub interviewer: InterviewerInfo,
    /// The language of the interface.
    pub language: Language,
    /// The language that is preselected for interviews.
    pub interview_language: Language,
    /// The topics of each language, in the order shown.
    pub topics: Vec<(Language, Vec<TopicItem>)>,
    /// The preselected number of questions.
    pub questions: u32,
    pub consent: Option<ConsentQuestion>,
    /// The speech model to offer where none is installed.
    pub model_offer: Option<ModelOffer>,
    /// Whether no account is known yet, so that registering is shown before signing in.
    pub first_run: bool,
    /// Whether an interview can be ended early, with feedback.
    pub can_finish: bool,
    /// How replies are spoken.
    pub speaking: SpeechSettings,
    /// The language in which answers are spoken.
    pub spoken: SpeechLanguage,
    /// The columns and rows of the terminal.
    pub size: (u16, u16),
}
