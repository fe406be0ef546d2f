//! The microphone of this machine. The callback of the sound system only copies into a ring: it takes no lock, allocates
//! nothing and writes no log. A full ring drops and counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, U24};
use rtrb::{Consumer, Producer, RingBuffer};

use super::{Format, Microphone, VoiceError, devices};

/// Seconds of sound the ring holds; it is read every 50 ms.
const RING_SECONDS: usize = 5;
/// A device is asked to deliver this often. Left to itself, PulseAudio delivers two seconds at once, long after they were
/// spoken, and the last words of an answer come after its recording has ended. Asked for much less than 100 ms, it throws
/// away what sources give that work in larger pieces than that.
const BLOCKS_A_SECOND: u32 = 10;
/// How long a stream may take to give its first sample (usual: 0.7 s).
const OPENING: Duration = Duration::from_secs(3);
/// A device that gives sound this many times faster than time passes is none (ALSA's `null` does).
const TOO_FAST: f64 = 4.0;

/// The system's default microphone.
#[derive(Default)]
pub struct DeviceMicrophone {
    name: Option<String>,
    capture: Option<Capture>,
}

struct Capture {
    /// Held for its side effect: dropping it ends the recording.
    _stream: Stream,
    samples: Consumer<f32>,
    failures: Receiver<String>,
    counts: Arc<Counts>,
    format: Format,
    since: Instant,
    /// Dropped samples already reported.
    reported: u64,
}

/// Samples the callback was given, and those it had no room for.
#[derive(Default)]
struct Counts {
    given: AtomicU64,
    dropped: AtomicU64,
}

/// Where the callback puts its samples.
struct Inlet {
    ring: Producer<f32>,
    counts: Arc<Counts>,
}

impl Inlet {
    fn copy<T: SizedSample>(&mut self, samples: &[T])
    where
        f32: FromSample<T>,
    {
        let room = self.ring.slots().min(samples.len());
        if let Ok(chunk) = self.ring.write_chunk_uninit(room) {
            chunk.fill_from_iter(samples.iter().map(|&sample| sample.to_sample::<f32>()));
        }
        self.counts.given.fetch_add(samples.len() as u64, Ordering::Relaxed);
        self.counts.dropped.fetch_add((samples.len() - room) as u64, Ordering::Relaxed);
    }
}

impl Microphone for DeviceMicrophone {
    fn open(&mut self) -> Result<Format, VoiceError> {
        self.capture = None;
        let (name, capture) = devices::answered(open_default)??;
        capture.wait_for_sound().map_err(|reason| VoiceError::CannotOpen { device: name.clone(), reason })?;
        self.name = Some(name);
        let format = capture.format;
        self.capture = Some(capture);
        Ok(format)
    }

    fn press(&mut self) {}

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let lost = |reason| VoiceError::DeviceLost { device: self.name.clone().unwrap_or_default(), reason };
        let capture = self.capture.as_mut().ok_or(VoiceError::NoMicrophone)?;
        capture.read(into).map_err(lost)
    }

    fn close(&mut self) {
        self.capture = None;
    }

    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| "microphone".into())
    }
}

/// May hang with the sound system.
fn open_default() -> Result<(String, Capture), VoiceError> {
    let device = devices::default_microphone().ok_or(VoiceError::NoMicrophone)?;
    let name = device.to_string();
    let capture = Capture::start(&device).map_err(|error| match error.kind() {
        // ALSA names a default device even where there is no card at all.
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => VoiceError::NoMicrophone,
        _ => VoiceError::CannotOpen { device: name.clone(), reason: devices::cause(&error) },
    })?;
    Ok((name, capture))
}

impl Capture {
    fn start(device: &cpal::Device) -> Result<Self, cpal::Error> {
        let supported = device.default_input_config()?;
        let config = supported.config();
        let block = BufferSize::Fixed((config.sample_rate / BLOCKS_A_SECOND).max(1));
        Self::start_with(device, supported.sample_format(), StreamConfig { buffer_size: block, ..config })
            .or_else(|_| Self::start_with(device, supported.sample_format(), config))
    }

