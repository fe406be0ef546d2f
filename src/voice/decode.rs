//! Decodes audio files to mono samples, a block at a time: WAV as [`crate::wave`] reads it; FLAC,
//! MP3, OGG, M4A, AAC, AIFF, CAF and `WebM` with a free codec as `symphonia` does.
//!
//! Memory stays bounded however long the file is. A truncated file is decoded as far as it goes. A
//! file that is no audio, holds none or is of a format without a decoder is refused with the reason.

mod coded;
mod from_offset;
mod start;

use std::fs::File;
use std::io::Cursor;
use std::path::Path;

use bytes::Bytes;
use symphonia::core::io::MediaSource;

use self::coded::CodedFile;
use self::from_offset::FromOffset;
use super::mono::Mono;
use super::resample::Resampler;
use super::{FileProblem, Format, VoiceError};
use crate::config::Channel;
use crate::files::FileKind;
use crate::wave::{WaveFormat, WaveReader};

/// A file being decoded.
pub struct AudioFile {
    name: String,
    source: Source,
    /// The rate of the samples that are returned, in Hz.
    rate: u32,
    converter: Option<Converter>,
    /// The first block, which is decoded early to find out whether there is any audio.
    first: Vec<f32>,
    ended: bool,
}

enum Source {
    Wave(WaveSource),
    Coded(CodedFile),
}

struct WaveSource {
    reader: WaveReader<Box<dyn MediaSource>>,
    /// The format of the current file, or `None` before the first.
    format: Option<WaveFormat>,
}

/// What a source holds next.
enum Block {
    /// Interleaved samples, possibly none.
    Samples {
        rate: u32,
        channels: usize,
    },
    End,
}

/// Converts blocks of one rate and number of channels to mono samples.
struct Converter {
    rate: u32,
    channels: usize,
    mono: Mono,
    resampler: Resampler,
}

impl AudioFile {
    /// Opens the file at `path`, which will be read as mono samples at `rate` Hz.
    pub fn open(path: &Path, rate: u32) -> Result<Self, VoiceError> {
        let name = path.display().to_string();
        match File::open(path).and_then(|file| Ok((file.metadata()?.is_dir(), file))) {
            Ok((false, file)) => Self::decode(name, Box::new(file), rate),
            Ok((true, _)) => Err(refused(&name, FileProblem::Folder)),
            Err(error) => Err(refused(&name, error.into())),
        }
    }

    /// Opens a file that is held in memory. `name` appears in error messages.
    pub fn from_bytes(name: &str, bytes: Bytes, rate: u32) -> Result<Self, VoiceError> {
        Self::decode(name.to_owned(), Box::new(Cursor::new(bytes)), rate)
    }

    fn decode(name: String, source: Box<dyn MediaSource>, rate: u32) -> Result<Self, VoiceError> {
        let source = Source::open(source).map_err(|problem| refused(&name, problem))?;
        let mut file = Self {
            name,
            source,
            rate,
            converter: None,
            first: Vec::new(),
            ended: false,
        };
        let mut first = Vec::new();
        while first.is_empty() && file.next_block(&mut first)? {}
        if first.is_empty() {
            return Err(refused(&file.name, FileProblem::NoSound));
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
        let mut interleaved = Vec::new();
        let has_begun = self.converter.is_some();
        let block = self.source.next(&mut interleaved, has_begun);
        match block.map_err(|problem| refused(&self.name, problem))? {
            Block::Samples { rate, channels } => {
                self.convert(rate, channels, &interleaved, into)?;
            }
            Block::End => {
                self.ended = true;
                if let Some(converter) = &mut self.converter {
                    converter.resampler.finish(into);
                }
            }
        }
        Ok(true)
    }

    fn convert(
        &mut self,
        rate: u32,
        channels: usize,
        interleaved: &[f32],
        into: &mut Vec<f32>,
    ) -> Result<(), VoiceError> {
        let converter =
            match &mut self.converter {
                Some(converter) if (converter.rate, converter.channels) == (rate, channels) => {
                    converter
                }
                _ if interleaved.is_empty() => return Ok(()),
                other => {
                    // Radio recordings and joined files change their rate in the middle.
                    if let Some(converter) = other {
                        converter.resampler.finish(into);
                    }
                    let converter = Converter::new(rate, channels, self.rate);
                    other.insert(converter.map_err(|error| {
                        refused(&self.name, FileProblem::System(error.to_string()))
                    })?)
                }
            };
        let mut mono = Vec::new();
        converter.mono.push(interleaved, &mut mono);
        converter.resampler.push(&mono, into);
        Ok(())
    }
}

impl Source {
    fn open(mut source: Box<dyn MediaSource>) -> Result<Self, FileProblem> {
        let (at, kind) = start::find(&mut source)?;
        match kind {
            FileKind::Wav => Ok(Self::Wave(WaveSource {
                reader: WaveReader::new(source, at)?,
                format: None,
            })),
            FileKind::Flac
            | FileKind::Mp3
            | FileKind::Ogg
            | FileKind::Aac
            | FileKind::Mp4
            | FileKind::WebM
            | FileKind::Aiff
            | FileKind::Caf => {
                let source = FromOffset::new(source, at)?;
                Ok(Self::Coded(CodedFile::open(source, kind)?))
            }
            FileKind::OtherAudio(_) | FileKind::NoAudio(_) | FileKind::Text | FileKind::Unknown => {
                Err(FileProblem::of_kind(kind))
            }
        }
    }

    /// Appends the next samples to `into`. `has_begun` says whether there were any before.
    fn next(&mut self, into: &mut Vec<f32>, has_begun: bool) -> Result<Block, FileProblem> {
        match self {
            Self::Wave(wave) => wave.next(into),
            Self::Coded(coded) => coded.next(into, has_begun),
        }
    }
}

impl WaveSource {
    fn next(&mut self, into: &mut Vec<f32>) -> Result<Block, FileProblem> {
        let is_first = self.format.is_none();
        if is_first || !self.reader.read(into)? {
            let format = self.reader.next_file()?;
            self.format = format.or(self.format);
            if format.is_none() {
                return Ok(Block::End);
            }
        }
        Ok(self.format.map_or(Block::End, |format| Block::Samples {
            rate: format.rate,
            channels: format.channels.into(),
        }))
    }
}

impl Converter {
    fn new(rate: u32, channels: usize, to: u32) -> Result<Self, super::resample::UnsupportedRate> {
        let format = Format {
            rate,
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
        };
        Ok(Self {
            rate,
            channels,
            mono: Mono::new(format, Channel::Mix),
            resampler: Resampler::new(rate, to)?,
        })
    }
}

fn refused(file: &str, problem: FileProblem) -> VoiceError {
    VoiceError::Unreadable {
        file: file.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests;
