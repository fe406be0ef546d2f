//! An open output device.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use rodio::queue::{SourcesQueueInput, queue};
use rodio::source::EmptyCallback;
use rodio::{DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};

use super::source::SpeechSource;
use super::{Command, NAME};
use crate::voice::VoiceError;
use crate::voice::devices::{self, DeviceHandle};
use crate::voice::microphone::is_fatal;

/// An open output device, which plays the clips appended to it until it is dropped.
pub struct Output {
    /// Identifies the output, because a lost one may report its failure after it was replaced.
    pub number: u64,
    clips: Arc<SourcesQueueInput>,
    /// Held for its side effect: dropping the sink ends the sound.
    _sink: MixerDeviceSink,
}

impl Output {
    /// Opens a device. The call hangs if the sound system does.
    pub fn open(
        number: u64,
        commands: Sender<Command>,
        handle: &DeviceHandle,
    ) -> Result<Self, VoiceError> {
        let device = handle.cpal().cloned().ok_or(VoiceError::NoSpeaker)?;
        let on_error = move |error: cpal::Error| {
            if is_fatal(&error) {
                // Sending fails only if the thread has ended, and then nothing plays.
                let _ = commands.send(Command::OutputLost(number, error.to_string()));
            }
        };
        let mut sink = DeviceSinkBuilder::from_device(device)
            .map_err(|error| refused(&error))?
            .with_error_callback(on_error)
            .open_stream()
            .map_err(|error| refused(&error))?;
        sink.log_on_drop(false);
        let (clips, sounds) = queue(true);
        sink.mixer().add(sounds);
        Ok(Self {
            number,
            clips,
            _sink: sink,
        })
    }

    /// Appends a clip. Calls `on_taken` when the device has taken its last sample.
    pub fn append(&self, source: SpeechSource, on_taken: impl Fn() + Send + 'static) {
        self.clips.append(source);
        self.clips.append(EmptyCallback::new(Box::new(on_taken)));
    }
}

fn refused(error: &DeviceSinkError) -> VoiceError {
    match error {
        // ALSA names a default device even on a machine without a sound card.
        DeviceSinkError::DefaultSinkConfigError(_) | DeviceSinkError::NoDevice => {
            VoiceError::NoSpeaker
        }
        other => VoiceError::CannotOpen {
            device: NAME.into(),
            reason: devices::cause(other),
        },
    }
}
