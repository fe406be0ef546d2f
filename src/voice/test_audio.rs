//! Sounds for tests.

/// Returns the samples of a recording in `tests/fixtures/speech`.
pub(super) fn fixture(name: &str) -> Vec<f32> {
    let path = format!(
        "{}/tests/fixtures/speech/{name}.wav",
        env!("CARGO_MANIFEST_DIR")
    );
    hound::WavReader::open(path)
        .unwrap()
        .into_samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect()
}

/// Returns sample `n` of white noise (−1…1), the same in every run.
pub(super) fn noise(n: usize) -> f32 {
    let scrambled = (n as u32).wrapping_add(1).wrapping_mul(2_654_435_761);
    let scrambled = (scrambled ^ (scrambled >> 15)).wrapping_mul(2_246_822_519);
    scrambled as f32 / u32::MAX as f32 * 2.0 - 1.0
}
