//! Records through cpal, whatever the sample format of the device.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, SyncSender};

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    BufferSize, ErrorKind, FromSample, I24, SampleFormat, SizedSample, Stream, StreamConfig, U24,
};

use super::{BLOCKS_A_SECOND, Capture, Counters, OPENING, RingWriter, RunningStream, ring};
use crate::voice::Format;

/// Opens `device` in its default configuration.
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
    let (writer, samples, counters) = ring(format);
    let (sender, failures) = mpsc::sync_channel(1);
    let failed = on_failure(sender, counters.clone());
    let stream = build(device, sample_format, config, writer, failed)?;
    stream.play()?;
    Ok(Capture::new(
        RunningStream::Cpal(stream),
        format,
        samples,
        failures,
        counters,
    ))
}

fn on_failure(
    sender: SyncSender<String>,
    counters: Arc<Counters>,
) -> impl FnMut(cpal::Error) + Send + 'static {
    move |error| {
        if error.kind() == ErrorKind::Xrun {
            counters.overruns.fetch_add(1, Ordering::Relaxed);
        } else if is_fatal(&error) {
            // The channel is full after the first failure, to which a second one adds nothing.
            let _ = sender.try_send(error.to_string());
        }
    }
}

/// Returns whether an error ends the stream. The stream goes on after an overrun, and follows a
/// changed default by itself.
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
    writer: RingWriter,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error> {
    match format {
        SampleFormat::I8 => stream::<i8>(device, config, writer, failed),
        SampleFormat::I16 => stream::<i16>(device, config, writer, failed),
        SampleFormat::I24 => stream::<I24>(device, config, writer, failed),
        SampleFormat::I32 => stream::<i32>(device, config, writer, failed),
        SampleFormat::I64 => stream::<i64>(device, config, writer, failed),
        SampleFormat::U8 => stream::<u8>(device, config, writer, failed),
        SampleFormat::U16 => stream::<u16>(device, config, writer, failed),
        SampleFormat::U24 => stream::<U24>(device, config, writer, failed),
        SampleFormat::U32 => stream::<u32>(device, config, writer, failed),
        SampleFormat::U64 => stream::<u64>(device, config, writer, failed),
        SampleFormat::F32 => stream::<f32>(device, config, writer, failed),
        SampleFormat::F64 => stream::<f64>(device, config, writer, failed),
        other => Err(cpal::Error::with_message(
            ErrorKind::UnsupportedConfig,
            format!("its sample format {other} is not supported"),
        )),
    }
}

fn stream<T: SizedSample>(
    device: &cpal::Device,
    config: StreamConfig,
    mut writer: RingWriter,
    failed: impl FnMut(cpal::Error) + Send + 'static,
) -> Result<Stream, cpal::Error>
where
    f32: FromSample<T>,
{
    let copy = move |samples: &[T], _: &_| {
        writer.copy(
            samples.iter().map(|&sample| sample.to_sample::<f32>()),
            samples.len(),
        );
    };
    device.build_input_stream(config, copy, failed, Some(OPENING))
}
