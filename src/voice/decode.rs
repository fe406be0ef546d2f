//! Any audio file (WAV, FLAC, MP3, OGG Vorbis) as a stream of mono samples, a block at a time.
//!
//! Memory stays bounded however long the file is. A file that breaks off is decoded as far as it goes; what is no audio,
//! holds none, or is of a kind not supported is refused with the reason.

mod rate;
mod unfinished;

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use bytes::Bytes;
use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_NULL, Decoder, DecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::{FormatOptions, FormatReader, Packet};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::probe::Hint;

use self::unfinished::Unfinished;
use super::mono::Mono;
use super::resample::Resampler;
use super::{Format, VoiceError};
use crate::config::Channel;

/// A file being decoded.
pub struct AudioFile {
    name: String,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn Decoder>,
    track: u32,
    /// Rate of the samples given out, Hz.
    rate: u32,
    shape: Option<Shape>,
    /// The first block, decoded to see whether there is any sound.
    first: Vec<f32>,
    ended: bool,
}

/// What the first decoded block says about all of them.
struct Shape {
    rate: u32,
    channels: usize,
    mono: Mono,
    resampler: Resampler,
    block: Option<SampleBuffer<f32>>,
}

impl AudioFile {
    /// Opens the file at `path`, to be given out as mono samples at `rate` Hz.
    pub fn open(path: &Path, rate: u32) -> Result<Self, VoiceError> {
        let name = path.display().to_string();
        match File::open(path).and_then(|file| Ok((file.metadata()?.is_dir(), file))) {
            Ok((false, file)) => Self::decode(name, file, rate),
            Ok((true, _)) => Err(refused(&name, "it is a folder")),
            Err(error) => Err(refused(&name, error)),
        }
    }

    /// Opens a whole file held in memory; `name` is for messages.
    pub fn from_bytes(name: &str, bytes: Bytes, rate: u32) -> Result<Self, VoiceError> {
        Self::decode(name.to_owned(), Cursor::new(bytes), rate)
    }

    fn decode(
        name: String,
        mut source: impl MediaSource + 'static,
        rate: u32,
    ) -> Result<Self, VoiceError> {
        kind(&mut source).map_err(|reason| refused(&name, reason))?;
        if rate::is_zero(&mut source).map_err(|error| refused(&name, error))? {
            return Err(refused(&name, "its header names a rate of 0 Hz"));
        }
        let source = Unfinished::new(source).map_err(|error| refused(&name, error))?;
        let (format, decoder, track) = probe(source).map_err(|reason| refused(&name, reason))?;
        let mut file = Self {
            name,
            format,
            decoder,
            track,
            rate,
            shape: None,
            first: Vec::new(),
            ended: false,
        };
        let mut first = Vec::new();
        while first.is_empty() && file.block(&mut first)? {}
        if first.is_empty() {
            return Err(refused(&file.name, "there is no sound in it"));
        }
        file.first = first;
        Ok(file)
    }

    /// Appends the next block to `into`; false when the file is over.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if !self.first.is_empty() {
            into.append(&mut self.first);
            return Ok(true);
        }
        self.block(into)
    }

    fn block(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if self.ended {
            return Ok(false);
        }
        if !self.decode_packet(into)? {
            self.ended = true;
            if let Some(shape) = &mut self.shape {
                shape.resampler.finish(into);
            }
        }
        Ok(true)
    }

    /// Decodes one packet; false at the end, which for a truncated file is where it breaks off.
    fn decode_packet(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        let packet = match self.format.next_packet() {
            Ok(packet) => packet,
            Err(Symphonia::ResetRequired) => return self.next_stream(into),
            Err(error) => return self.end(&error),
        };
        if packet.track_id() != self.track {
            return Ok(true);
        }
        match self.decodes(&packet) {
            Ok(true) => {}
            // One damaged packet: the rest may be sound.
            Ok(false) => return Ok(true),
            Err(error) => return self.end(&error),
        }
        let decoded = self.decoder.last_decoded();
        let (spec, frames) = (*decoded.spec(), decoded.capacity());
        let shape = match &mut self.shape {
            Some(shape) if (shape.rate, shape.channels) == (spec.rate, spec.channels.count()) => {
                shape
            }
            other => {
                // Radio recordings and joined files change their rate in the middle.
                if let Some(shape) = other {
                    shape.resampler.finish(into);
                }
                let shape = Shape::new(spec.rate, spec.channels.count(), self.rate);
                other.insert(shape.map_err(|error| refused(&self.name, error))?)
            }
        };
        let block = match &mut shape.block {
            Some(block) if block.capacity() >= frames * shape.channels => block,
            small => small.insert(SampleBuffer::new(frames as u64, spec)),
        };
        block.copy_interleaved_ref(decoded);
        shape.give(into);
        Ok(true)
    }

    /// Whether there is sound in `packet`; the decoder holds it then. A decoder takes MP3 frames of another rate or with
    /// other channels than the first for damaged; a new one does not.
    fn decodes(&mut self, packet: &Packet) -> Result<bool, Symphonia> {
        match self.decoder.decode(packet) {
            Ok(_) => return Ok(true),
            Err(Symphonia::DecodeError(_) | Symphonia::ResetRequired) => {}
            Err(error) => return Err(error),
        }
        let Ok((mut fresh, _)) = decoder(&*self.format) else {
            return Ok(false);
        };
        let sound = fresh.decode(packet).is_ok();
        if sound {
            self.decoder = fresh;
        }
        Ok(sound)
    }

    /// Another stream follows in the same file: several OGG files joined to one.
    fn next_stream(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if let Some(mut shape) = self.shape.take() {
            shape.resampler.finish(into);
        }
        (self.decoder, self.track) =
            decoder(&*self.format).map_err(|reason| refused(&self.name, reason))?;
        Ok(true)
    }

    /// An error of the reader: the end of the file, or a reason to refuse it when nothing was heard yet.
    fn end(&self, error: &Symphonia) -> Result<bool, VoiceError> {
        match error {
            Symphonia::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                Ok(false)
            }
            Symphonia::IoError(cause) => Err(refused(&self.name, cause)),
            _ if self.shape.is_some() => Ok(false),
            other => Err(refused(&self.name, other)),
        }
    }
}

