//! What a file is, by its first bytes. Its name does not count: a voice memo is sent as `.mp3`.

/// The kinds of files that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Wav,
    Flac,
    /// MPEG audio of any layer, also behind a tag.
    Mp3,
    /// OGG with Vorbis or FLAC.
    Ogg,
    /// AAC in frames of its own (ADTS).
    Aac,
    /// MPEG-4: M4A, MP4, MOV and 3GP.
    Mp4,
    /// Matroska and `WebM`.
    WebM,
    /// AIFF and AIFF-C.
    Aiff,
    Caf,
    /// Audio that is named and not decoded.
    OtherAudio(&'static str),
    /// Something else than audio.
    NoAudio(&'static str),
    Text,
    Unknown,
}

/// Formats that are named and not decoded, by their first bytes.
const OTHER_AUDIO: [(&[u8], &str); 12] = [
    (b"OpusHead", "Opus"),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "WMA"),
    (b"riff\x2E\x91\xCF\x11", "Wave64"),
    (b".snd", "AU"),
    (b"MThd", "MIDI"),
    (b"MAC ", "Monkey's Audio"),
    (b"wvpk", "WavPack"),
    (b"MPCK", "Musepack"),
    (b"#!SILK", "SILK"),
    (b"\x02#!SILK", "SILK"),
    (b"ADIF", "AAC (ADIF)"),
    (b"FLV\x01", "FLV"),
];

/// Formats that hold no audio, by their first bytes.
const NO_AUDIO: [(&[u8], &str); 11] = [
    (b"\x89PNG", "PNG"),
    (b"\xFF\xD8\xFF", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1F\x8B", "GZIP"),
    (b"7z\xBC\xAF", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x7FELF", "ELF"),
];

impl FileKind {
    /// The number of bytes that [`Self::sniff`] wants to see.
    pub const HEAD: usize = 512;

    /// Returns the kind of a file that begins with `head`.
    pub fn sniff(head: &[u8]) -> Self {
        let known = |list: &[(&[u8], &'static str)]| {
            let found = list.iter().find(|(magic, _)| head.starts_with(magic));
            found.map(|(_, name)| *name)
        };
        let form = head.get(8..12);
        match head {
            [b'R', b'I' | b'F', b'F' | b'6', b'F' | b'4' | b'X', ..] if form == Some(b"WAVE") => {
                Self::Wav
            }
            [b'B', b'W', b'6', b'4', ..] if form == Some(b"WAVE") => Self::Wav,
            [b'R', b'I', b'F', b'F', ..] if form == Some(b"WEBP") => Self::NoAudio("WebP"),
            [b'R', b'I', b'F', b'F', ..] if form == Some(b"AVI ") => Self::OtherAudio("AVI"),
            [b'F', b'O', b'R', b'M', ..] if matches!(form, Some(b"AIFF" | b"AIFC")) => Self::Aiff,
            [b'f', b'L', b'a', b'C', ..] => Self::Flac,
            [b'c', b'a', b'f', b'f', 0, ..] => Self::Caf,
            [b'O', b'g', b'g', b'S', ..] => ogg(head),
            [0x1A, 0x45, 0xDF, 0xA3, ..] => Self::WebM,
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4(form),
            [_, _, _, _, b'm', b'o', b'o', b'v', ..] => Self::Mp4,
            // A version number follows. A letter in its place would make this a text.
            [b'I', b'D', b'3', 0..0x20, ..] => Self::Mp3,
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Self::NoAudio("BMP"),
            // A mark at the start of UTF-16.
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Self::Text,
            // The sync word and a layer of 0.
            [0xFF, second, ..] if second & 0xF6 == 0xF0 => Self::Aac,
            [0xFF, ..] if is_mpeg(head) => Self::Mp3,
            [b'#', b'!', b'A', b'M', b'R', ..] => Self::OtherAudio("AMR"),
            [b'%', b'P', b'D', b'F', ..] => Self::NoAudio("PDF"),
            // A text may begin with the letters of a format, such as `MAC `.
            _ if is_text(head) => Self::Text,
            _ => match (known(&OTHER_AUDIO), known(&NO_AUDIO)) {
                (Some(name), _) => Self::OtherAudio(name),
                (None, Some(name)) => Self::NoAudio(name),
                (None, None) => Self::Unknown,
            },
        }
    }

    /// Returns whether the file holds audio, decoded or not.
    pub const fn is_audio(self) -> bool {
        !matches!(self, Self::NoAudio(_) | Self::Text | Self::Unknown)
    }

    /// Returns the name of the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Mp3 => "MP3",
            Self::Ogg => "OGG",
            Self::Aac => "AAC",
            Self::Mp4 => "M4A/MP4",
            Self::WebM => "WebM/Matroska",
            Self::Aiff => "AIFF",
            Self::Caf => "CAF",
            Self::OtherAudio(name) | Self::NoAudio(name) => name,
            Self::Text => "text",
            Self::Unknown => "?",
        }
    }
}

/// Returns where audio begins behind other bytes, such as a line of text that a speech program
/// prints first, or a tag.
pub fn audio_start(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len()).find(|at| {
        let rest = &bytes[*at..];
        match rest {
            [b'R' | b'B', ..] => FileKind::sniff(rest) == FileKind::Wav,
            [b'f', b'L', b'a', b'C', 0 | 0x80, ..]
            | [b'O', b'g', b'g', b'S', 0, ..]
            | [b'I', b'D', b'3', 2..=4, ..] => true,
            [0xFF, ..] => {
                let is_alone = *at == 0 || matches!(bytes[at - 1], 0 | b'\n');
                is_alone && is_mpeg(rest)
            }
            _ => false,
        }
    })
}

