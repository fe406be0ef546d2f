//! Everything that can happen to the app: terminal input, and results reported by the runtime.

use super::check::CheckEvent;
use super::devices::DeviceList;
use super::key::Key;
use super::setup::ConsentQuestion;
pub use super::turn_id::TurnId;
use super::waterfall::{RecordingTail, Waterfall};
use crate::interview::{Answer, QuestionRef};
pub use crate::models::TransferProgress;
pub use crate::practice::{CompletedTurn, Conversation};
use crate::printable::printable;
pub use crate::voice::DeviceEvent;

/// One thing that happened, grouped by where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Terminal(TerminalEvent),
    /// Reports the time, in ms on the runtime's clock, while something animates
    /// ([`super::App::animates`]).
    Tick {
        now: u64,
    },
    Session(SessionEvent),
    /// An answer to [`super::effect::Effect::Turn`].
    Turn {
        turn: TurnId,
        event: BackendEvent,
    },
    Voice(VoiceEvent),
    Speech(SpeechEvent),
    Device(DeviceReport),
    Model(ModelEvent),
    Runtime(RuntimeEvent),
}

/// The events that come from the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum TerminalEvent {
    Key(Key),
    /// Text from a bracketed paste.
    Paste(String),
    /// Lines that arrived at once at `at` ms: pasted without marks, or typed by a program.
    Burst {
        text: String,
        at: u64,
    },
    /// A turn of the mouse wheel over the transcript. Negative rows are upwards.
    Scroll {
        rows: i16,
    },
    Resized {
        columns: u16,
        rows: u16,
    },
    /// Whether the terminal reports key releases, which is probed after the first frame.
    KeyReleases {
        reported: bool,
    },
}

/// Changes of the connection and of who is signed in.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// The server or the database cannot be reached.
    NotConnected(Failure),
    /// The stored token is valid, or sign-in succeeded. The name is empty in local mode.
    SignedIn { user: String },
    /// No token is stored, or it is no longer valid.
    SignedOut,
    /// Sign-in or registration was refused, in the server's words.
    SignInFailed { turn: TurnId, failure: Failure },
    /// There is no keyring, so the app asks where to store the token.
    NoKeyring { reason: String },
    /// Whether the backend can end an interview early.
    CanFinish(bool),
    /// A model server was found on this computer. The user is asked about it in the lobby.
    ModelServerFound(ConsentQuestion),
    /// The model that asks, which the settings left to its server.
    ModelNamed { model: String, host: String },
}

/// Results of a request to the backend.
#[derive(Clone, Debug, PartialEq)]
pub enum BackendEvent {
    /// The current interview, on entering the lobby; or the interview on the screen, which was
    /// read again.
    Loaded(Box<Conversation>),
    /// The next piece of the reply.
    Delta(String),
    /// The turn is stored and the reply is complete.
    Done(Box<CompletedTurn>),
    /// Nothing was stored. The words go back to the draft.
    Failed(Failure),
    ReportWritten {
        path: String,
    },
}

/// The candidate's voice, from the microphone to the words.
#[derive(Clone, Debug, PartialEq)]
pub enum VoiceEvent {
    /// The input level while recording, 0 to 1.
    Level(f32),
    /// The candidate cannot talk now.
    Unavailable(Missing),
    Utterance {
        utterance: TurnId,
        event: UtteranceEvent,
    },
}

/// Events in the course of one utterance.
#[derive(Clone, Debug, PartialEq)]
pub enum UtteranceEvent {
    /// No signal has come from the microphone for a while.
    MicrophoneDead(SilentMicrophone),
    /// The signal is back.
    MicrophoneAlive,
    /// The recording ended and is being transcribed.
    Recorded(RecordingTail),
    /// The words so far: those that stay, and those after them that may still change.
    Partial { stable: String, provisional: String },
    /// The final words.
    Transcribed(Answer),
    /// The recording held no speech.
    NoSpeech,
    /// The recording could not be transcribed.
    NotTranscribed { reason: String },
}

/// The interviewer's voice.
#[derive(Clone, Debug, PartialEq)]
pub enum SpeechEvent {
    /// The loudspeaker begins this sentence of the reply, counted from 0, in raw markdown.
    Sentence {
        turn: TurnId,
        index: usize,
        text: String,
    },
    /// All speech of this reply was played or silenced.
    Ended { turn: TurnId },
    /// Nothing of this reply will be spoken, because no speech engine is in use.
    NotNarrated { turn: TurnId },
    /// Replies cannot be spoken. The interview goes on in text.
    Unavailable(Missing),
}

/// News of the microphone and the loudspeaker themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum DeviceReport {
    MicrophoneOpened {
        name: String,
    },
    Changed {
        part: Part,
        event: DeviceEvent,
    },
    /// The devices of this computer, or why they cannot be listed.
    Listed {
        turn: TurnId,
        devices: Result<Box<DeviceList>, String>,
    },
    /// Progress of a microphone check.
    Check {
        turn: TurnId,
        event: CheckEvent,
    },
}

/// Progress of the speech model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelEvent {
    Progress(TransferProgress),
    /// The download ended, or failed for the given reason.
    Downloaded(Result<(), String>),
    /// The model is in memory, so utterances can be transcribed.
    Loaded,
}

/// Reports of the runtime about itself.
#[derive(Clone, Debug, PartialEq)]
pub enum RuntimeEvent {
    /// There is an unsent draft for this question, from an earlier run or from before another
    /// interview was opened.
    DraftFound { of: QuestionRef, text: String },
    /// How long the steps of the last turn took so far.
    Timed(Waterfall),
    /// A notice that is already worded for the user.
    Notice(String),
    /// SIGTERM or SIGHUP arrived: the app leaves now, in order.
    Terminate,
}

/// The kinds of failure that the app treats differently, each with its reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The token is no longer valid: the sign-in screen follows, then the same draft again.
    Unauthorized,
    /// The quota of the day is used up.
    LimitReached(String),
    /// The question was answered elsewhere, or the interview was ended there: it is read again, and
    /// the words stay in the draft.
    MovedOn,
    /// Trying again may help, and one key does it.
    Retry(String),
    /// Trying again does not help.
    Refused(String),
}

impl Failure {
    /// Returns the failure with a reason that acts on no terminal: a server may have said it.
    pub(super) fn printable(self) -> Self {
        let clean = |reason: String| printable(&reason).into_owned();
        match self {
            Self::LimitReached(reason) => Self::LimitReached(clean(reason)),
            Self::Retry(reason) => Self::Retry(clean(reason)),
            Self::Refused(reason) => Self::Refused(clean(reason)),
            Self::Unauthorized => Self::Unauthorized,
            Self::MovedOn => Self::MovedOn,
        }
    }
}

/// A missing part of the spoken interview, with the command that mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub part: Part,
    /// Details in words, possibly empty.
    pub reason: String,
    /// A command line that mends it, possibly empty.
    pub remedy: String,
}

/// A microphone without any signal, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SilentMicrophone {
    Device(String),
    /// A recording that is played in place of a microphone.
    File(String),
}

/// The parts that a spoken interview needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Microphone,
    Speaker,
    /// The Whisper model.
    Model,
    /// The speech engine that reads replies aloud.
    Narrator,
    /// The cargo feature `voice`, which this build lacks.
    Voice,
}
