//! Decodes compressed files, packet by packet.
//!
//! The readers of `symphonia` calculate with the numbers of a damaged file without checks: fuzzing
//! made that of CAF overflow. So a panic in there is caught, and the file counts as damaged.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_OPUS, Decoder, DecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::{FormatOptions, FormatReader, Packet, Track};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::probe::Hint;

use super::Block;
use crate::files::FileKind;
use crate::voice::FileProblem;

/// A compressed file being decoded.
pub(super) struct CodedFile {
    kind: FileKind,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn Decoder>,
    track: u32,
    block: Option<SampleBuffer<f32>>,
}

impl CodedFile {
    /// Opens a file of this kind.
    pub fn open(source: impl MediaSource + 'static, kind: FileKind) -> Result<Self, FileProblem> {
        caught(|| Self::probe(source, kind))
    }

    fn probe(source: impl MediaSource + 'static, kind: FileKind) -> Result<Self, FileProblem> {
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
            .map_err(|error| unreadable(&error, kind))?;
        let (decoder, track) = decoder(&*probed.format, kind)?;
        Ok(Self {
            kind,
            format: probed.format,
            decoder,
            track,
            block: None,
        })
    }

    /// Appends the samples of the next packet to `into`. A truncated file ends where it breaks off.
    pub fn next(&mut self, into: &mut Vec<f32>, has_begun: bool) -> Result<Block, FileProblem> {
        caught(|| self.next_packet(into, has_begun))
    }

    fn next_packet(&mut self, into: &mut Vec<f32>, has_begun: bool) -> Result<Block, FileProblem> {
        let nothing = Block::Samples {
            rate: 0,
            channels: 0,
        };
        let packet = match self.format.next_packet() {
            Ok(packet) => packet,
            Err(Symphonia::ResetRequired) => {
                // The next stream of the same file, as in several OGG files joined to one.
                (self.decoder, self.track) = decoder(&*self.format, self.kind)?;
                return Ok(nothing);
            }
            Err(error) => return end_or_problem(&error, has_begun),
        };
        if packet.track_id() != self.track {
            return Ok(nothing);
        }
        match self.decode_or_renew(&packet) {
            Ok(true) => Ok(self.take_samples(into)),
            // The packets after a damaged one may be good.
            Ok(false) => Ok(nothing),
            Err(error) => end_or_problem(&error, has_begun),
        }
    }

    fn take_samples(&mut self, into: &mut Vec<f32>) -> Block {
        let decoded = self.decoder.last_decoded();
        let spec = *decoded.spec();
        let channels = spec.channels.count();
        let frames = decoded.capacity();
        let block = match &mut self.block {
            Some(block) if block.capacity() >= frames * channels => block,
            small => small.insert(SampleBuffer::new(frames as u64, spec)),
        };
        block.copy_interleaved_ref(decoded);
        into.extend_from_slice(block.samples());
        Block::Samples {
            rate: spec.rate,
            channels,
        }
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
        let Ok((mut fresh, _)) = decoder(&*self.format, self.kind) else {
            return Ok(false);
        };
        let is_decoded = fresh.decode(packet).is_ok();
        if is_decoded {
            self.decoder = fresh;
        }
        Ok(is_decoded)
    }
}

/// Runs `read`, whose state is not used again if it panics.
fn caught<T>(read: impl FnOnce() -> Result<T, FileProblem>) -> Result<T, FileProblem> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(FileProblem::Damaged))
}

/// Takes an error of the reader for the end of the file, or returns it if nothing was decoded yet.
fn end_or_problem(error: &Symphonia, has_begun: bool) -> Result<Block, FileProblem> {
    match error {
        Symphonia::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            Ok(Block::End)
        }
        Symphonia::IoError(cause) => Err(FileProblem::System(cause.to_string())),
        _ if has_begun => Ok(Block::End),
        other => Err(FileProblem::System(other.to_string())),
    }
}

/// Returns a decoder for the first track that can be decoded, and the number of the track. A video
/// has tracks of pictures besides.
fn decoder(
    format: &dyn FormatReader,
    kind: FileKind,
) -> Result<(Box<dyn Decoder>, u32), FileProblem> {
    let codecs = symphonia::default::get_codecs();
    let mut decoders = format.tracks().iter().filter_map(|track| {
        let made = codecs.make(&track.codec_params, &DecoderOptions::default());
        made.ok().map(|decoder| (decoder, track.id))
    });
    decoders
        .next()
        .ok_or_else(|| undecodable(format.tracks(), kind))
}

fn undecodable(tracks: &[Track], kind: FileKind) -> FileProblem {
    let is = |codec| tracks.iter().any(|track| track.codec_params.codec == codec);
    let name = kind.name();
    match () {
        () if is(CODEC_TYPE_OPUS) => FileProblem::Undecodable(format!("Opus ({name})")),
        () if tracks.is_empty() => FileProblem::NoSound,
        () => FileProblem::Undecodable(name.to_owned()),
    }
}

fn unreadable(error: &Symphonia, kind: FileKind) -> FileProblem {
    match error {
        Symphonia::Unsupported(_) => FileProblem::Undecodable(kind.name().to_owned()),
        Symphonia::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            FileProblem::HeaderBreaksOff
        }
        other => FileProblem::HeaderUnreadable(other.to_string()),
    }
}
