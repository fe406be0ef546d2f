//! An open recording stream. The callback of the sound system only copies samples into a ring: it
//! takes no lock, allocates nothing and writes no log. A full ring drops samples and counts them.

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

/// The seconds of sound the ring holds. It is read every 50 ms.
const RING_SECONDS: usize = 5;
/// The most samples the ring holds (8 MB): enough for 1.3 s of eight channels at 192 kHz.
const RING_SAMPLES: usize = 2 << 20;
/// The number of deliveries per second that a device is asked for. Left to itself, PulseAudio
/// delivers two seconds at once, long after they were spoken, so that the last words of an answer
/// arrive after its recording has ended. Asked for much less than 100 ms, it throws away the samples
/// of sources that work in larger blocks.
const BLOCKS_A_SECOND: u32 = 10;
/// The longest wait for the first sample of a stream (usual: 0.7 s).
const OPENING: Duration = Duration::from_secs(3);
/// A device that delivers sound this many times faster than time passes is no microphone. ALSA's
/// `null` device does so.
const TOO_FAST: f64 = 4.0;
/// A device that delivers nothing for this long is gone; one that is merely silent delivers zeros.
const STALLED: Duration = Duration::from_secs(2);

/// A recording stream, which runs until it is dropped.
pub struct Capture {
    /// Held for its side effect: dropping the stream ends the recording.
    _stream: RunningStream,
    samples: Consumer<f32>,
    failures: Receiver<String>,
    counters: Arc<Counters>,
    format: Format,
    started_at: Instant,
    last_delivery: Instant,
    /// The losses that [`Capture::take_lost`] has already returned.
    reported: Losses,
}

#[expect(dead_code, reason = "held for its side effect")]
enum RunningStream {
    #[cfg(target_os = "linux")]
    Pulse(pulseaudio::RecordStream),
    Cpal(cpal::Stream),
}

/// The counters that the callback writes.
#[derive(Default)]
struct Counters {
    /// The samples the callback received.
    received: AtomicU64,
    /// The samples the ring had no room for.
    dropped: AtomicU64,
    /// The number of times the system itself lost samples.
    overruns: AtomicU64,
}

#[derive(Clone, Copy, Default, PartialEq)]
struct Losses {
    dropped: u64,
    overruns: u64,
}

/// The callback's end of the ring.
struct RingWriter {
    ring: Producer<f32>,
    counters: Arc<Counters>,
}

impl RingWriter {
    fn copy(&mut self, samples: impl Iterator<Item = f32>, length: usize) {
        let room = self.ring.slots().min(length);
        if let Ok(chunk) = self.ring.write_chunk_uninit(room) {
            chunk.fill_from_iter(samples);
        }
        self.counters
            .received
            .fetch_add(length as u64, Ordering::Relaxed);
        self.counters
            .dropped
            .fetch_add((length - room) as u64, Ordering::Relaxed);
    }
}

/// The sound lost since the last report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// The seconds of sound that the ring had no room for.
    pub seconds: f64,
    /// Whether the system lost some more, of unknown duration.
    pub more: bool,
}

impl Capture {
    /// Opens `device` and waits for its first samples, because a device can be opened and still
    /// deliver nothing.
    pub fn open(device: &AudioDevice) -> Result<Self, VoiceError> {
        let handle = device.handle.clone();
        let name = device.name.clone();
        let capture = devices::call_with_deadline(move || start(&handle, &name))??;
        let refused = |reason| VoiceError::CannotOpen {
            device: device.name.clone(),
            reason,
        };
        capture.wait_for_sound().map_err(refused)?;
        Ok(capture)
    }

    /// Returns the format of the samples that [`Capture::read`] delivers.
    pub fn format(&self) -> Format {
        self.format
    }

