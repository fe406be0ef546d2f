//! A microphone by way of cpal, whatever kind of samples it gives.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, SyncSender};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, U24,
};

use super::{BLOCKS_A_SECOND, Capture, Counts, Inlet, OPENING, Running, ring};
use crate::voice::Format;

/// Opens `device` as it is usually used.
pub fn start(device: &cpal::Device) -> Result<Capture, cpal::Error> {
    let supported = device.default_input_config()?;
    let config = supported.config();
    let block = BufferSize::Fixed((config.sample_rate / BLOCKS_A_SECOND).max(1));
    start_with(
        device,
        supported.sample_format(),
        StreamConfig {
            buffer_size: block,
            ..config
        },
    )
    .or_else(|_| start_with(device, supported.sample_format(), config))
}

fn start_with(
    device: &cpal::Device,
    sample_format: SampleFormat,
    config: StreamConfig,
) -> Result<Capture, cpal::Error> {
    let format = Format {
        rate: config.sample_rate,
        channels: config.channels,
    };
    let (inlet, samples, counts) = ring(format);
    let (tell, failures) = mpsc::sync_channel(1);
    let failed = on_failure(tell, counts.clone());
    let stream = build(device, sample_format, config, inlet, failed)?;
    stream.play()?;
    Ok(Capture::new(
        Running::Cpal(stream),
        format,
        samples,
        failures,
        counts,
    ))
}

fn on_failure(
    tell: SyncSender<String>,
    counts: Arc<Counts>,
) -> impl FnMut(cpal::Error) + Send + 'static {
    move |error| {
        if error.kind() == ErrorKind::Xrun {
            counts.hiccups.fetch_add(1, Ordering::Relaxed);
        } else if is_fatal(&error) {
            // A second failure adds nothing to the first.
            let _ = tell.try_send(error.to_string());
        }
    }
}

/// Hiccups pass and a changed default goes on by itself; everything else ends the stream.
pub fn is_fatal(error: &cpal::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied | ErrorKind::Xrun
    )
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
    let copy = move |samples: &[T], _: &_| {
        inlet.copy(
            samples.iter().map(|&sample| sample.to_sample::<f32>()),
            samples.len(),
        );
    };
    device.build_input_stream(config, copy, failed, Some(OPENING))
}