impl Shape {
    fn new(rate: u32, channels: usize, to: u32) -> Result<Self, super::resample::UnsupportedRate> {
        let format = Format {
            rate,
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
        };
        let mono = Mono::new(format, Channel::Mix);
        Ok(Self {
            rate,
            channels,
            mono,
            resampler: Resampler::new(rate, to)?,
            block: None,
        })
    }

    fn give(&mut self, into: &mut Vec<f32>) {
        let mut mono = Vec::new();
        if let Some(block) = &self.block {
            self.mono.push(block.samples(), &mut mono);
        }
        self.resampler.push(&mono, into);
    }
}

fn refused(file: &str, reason: impl std::fmt::Display) -> VoiceError {
    VoiceError::File {
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}

/// Refuses by its first bytes what is none of the four kinds: the probe below would take noise for MP3.
fn kind(source: &mut (impl Read + Seek)) -> Result<(), String> {
    let mut head = Vec::new();
    source
        .take(64)
        .read_to_end(&mut head)
        .and_then(|_| source.rewind())
        .map_err(|error| error.to_string())?;
    match head.as_slice() {
        [] => Err("the file is empty".into()),
        [b'O', b'g', b'g', b'S', ..] if head.windows(8).any(|bytes| bytes == b"OpusHead") => Err(
            "Opus inside OGG is not supported; convert it to WAV, FLAC, MP3 or OGG Vorbis".into(),
        ),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'A',
            b'V',
            b'E',
            ..,
        ]
        | [b'f', b'L', b'a', b'C', ..]
        | [b'O', b'g', b'g', b'S', ..]
        | [b'I', b'D', b'3', 0..0x20, ..] => Ok(()),
        [0xFF, second, ..] if second & 0xE0 == 0xE0 => Ok(()),
        _ => Err("this is no WAV, FLAC, MP3 or OGG Vorbis file".into()),
    }
}

type Opened = (Box<dyn FormatReader>, Box<dyn Decoder>, u32);

fn probe(source: impl MediaSource + 'static) -> Result<Opened, String> {
    let stream = MediaSourceStream::new(
        Box::new(source),
        symphonia::core::io::MediaSourceStreamOptions::default(),
    );
    let options = FormatOptions {
        enable_gapless: true,
        ..FormatOptions::default()
    };
    let probed = symphonia::default::get_probe()
        .format(&Hint::new(), stream, &options, &MetadataOptions::default())
        .map_err(|error| unreadable(&error))?;
    let (decoder, track) = decoder(&*probed.format)?;
    Ok((probed.format, decoder, track))
}

/// For the first track with sound, and its number.
fn decoder(format: &dyn FormatReader) -> Result<(Box<dyn Decoder>, u32), String> {
    let track = format
        .tracks()
        .iter()
        .find(|track| track.codec_params.codec != CODEC_TYPE_NULL);
    let track = track.ok_or("there is no sound in it that can be decoded")?;
    let decoder =
        symphonia::default::get_codecs().make(&track.codec_params, &DecoderOptions::default());
    Ok((decoder.map_err(|error| unreadable(&error))?, track.id))
}

fn unreadable(error: &Symphonia) -> String {
    match error {
        Symphonia::Unsupported(_) => {
            "its compression is not supported; convert it to PCM WAV or FLAC".into()
        }
        Symphonia::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            "its header breaks off".into()
        }
        other => format!("its header cannot be read: {other}"),
    }
}

#[cfg(test)]
mod tests;
