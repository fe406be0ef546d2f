//! The sources of a PulseAudio server; PipeWire answers as one.
//!
//! They are recorded without cpal for three reasons. cpal lets the server mix the channels by their
//! names, so that speech on one of eight channels reaches every one of them, faintly. It reads samples
//! of 24 bits as unsigned. And when a source is unplugged, the server silently moves the stream to
//! another source, which may be what the loudspeaker plays.

use std::ffi::CStr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use pulseaudio::protocol::stream::{BufferAttr, StreamFlags};
use pulseaudio::protocol::{RecordStreamParams, SampleFormat, SampleSpec, SourceInfo};
use pulseaudio::{Client, ClientError, RecordStream};

use crate::sync::lock;
use crate::voice::Format;
use crate::voice::resample::RATES;

/// The rate requested of a source whose own rate is unusual, in Hz. The server converts.
const USUAL_RATE: u32 = 48_000;

/// A source that is a microphone.
#[derive(Clone, Debug)]
pub struct Source(Box<SourceInfo>);

impl Source {
    /// Returns the server's name for the source.
    pub fn id(&self) -> String {
        self.0.name.to_string_lossy().into_owned()
    }

    /// Returns the name shown to people.
    pub fn name(&self) -> String {
        self.0
            .description
            .as_ref()
            .unwrap_or(&self.0.name)
            .to_string_lossy()
            .into_owned()
    }

    /// Returns a number that changes each time the device is plugged in.
    pub fn index(&self) -> u32 {
        self.0.index
    }

    /// Returns the format in which the source is recorded.
    pub fn format(&self) -> Format {
        let SampleSpec {
            channels,
            sample_rate,
            ..
        } = self.0.sample_spec;
        let rate = if RATES.contains(&sample_rate) {
            sample_rate
        } else {
            USUAL_RATE
        };
        Format {
            rate,
            channels: u16::from(channels.max(1)),
        }
    }

    /// Starts recording. The connection's thread calls `samples` with their number `blocks` times a
    /// second. The stream is not moved when the source is gone: it delivers nothing any more.
    pub fn record(
        &self,
        blocks: u32,
        mut samples: impl FnMut(&mut dyn Iterator<Item = f32>, usize) + Send + 'static,
    ) -> Result<RecordStream, ClientError> {
        let client = client().ok_or(ClientError::ServerUnavailable)?;
        let params = self.parameters(blocks);
        let taken = move |bytes: &[u8]| {
            let (whole, _) = bytes.as_chunks();
            samples(
                &mut whole.iter().map(|bytes| f32::from_ne_bytes(*bytes)),
                whole.len(),
            );
        };
        wait(client.create_record_stream(params, taken))
    }

    fn parameters(&self, blocks: u32) -> RecordStreamParams {
        let Format { rate, channels } = self.format();
        let float = if cfg!(target_endian = "little") {
            SampleFormat::Float32Le
        } else {
            SampleFormat::Float32Be
        };
        let block = (rate / blocks).max(1) * u32::from(channels) * size_of::<f32>() as u32;
        RecordStreamParams {
            sample_spec: SampleSpec {
                format: float,
                channels: self.0.sample_spec.channels.max(1),
                sample_rate: rate,
            },
            channel_map: self.0.channel_map,
            source_index: Some(self.0.index),
            buffer_attr: BufferAttr {
                fragment_size: block,
                ..BufferAttr::default()
            },
            flags: StreamFlags {
                no_remap_channels: true,
                no_move: true,
                adjust_latency: true,
                ..StreamFlags::default()
            },
            ..RecordStreamParams::default()
        }
    }
}

/// Returns the microphones and the id of the default one, or `None` without a server. The call hangs
/// if the server does.
pub fn microphones() -> Option<(Vec<Source>, Option<String>)> {
    let client = client()?;
    let sources = wait(client.list_sources()).ok()?;
    let default = wait(client.server_info()).ok()?.default_source_name;
    // A monitor records what a loudspeaker plays: nobody speaks into it.
    let microphones = sources
        .into_iter()
        .filter(|source| source.monitor_of_sink_index.is_none());
    let microphones = microphones.map(|source| Source(Box::new(source))).collect();
    Some((
        microphones,
        default.map(|name| name.to_string_lossy().into_owned()),
    ))
}

/// Returns the program's only connection, which is renewed once the server has gone. Each connection
/// keeps a thread until the server closes it.
fn client() -> Option<Client> {
    static CLIENT: Mutex<Option<Client>> = Mutex::new(None);
    let known = lock(&CLIENT).clone();
    if let Some(client) = known.filter(|client| wait(client.server_info()).is_ok()) {
        return Some(client);
    }
    let client = Client::from_env(NAME).ok()?;
    *lock(&CLIENT) = Some(client.clone());
    Some(client)
}

/// The name under which the server knows this program.
pub(super) const NAME: &CStr = c"mock-interviewer";

struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks until the server answers.
fn wait<T>(answer: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(ThreadWaker(thread::current())));
    let mut answer = pin!(answer);
    let mut context = Context::from_waker(&waker);
    loop {
        match answer.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}
