//! Reads the samples of one or more WAV files that stand in one source.

use std::io::{Read, Seek, SeekFrom};

use super::{WaveError, WaveFormat, format};
use crate::files::FileKind;
use crate::files::scan::find;

/// The size of `RIFF`, a length and `WAVE` in bytes.
const FILE_HEADER: u64 = 12;
/// The size of a chunk's name and length in bytes.
const CHUNK_HEADER: u64 = 8;
/// About how many bytes of samples are read at once.
const BLOCK: usize = 64 * 1024;

/// Reads samples from a source that holds one WAV file or several.
pub struct WaveReader<S> {
    source: S,
    /// The length of the source in bytes.
    length: u64,
    /// The place after which the next file is looked for.
    next: u64,
    part: Option<Part>,
}

/// The samples of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    format: WaveFormat,
    is_big_endian: bool,
    /// The place of the next sample.
    at: u64,
    end: u64,
}

/// What the chunks of one file have told so far.
#[derive(Default)]
struct Found {
    is_big_endian: bool,
    format: Option<Result<WaveFormat, WaveError>>,
    /// The number of bytes of samples that a `ds64` chunk gives.
    long_length: Option<u64>,
    samples: Option<(u64, u64)>,
}

struct Chunk {
    name: [u8; 4],
    at: u64,
    length: u64,
}

impl<S: Read + Seek> WaveReader<S> {
    /// Creates a reader of the files that begin at or after `start`.
    pub fn new(mut source: S, start: u64) -> Result<Self, WaveError> {
        Ok(Self {
            length: source.seek(SeekFrom::End(0))?,
            source,
            next: start,
            part: None,
        })
    }

    /// Moves on to the next file with samples and returns its format, or `None` after the last.
    pub fn next_file(&mut self) -> Result<Option<WaveFormat>, WaveError> {
        self.part = None;
        while let Some(at) = self.find_file(self.next)? {
            let found = self.walk(at)?;
            let end = found.samples.map_or(at, |(_, end)| end);
            self.next = end.max(at + FILE_HEADER);
            let Some((start, end)) = found.samples.filter(|(start, end)| start < end) else {
                continue;
            };
            let format = found.format.unwrap_or(Err(WaveError::NoFormat))?;
            self.part = Some(Part {
                format,
                is_big_endian: found.is_big_endian,
                at: start,
                end,
            });
            return Ok(Some(format));
        }
        Ok(None)
    }

    /// Appends the bytes of the next frames, least significant byte first. Returns false at the end
    /// of the file; an incomplete frame there is left out.
    pub fn read_bytes(&mut self, into: &mut Vec<u8>) -> Result<bool, WaveError> {
        let Some(part) = &mut self.part else {
            return Ok(false);
        };
        let frame = part.format.frame_bytes();
        let wanted = ((part.end - part.at) as usize).min(BLOCK.max(frame)) / frame * frame;
        self.source.seek(SeekFrom::Start(part.at))?;
        let start = into.len();
        self.source.by_ref().take(wanted as u64).read_to_end(into)?;
        let read = (into.len() - start) / frame * frame;
        into.truncate(start + read);
        part.at += read as u64;
        if part.is_big_endian {
            into[start..]
                .chunks_exact_mut(part.format.encoding.bytes())
                .for_each(<[u8]>::reverse);
        }
        Ok(read > 0)
    }

