//! Checks that a file is a whole Whisper model.
//!
//! whisper.cpp trusts its input: a file that breaks off inside the last tensor loads with whatever
//! lay in memory. So the file is walked from tensor to tensor first, which takes a few hundred
//! seeks.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// The first four bytes of a model file, `ggml` as a little-endian number.
pub const MAGIC: u32 = 0x6767_6d6c;
/// The range of plausible sizes. Whisper's vocabularies have 51,864 to 51,866 tokens and its layers
/// at most 1,280 values.
const PLAUSIBLE: std::ops::RangeInclusive<i32> = 1..=1 << 20;

/// Checks the file at `path`. `published` is the size of the published model of that name, where
/// one is known. The error says what was expected and what was found.
pub fn check(path: &Path, published: Option<u64>) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let found = file.metadata().map_err(|error| error.to_string())?.len();
    let mut reader = ModelReader {
        file: BufReader::new(file),
        size: found,
    };
    let magic = reader
        .number()
        .map_err(|_| format!("expected a Whisper model, found a file of {found} bytes"))?
        as u32;
    if magic != MAGIC {
        return Err(format!(
            "expected a Whisper model (magic {MAGIC:#010x}), found magic {magic:#010x}"
        ));
    }
    if let Some(expected) = published.filter(|&expected| expected != found) {
        return Err(format!(
            "expected {expected} bytes, found {found}: download it again"
        ));
    }
    reader.check_model()
}

struct ModelReader {
    file: BufReader<File>,
    size: u64,
}

impl ModelReader {
    fn check_model(&mut self) -> Result<(), String> {
        let vocabulary = self.header()?;
        let mels = self.count("mel bands")?;
        let bins = self.count("mel bins")?;
        self.skip(mels * bins * 4)?;
        let tokens = self.count("tokens")?;
        if tokens > vocabulary {
            return Err(format!(
                "expected at most {vocabulary} tokens, found {tokens}"
            ));
        }
        for _ in 0..tokens {
            let length = u64::from(self.number()? as u32);
            self.skip(length)?;
        }
        let mut tensors = 0;
        while self.position()? < self.size {
            self.skip_tensor()?;
            tensors += 1;
        }
        if tensors == 0 {
            Err("expected tensors, found the header alone".into())
        } else {
            Ok(())
        }
    }

    /// Reads the eleven numbers after the magic and returns the first, the size of the vocabulary.
    fn header(&mut self) -> Result<u64, String> {
        let vocabulary = self.count("tokens in the vocabulary")?;
        for name in [
            "audio positions",
            "audio width",
            "audio heads",
            "audio layers",
        ] {
            self.count(name)?;
        }
        for name in [
            "text positions",
            "text width",
            "text heads",
            "text layers",
            "mel bands",
        ] {
            self.count(name)?;
        }
        self.number()?;
        Ok(vocabulary)
    }

    fn skip_tensor(&mut self) -> Result<(), String> {
        let dimensions = self.number()?;
        let name = self.count("letters in a tensor's name")?;
        let kind = self.number()?;
        let mut values = 1u64;
        for _ in 0..dimensions.clamp(0, 4) {
            values = values.saturating_mul(self.count("values of a tensor")?);
        }
        self.skip(name)?;
        let (block, bytes) = block_layout(kind)
            .ok_or_else(|| format!("expected a known kind of tensor, found {kind}"))?;
        self.skip(values.div_ceil(block).saturating_mul(bytes))
    }

    fn number(&mut self) -> Result<i32, String> {
        let mut bytes = [0; 4];
        self.file
            .read_exact(&mut bytes)
            .map_err(|_| self.breaks_off(4))?;
        Ok(i32::from_le_bytes(bytes))
    }

    fn count(&mut self, what: &str) -> Result<u64, String> {
        let number = self.number()?;
        if PLAUSIBLE.contains(&number) {
            Ok(number as u64)
        } else {
            Err(format!("expected the number of {what}, found {number}"))
        }
    }

    fn skip(&mut self, bytes: u64) -> Result<(), String> {
        if self.position()?.saturating_add(bytes) > self.size {
            return Err(self.breaks_off(bytes));
        }
        let bytes = i64::try_from(bytes).map_err(|_| self.breaks_off(bytes))?;
        self.file
            .seek_relative(bytes)
            .map_err(|error| error.to_string())
    }

    fn position(&mut self) -> Result<u64, String> {
        self.file
            .stream_position()
            .map_err(|error| error.to_string())
    }

    fn breaks_off(&mut self, more: u64) -> String {
        let expected = self
            .file
            .stream_position()
            .unwrap_or(self.size)
            .saturating_add(more);
        format!(
            "the file breaks off: expected at least {expected} bytes, found {}",
            self.size
        )
    }
}

/// Returns the values and the bytes of a block of one of ggml's tensor types (from `ggml.h`): f32,
/// f16 and the quantised types in which Whisper models are published.
const fn block_layout(kind: i32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rstest::rstest;

    use super::*;

    /// Returns a model of one token and one tensor of 2 × 3 f16 values.
    fn small_model() -> Vec<u8> {
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        let mut numbers =
            |numbers: &[i32]| bytes.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
        numbers(&[1, 8, 8, 1, 1, 8, 8, 1, 1, 1, 1]);
        numbers(&[1, 2, 0, 0]);
        numbers(&[1, 2]);
        bytes.extend(b"ab");
        bytes.extend([2i32, 3, 1, 2, 3].iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend(b"enc");
        bytes.extend([0; 12]);
        bytes
    }

    fn checked(bytes: &[u8], published: Option<u64>) -> Result<(), String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        check(file.path(), published)
    }

    #[test]
    fn a_whole_model_passes() {
        assert_eq!(checked(&small_model(), None), Ok(()));
        assert_eq!(checked(&small_model(), Some(109)), Ok(()));
    }

    #[test]
    fn a_model_cut_anywhere_is_refused() {
        let whole = small_model();
        for length in 0..whole.len() {
            assert!(
                checked(&whole[..length], None).is_err(),
                "cut to {length} bytes"
            );
        }
    }

    #[rstest]
    #[case::not_a_model(b"RIFF....".to_vec(), None, "expected a Whisper model (magic 0x67676d6c), found magic 0x46464952")]
    #[case::nothing(vec![], None, "expected a Whisper model, found a file of 0 bytes")]
    #[case::of_another_size(
        small_model(),
        Some(500),
        "expected 500 bytes, found 109: download it again"
    )]
    #[case::cut_inside_the_tensor(small_model()[..100].to_vec(), None, "the file breaks off: expected at least 109 bytes, found 100")]
    fn the_error_names_what_is_wrong(
        #[case] bytes: Vec<u8>,
        #[case] published: Option<u64>,
        #[case] reason: &str,
    ) {
        assert_eq!(checked(&bytes, published), Err(reason.to_owned()));
    }
}
