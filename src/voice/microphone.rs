//! The microphone of this machine: the wanted one, and another one while that is away.
//!
//! ```text
//! capture ─► mono ─► resample ─► samples at 16 kHz, whatever the device
//!    └─ gone, or the wanted one is there again: another is opened beside it, then takes its place
//! ```
//!
//! Opening takes most of a second, so it is done by a thread of its own. While nothing is heard there is silence instead,
//! so that the time of a recording goes on.

mod capture;
mod selection;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use super::device_event::{DeviceEvent, DeviceEventHandler};
use super::devices::{self, AudioDevice, Watch};
use super::mono::Mono;
use super::resample::Resampler;
use super::{
    DevicePreference, Format, Microphone, SAMPLE_RATE, SharedDevicePreference, VoiceError,
};
use crate::config::Channel;
use capture::Capture;
pub(super) use capture::is_fatal;
use selection::{Opened, Seen};

/// Between two looks for a device that is away, where nobody tells when it comes.
const LOOK: Duration = Duration::from_secs(3);

/// A microphone of this machine.
pub struct DeviceMicrophone {
    wanted: SharedDevicePreference,
    tell: DeviceEventHandler,
    open: Option<OpenMicrophone>,
}

impl DeviceMicrophone {
    /// Opens nothing yet. `tell` is called from the thread that reads.
    pub fn new(wanted: SharedDevicePreference, tell: DeviceEventHandler) -> Self {
        Self {
            wanted,
            tell,
            open: None,
        }
    }
}

impl Microphone for DeviceMicrophone {
    fn open(&mut self) -> Result<(), VoiceError> {
        self.open = None;
        let preference = self.wanted.get();
        let opened = selection::open(&preference)?;
        if let Some(news) = opened.instead.clone() {
            (self.tell)(news);
        }
        self.open = Some(OpenMicrophone::new(preference, opened, &self.tell)?);
        Ok(())
    }

    fn press(&mut self) {}

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let open = self.open.as_mut().ok_or(VoiceError::NoMicrophone)?;
        open.read(into, &self.tell)
    }

    fn close(&mut self) {
        self.open = None;
    }

    fn name(&self) -> String {
        self.open
            .as_ref()
            .map_or_else(|| "microphone".into(), |open| open.device.label.clone())
    }
}

/// An open microphone.
struct OpenMicrophone {
    preference: DevicePreference,
    device: AudioDevice,
    /// Why it is not the wanted one.
    fallen: Option<DeviceEvent>,
    /// `None` while another is opened because it failed.
    pipeline: Option<InputPipeline>,
    /// Why it failed.
    failure: String,
    watch: Option<Watch>,
    /// Some device came or went.
    changed: Arc<AtomicBool>,
    looked: Instant,
    /// A look that is going on.
    look: Option<Receiver<Seen>>,
    /// Until here there are samples.
    heard_until: Instant,
}

/// From the device to mono at [`SAMPLE_RATE`].
struct InputPipeline {
    capture: Capture,
    mono: Mono,
    resampler: Resampler,
}

impl InputPipeline {
    fn new(capture: Capture, channel: Channel) -> Result<Self, VoiceError> {
        let format = capture.format();
        let resampler =
            Resampler::new(format.rate, SAMPLE_RATE).map_err(|error| VoiceError::CannotOpen {
                device: "the microphone".into(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            mono: Mono::new(format, channel),
            capture,
            resampler,
        })
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), String> {
        let (mut interleaved, mut mono) = (Vec::new(), Vec::new());
        let outcome = self.capture.read(&mut interleaved);
        self.mono.push(&interleaved, &mut mono);
        self.resampler.push(&mono, into);
        outcome
    }
}

impl OpenMicrophone {
    fn new(
        preference: DevicePreference,
        opened: Opened,
        tell: &DeviceEventHandler,
    ) -> Result<Self, VoiceError> {
        let now = Instant::now();
        let Opened {
            capture,
            device,
            instead,
        } = opened;
        tell_channel(
            &preference,
            &device,
            capture.format(),
            instead.is_some(),
            tell,
        );
        let pipeline = Some(InputPipeline::new(
            capture,
            channel(&preference, instead.is_some()),
        )?);
        let (changed, failure) = (Arc::<AtomicBool>::default(), String::new());
        let watch = watch(&changed);
        Ok(Self {
            preference,
            device,
            fallen: instead,
            pipeline,
            failure,
            watch,
            changed,
            looked: now,
            look: None,
            heard_until: now,
        })
    }

    fn read(&mut self, into: &mut Vec<f32>, tell: &DeviceEventHandler) -> Result<(), VoiceError> {
        self.take_seen(into, tell)?;
        self.hear(into, tell);
        if self.look.is_none() && self.is_time_to_look() {
            self.begin_look()?;
        }
        Ok(())
    }

