//! The loudspeaker of this machine (rodio). Its own thread opens the device when speech is expected, and closes it when
//! nothing was said for a while, so that it costs nothing at rest, and to silence what is in the device's buffers.
//!
//! The buffers are rodio's, two of about 43 ms. MicrophoneReport on PulseAudio: half of that leaves gaps of 20 ms on a busy
//! machine, and as a way to fall silent it is still slower (p95 39 ms; the whole 81 ms) than closing the device (p95 under
//! 15 ms). Opening it takes 2 to 9 ms, while a sound card that sleeps needs longer to wake up.

mod clip;
mod place;
mod queue;

use std::io::Cursor;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SendError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rodio::queue::{SourcesQueueInput, queue};
use rodio::source::EmptyCallback;
use rodio::{Decoder, DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};

use super::device_event::DeviceEventHandler;
use super::devices::{DeviceHandle, Watch};
use super::end_notifier::EndNotifier;
use super::gain::Gain;
use super::microphone::is_fatal;
use super::{
    OnClipEnd, Playback, PlaybackFlag, SharedDevicePreference, Speaker, VoiceError, devices,
};
use crate::narrator::Speech;
use clip::Clip;
use place::Place;
use queue::Queue;

/// The device is closed after this long without speech: open and silent, it wakes the process about 95 times a second.
const IDLE: Duration = Duration::from_secs(10);

type Sound = Decoder<Cursor<Bytes>>;

/// A loudspeaker of this machine.
pub struct DeviceSpeaker {
    commands: Sender<Command>,
    preference: SharedDevicePreference,
    gain: Gain,
}

enum Command {
    /// Something will be played soon.
    Open,
    Play(Box<Clip>, PlaybackFlag, EndNotifier),
    /// Some clip is.
    Unwanted,
    /// The device took the last sample of the clip of this number.
    Taken(u64),
    /// The output of this number is gone.
    Lost(u64, String),
    /// Some device came or went.
    Look,
    /// The speaker was dropped.
    Quit,
}

impl DeviceSpeaker {
    /// Opens nothing yet. `tell` is called from the thread that plays.
    pub fn new(
        preference: SharedDevicePreference,
        tell: DeviceEventHandler,
    ) -> Result<Self, VoiceError> {
        let (commands, queue) = mpsc::channel();
        let playing = Playing {
            commands: commands.clone(),
            place: Place::new(preference.clone(), tell),
            output: None,
            watch: None,
            stale: false,
            outputs: 0,
            queue: Queue::default(),
        };
        let spawned = thread::Builder::new()
            .name("speaker".into())
            .spawn(move || playing.run(&queue));
        spawned.map_err(|error| VoiceError::CannotOpen {
            device: NAME.into(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            commands,
            preference,
            gain: Gain::default(),
        })
    }
}

impl Speaker for DeviceSpeaker {
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let length = speech.bytes.len() as u64;
        let sound = Decoder::builder()
            .with_data(Cursor::new(speech.bytes))
            .with_byte_len(length)
            .build();
        let refused = |reason: String| VoiceError::File {
            file: "speech".into(),
            reason,
        };
        let sound = sound.map_err(|error| refused(error.to_string()))?;
        let commands = self.commands.clone();
        // Fails only when the thread has ended, and then nothing plays.
        let playback = Playback::with_on_drop(move || drop(commands.send(Command::Unwanted)));
        let clip = Box::new(Clip::new(sound, playback.wanted(), self.gain.clone()));
        let play = Command::Play(clip, playback.wanted(), EndNotifier::new(ended));
        if let Err(SendError(Command::Play(_, _, ending))) = self.commands.send(play) {
            ending.tell(Err(VoiceError::NoSpeaker));
        }
        Ok(playback)
    }

    fn set_volume(&mut self, factor: f32) {
        self.gain.set(factor);
    }

    fn prepare(&mut self) {
        // Fails only when the thread has ended, and then nothing plays.
        let _ = self.commands.send(Command::Open);
    }

    fn name(&self) -> String {
        let preference = self.preference.get();
        let chosen =
            devices::answered(move || place::choose(&preference, None)).and_then(|chosen| chosen);
        chosen.map_or_else(|_| NAME.into(), |chosen| chosen.device.label)
    }
}

impl Drop for DeviceSpeaker {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Quit);
    }
}

/// The thread's own.
struct Playing {
    commands: Sender<Command>,
    place: Place,
    output: Option<Output>,
    /// While there is an output, and over interruptions.
    watch: Option<Watch>,
    /// The output is to be opened anew once nothing sounds: another device is the right one.
    stale: bool,
    /// Opened so far.
    outputs: u64,
    queue: Queue,
}

struct Output {
    /// What a lost output says late must not end the one that replaced it.
    number: u64,
    clips: Arc<SourcesQueueInput>,
    /// Held for its side effect: dropping it ends the sound.
    _sink: MixerDeviceSink,
}

