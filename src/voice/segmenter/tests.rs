//! Tests which audio becomes a phrase and which does not.

mod noise;
mod whispering;

use std::f32::consts::TAU;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
#[cfg(target_os = "linux")]
use crate::voice::decode::AudioFile;

const SECOND: usize = SAMPLE_RATE as usize;

fn recording(name: &str) -> Vec<f32> {
    let path = format!(
        "{}/tests/fixtures/speech/{name}.wav",
        env!("CARGO_MANIFEST_DIR")
    );
    let samples = hound::WavReader::open(path).unwrap().into_samples::<i16>();
    samples
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect()
}

/// Returns white noise between −1 and 1 from a fixed seed.
fn white_noise(samples: usize) -> Vec<f32> {
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..samples).map(|_| next()).collect()
}

/// Returns noise whose power falls with the frequency, as that of rooms, rain and traffic does
/// (Paul Kellet's filter).
fn pink_noise(samples: usize) -> Vec<f32> {
    let mut a = 0.0;
    let mut b = 0.0;
    let mut c = 0.0;
    let mut filter = |white: f32| {
        a = 0.997_65 * a + white * 0.099_046;
        b = 0.963 * b + white * 0.296_516_4;
        c = 0.57 * c + white * 1.052_691_3;
        0.2 * (a + b + c + white * 0.184_8)
    };
    white_noise(samples).into_iter().map(&mut filter).collect()
}

fn scaled(samples: Vec<f32>, by: f32) -> Vec<f32> {
    samples.into_iter().map(|sample| sample * by).collect()
}

/// Returns mains hum with its overtones.
fn hum() -> Vec<f32> {
    let wave = |n: usize, hertz: f32| (TAU * hertz * n as f32 / SAMPLE_RATE as f32).sin();
    (0..8 * SECOND)
        .map(|n| 0.3 * wave(n, 50.0) + 0.15 * wave(n, 100.0) + 0.1 * wave(n, 150.0))
        .collect()
}

/// Returns the sound of typing: bursts of noise of 5 ms, four times a second.
fn clicks() -> Vec<f32> {
    let noise = white_noise(8 * SECOND);
    let envelope = |n: usize| (-((n % (SECOND / 4)) as f32) / 20.0).exp();
    noise
        .into_iter()
        .enumerate()
        .map(|(n, sample)| 0.8 * sample * envelope(n))
        .collect()
}

#[rstest]
#[case::digital_silence(vec![0.0; 8 * SECOND])]
#[case::recorded_silence(recording("silence"))]
#[case::recorded_noise(recording("noise"))]
#[case::faint_white_noise(scaled(white_noise(8 * SECOND), 0.01))]
#[case::white_noise(scaled(white_noise(8 * SECOND), 0.1))]
#[case::loud_white_noise(scaled(white_noise(8 * SECOND), 0.5))]
#[case::faint_pink_noise(scaled(pink_noise(8 * SECOND), 0.01))]
#[case::pink_noise(scaled(pink_noise(8 * SECOND), 0.05))]
#[case::hum(hum())]
#[case::clicks(clicks())]
#[case::nothing_at_all(vec![])]
fn audio_without_a_voice_gives_no_phrase(#[case] samples: Vec<f32>) {
    assert_eq!(phrases(&samples), []);
}

/// The peak levels of most noises, in dB, up to what a microphone can take.
const LOUD: [f32; 5] = [-3.0, -12.0, -24.0, -36.0, -48.0];
/// The peak levels of a murmur, in dB, up to what comes through a wall.
const FAR: [f32; 5] = [-30.0, -35.0, -40.0, -45.0, -50.0];

#[rstest]
#[case::silence(noise::silence, [-90.0; 5])]
#[case::hum(noise::hum, LOUD)]
#[case::white_noise(noise::white, LOUD)]
#[case::pink_noise(noise::pink, LOUD)]
#[case::brown_noise(noise::brown, LOUD)]
#[case::breath(noise::breath, LOUD)]
#[case::typing(noise::keys, LOUD)]
#[case::clicks(noise::clicks, LOUD)]
#[case::music(noise::music, LOUD)]
#[case::a_far_off_murmur(noise::murmur, FAR)]
fn fifty_clips_of_a_noise_give_no_phrase(
    #[case] make: fn(&mut noise::Rng) -> Vec<f32>,
    #[case] levels: [f32; 5],
    #[values(PhraseLimits::LIVE, PhraseLimits::RECORDED)] limits: PhraseLimits,
) {
    let passes = |seed: &u64| {
        let mut rng = noise::Rng::new(*seed);
        let clip = make(&mut rng);
        let floor = rng.between(-80.0, -65.0);
        let clip = noise::at_level(clip, levels[*seed as usize % 5], floor, &mut rng);
        let mut segmenter = Segmenter::new(limits);
        let mut found = Vec::new();
        segmenter.push(&clip, &mut found);
        let open = segmenter.open_phrase().is_some();
        segmenter.finish(&mut found);
        open || !found.is_empty()
    };
    assert_eq!(
        (1..=50).filter(passes).collect::<Vec<u64>>(),
        Vec::<u64>::new()
    );
}

#[rstest]
fn speech_at_any_level_is_kept(
    #[values("jfk", "librivox-0880", "short-en-1", "short-en-6", "korean-ko-1")] name: &str,
    #[values(0.0, -20.0, -30.0, -40.0)] decibels: f32,
    #[values(false, true)] whispered: bool,
) {
    let mut speech = recording(name);
    if whispered {
        speech = whispering::whispered(&speech);
    }
    let speech = noise::at_level(speech, decibels, -75.0, &mut noise::Rng::new(1));
    let kept: usize = phrases(&speech)
        .iter()
        .map(|phrase| phrase.samples.len())
        .sum();
    assert!(
        kept * 10 > speech.len() * 7,
        "{kept} of {} samples were kept",
        speech.len()
    );
}

