//! An open microphone. The callback of the sound system only copies into a ring: it takes no lock, allocates nothing and
//! writes no log. A full ring drops and counts.

mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use cpal::ErrorKind;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::voice::devices::{self, AudioDevice, DeviceHandle};
use crate::voice::{Format, VoiceError};
pub use stream::is_fatal;

/// Seconds of sound the ring holds; it is read every 50 ms.
const RING_SECONDS: usize = 5;
/// Samples the ring holds at most (8 MB): enough for 1.3 s of eight channels at 192 kHz.
const RING_SAMPLES: usize = 2 << 20;
/// A device is asked to deliver this often. Left to itself, PulseAudio delivers two seconds at once, long after they were
/// spoken, and the last words of an answer come after its recording has ended. Asked for much less than 100 ms, it throws
/// away what sources give that work in larger pieces than that.
const BLOCKS_A_SECOND: u32 = 10;
/// How long a stream may take to give its first sample (usual: 0.7 s).
const OPENING: Duration = Duration::from_secs(3);
/// A device that gives sound this many times faster than time passes is none (ALSA's `null` does).
const TOO_FAST: f64 = 4.0;
/// A microphone that is open and silent delivers zeros; one that delivers nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(2);

/// Delivers until it is dropped.
pub struct Capture {
    /// Held for its side effect: dropping it ends the recording.
    _stream: Running,
    samples: Consumer<f32>,
    failures: Receiver<String>,
    counts: Arc<Counts>,
    format: Format,
    since: Instant,
    last_sound: Instant,
    /// Dropped samples and hiccups already told.
    told: (u64, u64),
}

#[expect(dead_code, reason = "held for its side effect")]
enum Running {
    #[cfg(target_os = "linux")]
    Pulse(pulseaudio::RecordStream),
    Cpal(cpal::Stream),
}

/// Samples the callback was given, those it had no room for, and how often the system lost some itself.
#[derive(Default)]
struct Counts {
    given: AtomicU64,
    dropped: AtomicU64,
    hiccups: AtomicU64,
}

/// Where the callback puts its samples.
struct Inlet {
    ring: Producer<f32>,
    counts: Arc<Counts>,
}

impl Inlet {
    fn copy(&mut self, samples: impl Iterator<Item = f32>, length: usize) {
        let room = self.ring.slots().min(length);
        if let Ok(chunk) = self.ring.write_chunk_uninit(room) {
            chunk.fill_from_iter(samples);
        }
        self.counts
            .given
            .fetch_add(length as u64, Ordering::Relaxed);
        self.counts
            .dropped
            .fetch_add((length - room) as u64, Ordering::Relaxed);
    }
}

/// What was lost since it was asked last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// Of sound, that the ring had no room for.
    pub seconds: f64,
    /// The system lost some as well, nobody knows how much.
    pub more: bool,
}

impl Capture {
    /// Opens `device` and waits for its first samples: one can be opened and still give nothing.
    pub fn open(device: &AudioDevice) -> Result<Self, VoiceError> {
        let (handle, name) = (device.handle.clone(), device.name.clone());
        let capture = devices::answered(move || start(&handle, &name))??;
        let refused = |reason| VoiceError::CannotOpen {
            device: device.name.clone(),
            reason,
        };
        capture.wait_for_sound().map_err(refused)?;
        Ok(capture)
    }