fn ogg(head: &[u8]) -> FileKind {
    let holds = |name: &[u8]| head.windows(name.len()).any(|bytes| bytes == name);
    match () {
        () if holds(b"OpusHead") => FileKind::OtherAudio("Opus (OGG)"),
        () if holds(b"Speex   ") => FileKind::OtherAudio("Speex (OGG)"),
        () => FileKind::Ogg,
    }
}

/// Pictures of newer phones share the container with audio.
fn mp4(brand: Option<&[u8]>) -> FileKind {
    match brand {
        Some(b"heic" | b"heix" | b"mif1" | b"msf1") => FileKind::NoAudio("HEIC"),
        Some(b"avif" | b"avis") => FileKind::NoAudio("AVIF"),
        _ => FileKind::Mp4,
    }
}

/// Returns whether an MPEG audio frame begins here: the eleven bits of the sync word, a version, a
/// layer, a bit rate and a sample rate that exist.
pub fn is_mpeg(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, second, third, ..] => {
            second & 0xE0 == 0xE0
                && second & 0x18 != 0x08
                && second & 0x06 != 0
                && third & 0xF0 != 0xF0
                && third & 0x0C != 0x0C
        }
        _ => false,
    }
}

/// Returns whether the bytes are text. A character may be cut at the end.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.contains('\0')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"RIFF\0\0\0\0WAVEfmt ", FileKind::Wav)]
    #[case(b"RF64\xff\xff\xff\xffWAVEds64", FileKind::Wav)]
    #[case(b"BW64\xff\xff\xff\xffWAVEds64", FileKind::Wav)]
    #[case(b"RIFX\0\0\0\0WAVEfmt ", FileKind::Wav)]
    #[case(b"RIFF\0\0\0\0AVI LIST", FileKind::OtherAudio("AVI"))]
    #[case(b"FORM\0\0\0\0AIFC", FileKind::Aiff)]
    #[case(b"OggS\0\x02\0\0OpusHead", FileKind::OtherAudio("Opus (OGG)"))]
    #[case(b"OggS\0\x02\0\0\x01vorbis", FileKind::Ogg)]
    #[case(b"ID3\x04\0", FileKind::Mp3)]
    #[case(b"ID3 tags hold titles.", FileKind::Text)]
    #[case(b"\xFF\xFB\x90\0", FileKind::Mp3)]
    #[case(b"\xFF\xF1\x50\x80", FileKind::Aac)]
    #[case(b"\xFF\xD8\xFF\xE0", FileKind::NoAudio("JPEG"))]
    #[case(b"\0\0\0\x1cftypM4A ", FileKind::Mp4)]
    #[case(b"\0\0\0\x1cftyp3gp4", FileKind::Mp4)]
    #[case(b"\0\0\0\x1cftypheic", FileKind::NoAudio("HEIC"))]
    #[case(b"\x1A\x45\xDF\xA3", FileKind::WebM)]
    #[case(b"#!AMR-WB\n", FileKind::OtherAudio("AMR"))]
    #[case(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", FileKind::OtherAudio("WMA"))]
    #[case(b"PK\x03\x04\x14\0", FileKind::NoAudio("ZIP"))]
    #[case(b"MAC addresses are flat.", FileKind::Text)]
    #[case(b"\xFF\xFEh\0i\0", FileKind::Text)]
    #[case("저는 Rust를".as_bytes(), FileKind::Text)]
    #[case(&"저는 Rust를".as_bytes()[..5], FileKind::Text)]
    #[case(b"", FileKind::Unknown)]
    #[case(b"\x01\x02\xfe\xff", FileKind::Unknown)]
    fn a_file_is_recognised_by_its_first_bytes(#[case] head: &[u8], #[case] kind: FileKind) {
        assert_eq!(FileKind::sniff(head), kind);
    }

    #[rstest]
    #[case(b"loading\nRIFF\0\0\0\0WAVE", Some(8))]
    #[case(b"\0\0\0\xFF\xFB\x90\0", Some(3))]
    #[case(b"ok\nfLaC\0", Some(3))]
    #[case(b"a RIFF is no WAVE", None)]
    #[case(b"", None)]
    fn audio_is_found_behind_other_bytes(#[case] bytes: &[u8], #[case] at: Option<usize>) {
        assert_eq!(audio_start(bytes), at);
    }
}
