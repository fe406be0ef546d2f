//! Files instead of devices: a recording that is a microphone, and a loudspeaker that writes a WAV.

mod microphone;
mod speaker;

pub use microphone::WavMicrophone;
pub use speaker::WavSpeaker;