    /// Of the samples.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Waits for the first samples.
    fn wait_for_sound(&self) -> Result<(), String> {
        while self.counts.given.load(Ordering::Relaxed) == 0 {
            if let Ok(reason) = self.failures.try_recv() {
                return Err(reason);
            }
            if self.since.elapsed() > OPENING {
                return Err(format!(
                    "it gave no sound within {} seconds",
                    OPENING.as_secs()
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Appends what has arrived, interleaved; `Err` when the device is gone.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<(), String> {
        if let Ok(reason) = self.failures.try_recv() {
            return Err(reason);
        }
        let seconds = self.since.elapsed().as_secs_f64();
        let frames = self.counts.given.load(Ordering::Relaxed) as f64
            / f64::from(self.format.channels.max(1));
        if frames > TOO_FAST * (seconds + 1.0) * f64::from(self.format.rate) {
            return Err(
                "it gives sound faster than time passes: there is no microphone behind it".into(),
            );
        }
        let available = self.samples.slots();
        if available > 0 {
            self.last_sound = Instant::now();
        } else if self.samples.is_abandoned() || self.last_sound.elapsed() > STALLED {
            return Err("no sound comes from it any more".into());
        }
        if let Ok(chunk) = self.samples.read_chunk(available) {
            into.extend(chunk);
        }
        Ok(())
    }

    /// What was lost since the last call, if anything.
    pub fn lost(&mut self) -> Option<Lost> {
        let now = (
            self.counts.dropped.load(Ordering::Relaxed),
            self.counts.hiccups.load(Ordering::Relaxed),
        );
        let before = std::mem::replace(&mut self.told, now);
        let samples = (now.0 - before.0) as f64;
        let seconds =
            samples / f64::from(self.format.rate) / f64::from(self.format.channels.max(1));
        let lost = Lost {
            seconds,
            more: now.1 > before.1,
        };
        (now != before).then_some(lost)
    }
}

/// The ring between the callback and the reader.
fn ring(format: Format) -> (Inlet, Consumer<f32>, Arc<Counts>) {
    let slots = RING_SECONDS * format.rate as usize * usize::from(format.channels.max(1));
    let (ring, samples) = RingBuffer::new(slots.min(RING_SAMPLES));
    let counts = Arc::new(Counts::default());
    (
        Inlet {
            ring,
            counts: counts.clone(),
        },
        samples,
        counts,
    )
}

/// May hang with the sound system.
fn start(handle: &DeviceHandle, name: &str) -> Result<Capture, VoiceError> {
    match handle {
        #[cfg(target_os = "linux")]
        DeviceHandle::Pulse(source) => {
            start_pulse(source).map_err(|error| VoiceError::CannotOpen {
                device: name.to_owned(),
                reason: devices::cause(&error),
            })
        }
        DeviceHandle::Cpal(device) => stream::start(device).map_err(|error| refused(name, &error)),
    }
}

#[cfg(target_os = "linux")]
fn start_pulse(source: &devices::Source) -> Result<Capture, pulseaudio::ClientError> {
    let (mut inlet, samples, counts) = ring(source.format());
    let stream = source.record(BLOCKS_A_SECOND, move |samples, length| {
        inlet.copy(samples, length)
    })?;
    let (_, failures) = mpsc::sync_channel(1);
    Ok(Capture::new(
        Running::Pulse(stream),
        source.format(),
        samples,
        failures,
        counts,
    ))
}

fn refused(name: &str, error: &cpal::Error) -> VoiceError {
    let cannot = |reason: String| VoiceError::CannotOpen {
        device: name.to_owned(),
        reason,
    };
    match error.kind() {
        // ALSA names a default device even where there is no card at all.
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => VoiceError::NoMicrophone,
        ErrorKind::DeviceBusy => cannot("another program is using it".into()),
        ErrorKind::PermissionDenied => {
            cannot("this program may not use it; look at the privacy settings".into())
        }
        _ => cannot(devices::cause(error)),
    }
}

impl Capture {
    fn new(
        stream: Running,
        format: Format,
        samples: Consumer<f32>,
        failures: Receiver<String>,
        counts: Arc<Counts>,
    ) -> Self {
        let now = Instant::now();
        Self {
            _stream: stream,
            samples,
            failures,
            counts,
            format,
            since: now,
            last_sound: now,
            told: (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_drops_and_counts() {
        let (ring, mut samples) = RingBuffer::new(4);
        let counts = Arc::new(Counts::default());
        let mut inlet = Inlet {
            ring,
            counts: counts.clone(),
        };
        inlet.copy([-1.0, 0.0, 0.5].into_iter(), 3);
        inlet.copy([0.25, 0.5, 0.75].into_iter(), 3);
        let kept: Vec<f32> = samples.read_chunk(4).unwrap().into_iter().collect();
        assert_eq!(kept, [-1.0, 0.0, 0.5, 0.25]);
        assert_eq!(
            (
                counts.given.load(Ordering::Relaxed),
                counts.dropped.load(Ordering::Relaxed)
            ),
            (6, 2)
        );
    }

    #[test]
    fn a_busy_device_is_said_to_be_in_use() {
        let busy = refused("Desk", &cpal::Error::new(ErrorKind::DeviceBusy));
        assert_eq!(
            busy.to_string(),
            "cannot open Desk: another program is using it"
        );
        let absent = refused("default", &cpal::Error::new(ErrorKind::DeviceNotAvailable));
        assert_eq!(absent.to_string(), "no microphone was found");
    }
}