    /// Appends the next samples, interleaved. Returns false at the end of the file.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<bool, WaveError> {
        let mut bytes = Vec::new();
        let more = self.read_bytes(&mut bytes)?;
        if let Some(part) = &self.part {
            let encoding = part.format.encoding;
            let samples = bytes.chunks_exact(encoding.bytes());
            into.extend(samples.map(|sample| encoding.decode(sample)));
        }
        Ok(more)
    }

    /// Follows the chunks of the file that begins at `start` until its samples and their format are
    /// found. A chunk that leads to no other chunk has a wrong length: then the next known name
    /// behind its header is looked for.
    fn walk(&mut self, start: u64) -> Result<Found, WaveError> {
        let mut found = Found {
            is_big_endian: self.bytes(start, 4)? == b"RIFX",
            ..Found::default()
        };
        let mut at = start + FILE_HEADER;
        let mut doubtful = at;
        while !(found.samples.is_some() && found.format.is_some()) {
            if is_wave(&self.bytes(at, FILE_HEADER)?) {
                break;
            }
            let chunk = self.chunk(at, found.is_big_endian)?;
            let Some(chunk) = chunk.filter(|chunk| self.is_plausible(chunk)) else {
                let Some(known) = self.known_chunk(doubtful)? else {
                    break;
                };
                doubtful = known + 1;
                if let Some(chunk) = self.chunk(known, found.is_big_endian)? {
                    at = self.note(&chunk, &mut found)?;
                }
                continue;
            };
            let end = self.note(&chunk, &mut found)?;
            doubtful = doubtful.max(chunk.at + 1);
            at = self.behind(end)?;
        }
        Ok(found)
    }

    /// Returns where the next file begins.
    fn find_file(&mut self, from: u64) -> Result<Option<u64>, WaveError> {
        let width = FILE_HEADER as usize;
        Ok(find(&mut self.source, from, self.length, width, is_wave)?)
    }

    /// Returns where the next chunk of a known name begins.
    fn known_chunk(&mut self, from: u64) -> Result<Option<u64>, WaveError> {
        let width = CHUNK_HEADER as usize;
        Ok(find(&mut self.source, from, self.length, width, is_known)?)
    }

    /// Notes what a chunk tells, and returns where it ends.
    fn note(&mut self, chunk: &Chunk, found: &mut Found) -> Result<u64, WaveError> {
        let body = chunk.at + CHUNK_HEADER;
        match &chunk.name {
            b"fmt " if found.format.is_none() => {
                let bytes = self.bytes(body, chunk.length.min(format::MOST_BYTES))?;
                found.format = Some(WaveFormat::parse(&bytes, found.is_big_endian));
            }
            b"ds64" => {
                let bytes = self.bytes(body + 8, 8)?;
                let length = bytes.try_into().map(u64::from_le_bytes);
                found.long_length = length.ok();
            }
            b"data" if found.samples.is_none() => {
                let end = self.end_of_samples(chunk, found.long_length)?;
                if end > body {
                    found.samples = Some((body, end));
                }
                return Ok(end);
            }
            _ => {}
        }
        Ok(body.saturating_add(chunk.length))
    }

    /// Returns where the samples of a chunk end. A length that exceeds the file, or is 0 although
    /// samples follow, means that the program did not know it: then they end with the source or
    /// where the next file begins.
    fn end_of_samples(&mut self, chunk: &Chunk, long: Option<u64>) -> Result<u64, WaveError> {
        let start = chunk.at + CHUNK_HEADER;
        let claimed = match long {
            Some(long) if chunk.length == u64::from(u32::MAX) => long,
            _ => chunk.length,
        };
        let end = start.saturating_add(claimed);
        let is_right = match claimed {
            0 => end == self.length || self.is_chunk(end)?,
            _ => end <= self.length && self.is_end(end)?,
        };
        if is_right {
            return Ok(end);
        }
        let next = self.find_file(start)?;
        Ok(next.unwrap_or(self.length))
    }

    /// Returns whether something else than samples follows at `end`.
    fn is_end(&mut self, end: u64) -> Result<bool, WaveError> {
        let at = self.behind(end)?;
        let name = self.bytes(at, 4)?;
        Ok(name.len() < 4 || name.iter().all(|byte| *byte == 0) || is_name(&name))
    }

    /// Returns whether a chunk begins at `at`.
    fn is_chunk(&mut self, at: u64) -> Result<bool, WaveError> {
        let chunk = self.chunk(at, false)?;
        Ok(chunk.is_some_and(|chunk| self.is_plausible(&chunk)))
    }

    /// Returns where the chunk after one that ends at `end` begins. Chunks begin at even offsets,
    /// but some programs do not pad them, and a text may stand before the file.
    fn behind(&mut self, end: u64) -> Result<u64, WaveError> {
        let bytes = self.bytes(end, 5)?;
        let is_padded = bytes.len() == 5 && !is_name(&bytes[..4]) && is_name(&bytes[1..]);
        Ok(end.saturating_add(u64::from(is_padded)))
    }

    /// Returns the chunk at `at`, or `None` at the end of the source.
    fn chunk(&mut self, at: u64, is_big_endian: bool) -> Result<Option<Chunk>, WaveError> {
        let bytes = self.bytes(at, CHUNK_HEADER)?;
        Ok(bytes.split_first_chunk::<4>().and_then(|(name, length)| {
            (length.len() == 4).then(|| Chunk {
                name: *name,
                at,
                length: number(length, is_big_endian),
            })
        }))
    }

    /// Returns whether a chunk can be one: its name is text, and it ends within the source. Samples
    /// may end later, because their length is often invented.
    fn is_plausible(&self, chunk: &Chunk) -> bool {
        let end = chunk.at + CHUNK_HEADER + chunk.length;
        is_name(&chunk.name) && (end <= self.length || &chunk.name == b"data")
    }

    /// Returns up to `length` bytes from `at`, fewer at the end.
    fn bytes(&mut self, at: u64, length: u64) -> Result<Vec<u8>, WaveError> {
        let mut bytes = Vec::new();
        if at < self.length {
            self.source.seek(SeekFrom::Start(at))?;
            self.source.by_ref().take(length).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}

fn is_wave(bytes: &[u8]) -> bool {
    FileKind::sniff(bytes) == FileKind::Wav
}

/// Returns whether these bytes can be the name of a chunk.
fn is_name(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// Returns whether a format or samples chunk begins here. Behind the same letters in a text stand
/// further letters instead of a length.
fn is_known(bytes: &[u8]) -> bool {
    let (name, length) = bytes.split_at(4);
    matches!(name, b"fmt " | b"data") && !is_name(length)
}

fn number(bytes: &[u8], is_big_endian: bool) -> u64 {
    let four: [u8; 4] = bytes.try_into().unwrap_or_default();
    let number = if is_big_endian {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    };
    number.into()
}
