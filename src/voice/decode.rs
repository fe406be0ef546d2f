//! Decodes audio files (WAV, FLAC, MP3, OGG Vorbis) to mono samples, a block at a time.
//!
//! Memory stays bounded however long the file is. A truncated file is decoded as far as it goes. A
//! file that is no audio, holds none or is of an unsupported format is refused with the reason.

mod unfinished;
mod zero_rate;

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
    /// The rate of the samples that are returned, in Hz.
    rate: u32,
    converter: Option<Converter>,
    /// The first block, which is decoded early to find out whether there is any audio.
    first: Vec<f32>,
    ended: bool,
}

/// Converts blocks of one rate and number of channels to mono samples.
struct Converter {
    rate: u32,
    channels: usize,
    mono: Mono,
    resampler: Resampler,
    block: Option<SampleBuffer<f32>>,
}

impl AudioFile {
    /// Opens the file at `path`, which will be read as mono samples at `rate` Hz.
    pub fn open(path: &Path, rate: u32) -> Result<Self, VoiceError> {
        let name = path.display().to_string();
        match File::open(path).and_then(|file| Ok((file.metadata()?.is_dir(), file))) {
            Ok((false, file)) => Self::decode(name, file, rate),
            Ok((true, _)) => Err(refused(&name, "it is a folder")),
            Err(error) => Err(refused(&name, error)),
        }
    }

    /// Opens a file that is held in memory. `name` appears in error messages.
    pub fn from_bytes(name: &str, bytes: Bytes, rate: u32) -> Result<Self, VoiceError> {
        Self::decode(name.to_owned(), Cursor::new(bytes), rate)
    }

    fn decode(
        name: String,
        mut source: impl MediaSource + 'static,
        rate: u32,
    ) -> Result<Self, VoiceError> {
        check_format(&mut source).map_err(|reason| refused(&name, reason))?;
        if zero_rate::is_zero(&mut source).map_err(|error| refused(&name, error))? {
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
            converter: None,
            first: Vec::new(),
            ended: false,
        };
        let mut first = Vec::new();
        while first.is_empty() && file.next_block(&mut first)? {}
        if first.is_empty() {
            return Err(refused(&file.name, "there is no sound in it"));
        }
        file.first = first;
        Ok(file)
    }

    /// Appends the next block to `into`. Returns false at the end of the file.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if !self.first.is_empty() {
            into.append(&mut self.first);
            return Ok(true);
        }
        self.next_block(into)
    }

    fn next_block(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if self.ended {
            return Ok(false);
        }
        if !self.decode_packet(into)? {
            self.ended = true;
            if let Some(converter) = &mut self.converter {
                converter.resampler.finish(into);
            }
        }
        Ok(true)
    }

    /// Decodes one packet. Returns false at the end, which for a truncated file is where it breaks
    /// off.
    fn decode_packet(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        let packet = match self.format.next_packet() {
            Ok(packet) => packet,
            Err(Symphonia::ResetRequired) => return self.next_stream(into),
            Err(error) => return self.end_or_error(&error),
        };
        if packet.track_id() != self.track {
            return Ok(true);
        }
        match self.decode_or_renew(&packet) {
            Ok(true) => {}
            // The packets after a damaged one may be good.
            Ok(false) => return Ok(true),
            Err(error) => return self.end_or_error(&error),
        }
        let decoded = self.decoder.last_decoded();
        let spec = *decoded.spec();
        let frames = decoded.capacity();
        let converter = match &mut self.converter {
            Some(converter)
                if (converter.rate, converter.channels) == (spec.rate, spec.channels.count()) =>
            {
                converter
            }
            other => {
                // Radio recordings and joined files change their rate in the middle.
                if let Some(converter) = other {
                    converter.resampler.finish(into);
                }
                let converter = Converter::new(spec.rate, spec.channels.count(), self.rate);
                other.insert(converter.map_err(|error| refused(&self.name, error))?)
            }
        };
        let block = match &mut converter.block {
            Some(block) if block.capacity() >= frames * converter.channels => block,
            small => small.insert(SampleBuffer::new(frames as u64, spec)),
        };
        block.copy_interleaved_ref(decoded);
        converter.convert(into);
        Ok(true)
    }

    /// Returns whether `packet` could be decoded; the decoder then holds the samples. A decoder
    /// takes MP3 frames of another rate or number of channels than the first for damaged ones; a
    /// new decoder does not.
    fn decode_or_renew(&mut self, packet: &Packet) -> Result<bool, Symphonia> {
        match self.decoder.decode(packet) {
            Ok(_) => return Ok(true),
            Err(Symphonia::DecodeError(_) | Symphonia::ResetRequired) => {}
            Err(error) => return Err(error),
        }
        let Ok((mut fresh, _)) = decoder(&*self.format) else {
            return Ok(false);
        };
        let is_decoded = fresh.decode(packet).is_ok();
        if is_decoded {
            self.decoder = fresh;
        }
        Ok(is_decoded)
    }

    /// Continues with the next stream of the same file, as in several OGG files joined to one.
    fn next_stream(&mut self, into: &mut Vec<f32>) -> Result<bool, VoiceError> {
        if let Some(mut converter) = self.converter.take() {
            converter.resampler.finish(into);
        }
        (self.decoder, self.track) =
            decoder(&*self.format).map_err(|reason| refused(&self.name, reason))?;
        Ok(true)
    }

    /// Takes an error of the reader for the end of the file, or returns it if nothing was decoded
    /// yet.
    fn end_or_error(&self, error: &Symphonia) -> Result<bool, VoiceError> {
        match error {
            Symphonia::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                Ok(false)
            }
            Symphonia::IoError(cause) => Err(refused(&self.name, cause)),
            _ if self.converter.is_some() => Ok(false),
            other => Err(refused(&self.name, other)),
        }
    }
}

impl Converter {
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

    /// Appends the mono samples of the decoded block.
    fn convert(&mut self, into: &mut Vec<f32>) {
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

/// Refuses a file that does not begin like one of the four formats, because the probe below would
/// take noise for MP3.
fn check_format(source: &mut (impl Read + Seek)) -> Result<(), String> {
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

/// A reader, its decoder and the number of its track.
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

/// Returns a decoder for the first track with audio, and the number of the track.
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
