//! Finds where the audio of a file begins, and what it is.

use std::io::{Read, Result as IoResult, Seek, SeekFrom};

use crate::files::FileKind;
use crate::files::kind::audio_start;
use crate::files::scan;
use crate::voice::FileProblem;

/// The most bytes behind zeros and tags in which audio is looked for.
const HEAD: u64 = 64 * 1024;
/// The size of the header of an ID3 tag in bytes.
const TAG_HEADER: usize = 10;

/// Returns where the audio begins, behind zeros, tags or a line of text, and its kind.
pub(super) fn find(source: &mut (impl Read + Seek)) -> Result<(u64, FileKind), FileProblem> {
    let length = source.seek(SeekFrom::End(0))?;
    if length == 0 {
        return Err(FileProblem::Empty);
    }
    let mut at = 0;
    let mut is_tagged = false;
    loop {
        at = first_sound(source, at, length)?.ok_or(FileProblem::NoSound)?;
        let head = head(source, at)?;
        let Some(bytes) = tag_bytes(&head) else {
            return Ok(kind(at, &head, is_tagged));
        };
        is_tagged = true;
        // A tag that seems to end behind the file has a wrong length.
        at += Some(bytes)
            .filter(|bytes| at + bytes < length)
            .unwrap_or(TAG_HEADER as u64);
    }
}

/// Returns where the audio begins at or after `at`, and its kind. Behind a tag stands MP3 whatever
/// its first bytes are, if the length of the tag is wrong.
fn kind(at: u64, head: &[u8], is_tagged: bool) -> (u64, FileKind) {
    let kind = FileKind::sniff(head);
    let offset = match kind {
        FileKind::Text | FileKind::Unknown => audio_start(head),
        _ => None,
    };
    match offset {
        Some(offset) => (at + offset as u64, FileKind::sniff(&head[offset..])),
        None if is_tagged && !kind.is_audio() => (at, FileKind::Mp3),
        None => (at, kind),
    }
}

/// Returns where the first byte is that is not 0. Only containers that begin with the length of
/// their first box begin with zeros of their own.
fn first_sound(source: &mut (impl Read + Seek), from: u64, length: u64) -> IoResult<Option<u64>> {
    if FileKind::sniff(&head(source, from)?) != FileKind::Unknown {
        return Ok(Some(from));
    }
    scan::find(source, from, length, 1, |byte| byte != [0])
}

/// Returns the whole size of an ID3 tag that begins here.
fn tag_bytes(head: &[u8]) -> Option<u64> {
    let tag = head.get(..TAG_HEADER)?;
    let is_tag = tag.starts_with(b"ID3") && tag[3] < 0x20;
    // Each byte of the length holds seven bits.
    let length = tag[6..]
        .iter()
        .fold(0, |length, byte| length << 7 | u64::from(byte & 0x7F));
    is_tag.then_some(length + TAG_HEADER as u64)
}

fn head(source: &mut (impl Read + Seek), at: u64) -> IoResult<Vec<u8>> {
    let mut head = Vec::new();
    source.seek(SeekFrom::Start(at))?;
    source.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}
