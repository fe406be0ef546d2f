//! Any bytes as an audio file: decoded or refused, in bounded memory, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mock_interviewer::voice::SAMPLE_RATE;
use mock_interviewer::voice::decode::AudioFile;

/// A few bytes can stand for hours of sound: so much of it is enough.
const MOST: usize = 60 * SAMPLE_RATE as usize;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut file) = AudioFile::from_bytes("fuzzed", bytes.to_vec().into(), SAMPLE_RATE) else { return };
    let (mut block, mut length) = (Vec::new(), 0);
    while length < MOST {
        let more = file.read(&mut block);
        assert!(block.iter().all(|sample| sample.is_finite()), "sound is made of numbers");
        length += block.len();
        block.clear();
        if !more.unwrap_or(false) {
            break;
        }
    }
});
