//! Text files named on the command line.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// The text of a whole file without the blanks around it; refused when it is empty, no UTF-8, or longer than `most` bytes.
pub fn read(file: &Path, most: u64) -> anyhow::Result<String> {
    let bytes = start_of(file, most + 1)?;
    if bytes.len() as u64 > most {
        bail!("{} is longer than {} KiB", file.display(), most / 1024);
    }
    let Ok(text) = String::from_utf8(bytes) else {
        bail!(
            "{} is no text: save it as plain text (UTF-8)",
            file.display()
        );
    };
    match text.trim() {
        "" => bail!("{} is empty", file.display()),
        text => Ok(text.to_owned()),
    }
}

/// At most `length` bytes.
pub fn start_of(file: &Path, length: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    opened
        .take(length)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::text(" Rust, 러스트\n".as_bytes(), Ok("Rust, 러스트"))]
    #[case::too_long(&[b'a'; 1_025], Err("is longer than 1 KiB"))]
    #[case::a_document(b"PK\x03\x04\xff", Err("is no text: save it as plain text (UTF-8)"))]
    #[case::blank(b" \n", Err("is empty"))]
    fn a_text_file_is_read_or_refused_by_name(
        #[case] bytes: &[u8],
        #[case] expected: Result<&str, &str>,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("me.txt");
        std::fs::write(&file, bytes).unwrap();
        let read = read(&file, 1_024).map_err(|error| error.to_string());
        let refused = |why| format!("{} {why}", file.display());
        assert_eq!(read, expected.map(str::to_owned).map_err(refused));
    }
}
