//! Tests files of many kinds: good ones are decoded, others are refused with the reason, and
//! nothing panics.

use std::f32::consts::TAU;

use hound::{SampleFormat, WavSpec, WavWriter};
use rstest::rstest;

use super::*;

/// Returns a WAV file with one second of a tone on every channel.
fn wav(
    sample_rate: u32,
    channels: u16,
    bits_per_sample: u16,
    sample_format: SampleFormat,
) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let spec = WavSpec {
        channels,
        sample_rate,
        bits_per_sample,
        sample_format,
    };
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for n in 0..sample_rate {
        let sample = 0.5 * (TAU * 300.0 * n as f32 / sample_rate as f32).sin();
        for _ in 0..channels {
            match sample_format {
                SampleFormat::Float => writer.write_sample(sample).unwrap(),
                SampleFormat::Int => {
                    let full = 2f64.powi(i32::from(bits_per_sample) - 1) - 1.0;
                    writer
                        .write_sample((f64::from(sample) * full) as i32)
                        .unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn decoded(bytes: Vec<u8>) -> Result<Vec<f32>, String> {
    let message = |error: VoiceError| error.to_string();
    let mut file = AudioFile::from_bytes("zoo", bytes.into(), 16_000).map_err(message)?;
    let mut samples = Vec::new();
    while file.read(&mut samples).map_err(message)? {}
    Ok(samples)
}

#[rstest]
#[case(8_000, 1, 8, SampleFormat::Int)]
#[case(16_000, 1, 16, SampleFormat::Int)]
#[case(22_050, 2, 16, SampleFormat::Int)]
#[case(44_100, 2, 24, SampleFormat::Int)]
#[case(48_000, 8, 32, SampleFormat::Int)]
#[case(96_000, 1, 32, SampleFormat::Float)]
#[case(192_000, 2, 24, SampleFormat::Int)]
fn every_common_kind_of_wav_is_decoded(
    #[case] rate: u32,
    #[case] channels: u16,
    #[case] bits: u16,
    #[case] format: SampleFormat,
) {
    let samples = decoded(wav(rate, channels, bits, format)).unwrap();
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    assert_eq!(samples.len(), 16_000);
    assert!((power - 0.125).abs() < 0.005, "power {power}");
}

#[rstest]
#[case::empty(vec![], "zoo: the file is empty")]
#[case::text(b"I am no sound".to_vec(), "zoo: this is no WAV, FLAC, MP3 or OGG Vorbis file")]
#[case::header_only(wav(16_000, 1, 16, SampleFormat::Int)[..44].to_vec(), "zoo: there is no sound in it")]
#[case::header_that_breaks_off(wav(16_000, 1, 16, SampleFormat::Int)[..30].to_vec(), "zoo: its header breaks off")]
#[case::adpcm(
    [b"RIFF\x28\x01\0\0WAVEfmt \x14\0\0\0\x11\0\x01\0\x80\x3e\0\0\0\x20\0\0\0\x01\x04\0\x02\0\xf9\x01data\0\x01\0\0".as_slice(), &[0; 256]].concat(),
    "zoo: its compression is not supported; convert it to PCM WAV or FLAC"
)]
#[case::opus(
    [b"OggS\0\x02".as_slice(), &[0; 20], b"\x01\x13OpusHead\x01\x02"].concat(),
    "zoo: Opus inside OGG is not supported; convert it to WAV, FLAC, MP3 or OGG Vorbis"
)]
fn a_file_that_cannot_be_decoded_is_refused_with_the_reason(
    #[case] bytes: Vec<u8>,
    #[case] message: &str,
) {
    assert_eq!(decoded(bytes), Err(message.to_owned()));
}

/// The fixture holds half a second at 16 kHz mono, then half a second at 22.05 kHz stereo.
#[test]
fn every_stream_of_a_chained_ogg_is_decoded() {
    let samples = decoded(include_bytes!("../../../tests/fixtures/chained.ogg").to_vec()).unwrap();
    assert!(
        (15_500..16_500).contains(&samples.len()),
        "{} samples",
        samples.len()
    );
    let second = &samples[samples.len() - 4_000..samples.len() - 1_000];
    assert!(
        second.iter().any(|sample| sample.abs() > 0.05),
        "the second stream is decoded"
    );
}

