//! Looks for bytes in a file of any length, in little memory.

use std::io::{Read, Result, Seek, SeekFrom};

/// The size of a block that is read at once.
const BLOCK: usize = 64 * 1024;

/// A predicate that says whether something begins at the start of the given bytes.
pub type Beginning = fn(&[u8]) -> bool;

/// Returns the first place at or after `from` whose `width` bytes fulfil `begins`, before `until`.
pub fn find(
    source: &mut (impl Read + Seek),
    from: u64,
    until: u64,
    width: usize,
    begins: Beginning,
) -> Result<Option<u64>> {
    source.seek(SeekFrom::Start(from))?;
    let mut base = from;
    let mut bytes = Vec::with_capacity(BLOCK + width);
    loop {
        let kept = bytes.len();
        source.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
        for at in 0..(bytes.len() + 1).saturating_sub(width) {
            if base + at as u64 >= until {
                return Ok(None);
            }
            if begins(&bytes[at..at + width]) {
                return Ok(Some(base + at as u64));
            }
        }
        if bytes.len() == kept {
            return Ok(None);
        }
        let examined = (bytes.len() + 1).saturating_sub(width);
        bytes.drain(..examined);
        base += examined as u64;
    }
}