impl Playing {
    fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match self.next(commands) {
                Ok(Command::Open) => self.open_ahead(),
                Ok(Command::Play(clip, wanted, ending)) => self.play(*clip, wanted, ending),
                Ok(Command::Unwanted) => self.silence(),
                Ok(Command::Taken(clip)) => self.queue.taken(clip, Instant::now()),
                Ok(Command::Lost(output, reason)) => self.lose(output, reason),
                Ok(Command::Look) => self.stale |= self.output.is_some() && self.place.moves(),
                Err(RecvTimeoutError::Timeout) => self.wait_is_over(),
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    /// Waits for a command, or until a clip was heard, or the device was idle for long.
    fn next(&self, commands: &Receiver<Command>) -> Result<Command, RecvTimeoutError> {
        match self.queue.due() {
            Some(due) => commands.recv_timeout(due.saturating_duration_since(Instant::now())),
            None if self.output.is_some() && self.queue.is_empty() => commands.recv_timeout(IDLE),
            None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn wait_is_over(&mut self) {
        if self.queue.is_empty() {
            self.close();
        } else {
            self.queue.end_heard(Instant::now());
        }
    }

    /// What fails here fails again, and is told, when something is played.
    fn open_ahead(&mut self) {
        if let Err(error) = self.open() {
            tracing::debug!(%error, "the loudspeaker could not be opened ahead");
        }
    }

    /// Where no clip is wanted any more the device is closed, and so what is in its buffers is not heard. It is opened
    /// again when the next clip comes.
    fn silence(&mut self) {
        if !self.queue.is_empty() && !self.queue.is_wanted() {
            self.output = None;
            self.queue.end_all(&Ok(()));
        }
    }

    fn play(&mut self, clip: Clip, wanted: PlaybackFlag, ending: EndNotifier) {
        // Commands that keep coming must not hold back the end of what was heard.
        self.queue.end_heard(Instant::now());
        if let Err(error) = self.open() {
            tracing::warn!(%error, "speech cannot be played");
            return ending.tell(Err(error));
        }
        let Some(output) = &self.output else { return };
        let (number, commands) = (self.queue.add(wanted, ending), self.commands.clone());
        output.clips.append(clip);
        output.clips.append(EmptyCallback::new(Box::new(move || {
            // Fails only while the thread is ending, which ends every clip itself.
            let _ = commands.send(Command::Taken(number));
        })));
        self.watch();
    }

    /// Begins to be told of devices that come and go, once a clip is on its way: it must not wait for that.
    fn watch(&mut self) {
        let commands = self.commands.clone();
        // Fails only when the thread has ended.
        let look = move || drop(commands.send(Command::Look));
        self.watch = self
            .watch
            .take()
            .filter(Watch::is_alive)
            .or_else(|| Watch::start(look));
    }

    fn open(&mut self) -> Result<(), VoiceError> {
        if self.queue.is_empty() && (self.stale || self.place.wish_has_changed()) {
            self.close();
        }
        if self.output.is_none() {
            let (number, commands, choose) =
                (self.outputs, self.commands.clone(), self.place.chooser());
            self.outputs += 1;
            let open = move || {
                let chosen = choose()?;
                Ok((
                    Output::open(number, commands, &chosen.device.handle)?,
                    chosen,
                ))
            };
            let (output, chosen) = devices::answered(open)??;
            self.place.settle(chosen);
            self.output = Some(output);
        }
        Ok(())
    }

    fn close(&mut self) {
        (self.output, self.watch, self.stale) = (None, None, false);
    }

    fn lose(&mut self, output: u64, reason: String) {
        if self.output.take_if(|open| open.number == output).is_some() {
            self.close();
            let error = VoiceError::DeviceLost {
                device: NAME.into(),
                reason,
            };
            tracing::warn!(%error, "speech cannot be played");
            // Where another device takes over, the sentence that broke off is the only one not heard.
            let outcome = if self.place.moves() {
                Ok(())
            } else {
                Err(error)
            };
            self.queue.end_all(&outcome);
        }
    }
}

/// In messages.
const NAME: &str = "the loudspeaker";

impl Output {
    /// May hang with the sound system.
    fn open(
        number: u64,
        commands: Sender<Command>,
        handle: &DeviceHandle,
    ) -> Result<Self, VoiceError> {
        let device = handle.cpal().cloned().ok_or(VoiceError::NoSpeaker)?;
        let failed = move |error: cpal::Error| {
            if is_fatal(&error) {
                let _ = commands.send(Command::Lost(number, error.to_string()));
            }
        };
        let builder = DeviceSinkBuilder::from_device(device).map_err(|error| refused(&error))?;
        let mut sink = builder
            .with_error_callback(failed)
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
}

fn refused(error: &DeviceSinkError) -> VoiceError {
    match error {
        // ALSA names a default device even where there is no card at all.
        DeviceSinkError::DefaultSinkConfigError(_) | DeviceSinkError::NoDevice => {
            VoiceError::NoSpeaker
        }
        other => VoiceError::CannotOpen {
            device: NAME.into(),
            reason: devices::cause(other),
        },
    }
}
