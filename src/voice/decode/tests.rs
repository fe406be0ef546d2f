//! Tests files of many kinds: good ones are decoded, others are refused with the reason, and
//! nothing panics.

use std::f32::consts::TAU;

use hound::{SampleFormat, WavSpec, WavWriter};
use rstest::rstest;

use super::*;
use crate::interview::Language;

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

const CANNOT: &str = "cannot be decoded here; convert it first: ffmpeg -i zoo zoo.wav";

#[rstest]
#[case::empty(vec![], FileProblem::Empty)]
#[case::text(b"I am no sound".to_vec(), FileProblem::Text)]
#[case::zeros(vec![0; 100_000], FileProblem::NoSound)]
#[case::noise(b"\x01\x02\xff\xfe".to_vec(), FileProblem::Unknown)]
#[case::picture(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), FileProblem::NoAudio("PNG"))]
#[case::header_only(wav(16_000, 1, 16, SampleFormat::Int)[..44].to_vec(), FileProblem::NoSound)]
#[case::header_that_breaks_off(wav(16_000, 1, 16, SampleFormat::Int)[..30].to_vec(), FileProblem::NoSound)]
#[case::flac_that_breaks_off(b"fLaC\0\0\0\x22".to_vec(), FileProblem::HeaderBreaksOff)]
#[case::no_rate(damaged(24, &[0; 4]), FileProblem::ZeroRate)]
#[case::no_channels(damaged(22, &[0; 2]), FileProblem::NoChannels)]
#[case::adpcm(
    [b"RIFF\x28\x01\0\0WAVEfmt \x14\0\0\0\x11\0\x01\0\x80\x3e\0\0\0\x20\0\0\0\x01\x04\0\x02\0\xf9\x01data\0\x01\0\0".as_slice(), &[0; 256]].concat(),
    FileProblem::Undecodable("WAV, IMA ADPCM (0x0011)".into())
)]
#[case::opus(
    [b"OggS\0\x02".as_slice(), &[0; 20], b"\x01\x13OpusHead\x01\x02"].concat(),
    FileProblem::Undecodable("Opus (OGG)".into())
)]
#[case::opus_of_a_browser(
    include_bytes!("../../../tests/fixtures/audio/opus.webm").to_vec(),
    FileProblem::Undecodable("Opus (WebM/Matroska)".into())
)]
#[case::wma(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9".to_vec(), FileProblem::Undecodable("WMA".into()))]
#[case::amr(b"#!AMR\n\x3c\x91".to_vec(), FileProblem::Undecodable("AMR".into()))]
fn a_file_that_cannot_be_decoded_is_refused_with_the_reason(
    #[case] bytes: Vec<u8>,
    #[case] problem: FileProblem,
) {
    let message = problem.message("zoo", Language::English);
    assert_eq!(decoded(bytes), Err(format!("zoo: {message}")));
}

#[test]
fn a_format_without_a_decoder_is_named_with_the_command_that_converts_it() {
    let opus = include_bytes!("../../../tests/fixtures/audio/opus.webm");
    let message = format!("zoo: Opus (WebM/Matroska) {CANNOT}");
    assert_eq!(decoded(opus.to_vec()), Err(message));
}

/// Returns a WAV file whose header is changed at `at`.
fn damaged(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut wav = wav(16_000, 1, 16, SampleFormat::Int);
    wav[at..at + bytes.len()].copy_from_slice(bytes);
    wav
}

/// Each fixture holds half a second of a tone.
#[rstest]
#[case::m4a(include_bytes!("../../../tests/fixtures/audio/aac.m4a"))]
#[case::alac(include_bytes!("../../../tests/fixtures/audio/alac.m4a"))]
#[case::video(include_bytes!("../../../tests/fixtures/audio/video.mp4"))]
#[case::adts(include_bytes!("../../../tests/fixtures/audio/adts.aac"))]
#[case::aiff(include_bytes!("../../../tests/fixtures/audio/pcm.aiff"))]
#[case::caf(include_bytes!("../../../tests/fixtures/audio/pcm.caf"))]
#[case::webm(include_bytes!("../../../tests/fixtures/audio/vorbis.webm"))]
#[case::flac_in_ogg(include_bytes!("../../../tests/fixtures/audio/flac.ogg"))]
#[case::mp3(include_bytes!("../../../tests/fixtures/audio/tone.mp3"))]
#[case::mp2(include_bytes!("../../../tests/fixtures/audio/tone.mp2"))]
fn every_common_format_is_decoded(#[case] bytes: &[u8]) {
    is_the_tone(&decoded(bytes.to_vec()).unwrap());
}

#[track_caller]
fn is_the_tone(samples: &[f32]) {
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    let length = samples.len();
    assert!((7_500..10_000).contains(&length), "{length} samples");
    assert!((0.05..0.2).contains(&power), "power {power}");
}

const MP3: &[u8] = include_bytes!("../../../tests/fixtures/audio/tone.mp3");

#[rstest]
#[case::zeros([&[0; 5_000], MP3].concat())]
#[case::many_zeros([vec![0; 200_000], MP3.to_vec()].concat())]
#[case::a_tag([b"ID3\x04\0\0\0\0\x01\0".as_slice(), &[7; 128], MP3].concat())]
#[case::a_tag_and_zeros([b"ID3\x04\0\0\0\0\x01\0".as_slice(), &[0; 1_128], MP3].concat())]
#[case::two_tags([b"ID3\x03\0\0\0\0\0\x02..ID3\x04\0\0\0\0\0\x02..".as_slice(), MP3].concat())]
#[case::a_tag_with_a_wrong_length([b"ID3\x04\0\0\x7f\x7f\x7f\x7f".as_slice(), MP3].concat())]
#[case::a_line([b"synthesising\n".as_slice(), MP3].concat())]
fn what_stands_before_an_mp3_is_skipped(#[case] bytes: Vec<u8>) {
    is_the_tone(&decoded(bytes).unwrap());
}

#[test]
fn every_wav_of_several_is_decoded_whatever_its_format() {
    let joined = [
        b"loading\n".to_vec(),
        wav(16_000, 1, 16, SampleFormat::Int),
        wav(8_000, 2, 8, SampleFormat::Int),
        wav(48_000, 1, 32, SampleFormat::Float),
    ];
    let samples = decoded(joined.concat()).unwrap();
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    assert_eq!(samples.len(), 48_000);
    assert!((power - 0.125).abs() < 0.005, "power {power}");
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
fn a_compressed_file_cut_or_damaged_anywhere_never_panics() {
    let files = [
        include_bytes!("../../../tests/fixtures/audio/aac.m4a").as_slice(),
        include_bytes!("../../../tests/fixtures/audio/alac.m4a"),
        include_bytes!("../../../tests/fixtures/audio/adts.aac"),
        include_bytes!("../../../tests/fixtures/audio/pcm.aiff"),
        include_bytes!("../../../tests/fixtures/audio/pcm.caf"),
        include_bytes!("../../../tests/fixtures/audio/vorbis.webm"),
    ];
    for file in files {
        for at in (0..file.len().min(1_200)).step_by(3) {
            let mut damaged = file.to_vec();
            damaged[at] ^= 0xFF;
            let _ = decoded(damaged);
            let _ = decoded(file[..at].to_vec());
        }
    }
}
