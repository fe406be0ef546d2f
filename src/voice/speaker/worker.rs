//! The speaker's thread: it owns the device and reports the end of each clip.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::output::Output;
use super::queue::ClipQueue;
use super::selection::SpeakerSelection;
use super::source::SpeechSource;
use super::{Command, NAME};
use crate::voice::devices::{self, DeviceWatch};
use crate::voice::end_notifier::EndNotifier;
use crate::voice::{PlaybackFlag, VoiceError};

/// The time without speech after which the device is closed. An open, silent device wakes the
/// process about 95 times a second.
const IDLE: Duration = Duration::from_secs(10);

/// Everything the speaker's thread owns.
pub struct SpeakerWorker {
    commands: Sender<Command>,
    selection: SpeakerSelection,
    output: Option<Output>,
    /// Kept while there is an output, and over interruptions.
    watch: Option<DeviceWatch>,
    /// Whether the output is opened anew once nothing plays, because another device is the right
    /// one.
    is_stale: bool,
    outputs_opened: u64,
    queue: ClipQueue,
}

impl SpeakerWorker {
    pub fn new(commands: Sender<Command>, selection: SpeakerSelection) -> Self {
        Self {
            commands,
            selection,
            output: None,
            watch: None,
            is_stale: false,
            outputs_opened: 0,
            queue: ClipQueue::default(),
        }
    }

    /// Runs until it receives [`Command::Quit`].
    pub fn run(mut self, commands: &Receiver<Command>) {
        loop {
            match self.next_command(commands) {
                Ok(Command::Open) => self.open_ahead(),
                Ok(Command::Play(source, playback, end)) => self.play(*source, playback, end),
                Ok(Command::PlaybackDropped) => self.silence(),
                Ok(Command::ClipTaken(clip)) => self.queue.mark_taken(clip, Instant::now()),
                Ok(Command::OutputLost(output, reason)) => self.lose_output(output, reason),
                Ok(Command::DevicesChanged) => {
                    self.is_stale |= self.output.is_some() && self.selection.update();
                }
                Err(RecvTimeoutError::Timeout) => self.act_on_timeout(),
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    /// Waits for a command, at most until a clip has been heard or the device was idle for long.
    fn next_command(&self, commands: &Receiver<Command>) -> Result<Command, RecvTimeoutError> {
        match self.queue.due() {
            Some(due) => commands.recv_timeout(due.saturating_duration_since(Instant::now())),
            None if self.output.is_some() && self.queue.is_empty() => commands.recv_timeout(IDLE),
            None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn act_on_timeout(&mut self) {
        if self.queue.is_empty() {
            self.close();
        } else {
            self.queue.end_heard(Instant::now());
        }
    }

    /// Opens the device before something is played. A failure occurs again, and is reported, when
    /// something is.
    fn open_ahead(&mut self) {
        if let Err(error) = self.open() {
            tracing::debug!(%error, "the loudspeaker could not be opened ahead");
        }
    }

    /// Closes the device if no clip is wanted any more, so that the sound in its buffers is not
    /// heard. The next clip opens it again.
    fn silence(&mut self) {
        if !self.queue.is_empty() && !self.queue.is_wanted() {
            self.output = None;
            self.queue.end_all(&Ok(()));
        }
    }

    fn play(&mut self, source: SpeechSource, playback: PlaybackFlag, end: EndNotifier) {
        // A steady flow of commands must not delay the end of what was heard.
        self.queue.end_heard(Instant::now());
        if let Err(error) = self.open() {
            tracing::warn!(%error, "speech cannot be played");
            return end.notify(Err(error));
        }
        let Some(output) = &self.output else { return };
        let number = self.queue.push(playback, end);
        let commands = self.commands.clone();
        output.append(source, move || {
            // Sending fails only while the thread is ending, which ends every clip itself.
            let _ = commands.send(Command::ClipTaken(number));
        });
        self.watch_devices();
    }

    /// Subscribes to changes of the devices, after a clip is on its way and need not wait for it.
    fn watch_devices(&mut self) {
        let commands = self.commands.clone();
        // Sending fails only if the thread has ended.
        let report = move || drop(commands.send(Command::DevicesChanged));
        self.watch = self
            .watch
            .take()
            .filter(DeviceWatch::is_alive)
            .or_else(|| DeviceWatch::start(report));
    }

    fn open(&mut self) -> Result<(), VoiceError> {
        if self.queue.is_empty() && (self.is_stale || self.selection.preference_has_changed()) {
            self.close();
        }
        if self.output.is_some() {
            return Ok(());
        }
        let number = self.outputs_opened;
        self.outputs_opened += 1;
        let commands = self.commands.clone();
        let select = self.selection.selector();
        let open = move || -> Result<_, VoiceError> {
            let selected = select()?;
            let output = Output::open(number, commands, &selected.device.handle)?;
            Ok((output, selected))
        };
        let (output, selected) = devices::call_with_deadline(open)??;
        self.selection.set_current(selected);
        self.output = Some(output);
        Ok(())
    }

    fn close(&mut self) {
        self.output = None;
        self.watch = None;
        self.is_stale = false;
    }

    fn lose_output(&mut self, number: u64, reason: String) {
        let lost = self.output.take_if(|output| output.number == number);
        if lost.is_none() {
            return;
        }
        self.close();
        let error = VoiceError::DeviceLost {
            device: NAME.into(),
            reason,
        };
        tracing::warn!(%error, "speech cannot be played");
        // If another device takes over, only the sentence that was interrupted is lost.
        let outcome = if self.selection.update() {
            Ok(())
        } else {
            Err(error)
        };
        self.queue.end_all(&outcome);
    }
}
