//! Tests WAV files as they come from recorders, phones and speech programs.

use std::io::Cursor;

use rstest::rstest;

use super::*;

const SAMPLES: [u8; 8] = [1, 128, 2, 129, 3, 130, 4, 131];

/// Returns a `fmt ` chunk of 16-bit mono at 8 kHz.
fn fmt() -> Vec<u8> {
    chunk(*b"fmt ", &FMT)
}

const FMT: [u8; 16] = *b"\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0";

fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    claiming(name, body.len() as u32, body)
}

fn claiming(name: [u8; 4], length: u32, body: &[u8]) -> Vec<u8> {
    [&name[..], &length.to_le_bytes(), body].concat()
}

fn riff(length: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let head = claiming(*b"RIFF", length, b"WAVE");
    [head, chunks.concat()].concat()
}

fn good() -> Vec<u8> {
    riff(44, &[fmt(), chunk(*b"data", &SAMPLES)])
}

/// Returns a long file's `ds64` chunk for this many bytes of samples.
fn ds64(samples: u64) -> Vec<u8> {
    let sizes = [80u64, samples, samples / 2].map(u64::to_le_bytes).concat();
    chunk(*b"ds64", &[sizes, vec![0; 4]].concat())
}

fn named(name: [u8; 4], mut file: Vec<u8>) -> Vec<u8> {
    file[..4].copy_from_slice(&name);
    file
}

/// Returns the bytes of the samples of every file, and their formats.
fn read(file: Vec<u8>) -> Result<(Vec<WaveFormat>, Vec<u8>), WaveError> {
    let mut reader = WaveReader::new(Cursor::new(file), 0)?;
    let mut formats = Vec::new();
    let mut samples = Vec::new();
    while let Some(format) = reader.next_file()? {
        formats.push(format);
        while reader.read_bytes(&mut samples)? {}
    }
    Ok((formats, samples))
}

const FORMAT: WaveFormat = WaveFormat {
    encoding: Encoding::S16,
    channels: 1,
    rate: 8_000,
};

const NOT_KNOWN: u32 = u32::MAX;

#[rstest]
#[case::good(good())]
#[case::riff_length_0(riff(0, &[fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::riff_length_of_the_samples(riff(8, &[fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::riff_length_unknown(riff(NOT_KNOWN, &[fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::data_length_0(riff(0, &[fmt(), claiming(*b"data", 0, &SAMPLES)]))]
#[case::data_length_minus_1(riff(NOT_KNOWN, &[fmt(), claiming(*b"data", NOT_KNOWN, &SAMPLES)]))]
#[case::data_length_2_31(riff(NOT_KNOWN, &[fmt(), claiming(*b"data", 1 << 31, &SAMPLES)]))]
#[case::data_longer_than_the_file(riff(44, &[fmt(), claiming(*b"data", 9, &SAMPLES)]))]
#[case::data_too_short(riff(44, &[fmt(), claiming(*b"data", 4, &SAMPLES)]))]
#[case::odd_chunk_padded(riff(58, &[chunk(*b"LIST", b"INFOx\0"), fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::odd_chunk_unpadded(riff(57, &[chunk(*b"note", b"words"), fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::odd_chunk_with_its_padding(riff(58, &[claiming(*b"note", 5, b"words\0"), fmt(), chunk(*b"data", &SAMPLES)]))]
#[case::list_too_long(riff(58, &[fmt(), claiming(*b"LIST", 9, b"INFO"), chunk(*b"data", &SAMPLES)]))]
#[case::list_far_too_long(riff(58, &[fmt(), claiming(*b"LIST", 90_000, b"INFO"), chunk(*b"data", &SAMPLES)]))]
#[case::list_too_short(riff(58, &[fmt(), claiming(*b"LIST", 5, b"INFO my data set\x01\x02"), chunk(*b"data", &SAMPLES)]))]
#[case::list_of_length_0(riff(58, &[fmt(), claiming(*b"LIST", 0, b"\x01\x02\x03"), chunk(*b"data", &SAMPLES)]))]
#[case::format_chunk_too_long(riff(44, &[claiming(*b"fmt ", 900, &FMT), chunk(*b"data", &SAMPLES)]))]
#[case::format_after_the_samples(riff(44, &[chunk(*b"data", &SAMPLES), fmt()]))]
#[case::chunks_after_the_samples(riff(60, &[fmt(), chunk(*b"data", &SAMPLES), chunk(*b"LIST", b"INFO")]))]
#[case::text_before(["loading voice…\n".as_bytes(), &good()].concat())]
#[case::text_of_odd_length_before([b"hello".as_slice(), &riff(58, &[claiming(*b"note", 5, b"words\0"), fmt(), chunk(*b"data", &SAMPLES)])].concat())]
#[case::rf64(named(*b"RF64", riff(NOT_KNOWN, &[ds64(8), fmt(), claiming(*b"data", NOT_KNOWN, &SAMPLES)])))]
#[case::bw64(named(*b"BW64", riff(NOT_KNOWN, &[ds64(8), fmt(), claiming(*b"data", NOT_KNOWN, &SAMPLES), chunk(*b"axml", b"<x/>")])))]
#[case::rf64_without_length(named(*b"RF64", riff(NOT_KNOWN, &[ds64(0), fmt(), claiming(*b"data", NOT_KNOWN, &SAMPLES)])))]
#[case::two_files([riff(40, &[fmt(), chunk(*b"data", &SAMPLES[..4])]), riff(40, &[fmt(), chunk(*b"data", &SAMPLES[4..])])].concat())]
#[case::two_files_of_unknown_length([riff(NOT_KNOWN, &[fmt(), claiming(*b"data", NOT_KNOWN, &SAMPLES[..4])]), riff(0, &[fmt(), claiming(*b"data", 0, &SAMPLES[4..])])].concat())]
#[case::a_file_without_samples_first([riff(36, &[fmt(), chunk(*b"data", b"")]), good()].concat())]
#[case::text_between([riff(40, &[fmt(), chunk(*b"data", &SAMPLES[..4])]), b"next\n".to_vec(), riff(40, &[fmt(), chunk(*b"data", &SAMPLES[4..])])].concat())]
#[case::cut_in_a_sample(riff(44, &[fmt(), claiming(*b"data", 900, &[&SAMPLES[..], b"\x01"].concat())]))]
fn samples_are_found_whatever_the_header_says(#[case] file: Vec<u8>) {
    let (formats, samples) = read(file).unwrap();
    assert!(
        formats.iter().all(|format| *format == FORMAT),
        "{formats:?}"
    );
    assert_eq!(samples, SAMPLES);
}

