//! Whether a phrase is speech.
//!
//! The detector alone takes much for voice that is none: a held note, hum, a murmur behind a wall, loud noise, breath,
//! typing. Four properties tell speech from these, whatever its level, voiced or whispered. Each limit lies between what
//! was measured on 770 generated clips of noise of two unlike generators and on speech of all kinds: read, cut to single
//! words, quiet, whispered, over the telephone, in a room, over noise, hum, typing and music.
//!
//! | property | noises it rejects | their values | speech | limit |
//! |---|---|---|---|---|
//! | the detector is sure | typing, clicks, white noise | ≤ 0.58 | 0.65 … 0.9 | [`SURE`] |
//! | the spectrum moves | noise, breath, hum | ≤ 1.9 dB | 3.1 … 9 dB | [`MOTION`] |
//! | no note is held | music, hum | seldom < 0.64 | 0 … 0.58 | [`HELD`] |
//! | treble comes and goes | murmur | ≤ 7.9 dB | 11 … 80 dB | [`TREBLE_RANGE`] |

use super::spectrum::Sound;

/// In a phrase, sounds at or above this score belong to the voice.
pub(super) const STILL_VOICE: f32 = 0.35;
/// Mean score of the voiced frames, at least: typing, music and noise that get as far reach 0.58.
const SURE: f32 = 0.6;
/// The same where less than [`SHORT`] is voiced: the detector needs time to be sure, and "up" is over before …
const SHORT_SURE: f32 = 0.52;
/// … but there a vowel goes on for this many frames (96 ms), longer than a key that is struck.
const SHORT_VOWEL: usize = 6;
/// Of frames below this score no vowel is made.
const VOICE: f32 = 0.5;
/// Frames of vowels (112 ms), at least: one syllable. Words of one syllable, said fast, have 10 and more; the soft ends of
/// vowels count.
const VOWEL_FRAMES: usize = 7;
/// Median motion of the voiced frames, dB, at least …
const MOTION: f32 = 2.3;
/// … and where less than [`SHORT`] is voiced: the one vowel of "이" stands still (1.7 dB) until it ends.
const SHORT_MOTION: f32 = 1.6;
/// Half a second.
const SHORT: usize = 32;
/// The value of [`Sound::hold`] below which 65 % lie, at most: notes are held, and change at once.
const HELD: f32 = 0.59;
/// Decibels between a loud (95 %) and a soft (10 %) treble, at least: consonants and vowels differ in it by far more, and
/// of a voice behind a wall only the noise of the room is left there.
const TREBLE_RANGE: f32 = 9.0;
/// Brightness of the brightest tenth, dB, at least. Murmur −20 to −35, low voices over hum −21.
const BRIGHTNESS: f32 = -25.0;
/// A phrase is judged by pieces of 3 s, so that speech counts although somebody typed before it.
const PIECE: usize = 186;
/// Frames from one piece to the next.
const STRIDE: usize = 62;

/// What is known of 16 ms.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// The detector's: 0 (no voice) … 1.
    pub score: f32,
    pub vowel: bool,
    pub sound: Sound,
}

impl Frame {
    fn voiced(&self) -> bool {
        self.score >= STILL_VOICE
    }
}

/// Whether at least a piece of the phrase of these `frames` is speech.
pub(super) fn is_speech(frames: &[Frame]) -> bool {
    let voiced = frames
        .iter()
        .rposition(Frame::voiced)
        .map_or(0, |last| last + 1);
    let frames = &frames[..voiced];
    let last = frames.len().saturating_sub(PIECE);
    let mut starts = (0..last).step_by(STRIDE).chain([last]);
    starts.any(|start| piece_is_speech(&frames[start..frames.len().min(start + PIECE)]))
}

fn piece_is_speech(frames: &[Frame]) -> bool {
    let voiced: Vec<&Frame> = frames.iter().filter(|frame| frame.voiced()).collect();
    let of = |value: fn(&Sound) -> f32| {
        voiced
            .iter()
            .map(|frame| value(&frame.sound))
            .collect::<Vec<f32>>()
    };
    is_voice(&voiced)
        && quantile(of(|sound| sound.motion), 0.5)
            >= if voiced.len() < SHORT {
                SHORT_MOTION
            } else {
                MOTION
            }
        && quantile(of(|sound| sound.hold), 0.65) <= HELD
        && quantile(of(|sound| sound.brightness), 0.9) >= BRIGHTNESS
        && treble_range(frames) >= TREBLE_RANGE
}

/// Whether the detector is sure enough of these voiced frames.
fn is_voice(voiced: &[&Frame]) -> bool {
    let vowels = voiced.iter().filter(|frame| frame.vowel).count();
    let mean = voiced.iter().map(|frame| frame.score).sum::<f32>() / voiced.len().max(1) as f32;
    let short = voiced.len() < SHORT && mean >= SHORT_SURE && longest_vowel(voiced) >= SHORT_VOWEL;
    vowels >= VOWEL_FRAMES && (mean >= SURE || short)
}

fn longest_vowel(frames: &[&Frame]) -> usize {
    let vowels = frames.split(|frame| !frame.vowel || frame.score < VOICE);
    vowels.map(<[&Frame]>::len).max().unwrap_or(0)
}

fn treble_range(frames: &[Frame]) -> f32 {
    let treble: Vec<f32> = frames.iter().map(|frame| frame.sound.treble).collect();
    quantile(treble.clone(), 0.95) - quantile(treble, 0.1)
}

/// The value below which `part` of the `values` lie; 0 of none.
fn quantile(mut values: Vec<f32>, part: f32) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let index = (part * (values.len() - 1) as f32).round() as usize;
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}
