//! What the app asks of the runtime. Imperative; results come back as [`super::action::Action`]s.
use secrecy::SecretString;

use super::action::TurnId;
use crate::config::{Rate, SpeechLanguage, Volume};
use crate::interview::{Answer, Language, Level, Topic};
use crate::preferences::SelectedDevices;

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Leave with this exit code (0 or 130).
    Quit(u8),
    /// Stop the process (Ctrl-Z) with the terminal restored.
    Suspend,

    /// Connect again, after [`super::action::Action::NotConnected`].
    Connect,
    /// Sign in (server and embedded mode).
    SignIn {
        /// Request.
        turn: TurnId,
        /// Name.
        username: String,
        /// In clear, redacted in debug output.
        password: SecretString,
    },
    /// Register, then sign in.
    Register {
        /// Request.
        turn: TurnId,
        /// Name.
        username: String,
        /// Address.
        email: String,
        /// In clear, redacted in debug output.
        password: SecretString,
    },
    /// Where to keep the token when there is no keyring.
    KeepToken(TokenPlace),
    /// Answer to the consent question: may the answers go to the model at the shown host? Remembered.
    Consent(bool),

    /// Load the current interview.
    Load(TurnId),
    /// Begin an interview.
    Start {
        /// Request.
        turn: TurnId,
        /// About; `None`: general.
        topic: Option<Topic>,
        /// In.
        language: Language,
        /// For.
        level: Option<Level>,
        /// How many.
        questions: u32,
    },
    /// Send an answer. `attempt` stays the same when the same answer is sent again after a failure: it becomes the idempotency key.
    Send {
        /// Request.
        turn: TurnId,
        /// See above.
        attempt: u64,
        /// What.
        answer: Answer,
        /// Of the interview.
        language: Language,
    },
    /// End the interview early, with feedback (local mode).
    Finish {
        /// Request.
        turn: TurnId,
        /// Of the interview.
        language: Language,
    },
    /// Abandon a running request.
    CancelRequest(TurnId),

    /// An interview is on the screen: open the microphone.
    OpenMicrophone,
    /// It left the screen.
    CloseMicrophone,
    /// What the answers are spoken in from now on. Remembered.
    Recognise(SpeechLanguage),
    /// The talk key went down.
    StartListening(TurnId),
    /// It came up.
    StopListening(TurnId),
    /// Forget the utterance.
    CancelListening(TurnId),
    /// Ask the system for its devices.
    ListDevices(TurnId),
    /// Use these devices from now on, and remember them.
    UseDevices(SelectedDevices),
    /// Record a sentence, measure it, write it down and play it back.
    Check {
        /// Tagged with.
        turn: TurnId,
        /// Spoken in.
        language: Language,
        /// Play it back.
        aloud: bool,
    },
    /// Nobody waits for that check any more.
    CancelCheck(TurnId),
    /// Say a reply that has been written already (replay).
    Speak {
        /// Tagged with.
        turn: TurnId,
        /// Markdown.
        text: String,
        /// Of the text.
        language: Language,
    },
    /// Stop speaking at once; nothing of `..=turn` sounds any more.
    Silence(TurnId),
    /// Go on with the sentence behind this one (index from 0) at once.
    Skip {
        /// Of this reply.
        turn: TurnId,
        /// Which is being heard.
        sentence: usize,
    },
    /// From now on replies are spoken as they stream, or not.
    Mute(bool),
    /// How loud they are spoken, the sounding sentence included. Remembered.
    SetVolume(Volume),
    /// How fast, from the next sentence on. Remembered.
    SetRate(Rate),

    /// Keep the unsent draft on disk (empty: forget it). Within 1 s.
    SaveDraft(String),
    /// Write the report of the current interview into the reports folder as Markdown and JSON.
    WriteReport(TurnId),
    /// Download the offered speech model.
    DownloadModel,
    /// Load the model that was downloaded.
    LoadModel,
    /// The user declined; do not offer again.
    DeclineModel,
}

/// Where a token may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// Until the program ends.
    Memory,
    /// A file only the user can read (0600).
    File,
}