    fn wait_for_sound(&self) -> Result<(), String> {
        while self.counters.received.load(Ordering::Relaxed) == 0 {
            if let Ok(reason) = self.failures.try_recv() {
                return Err(reason);
            }
            if self.started_at.elapsed() > OPENING {
                return Err(format!(
                    "it gave no sound within {} seconds",
                    OPENING.as_secs()
                ));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Appends the interleaved samples that have arrived. Fails with a reason once the device is gone.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<(), String> {
        if let Ok(reason) = self.failures.try_recv() {
            return Err(reason);
        }
        let seconds = self.started_at.elapsed().as_secs_f64();
        let frames = self.counters.received.load(Ordering::Relaxed) as f64
            / f64::from(self.format.channels.max(1));
        if frames > TOO_FAST * (seconds + 1.0) * f64::from(self.format.rate) {
            return Err(
                "it gives sound faster than time passes: there is no microphone behind it".into(),
            );
        }
        let available = self.samples.slots();
        if available > 0 {
            self.last_delivery = Instant::now();
        } else if self.samples.is_abandoned() || self.last_delivery.elapsed() > STALLED {
            return Err("no sound comes from it any more".into());
        }
        if let Ok(chunk) = self.samples.read_chunk(available) {
            into.extend(chunk);
        }
        Ok(())
    }

    /// Returns the sound lost since the last call, if any.
    pub fn take_lost(&mut self) -> Option<Lost> {
        let losses = Losses {
            dropped: self.counters.dropped.load(Ordering::Relaxed),
            overruns: self.counters.overruns.load(Ordering::Relaxed),
        };
        let reported = std::mem::replace(&mut self.reported, losses);
        let samples = (losses.dropped - reported.dropped) as f64;
        let frames = samples / f64::from(self.format.channels.max(1));
        let lost = Lost {
            seconds: frames / f64::from(self.format.rate),
            more: losses.overruns > reported.overruns,
        };
        (losses != reported).then_some(lost)
    }
}

/// Creates the ring between the callback and the reader.
fn ring(format: Format) -> (RingWriter, Consumer<f32>, Arc<Counters>) {
    let slots = RING_SECONDS * format.rate as usize * usize::from(format.channels.max(1));
    let (ring, samples) = RingBuffer::new(slots.min(RING_SAMPLES));
    let counters = Arc::new(Counters::default());
    (
        RingWriter {
            ring,
            counters: counters.clone(),
        },
        samples,
        counters,
    )
}

/// Starts recording. The call hangs if the sound system does.
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
    let (mut writer, samples, counters) = ring(source.format());
    let stream = source.record(BLOCKS_A_SECOND, move |samples, length| {
        writer.copy(samples, length);
    })?;
    let (_, failures) = mpsc::sync_channel(1);
    Ok(Capture::new(
        RunningStream::Pulse(stream),
        source.format(),
        samples,
        failures,
        counters,
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
        stream: RunningStream,
        format: Format,
        samples: Consumer<f32>,
        failures: Receiver<String>,
        counters: Arc<Counters>,
    ) -> Self {
        let now = Instant::now();
        Self {
            _stream: stream,
            samples,
            failures,
            counters,
            format,
            started_at: now,
            last_delivery: now,
            reported: Losses::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_drops_samples_and_counts_them() {
        let (ring, mut samples) = RingBuffer::new(4);
        let counters = Arc::new(Counters::default());
        let mut writer = RingWriter {
            ring,
            counters: counters.clone(),
        };
        writer.copy([-1.0, 0.0, 0.5].into_iter(), 3);
        writer.copy([0.25, 0.5, 0.75].into_iter(), 3);
        let kept: Vec<f32> = samples.read_chunk(4).unwrap().into_iter().collect();
        assert_eq!(kept, [-1.0, 0.0, 0.5, 0.25]);
        assert_eq!(
            (
                counters.received.load(Ordering::Relaxed),
                counters.dropped.load(Ordering::Relaxed)
            ),
            (6, 2)
        );
    }

    #[test]
    fn a_busy_device_is_reported_as_in_use() {
        let busy = refused("Desk", &cpal::Error::new(ErrorKind::DeviceBusy));
        assert_eq!(
            busy.to_string(),
            "cannot open Desk: another program is using it"
        );
        let absent = refused("default", &cpal::Error::new(ErrorKind::DeviceNotAvailable));
        assert_eq!(absent.to_string(), "no microphone was found");
    }
}
