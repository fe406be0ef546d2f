//! An open microphone that replaces its device when that fails, or when a better one appears.
//!
//! Opening a device takes most of a second, so a thread of its own does it. Until it has finished
//! the microphone delivers silence, so that the time of a recording goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use super::capture::Lost;
use super::pipeline::InputPipeline;
use super::selection::{self, OpenedDevice, ScanResult};
use super::silence_filler::SilenceFiller;
use crate::config::Channel;
use crate::voice::device_event::DeviceEventHandler;
use crate::voice::devices::{self, AudioDevice, DeviceWatch};
use crate::voice::{DeviceEvent, DevicePreference, VoiceError};

/// The time between two scans for a device that is away, if the system does not report its return.
const SCAN_INTERVAL: Duration = Duration::from_secs(3);

/// An open microphone.
pub struct OpenMicrophone {
    preference: DevicePreference,
    events: DeviceEventHandler,
    device: AudioDevice,
    /// The reason why `device` is not the preferred one, if it is not.
    fallback: Option<DeviceEvent>,
    /// `None` while another device is opened because this one failed.
    pipeline: Option<InputPipeline>,
    /// The reason why the device failed.
    failure: String,
    watch: Option<DeviceWatch>,
    /// Set by `watch` when some device came or went.
    devices_changed: Arc<AtomicBool>,
    scanned_at: Instant,
    /// The results of a scan that is under way.
    scan: Option<Receiver<ScanResult>>,
    silence: SilenceFiller,
}

impl OpenMicrophone {
    pub fn open(
        preference: DevicePreference,
        events: DeviceEventHandler,
    ) -> Result<Self, VoiceError> {
        let opened = selection::open(&preference)?;
        if let Some(event) = opened.fallback.clone() {
            events(event);
        }
        let channels = opened.capture.format().channels;
        let channel = channel(&preference, opened.fallback.as_ref());
        if let Channel::Only(channel) = channel
            && channel > channels
        {
            events(DeviceEvent::NoSuchChannel {
                device: opened.device.label.clone(),
                channel,
                channels,
            });
        }
        let now = Instant::now();
        let pipeline = InputPipeline::new(opened.capture, channel)?;
        let devices_changed = Arc::<AtomicBool>::default();
        Ok(Self {
            preference,
            events,
            device: opened.device,
            fallback: opened.fallback,
            pipeline: Some(pipeline),
            failure: String::new(),
            watch: watch(&devices_changed),
            devices_changed,
            scanned_at: now,
            scan: None,
            silence: SilenceFiller::new(now),
        })
    }

    /// Returns the name of the device in use.
    pub fn label(&self) -> &str {
        &self.device.label
    }

    /// Appends the samples that have arrived since the last call.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        self.accept_scan_results(into)?;
        self.read_device(into);
        if self.scan.is_none() && self.is_scan_due() {
            self.start_scan()?;
        }
        Ok(())
    }

    fn read_device(&mut self, into: &mut Vec<f32>) {
        let Some(pipeline) = &mut self.pipeline else {
            return self.silence.fill(Instant::now(), into);
        };
        let before = into.len();
        let outcome = pipeline.read(into);
        if into.len() > before {
            self.silence.mark_delivered(Instant::now());
        }
        if let Some(lost) = pipeline.capture.take_lost() {
            self.report_overrun(lost);
        }
        if let Err(reason) = outcome {
            tracing::warn!(device = self.device.id, reason, "the microphone is gone");
            self.failure = reason;
            self.pipeline = None;
        }
    }

    fn report_overrun(&self, lost: Lost) {
        tracing::warn!(
            seconds = lost.seconds,
            more = lost.more,
            "the recording fell behind; sound was lost"
        );
        let duration = (!lost.more).then(|| Duration::from_secs_f64(lost.seconds));
        (self.events)(DeviceEvent::Overrun(duration));
    }

    fn is_scan_due(&mut self) -> bool {
        let devices_changed = self.devices_changed.swap(false, Ordering::Relaxed);
        let is_overdue = self.polls_for_return() && self.scanned_at.elapsed() > SCAN_INTERVAL;
        self.pipeline.is_none() || devices_changed || is_overdue
    }

    /// Returns whether the preferred device may return without a report. The system reports
    /// devices that come and go, but never that a busy one has become free.
    fn polls_for_return(&self) -> bool {
        match &self.fallback {
            None => false,
            Some(DeviceEvent::Replaced {
                reason: Some(_), ..
            }) => true,
            Some(_) => !self.is_watched(),
        }
    }

    fn is_watched(&self) -> bool {
        self.watch.as_ref().is_some_and(DeviceWatch::is_alive)
    }

    fn start_scan(&mut self) -> Result<(), VoiceError> {
        let (sender, results) = mpsc::channel();
        let current = self.pipeline.is_some().then(|| self.device.clone());
        let preference = self.preference.clone();
        thread::Builder::new()
            .name("sound-scan".into())
            .spawn(move || selection::scan(&preference, current.as_ref(), &sender))
            .map_err(|_| VoiceError::NoAnswer)?;
        self.scan = Some(results);
        self.scanned_at = Instant::now();
        Ok(())
    }

    fn accept_scan_results(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        loop {
            match self.scan.as_ref().map(Receiver::try_recv) {
                None | Some(Err(TryRecvError::Empty)) => return Ok(()),
                Some(Err(TryRecvError::Disconnected)) => self.scan = None,
                Some(Ok(ScanResult::Keep)) => {}
                Some(Ok(ScanResult::Gone)) => {
                    self.pipeline = None;
                    self.failure = "it is no longer there".into();
                }
                Some(Ok(ScanResult::Opened(opened))) => self.replace_device(*opened, into)?,
                Some(Ok(ScanResult::Failed(error))) => return Err(self.lost(&error)),
            }
        }
    }

    fn lost(&self, other: &VoiceError) -> VoiceError {
        tracing::warn!(%other, "no other microphone can be opened");
        VoiceError::DeviceLost {
            device: self.device.label.clone(),
            reason: self.failure.clone(),
        }
    }

    /// Reads from `opened` from now on. What the old device still holds belongs to the recording.
    fn replace_device(
        &mut self,
        mut opened: OpenedDevice,
        into: &mut Vec<f32>,
    ) -> Result<(), VoiceError> {
        let is_gone = self.pipeline.is_none();
        if let Some(old) = self.pipeline.take() {
            old.finish(into);
            // Both devices recorded the time in between, which must not be delivered twice.
            let _ = opened.capture.read(&mut Vec::new());
        }
        let event = devices::change_event(
            &self.preference,
            &self.device,
            is_gone,
            &opened.device,
            opened.fallback.is_some(),
        );
        if let Some(event) = event {
            (self.events)(event);
        }
        let channel = channel(&self.preference, opened.fallback.as_ref());
        self.pipeline = Some(InputPipeline::new(opened.capture, channel)?);
        self.fallback = opened.fallback;
        self.device = opened.device;
        if !self.is_watched() {
            self.watch = watch(&self.devices_changed);
        }
        Ok(())
    }
}

fn watch(devices_changed: &Arc<AtomicBool>) -> Option<DeviceWatch> {
    let devices_changed = devices_changed.clone();
    DeviceWatch::start(move || devices_changed.store(true, Ordering::Relaxed))
}

/// Returns the channel to be read: the preferred channel is one of the preferred device only.
fn channel(preference: &DevicePreference, fallback: Option<&DeviceEvent>) -> Channel {
    match fallback {
        Some(_) => Channel::Mix,
        None => preference.channel,
    }
}
