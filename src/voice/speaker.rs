//! The loudspeaker of this machine, played through rodio.
//!
//! A thread of its own opens the device when speech is expected. It closes the device when nothing
//! was played for a while, so that it costs nothing at rest, and to silence what is in the device's
//! buffers.
//!
//! The buffers are rodio's, two of about 43 ms. Measured on PulseAudio, half of that leaves gaps of
//! 20 ms on a busy machine, and shorter buffers silence a clip more slowly (p95 39 ms; the whole
//! buffers 81 ms) than closing the device does (p95 under 15 ms). Opening it takes 2 to 9 ms; a sound
//! card that sleeps needs longer to wake up.

mod output;
mod queue;
mod selection;
mod source;
mod worker;

use std::io::Cursor;
use std::sync::mpsc::{self, SendError, Sender};
use std::thread;

use rodio::Decoder;

use super::device_event::DeviceEventHandler;
use super::end_notifier::EndNotifier;
use super::gain::SharedGain;
use super::{
    OnClipEnd, Playback, PlaybackFlag, SharedDevicePreference, Speaker, VoiceError, devices,
};
use crate::narrator::Speech;
use selection::SpeakerSelection;
use source::SpeechSource;
use worker::SpeakerWorker;

/// The name of the loudspeaker in messages.
const NAME: &str = "the loudspeaker";

/// A loudspeaker of this machine.
pub struct DeviceSpeaker {
    commands: Sender<Command>,
    preference: SharedDevicePreference,
    gain: SharedGain,
}

enum Command {
    /// Opens the device, because something will be played soon.
    Open,
    Play(Box<SpeechSource>, PlaybackFlag, EndNotifier),
    /// Some clip is no longer wanted.
    PlaybackDropped,
    /// The device took the last sample of the clip of this number.
    ClipTaken(u64),
    /// The output of this number failed for the given reason.
    OutputLost(u64, String),
    DevicesChanged,
    Quit,
}

impl DeviceSpeaker {
    /// Starts the speaker's thread, which opens no device yet. `events` is called from that thread.
    pub fn new(
        preference: SharedDevicePreference,
        events: DeviceEventHandler,
    ) -> Result<Self, VoiceError> {
        let (commands, received) = mpsc::channel();
        let selection = SpeakerSelection::new(preference.clone(), events);
        let worker = SpeakerWorker::new(commands.clone(), selection);
        thread::Builder::new()
            .name("speaker".into())
            .spawn(move || worker.run(&received))
            .map_err(|error| VoiceError::CannotOpen {
                device: NAME.into(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            commands,
            preference,
            gain: SharedGain::default(),
        })
    }
}

impl Speaker for DeviceSpeaker {
    fn play(&mut self, speech: Speech, on_end: OnClipEnd) -> Result<Playback, VoiceError> {
        let length = speech.bytes.len() as u64;
        let sound = Decoder::builder()
            .with_data(Cursor::new(speech.bytes))
            .with_byte_len(length)
            .build()
            .map_err(|error| VoiceError::File {
                file: "speech".into(),
                reason: error.to_string(),
            })?;
        let commands = self.commands.clone();
        // Sending fails only if the thread has ended, and then nothing plays.
        let playback =
            Playback::with_on_drop(move || drop(commands.send(Command::PlaybackDropped)));
        let source = SpeechSource::new(sound, playback.flag(), self.gain.clone());
        let end = EndNotifier::new(on_end);
        let play = Command::Play(Box::new(source), playback.flag(), end);
        if let Err(SendError(Command::Play(_, _, end))) = self.commands.send(play) {
            end.notify(Err(VoiceError::NoSpeaker));
        }
        Ok(playback)
    }

    fn set_volume(&mut self, factor: f32) {
        self.gain.set(factor);
    }

    fn prepare(&mut self) {
        // Sending fails only if the thread has ended, and then nothing plays.
        let _ = self.commands.send(Command::Open);
    }

    fn name(&self) -> String {
        let preference = self.preference.get();
        devices::call_with_deadline(move || selection::select(&preference, None))
            .flatten()
            .map_or_else(|_| NAME.into(), |selected| selected.device.label)
    }
}

impl Drop for DeviceSpeaker {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Quit);
    }
}
