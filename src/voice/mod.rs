//! Turns what a microphone records into words, and plays speech on a loudspeaker.
//!
//! ```text
//! microphone | wav::microphone ─► segmenter ─phrases─► transcriber (whisper) ─► Transcript
//!      │          └────── recorder (one press of the talk key) ──────┘
//!      └─► check (can the candidate be heard?)
//! decode (any audio file) ─► segmenter ─► transcriber
//! Speech ─► speaker | wav::speaker
//! ```
//!
//! Inside, sound is mono `f32` samples (−1…1) at [`SAMPLE_RATE`]; a microphone delivers nothing
//! else. Whisper invents words for silence, so it only receives phrases in which the segmenter found
//! a voice.

#[cfg(feature = "voice")]
pub mod align;
#[cfg(feature = "voice")]
pub mod check;
#[cfg(feature = "voice")]
mod confidence;
#[cfg(feature = "voice")]
pub mod decode;
pub mod device_event;
pub mod device_preference;
#[cfg(feature = "voice")]
pub mod devices;
#[cfg(feature = "voice")]
mod end_notifier;
mod error;
mod file_problem;
#[cfg(feature = "voice")]
mod gain;
#[cfg(feature = "voice")]
mod joined;
#[cfg(feature = "voice")]
pub mod level;
#[cfg(feature = "voice")]
pub mod microphone;
pub mod microphone_report;
pub mod model_file;
#[cfg(feature = "voice")]
pub mod mono;
mod playback;
#[cfg(feature = "voice")]
pub mod recorder;
#[cfg(feature = "voice")]
mod repetition;
mod request;
#[cfg(feature = "voice")]
pub mod resample;
#[cfg(feature = "voice")]
pub mod segmenter;
#[cfg(feature = "voice")]
pub mod speaker;
#[cfg(all(test, feature = "voice"))]
mod test_audio;
#[cfg(feature = "voice")]
pub mod transcriber;
#[cfg(feature = "voice")]
pub mod wav;
#[cfg(feature = "voice")]
pub mod whisper;
#[cfg(feature = "voice")]
mod words;

use crate::interview::Language;
use crate::narrator::Speech;

pub use device_event::DeviceEvent;
pub use device_preference::{DevicePreference, SharedDevicePreference};
pub use error::VoiceError;
pub use file_problem::FileProblem;
#[cfg(feature = "voice")]
pub use microphone::DeviceMicrophone;
pub use microphone_report::{MicrophoneReport, MicrophoneVerdict};
pub use playback::{Playback, PlaybackFlag};
#[cfg(feature = "voice")]
pub use recorder::{PartialTranscript, Recorder, RecorderEvent};
pub use request::{Cancellation, Pass, TranscriptionRequest};
#[cfg(feature = "voice")]
pub use speaker::DeviceSpeaker;
#[cfg(feature = "voice")]
pub use transcriber::{FileTranscript, TranscriberHandle};
#[cfg(feature = "voice")]
pub use wav::{WavMicrophone, WavSpeaker};
#[cfg(feature = "voice")]
pub use whisper::Whisper;

/// The sample rate of everything between the microphone and Whisper, in Hz.
pub const SAMPLE_RATE: u32 = 16_000;

/// Identifies one press of the talk key and what was said during it.
pub type UtteranceId = u64;

/// The language in which speech is recognised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpeechLanguage {
    /// The language is detected from the sound.
    #[default]
    Auto,
    Only(Language),
}

/// The format of a device's interleaved samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The sample rate in Hz.
    pub rate: u32,
    /// The number of channels, at least 1.
    pub channels: u16,
}

/// A source of mono samples (−1…1) at [`SAMPLE_RATE`]. The second implementation plays WAV files
/// (`--mic-file`).
pub trait Microphone: Send {
    /// Starts delivering, which may take most of a second.
    fn open(&mut self) -> Result<(), VoiceError>;
    /// Notes that the talk key went down: a file microphone starts its next file here, at real-time
    /// pace.
    fn press(&mut self);
    /// Appends the samples that have arrived since the last call. It does not block, and it fails
    /// once the device is gone or delivers nothing any more.
    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError>;
    /// Stops delivering.
    fn close(&mut self);
    /// Returns the name shown to the user.
    fn name(&self) -> String;
}

/// A callback that is called once for every clip: with `Ok` when it was played to its end or
/// silenced, else with the reason why it could not be played.
pub type OnClipEnd = Box<dyn FnOnce(Result<(), VoiceError>) + Send>;

/// A sink of speech. The second implementation writes a WAV file at the pace of a loudspeaker
/// (`--speaker-file`).
pub trait Speaker: Send {
    /// Queues a clip behind what is playing. It is heard for as long as its [`Playback`] lives. A clip
    /// that is not audio fails at once, and `on_end` is not called.
    fn play(&mut self, speech: Speech, on_end: OnClipEnd) -> Result<Playback, VoiceError>;
    /// Sets the volume of all clips, including one that is playing, from 0 (silent) to 1 (as the clip
    /// was made).
    fn set_volume(&mut self, factor: f32);
    /// Opens the device, without waiting for it, because something will be played soon.
    fn prepare(&mut self) {}
    /// Returns the name shown to the user.
    fn name(&self) -> String;
}

/// Turns sound into words. The one real implementation is Whisper; tests script another.
pub trait Transcriber: Send {
    /// Transcribes mono samples at [`SAMPLE_RATE`]. The times of words are seconds from the first
    /// sample. A cancelled request ends with [`VoiceError::Cancelled`].
    fn transcribe(
        &mut self,
        samples: &[f32],
        request: &TranscriptionRequest,
    ) -> Result<Transcript, VoiceError>;
}

/// The words recognised in a stretch of sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// The trimmed text, which is empty if nothing was said.
    pub text: String,
    /// The words with their times.
    pub words: Vec<crate::interview::Word>,
    /// The requested or detected language.
    pub language: Option<Language>,
    /// The stretches that contain voice, in seconds. A transcriber leaves them empty.
    pub voiced: Vec<crate::interview::Span>,
    /// Whether the decoder's own evidence speaks against the text. A doubtful draft is never taken for
    /// the final text.
    pub low_confidence: bool,
}