    fn start_with(
        device: &cpal::Device,
        sample_format: SampleFormat,
        config: StreamConfig,
    ) -> Result<Self, cpal::Error> {
        let format = Format { rate: config.sample_rate, channels: config.channels };
        let slots = RING_SECONDS * format.rate as usize * usize::from(format.channels.max(1));
        let (ring, samples) = RingBuffer::new(slots);
        let counts = Arc::new(Counts::default());
        let (tell, failures) = mpsc::sync_channel(1);
        let failed = move |error: cpal::Error| {
            if is_fatal(&error) {
                // A second failure adds nothing to the first.
                let _ = tell.try_send(error.to_string());
            }
        };
        let stream = build(device, sample_format, config, Inlet { ring, counts: counts.clone() }, failed)?;
        stream.play()?;
        Ok(Self { _stream: stream, samples, failures, counts, format, since: Instant::now(), reported: 0 })
    }

    /// Waits for the first samples: a device can be opened and still give nothing.
    fn wait_for_sound(&self) -> Result<(), String> {
        while self.counts.given.load(Ordering::Relaxed) == 0 {
            if let Ok(reason) = self.failures.try_recv() {
                return Err(reason);
            }
            if self.since.elapsed() > OPENING {
                return Err(format!("it gave no sound within {} seconds", OPENING.as_secs()));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), String> {
        if let Ok(reason) = self.failures.try_recv() {
            return Err(reason);
        }
        let seconds = self.since.elapsed().as_secs_f64();
        let frames = self.counts.given.load(Ordering::Relaxed) as f64 / f64::from(self.format.channels.max(1));
        if frames > TOO_FAST * (seconds + 1.0) * f64::from(self.format.rate) {
            return Err("it gives sound faster than time passes: there is no microphone behind it".into());
        }
        self.report_dropped();
        let available = self.samples.slots();
        if let Ok(chunk) = self.samples.read_chunk(available) {
            into.extend(chunk);
        }
        Ok(())
    }

    fn report_dropped(&mut self) {
        let dropped = self.counts.dropped.load(Ordering::Relaxed);
        if dropped > self.reported {
            tracing::warn!(samples = dropped - self.reported, "the recording fell behind; samples were dropped");
            self.reported = dropped;
        }
    }
}

/// Hiccups pass and a changed default goes on by itself; everything else ends the stream.
pub(super) fn is_fatal(error: &cpal::Error) -> bool {
    !matches!(error.kind(), ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied | ErrorKind::Xrun)
}

fn build(
    device: &cpal::Device,
    format: SampleFormat,
    config: StreamConfig,
    inlet: Inlet,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error> {
    match format {
        SampleFormat::I8 => stream::<i8>(device, config, inlet, failed),
        SampleFormat::I16 => stream::<i16>(device, config, inlet, failed),
        SampleFormat::I24 => stream::<I24>(device, config, inlet, failed),
        SampleFormat::I32 => stream::<i32>(device, config, inlet, failed),
        SampleFormat::I64 => stream::<i64>(device, config, inlet, failed),
        SampleFormat::U8 => stream::<u8>(device, config, inlet, failed),
        SampleFormat::U16 => stream::<u16>(device, config, inlet, failed),
        SampleFormat::U24 => stream::<U24>(device, config, inlet, failed),
        SampleFormat::U32 => stream::<u32>(device, config, inlet, failed),
        SampleFormat::U64 => stream::<u64>(device, config, inlet, failed),
        SampleFormat::F32 => stream::<f32>(device, config, inlet, failed),
        SampleFormat::F64 => stream::<f64>(device, config, inlet, failed),
        other => Err(cpal::Error::with_message(
            ErrorKind::UnsupportedConfig,
            format!("its sample format {other} is not supported"),
        )),
    }
}

fn stream<T: SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut inlet: Inlet,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error>
where
    f32: FromSample<T>,
{
    device.build_input_stream(config, move |samples: &[T], _: &_| inlet.copy(samples), failed, Some(OPENING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_drops_and_counts() {
        let (ring, mut samples) = RingBuffer::new(4);
        let counts = Arc::new(Counts::default());
        let mut inlet = Inlet { ring, counts: counts.clone() };
        inlet.copy(&[i16::MIN, 0, 16_384]);
        inlet.copy(&[0.25f32, 0.5, 0.75]);
        let kept: Vec<f32> = samples.read_chunk(4).unwrap().into_iter().collect();
        assert_eq!(kept, [-1.0, 0.0, 0.5, 0.25]);
        assert_eq!((counts.given.load(Ordering::Relaxed), counts.dropped.load(Ordering::Relaxed)), (6, 2));
    }
}
