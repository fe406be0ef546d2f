//! Everything that can happen to the app: keys, and facts reported by the runtime.
use super::check::Checked;
use super::devices::DeviceList;
use super::key::Key;
use super::waterfall::{Tail, Waterfall};
use crate::interview::Answer;
pub use crate::models::Progress;
pub use crate::practice::{Conversation, Done};
pub use crate::voice::News;

/// Names one request of the app; a late answer to an older one is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TurnId(pub u64);

/// A fact. Results carry the [`TurnId`] of the effect they answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A key event.
    Key(Key),
    /// Bracketed paste.
    Paste(String),
    /// Mouse wheel over the transcript; lines, negative is up.
    Scroll(i16),
    /// The terminal has this size now (columns, rows).
    Resized(u16, u16),
    /// Sent while something animates ([`super::App::animates`]); ms on the runtime's clock.
    Tick(u64),
    /// Whether the terminal reports key releases (probed after the first frame).
    KeyReleases(bool),

    /// There is no connection, or no database; why.
    NotConnected(Failure),
    /// The token kept from an earlier run is valid, or sign-in succeeded; the user's name (empty in local mode).
    SignedIn(String),
    /// Whether an interview can be ended early where it runs.
    CanFinish(bool),
    /// No token is kept, or it is no longer valid.
    SignedOut,
    /// Sign-in or registration was refused, in the server's words.
    SignInFailed(TurnId, Failure),
    /// The keyring is absent: the app asks where to keep the token ([`super::effect::Effect::KeepToken`]).
    NoKeyring(String),

    /// The current interview, on entering the lobby and on continuing.
    Loaded(TurnId, Box<Conversation>),
    /// A piece of the reply.
    Replied(TurnId, String),
    /// The turn was taken.
    Done(TurnId, Box<Done>),
    /// Nothing was taken; the words go back to the draft.
    Failed(TurnId, Failure),

    /// The microphone is open; its name.
    MicrophoneOpened(String),
    /// Something to know of the microphone or the loudspeaker.
    Device(Part, News),
    /// Nothing at all has come from the microphone for a while of this utterance.
    MicrophoneDead(TurnId, Dead),
    /// Something comes again.
    MicrophoneAlive(TurnId),
    /// The devices there are, or why it is not known.
    Devices(TurnId, Result<Box<DeviceList>, String>),
    /// How a check of the microphone goes.
    Checked(TurnId, Checked),
    /// Talking is not possible now, and why.
    VoiceUnavailable(Missing),
    /// The speech model is loaded: what is said can be written down.
    TranscriberReady,
    /// Input level 0…1 while listening.
    Level(f32),
    /// The recording ended (after a release); being transcribed.
    Recorded(TurnId, Tail),
    /// The words of an utterance so far: those that stay, and those after them that may still change.
    HeardSoFar(TurnId, String, String),
    /// The words of an utterance.
    Heard(TurnId, Answer),
    /// The utterance held no speech.
    HeardNothing(TurnId),
    /// The utterance could not be transcribed; the reason.
    NotTranscribed(TurnId, String),

    /// The interviewer's sentence number `1` of this turn's reply is being heard (index from 0, raw markdown text).
    Speaking(TurnId, usize, String),
    /// All of the turn's speech was heard or silenced.
    SpokeAll(TurnId),
    /// Nothing of this reply will be heard: no speech engine is in use.
    Unspoken(TurnId),
    /// This reply cannot be spoken; the interview goes on in text.
    NotSpoken(Missing),

    /// How long the steps of the last turn took so far.
    Timed(Waterfall),

    /// An unsent draft of an earlier run was found.
    DraftFound(String),
    /// The report was written to this file.
    ReportWritten(TurnId, String),
    /// How far the model download is.
    ModelProgress(Progress),
    /// It ended: `Ok` or the reason it failed.
    ModelDownloaded(Result<(), String>),
    /// Another notice from the runtime, already in words.
    Notice(String),
    /// SIGTERM or SIGHUP: leave now, in order.
    Terminate,
}

/// Why a request failed, as far as the app treats it differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The token is no longer valid: to the sign-in screen, then back to the same draft.
    Unauthorized,
    /// The day is used up; the reason in words.
    LimitReached(String),
    /// Try again with one key; the reason in words.
    Retry(String),
    /// Trying again is no use; the reason in words.
    Refused(String),
}

/// What is missing for speech, with the command that mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which part.
    pub part: Part,
    /// Details in words, may be empty.
    pub reason: String,
    /// Command line that mends it, may be empty.
    pub remedy: String,
}

/// A microphone from which nothing comes; its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dead {
    /// A device.
    Device(String),
    /// A recording in its place.
    File(String),
}

/// The parts of the spoken turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Input device.
    Microphone,
    /// Output device.
    Speaker,
    /// Whisper model.
    Model,
    /// Speech engine.
    Narrator,
    /// Built without the feature `voice`.
    Voice,
}
