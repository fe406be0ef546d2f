//! From microphone to words, and from speech to loudspeaker.
//!
//! ```text
//! microphone (mono, resample) | wav::microphone ─► segmenter ─phrases─► transcriber (whisper) ─► Transcript
//!      │                     └────────────── recorder (one press of the talk key) ───────┘
//!      └─► check (is anybody heard?)
//! decode (any audio file) ─► segmenter ─► transcriber                    Speech ─► speaker | wav::speaker
//! ```
//!
//! Inside, sound is mono `f32` samples (−1…1) at [`SAMPLE_RATE`]. Whisper only ever sees phrases in which `segmenter`
//! found a voice: nothing spoken, nothing written.

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

/// Samples a second of everything between the microphone and Whisper, in Hz.
pub const SAMPLE_RATE: u32 = 16_000;

/// Names one press of the talk key.
pub type UtteranceId = u64;

/// The language to recognise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpeechLanguage {
    /// Detected from the sound.
    #[default]
    Auto,
    /// Fixed.
    Only(Language),
}

/// Interleaved samples of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Hz.
    pub rate: u32,
    /// At least 1.
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

/// Called once for every clip: `Ok` when it was heard to its end or silenced, else why it could not be played.
pub type OnClipEnd = Box<dyn FnOnce(Result<(), VoiceError>) + Send>;

/// A sink of speech. Second implementation: a WAV file, paced as a speaker is (`--speaker-file`).
pub trait Speaker: Send {
    /// Queues one clip behind what is playing; it is heard for as long as its [`Playback`] lives. A clip that is no sound
    /// is refused at once, and `ended` not called.
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError>;
    /// How loud from now on, what sounds already included: 0 (silent) to 1 (as the clip was made).
    fn set_volume(&mut self, factor: f32);
    /// Something will be played soon: what takes time to open is opened now. Does not wait for it.
    fn prepare(&mut self) {}
    /// For people.
    fn name(&self) -> String;
}

/// Sound to words. The one real implementation is Whisper; tests script another.
pub trait Transcriber: Send {
    /// `samples`: mono, 16 kHz. Words carry seconds from the first sample. A request that is called off ends with
    /// [`VoiceError::Cancelled`].
    fn transcribe(
        &mut self,
        samples: &[f32],
        request: &TranscriptionRequest,
    ) -> Result<Transcript, VoiceError>;
}

/// Words recognised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transcript {
    /// Trimmed; empty when nothing was said.
    pub text: String,
    /// With times.
    pub words: Vec<crate::interview::Word>,
    /// Given or detected.
    pub language: Option<Language>,
    /// Stretches with voice in them, seconds; not filled in by the transcriber itself.
    pub voiced: Vec<crate::interview::Span>,
    /// The decoder's own evidence speaks against it: a draft in doubt is not taken for the final text.
    pub low_confidence: bool,
}
