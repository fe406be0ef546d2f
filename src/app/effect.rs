//! What the app asks of the runtime. Results come back as [`super::action::Action`]s.

use secrecy::{ExposeSecret, SecretString};

use super::turn_id::TurnId;
use crate::config::{Rate, SpeechLanguage, Volume};
use crate::interview::{Answer, Language, Level, QuestionRef, Topic};
use crate::preferences::SelectedDevices;

/// One thing to do, grouped by who does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Terminal(TerminalEffect),
    Session(SessionEffect),
    /// A call to the backend. Its answers carry the same `turn`.
    Turn {
        turn: TurnId,
        effect: BackendEffect,
    },
    Voice(VoiceEffect),
    Speech(SpeechEffect),
    Device(DeviceEffect),
    Model(ModelEffect),
    /// Stores the unsent draft of a question on disk within one second. An empty text removes it.
    SaveDraft {
        of: QuestionRef,
        text: String,
    },
    /// Looks for the unsent draft of a question.
    LoadDraft {
        of: QuestionRef,
    },
}

/// Effects on the process and its terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum TerminalEffect {
    /// Leaves with this exit code: 0, or 130 after an interrupt.
    Quit { code: u8 },
    /// Stops the process as Ctrl-Z does, with the terminal restored.
    Suspend,
}

/// Effects on the connection and the signed-in user.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEffect {
    /// Connects again after [`super::action::SessionEvent::NotConnected`].
    Connect,
    SignIn {
        turn: TurnId,
        username: String,
        password: Password,
    },
    /// Creates an account, then signs in.
    Register {
        turn: TurnId,
        username: String,
        email: String,
        password: Password,
    },
    /// Chooses where the token is stored when there is no keyring.
    StoreToken(TokenPlace),
    /// Answers whether the candidate's words may go to the model at the shown host. The answer is
    /// remembered.
    Consent { granted: bool },
}

/// A call to the backend.
#[derive(Clone, Debug, PartialEq)]
pub enum BackendEffect {
    /// Loads the current interview.
    Load,
    /// Loads the interview of this question, which has moved on.
    Reload { open: QuestionRef },
    Start {
        /// `None` stands for a general interview.
        topic: Option<Topic>,
        language: Language,
        level: Option<Level>,
        questions: u32,
    },
    Send {
        /// Stays the same when the same answer is sent again after a failure: it becomes the
        /// idempotency key.
        attempt: u64,
        answer: Answer,
        /// The question that is answered, where known.
        open: Option<QuestionRef>,
        /// The language of the interview.
        language: Language,
    },
    /// Ends the interview early, with feedback.
    Finish {
        /// The question that stays unanswered, where known.
        open: Option<QuestionRef>,
        language: Language,
    },
    /// Writes the report of the current interview into the reports folder as Markdown and JSON.
    WriteReport,
    /// Abandons the running request of this turn.
    Cancel,
}

/// Effects on the recording of the candidate's voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VoiceEffect {
    /// Opens the microphone, because an interview appears on the screen.
    OpenMicrophone,
    CloseMicrophone,
    /// Recognises this language in answers from now on. The choice is remembered.
    SetLanguage(SpeechLanguage),
    /// Starts to record, because the talk key went down.
    Start {
        utterance: TurnId,
    },
    /// Ends the recording and transcribes it, because the talk key came up.
    Stop {
        utterance: TurnId,
    },
    /// Discards the utterance.
    Cancel {
        utterance: TurnId,
    },
}

/// Effects on the interviewer's voice.
#[derive(Clone, Debug, PartialEq)]
pub enum SpeechEffect {
    /// Reads a complete reply aloud again.
    Speak {
        turn: TurnId,
        /// Markdown.
        text: String,
        language: Language,
    },
    /// Stops speaking at once. Nothing of this turn or an older one sounds any more.
    Silence { turn: TurnId },
    /// Goes on with the sentence after this one, counted from 0, at once.
    Skip { turn: TurnId, sentence: usize },
    /// Whether replies are spoken as they stream from now on.
    Mute(bool),
    /// Sets the volume, that of the current sentence included. The choice is remembered.
    SetVolume(Volume),
    /// Sets the rate from the next sentence on. The choice is remembered.
    SetRate(Rate),
}

/// Effects on the microphone and the loudspeaker themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum DeviceEffect {
    List {
        turn: TurnId,
    },
    /// Uses these devices from now on. The choice is remembered.
    Use(SelectedDevices),
    /// Records a sentence, measures it, transcribes it and plays it back.
    Check {
        turn: TurnId,
        /// The language of the interview, in which the sentence is spoken.
        language: Language,
        /// Whether the recording is played back.
        aloud: bool,
    },
    CancelCheck {
        turn: TurnId,
    },
}

/// Effects on the speech model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelEffect {
    /// Downloads the offered model.
    Download,
    /// Loads the downloaded model.
    Load,
    /// Remembers that the user declined, so that the model is not offered again.
    Decline,
}

/// The places where a token may be stored without a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// It is forgotten when the program ends.
    Memory,
    /// It is stored in a file that only the user can read (mode 0600).
    File,
}

/// A password on its way to the session. Debug output redacts it.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

impl From<&str> for Password {
    fn from(password: &str) -> Self {
        Self(SecretString::from(password))
    }
}

/// Compares the secrets themselves, so that tests can compare whole effects. Passwords are never
/// compared outside tests; the comparison does not take constant time.
impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}