#[rstest]
#[case::typing(noise::keys)]
#[case::breath(noise::breath)]
fn speech_after_noise_is_kept(#[case] make: fn(&mut noise::Rng) -> Vec<f32>) {
    let mut rng = noise::Rng::new(3);
    let noise = noise::at_level(make(&mut rng), -12.0, -70.0, &mut rng);
    let samples = [noise.clone(), noise, recording("short-en-6")].concat();
    let end = phrases(&samples)
        .last()
        .map_or(0, |phrase| phrase.start + phrase.samples.len());
    assert!(
        end + SECOND > samples.len(),
        "speech up to {end} of {} was kept",
        samples.len()
    );
}

#[rstest]
#[case::far_from_the_microphone(0.1)]
#[case::as_recorded(1.0)]
fn speech_passes_nearly_whole(
    #[values(
        "jfk",
        "librivox-0880",
        "short-en-1",
        "short-en-2",
        "korean-ko-1",
        "medium-en-1"
    )]
    name: &str,
    #[case] loudness: f32,
) {
    let samples = scaled(recording(name), loudness);
    let energy = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>();
    let kept: f32 = phrases(&samples)
        .iter()
        .map(|phrase| energy(&phrase.samples))
        .sum();
    assert!(
        kept > 0.99 * energy(&samples),
        "{:.3} of the energy was kept",
        kept / energy(&samples)
    );
}

#[test]
fn one_word_is_a_phrase() {
    let word = &recording("short-en-1")[..SECOND / 2];
    let samples = [vec![0.0; SECOND], word.to_vec(), vec![0.0; SECOND]].concat();
    assert_eq!(phrases(&samples).len(), 1);
}

/// Returns `word` spoken by espeak-ng, with a second of silence on either side.
#[cfg(target_os = "linux")]
fn synthesized(voice: &str, speed: &str, word: &str) -> Vec<f32> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut program = std::process::Command::new("espeak-ng");
    let status = program
        .args(["-v", voice, "-s", speed, "-w"])
        .arg(file.path())
        .arg(word)
        .status();
    assert!(status.expect("espeak-ng is installed").success());
    let mut audio = AudioFile::open(file.path(), SAMPLE_RATE).unwrap();
    let mut samples = vec![0.0; SECOND];
    while audio.read(&mut samples).unwrap() {}
    samples.resize(samples.len() + SECOND, 0.0);
    samples
}

#[rstest]
#[case::english("en-us", &["no", "yes", "hi", "hello", "okay", "good", "right", "sure", "one", "true", "it", "up"])]
#[case::korean("ko", &["네", "예", "응", "음", "자", "왜", "뭐", "일", "이", "삼"])]
#[cfg(target_os = "linux")]
fn an_answer_of_one_syllable_is_a_phrase(
    #[case] voice: &str,
    #[case] words: &[&str],
    #[values("175", "250")] speed: &str,
    #[values(0.3, 1.0)] loudness: f32,
) {
    let lost = words
        .iter()
        .filter(|word| phrases(&scaled(synthesized(voice, speed, word), loudness)).len() != 1);
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn a_long_silence_separates_phrases_and_is_in_none() {
    let word = recording("short-en-1");
    let samples = [word.clone(), vec![0.0; 5 * SECOND], word.clone()].concat();
    let found = phrases(&samples);
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|phrase| phrase.samples.len() <= word.len())
    );
    assert!(found[1].start > word.len() + 4 * SECOND);
}

#[test]
fn a_short_pause_does_not_cut_a_short_answer() {
    let word = recording("short-en-1");
    let samples = [word.clone(), vec![0.0; SECOND], word].concat();
    assert_eq!(phrases(&samples).len(), 1);
}

#[test]
fn endless_speech_is_cut_without_losing_a_sample() {
    let speech = recording("jfk");
    let voiced = &speech[SECOND / 2..3 * SECOND / 2];
    let samples = voiced.repeat(60);
    let found = phrases(&samples);
    assert!(found.len() >= 3, "{} phrases", found.len());
    assert!(
        found
            .iter()
            .all(|phrase| phrase.samples.len() <= PhraseLimits::RECORDED.longest)
    );
    for pair in found.windows(2) {
        assert_eq!(pair[0].start + pair[0].samples.len(), pair[1].start);
    }
}

#[test]
fn a_phrase_is_an_exact_piece_of_the_audio() {
    let samples = [
        vec![0.0; SECOND],
        recording("librivox-0880"),
        vec![0.0; SECOND],
    ]
    .concat();
    for phrase in phrases(&samples) {
        assert_eq!(
            phrase.samples,
            samples[phrase.start..phrase.start + phrase.samples.len()]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_chunking_gives_the_same_phrases(chunk in 1usize..9_000, gap in 0usize..40_000) {
        let samples = [recording("short-en-1"), vec![0.0; gap], recording("short-en-2")].concat();
        let mut segmenter = Segmenter::new(PhraseLimits::RECORDED);
        let mut found = Vec::new();
        samples.chunks(chunk).for_each(|part| segmenter.push(part, &mut found));
        segmenter.finish(&mut found);
        prop_assert_eq!(found, phrases(&samples));
    }
}
