//! What the app is told when it starts.
use crate::config::{Rate, SpeechLanguage, Volume};
use crate::interview::Language;

/// Where interviews are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In this process, without an account.
    Local,
    /// On that server.
    Server {
        /// Host, and port where it is not the usual one.
        host: String,
    },
    /// On a server inside this process, with an account.
    Embedded,
}

/// Who is asking; always on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterviewerInfo {
    /// The built-in questions.
    QuestionBank,
    /// A language model.
    Model {
        /// Its name.
        model: String,
        /// Where it runs.
        host: String,
    },
    /// A server, which does not say by what means.
    Server {
        /// Where it runs.
        host: String,
    },
}

/// A topic of the question bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicItem {
    /// Sent to the interviewer.
    pub id: String,
    /// Shown.
    pub title: String,
}

/// May answers go to this model? Asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentQuestion {
    /// Its name.
    pub model: String,
    /// Where it runs.
    pub host: String,
}

/// A speech model the user may download now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelOffer {
    /// Such as `base`.
    pub name: String,
    /// Size of the file.
    pub bytes: u64,
    /// Bytes of it that an earlier run has brought.
    pub begun: u64,
    /// Why this one, in words.
    pub reason: String,
    /// How it is offered.
    pub how: OfferMode,
}

/// How a model is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferMode {
    /// The user is asked first.
    Ask,
    /// The user agreed in an earlier run: the download goes on at once.
    Resume,
    /// The user declined in an earlier run: only a key fetches it.
    OnRequest,
}

/// How replies are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeechSettings {
    /// How loud.
    pub volume: Volume,
    /// How fast; `None` where that cannot be chosen.
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
    /// Where interviews are held.
    pub mode: Mode,
    /// Who asks; with a consent question open, who asks until it is answered.
    pub interviewer: InterviewerInfo,
    /// Of the interface.
    pub language: Language,
    /// Preselected for interviews.
    pub interview_language: Language,
    /// The topics offered in each language, in the order shown.
    pub topics: Vec<(Language, Vec<TopicItem>)>,
    /// Preselected number of questions.
    pub questions: u32,
    /// To be asked first, if anything.
    pub consent: Option<ConsentQuestion>,
    /// The speech model to be offered, where none is there.
    pub model_offer: Option<ModelOffer>,
    /// No account is known yet: registering is shown before signing in.
    pub first_run: bool,
    /// An interview can be ended early with feedback.
    pub can_finish: bool,
    /// How replies are spoken.
    pub speaking: SpeechSettings,
    /// What answers are spoken in.
    pub spoken: SpeechLanguage,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}
