//! Decides whether a phrase is speech.
//!
//! The detector alone takes much for a voice that is none: a held note, hum, a murmur behind a
//! wall, loud noise, breath, typing. Four properties tell speech from these, whatever its level,
//! voiced or whispered. Each limit lies between the values measured on 770 generated clips of noise
//! from two unlike generators and on speech of all kinds: read, cut to single words, quiet,
//! whispered, over the telephone, in a room, over noise, hum, typing and music.
//!
//! | property | noises it rejects | their values | speech | limit |
//! |---|---|---|---|---|
//! | the detector is sure | typing, clicks, white noise | ≤ 0.58 | 0.65 … 0.9 | [`SURE`] |
//! | the spectrum moves | noise, breath, hum | ≤ 1.9 dB | 3.1 … 9 dB | [`MOTION`] |
//! | no note is held | music, hum | seldom < 0.64 | 0 … 0.58 | [`HELD`] |
//! | treble comes and goes | murmur | ≤ 7.9 dB | 11 … 80 dB | [`TREBLE_RANGE`] |

use super::spectrum::SpectralFeatures;

/// Frames of a phrase at or above this score belong to the voice.
pub(super) const STILL_VOICE: f32 = 0.35;
/// The least mean score of the voiced frames. Typing, music and noise that pass the other tests
/// reach 0.58.
const SURE: f32 = 0.6;
/// The least mean score where fewer than [`SHORT`] frames are voiced. The detector needs time to be
/// sure, and "up" is over before that.
const SHORT_SURE: f32 = 0.52;
/// The shortest vowel of such a phrase, in frames (96 ms): longer than a key that is struck.
const SHORT_VOWEL: usize = 6;
/// Frames below this score interrupt a vowel.
const VOICE: f32 = 0.5;
/// The fewest frames of vowels (112 ms), which is one syllable. Words of one syllable, said fast,
/// have 10 and more; the soft ends of vowels count.
const VOWEL_FRAMES: usize = 7;
/// The least median motion of the voiced frames, in dB.
const MOTION: f32 = 2.3;
/// The least median motion where fewer than [`SHORT`] frames are voiced. The one vowel of "이"
/// stands still (1.7 dB) until it ends.
const SHORT_MOTION: f32 = 1.6;
/// The frames of half a second.
const SHORT: usize = 32;
/// The largest value of [`SpectralFeatures::hold`] below which 65 % of the frames lie. Notes are
/// held and change at once.
const HELD: f32 = 0.59;
/// The least difference between a loud (95 %) and a soft (10 %) treble, in dB. Consonants and
/// vowels differ by far more; of a voice behind a wall only the noise of the room is left in the
/// treble.
const TREBLE_RANGE: f32 = 9.0;
/// The least brightness of the brightest tenth, in dB. Murmur has −20 to −35, low voices over hum
/// −21.
const BRIGHTNESS: f32 = -25.0;
/// The frames of a piece of 3 s. Phrases are judged piece by piece, so that speech counts although
/// somebody typed before it.
const PIECE: usize = 186;
/// The frames from one piece to the next.
const STRIDE: usize = 62;

/// The detector's score and the spectrum of one frame (16 ms).
#[derive(Clone, Copy)]
pub(super) struct ScoredFrame {
    /// The detector's score, from 0 (no voice) to 1.
    pub score: f32,
    pub vowel: bool,
    pub spectrum: SpectralFeatures,
}

impl ScoredFrame {
    fn is_voiced(&self) -> bool {
        self.score >= STILL_VOICE
    }
}

/// Returns whether at least one piece of the phrase is speech.
pub(super) fn is_speech(frames: &[ScoredFrame]) -> bool {
    let voiced = frames
        .iter()
        .rposition(ScoredFrame::is_voiced)
        .map_or(0, |last| last + 1);
    let frames = &frames[..voiced];
    let last = frames.len().saturating_sub(PIECE);
    let mut starts = (0..last).step_by(STRIDE).chain([last]);
    starts.any(|start| piece_is_speech(&frames[start..frames.len().min(start + PIECE)]))
}

fn piece_is_speech(frames: &[ScoredFrame]) -> bool {
    let voiced: Vec<&ScoredFrame> = frames.iter().filter(|frame| frame.is_voiced()).collect();
    let values = |value: fn(&SpectralFeatures) -> f32| {
        let values = voiced.iter().map(|frame| value(&frame.spectrum));
        values.collect::<Vec<f32>>()
    };
    let least_motion = if voiced.len() < SHORT {
        SHORT_MOTION
    } else {
        MOTION
    };
    is_voice(&voiced)
        && quantile(values(|spectrum| spectrum.motion), 0.5) >= least_motion
        && quantile(values(|spectrum| spectrum.hold), 0.65) <= HELD
        && quantile(values(|spectrum| spectrum.brightness), 0.9) >= BRIGHTNESS
        && treble_range(frames) >= TREBLE_RANGE
}

/// Returns whether the detector is sure enough of these voiced frames.
fn is_voice(voiced: &[&ScoredFrame]) -> bool {
    let vowels = voiced.iter().filter(|frame| frame.vowel).count();
    let mean = voiced.iter().map(|frame| frame.score).sum::<f32>() / voiced.len().max(1) as f32;
    let short = voiced.len() < SHORT && mean >= SHORT_SURE && longest_vowel(voiced) >= SHORT_VOWEL;
    vowels >= VOWEL_FRAMES && (mean >= SURE || short)
}

fn longest_vowel(frames: &[&ScoredFrame]) -> usize {
    let vowels = frames.split(|frame| !frame.vowel || frame.score < VOICE);
    vowels.map(<[&ScoredFrame]>::len).max().unwrap_or(0)
}

fn treble_range(frames: &[ScoredFrame]) -> f32 {
    let treble: Vec<f32> = frames.iter().map(|frame| frame.spectrum.treble).collect();
    quantile(treble.clone(), 0.95) - quantile(treble, 0.1)
}

/// Returns the value below which `part` of the `values` lie, or 0 if there are none.
fn quantile(mut values: Vec<f32>, part: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let index = (part * (values.len() - 1) as f32).round() as usize;
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}
