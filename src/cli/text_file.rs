//! Text files named on the command line.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use rust_i18n::t;

use crate::interview::Language;

/// Returns the text of a file without surrounding white space. A file that is empty, not UTF-8 or
/// longer than `max_bytes` is refused.
pub fn read(file: &Path, max_bytes: u64, language: Language) -> anyhow::Result<String> {
    let locale = language.code();
    let path = file.display();
    let bytes = start_of(file, max_bytes + 1, language)?;
    if bytes.len() as u64 > max_bytes {
        let kib = max_bytes / 1024;
        bail!(t!("cli.too_long", locale = locale, path = path, kib = kib));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        bail!(t!("cli.not_text", locale = locale, path = path));
    };
    match text.trim() {
        "" => bail!(t!("cli.empty", locale = locale, path = path)),
        text => Ok(text.to_owned()),
    }
}

/// Returns what to say of a file that cannot be read, before the reason.
pub fn cannot_read(file: &Path, language: Language) -> String {
    let path = file.display();
    t!("cli.cannot_read", locale = language.code(), path = path).into()
}

/// Returns the first `length` bytes of a file, or all if it is shorter.
pub fn start_of(file: &Path, length: u64, language: Language) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let cannot = || cannot_read(file, language);
    let opened = File::open(file).with_context(cannot)?;
    opened
        .take(length)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::text(" Rust, 러스트\n".as_bytes(), Ok("Rust, 러스트"))]
    #[case::too_long(&[b'a'; 1_025], Err("is longer than 1 KiB"))]
    #[case::a_document(b"PK\x03\x04\xff", Err("is not text: save it as plain text (UTF-8)"))]
    #[case::blank(b" \n", Err("is empty"))]
    fn a_text_file_is_read_or_refused_by_name(
        #[case] bytes: &[u8],
        #[case] expected: Result<&str, &str>,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("me.txt");
        std::fs::write(&file, bytes).unwrap();
        let read = read(&file, 1_024, Language::English).map_err(|error| error.to_string());
        let refused = |why| format!("{} {why}", file.display());
        assert_eq!(read, expected.map(str::to_owned).map_err(refused));
    }
}
