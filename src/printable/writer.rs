//! A writer that only lets printable text through.

use std::io::{self, Write};

use super::PrintableStream;

/// Writes printable text to `inner`. Bytes that are no UTF-8 become replacement characters.
#[derive(Debug)]
pub struct PrintableWriter<W> {
    inner: W,
    stream: PrintableStream,
    /// The start of a character whose end is still to come.
    begun: Vec<u8>,
}

impl<W: Write> PrintableWriter<W> {
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            stream: PrintableStream::default(),
            begun: Vec::new(),
        }
    }
}

impl<W: Write> Write for PrintableWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = self.begun.len() - begun_length(&self.begun);
        let rest = self.begun.split_off(whole);
        let text = String::from_utf8_lossy(&self.begun);
        let printed = self.stream.push(&text);
        self.begun = rest;
        self.inner.write_all(printed.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Returns the length of the unfinished character at the end of `bytes`.
fn begun_length(bytes: &[u8]) -> usize {
    let last = bytes.utf8_chunks().last();
    let begun = last.map_or(&[][..], |chunk| chunk.invalid());
    let wanted = match begun.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 0,
    };
    if begun.len() < wanted && bytes.ends_with(begun) {
        begun.len()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_or_sequence_split_between_two_writes_stays_whole() {
        let mut written = Vec::new();
        let mut writer = PrintableWriter::new(&mut written);
        for byte in "가\u{1b}[31m나\u{9b}0m\u{202e}👍".bytes() {
            writer.write_all(&[byte]).unwrap();
        }
        assert_eq!(String::from_utf8(written).unwrap(), "가나👍");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut written = Vec::new();
        let mut writer = PrintableWriter::new(&mut written);
        writer.write_all(b"a\xffb\x9bc\xc3").unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "a\u{fffd}b\u{fffd}c");
    }
}