    fn hear(&mut self, into: &mut Vec<f32>, tell: &DeviceEventHandler) {
        let Some(pipeline) = &mut self.pipeline else {
            return self.fill(into);
        };
        let before = into.len();
        let outcome = pipeline.read(into);
        if into.len() > before {
            self.heard_until = Instant::now();
        }
        if let Some(lost) = pipeline.capture.lost() {
            tracing::warn!(
                seconds = lost.seconds,
                more = lost.more,
                "the recording fell behind; sound was lost"
            );
            tell(DeviceEvent::Overrun(
                (!lost.more).then(|| Duration::from_secs_f64(lost.seconds)),
            ));
        }
        if let Err(reason) = outcome {
            tracing::warn!(device = self.device.id, reason, "the microphone is gone");
            self.failure = reason;
            self.pipeline = None;
        }
    }

    /// Silence until now.
    fn fill(&mut self, into: &mut Vec<f32>) {
        let missing = (self.heard_until.elapsed().as_secs_f64() * f64::from(SAMPLE_RATE)) as usize;
        into.resize(into.len() + missing, 0.0);
        self.heard_until += Duration::from_secs_f64(missing as f64 / f64::from(SAMPLE_RATE));
    }

    fn is_time_to_look(&mut self) -> bool {
        let told = self.changed.swap(false, Ordering::Relaxed);
        let away = self.is_to_be_tried() && self.looked.elapsed() > LOOK;
        self.pipeline.is_none() || told || away
    }

    /// The wanted one may come, and nobody tells: of a busy one nobody does.
    fn is_to_be_tried(&self) -> bool {
        let refused = matches!(
            self.fallen,
            Some(DeviceEvent::Replaced {
                reason: Some(_),
                ..
            })
        );
        refused || (self.fallen.is_some() && !self.is_told())
    }

    fn is_told(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::is_alive)
    }

    fn begin_look(&mut self) -> Result<(), VoiceError> {
        let (tell, seen) = mpsc::channel();
        let heard = self.pipeline.is_some().then(|| self.device.clone());
        let preference = self.preference.clone();
        let look = move || selection::look(&preference, heard.as_ref(), &tell);
        thread::Builder::new()
            .name("sound-look".into())
            .spawn(look)
            .map_err(|_| VoiceError::NoAnswer)?;
        (self.look, self.looked) = (Some(seen), Instant::now());
        Ok(())
    }

    fn take_seen(
        &mut self,
        into: &mut Vec<f32>,
        tell: &DeviceEventHandler,
    ) -> Result<(), VoiceError> {
        loop {
            match self.look.as_ref().map(Receiver::try_recv) {
                None | Some(Err(TryRecvError::Empty)) => return Ok(()),
                Some(Err(TryRecvError::Disconnected)) => self.look = None,
                Some(Ok(Seen::Stay)) => {}
                Some(Ok(Seen::Gone)) => {
                    self.pipeline = None;
                    self.failure = "it is no longer there".into();
                }
                Some(Ok(Seen::Opened(opened))) => self.replace(*opened, into, tell)?,
                Some(Ok(Seen::Failed(error))) => return Err(self.lost(&error)),
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

    /// `opened` is heard from now on; what the old one still has belongs to the recording.
    fn replace(
        &mut self,
        mut opened: Opened,
        into: &mut Vec<f32>,
        tell: &DeviceEventHandler,
    ) -> Result<(), VoiceError> {
        let gone = self.pipeline.is_none();
        if let Some(mut old) = self.pipeline.take() {
            // It may fail while it is read: then this was all.
            let _ = old.read(into);
            old.resampler.finish(into);
            // Both have heard what came meanwhile.
            let _ = opened.capture.read(&mut Vec::new());
        }
        let news = devices::news(
            &self.preference,
            &self.device,
            gone,
            &opened.device,
            opened.instead.is_some(),
        );
        if let Some(news) = news {
            tell(news);
        }
        self.pipeline = Some(InputPipeline::new(
            opened.capture,
            channel(&self.preference, opened.instead.is_some()),
        )?);
        (self.fallen, self.device) = (opened.instead, opened.device);
        if !self.is_told() {
            self.watch = watch(&self.changed);
        }
        Ok(())
    }
}

fn watch(changed: &Arc<AtomicBool>) -> Option<Watch> {
    let changed = changed.clone();
    Watch::start(move || changed.store(true, Ordering::Relaxed))
}

/// The channel wanted is one of the microphone wanted.
fn channel(preference: &DevicePreference, fallen: bool) -> Channel {
    if fallen {
        Channel::Mix
    } else {
        preference.channel
    }
}

fn tell_channel(
    preference: &DevicePreference,
    device: &AudioDevice,
    format: Format,
    fallen: bool,
    tell: &DeviceEventHandler,
) {
    if let (Channel::Only(channel), false) = (preference.channel, fallen)
        && channel > format.channels
    {
        tell(DeviceEvent::NoSuchChannel {
            device: device.label.clone(),
            channel,
            channels: format.channels,
        });
    }
}
