//! Files in place of devices: a microphone that plays recordings, and a speaker that writes a WAV
//! file.

mod microphone;
mod speaker;

pub use microphone::WavMicrophone;
pub use speaker::WavSpeaker;
