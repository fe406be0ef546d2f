//! The part of a file behind what stands before its audio.

use std::io::{Read, Result, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// A source that begins at an offset of another one.
pub(super) struct FromOffset {
    source: Box<dyn MediaSource>,
    offset: u64,
}

impl FromOffset {
    pub fn new(mut source: Box<dyn MediaSource>, offset: u64) -> Result<Self> {
        source.seek(SeekFrom::Start(offset))?;
        Ok(Self { source, offset })
    }
}

impl Read for FromOffset {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.source.read(buffer)
    }
}

impl Seek for FromOffset {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.offset)),
            other => other,
        };
        Ok(self.source.seek(to)?.saturating_sub(self.offset))
    }
}

impl MediaSource for FromOffset {
    fn is_seekable(&self) -> bool {
        self.source.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        let whole = self.source.byte_len()?;
        Some(whole.saturating_sub(self.offset))
    }
}