/// Returns frames of silence in MPEG-1 layer III at 128 kbit/s, without a bit reservoir.
fn mp3(second: u8, third: u8, fourth: u8, length: usize, frames: usize) -> Vec<u8> {
    let mut frame = vec![0; length];
    frame[..4].copy_from_slice(&[0xFF, second, third, fourth]);
    frame.repeat(frames)
}

#[test]
fn an_mp3_that_changes_its_rate_is_decoded_to_its_end() {
    let joined = [
        mp3(0xFB, 0x90, 0xC0, 417, 40),
        mp3(0xFB, 0x94, 0x00, 384, 40),
    ]
    .concat();
    let samples = decoded(joined).unwrap();
    let expected = 40.0 * 1_152.0 * 16_000.0 * (1.0 / 44_100.0 + 1.0 / 48_000.0);
    assert!(
        (samples.len() as f64 - expected).abs() < 1_600.0,
        "{} samples, not {expected}",
        samples.len()
    );
}

#[test]
fn an_impossible_rate_is_refused() {
    let mut bytes = wav(16_000, 1, 16, SampleFormat::Int);
    bytes[24..28].copy_from_slice(&4_000_000_000u32.to_le_bytes());
    assert!(decoded(bytes).is_err());
}

#[test]
fn a_truncated_file_is_decoded_as_far_as_it_goes() {
    let whole = wav(16_000, 1, 16, SampleFormat::Int);
    let samples = decoded(whole[..44 + 16_000].to_vec()).unwrap();
    assert_eq!(samples.len(), 8_000);
}

#[rstest]
#[case::audio_length(&[40])]
#[case::file_length(&[4])]
#[case::both(&[4, 40])]
fn an_unfinished_wav_is_decoded(#[case] lengths: &[usize]) {
    let whole = wav(16_000, 1, 16, SampleFormat::Int);
    let mut unfinished = whole.clone();
    for at in lengths {
        unfinished[*at..at + 4].fill(0);
    }
    assert_eq!(decoded(unfinished), decoded(whole));
}

#[test]
fn a_file_whose_header_gives_no_length_is_decoded() {
    let mut bytes = wav(22_050, 1, 16, SampleFormat::Int);
    bytes[4..8].copy_from_slice(&0x7fff_f024u32.to_le_bytes());
    bytes[40..44].copy_from_slice(&0x7fff_f000u32.to_le_bytes());
    assert_eq!(decoded(bytes).unwrap().len(), 16_000);
}

#[test]
fn a_file_cut_or_damaged_anywhere_never_panics() {
    let whole = wav(8_000, 2, 16, SampleFormat::Int);
    for length in 0..120 {
        let _ = decoded(whole[..length].to_vec());
        let mut damaged = whole.clone();
        damaged[length] ^= 0xFF;
        let _ = decoded(damaged);
    }
}

#[test]
fn the_error_names_a_missing_file_and_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = AudioFile::open(folder.path(), 16_000).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("{}: it is a folder", folder.path().display())
    );
    let missing = folder.path().join("none.wav");
    let error = AudioFile::open(&missing, 16_000).err().unwrap();
    assert!(
        error
            .to_string()
            .starts_with(&missing.display().to_string())
    );
}

#[test]
fn a_wav_of_no_rate_is_refused() {
    let mut wav = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/speech/short-en-1.wav"
    ))
    .unwrap();
    wav[24..28].fill(0);
    let refused = AudioFile::from_bytes("no-rate.wav", wav.into(), 16_000)
        .err()
        .unwrap();
    assert_eq!(
        refused.to_string(),
        "no-rate.wav: its header names a rate of 0 Hz"
    );
    // Fuzzing found that a rate of 0 behind other chunks made the decoder panic.
    let parts: [&[u8]; 4] = [
        b"RIFF\x36\0\0\0WAVE",
        b"note\x05\0\0\0words\0",
        b"fmt \x10\0\0\0\x01\0\x02\0\0\0\0\0\0\0\0\0\x04\0\x10\0",
        b"data\x04\0\0\0\0\0\0\0",
    ];
    let late = parts.concat();
    let refused = AudioFile::from_bytes("late.wav", late.into(), 16_000)
        .err()
        .unwrap();
    assert_eq!(
        refused.to_string(),
        "late.wav: its header names a rate of 0 Hz"
    );
}
