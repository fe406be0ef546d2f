//! Reads WAV files that were never finished. A recorder fills in the lengths in the header last, so
//! one that is killed leaves 0 although audio follows.

use std::io::{Read, Result, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// The part of a file in which the start of its audio is looked for; only metadata comes before.
const HEAD: u64 = 64 * 1024;
/// The byte that fills a length which means "up to the end of the file".
const UNKNOWN: u8 = 0xFF;

/// A file whose lengths of 0 are read as unknown lengths.
pub(super) struct Unfinished<S> {
    source: S,
    position: u64,
    /// The offsets of lengths (of four bytes) that are 0.
    lengths: Vec<u64>,
}

impl<S: Read + Seek> Unfinished<S> {
    /// Examines the head of `source`, which is at its start before and after.
    pub fn new(mut source: S) -> Result<Self> {
        let mut head = Vec::new();
        source.by_ref().take(HEAD).read_to_end(&mut head)?;
        source.rewind()?;
        Ok(Self {
            source,
            position: 0,
            lengths: empty_lengths(&head),
        })
    }
}

/// Returns the offsets of the lengths of the file and of its audio that are 0 although something
/// follows.
fn empty_lengths(head: &[u8]) -> Vec<u64> {
    let number = |at: usize| {
        head.get(at..at + 4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    };
    if !head.starts_with(b"RIFF") || head.get(8..12) != Some(b"WAVE") {
        return Vec::new();
    }
    let mut chunk = 12;
    while let (Some(name), Some(length)) = (head.get(chunk..chunk + 4), number(chunk + 4)) {
        let next = chunk + 8 + length as usize + (length % 2) as usize;
        match name {
            b"data" if length == 0 && head.len() > next => return vec![4, chunk as u64 + 4],
            b"data" if number(4) == Some(0) => return vec![4],
            b"data" => return Vec::new(),
            _ => chunk = next,
        }
    }
    Vec::new()
}

impl<S: Read> Read for Unfinished<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.source.read(buffer)?;
        let within = |at: &u64| {
            at.checked_sub(self.position)
                .and_then(|at| usize::try_from(at).ok())
        };
        let fields = self.lengths.iter().flat_map(|at| *at..*at + 4);
        for at in fields.filter_map(|at| within(&at)).filter(|at| *at < read) {
            buffer[at] = UNKNOWN;
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl<S: Seek> Seek for Unfinished<S> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.position = self.source.seek(to)?;
        Ok(self.position)
    }
}

impl<S: MediaSource> MediaSource for Unfinished<S> {
    fn is_seekable(&self) -> bool {
        self.source.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.source.byte_len()
    }
}