#[rstest]
#[case::block_align_0(1, 1, 0, 16, Ok(Encoding::S16))]
#[case::no_bits(1, 2, 4, 0, Ok(Encoding::S16))]
#[case::neither(1, 1, 0, 0, Ok(Encoding::S16))]
#[case::twenty_bits_in_three_bytes(1, 2, 6, 20, Ok(Encoding::S24))]
#[case::twenty_four_bits_in_four_bytes(1, 2, 8, 24, Ok(Encoding::S32))]
#[case::eight_bits(1, 1, 1, 8, Ok(Encoding::U8))]
#[case::float(3, 1, 4, 32, Ok(Encoding::F32))]
#[case::double(3, 1, 8, 64, Ok(Encoding::F64))]
#[case::a_law(6, 1, 1, 8, Ok(Encoding::ALaw))]
#[case::mu_law(7, 2, 2, 8, Ok(Encoding::MuLaw))]
#[case::adpcm(0x11, 1, 256, 4, Err("its WAV is compressed with IMA ADPCM (0x0011)"))]
#[case::mp3(0x55, 1, 1, 0, Err("its WAV is compressed with MP3 (0x0055)"))]
#[case::no_channels(1, 0, 0, 16, Err("its header names 0 channels"))]
fn the_encoding_is_read_or_named(
    #[case] tag: u16,
    #[case] channels: u16,
    #[case] frame: u16,
    #[case] bits: u16,
    #[case] expected: Result<Encoding, &str>,
) {
    let mut body = FMT;
    for (at, value) in [(0, tag), (2, channels), (12, frame), (14, bits)] {
        body[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    let format = WaveFormat::parse(&body, false).map_err(|error| error.to_string());
    assert_eq!(
        format.map(|format| format.encoding),
        expected.map_err(str::to_owned)
    );
}

#[test]
fn the_extensible_form_names_its_encoding_further_behind() {
    let mut body = [FMT.as_slice(), &[0; 24]].concat();
    body[..2].copy_from_slice(&0xFFFE_u16.to_le_bytes());
    body[12..16].copy_from_slice(b"\x04\0\x20\0");
    body[24] = 3;
    let format = WaveFormat::parse(&body, false);
    assert_eq!(format.map(|format| format.encoding), Ok(Encoding::F32));
}

#[test]
fn a_file_with_the_most_significant_byte_first_is_read() {
    let format = b"\0\x01\0\x01\0\0\x1f\x40\0\0\x3e\x80\0\x02\0\x10";
    let parts: [&[u8]; 6] = [
        b"RIFX\0\0\0\x2cWAVE",
        b"fmt \0\0\0\x10",
        format,
        b"data\0\0\0\x08",
        &[128, 1, 129, 2],
        &[130, 3, 131, 4],
    ];
    assert_eq!(read(parts.concat()), Ok((vec![FORMAT], SAMPLES.to_vec())));
}

#[rstest]
#[case::no_format(riff(44, &[chunk(*b"data", &SAMPLES)]), WaveError::NoFormat)]
#[case::format_that_breaks_off(riff(44, &[chunk(*b"fmt ", b"\x01\0\x01\0"), chunk(*b"data", &SAMPLES)]), WaveError::NoFormat)]
#[case::no_rate(riff(44, &[chunk(*b"fmt ", &[1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 16, 0]), chunk(*b"data", &SAMPLES)]), WaveError::ZeroRate)]
fn an_unreadable_header_is_refused(#[case] file: Vec<u8>, #[case] error: WaveError) {
    assert_eq!(read(file), Err(error));
}

#[rstest]
#[case::empty(vec![])]
#[case::header_alone(riff(4, &[]))]
#[case::no_samples(riff(36, &[fmt(), chunk(*b"data", b"")]))]
#[case::no_samples_but_chunks(riff(48, &[fmt(), chunk(*b"data", b""), chunk(*b"LIST", b"INFO")]))]
fn a_file_without_samples_has_none(#[case] file: Vec<u8>) {
    assert_eq!(read(file), Ok((vec![], vec![])));
}

#[test]
fn a_written_header_is_read_as_it_was_meant() {
    let file = [header(FORMAT, SAMPLES.len()).as_slice(), &SAMPLES].concat();
    assert_eq!(file, good());
}
