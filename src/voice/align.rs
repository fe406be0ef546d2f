//! When each word was said, from the sound itself.
//!
//! Speech recognition knows what was said better than when: whisper.cpp's token times are late or early by a few tenths
//! of a second, and more on models whose attention was not trained for it. The words being known, their places follow
//! from the sound: silences lie between words, vowels are loud, an *s* hisses, and each takes about its usual time at
//! the speaker's pace. [`align`] finds the places that fit best; the recogniser's own times only pull softly.
//!
//! ```text
//! words ─► phones (kinds of sound, usual lengths) ─┐
//! samples ─► sound (10 ms frames) ─► likeness ─────┴─► search ─► words with times
//! ```

mod likeness;
mod phones;
mod search;
mod sound;

use likeness::Likeness;
use phones::Phone;
use search::{Place, Unit, Windows};
use sound::{Frame, STEP};

use super::SAMPLE_RATE;
use crate::interview::{Language, Span, Word};

/// A frame at least this loud holds speech.
const VOICE: f32 = 0.28;

/// How far from its expected place a sound is looked for, in frames: 1.5 s, and more where more is uncertain.
const REACH: usize = 150;

/// Gives `words` of one phrase the times at which they are said in `samples` (mono, [`SAMPLE_RATE`]), in seconds from
/// the first sample. Their own times, from the recogniser, are a hint. Order is kept, times lie within the sound,
/// never run backwards, and no word ends before it starts; takes well under a millisecond a second of sound.
pub fn align(samples: &[f32], words: Vec<Word>, language: Language) -> Vec<Word> {
    let frames = sound::frames(samples);
    let sounds: Vec<Vec<Phone>> = words
        .iter()
        .map(|word| phones::of(&word.text, language))
        .collect();
    let places = place(&frames, &words, &sounds).unwrap_or_else(|| spread(&frames, &sounds));
    timed(
        words,
        &places,
        samples.len() as f64 / f64::from(SAMPLE_RATE),
    )
}

/// A silence inside a word, or a click beside it, in frames: 120 ms and 60 ms.
const STILL_VOICED: usize = 12;
const SHORTEST_VOICE: usize = 6;

/// The stretches of `samples` (mono, [`SAMPLE_RATE`]; one phrase) that hold a voice, words or not, in seconds from the
/// first sample: what is as loud as speech, by the phrase's own floor.
pub fn voiced(samples: &[f32]) -> Vec<Span> {
    let mut stretches: Vec<Place> = Vec::new();
    let loud = sound::frames(samples)
        .into_iter()
        .enumerate()
        .filter(|(_, frame)| frame.loud >= VOICE);
    for (at, _) in loud {
        match stretches.last_mut() {
            Some(stretch) if at - stretch.end <= STILL_VOICED => stretch.end = at + 1,
            _ => stretches.push(Place {
                start: at,
                end: at + 1,
            }),
        }
    }
    let long = stretches
        .into_iter()
        .filter(|stretch| stretch.end - stretch.start >= SHORTEST_VOICE);
    long.map(|stretch| Span {
        start: seconds(stretch.start),
        end: seconds(stretch.end),
    })
    .collect()
}

/// The places of the words, those without a sound of their own at the end of the word before.
fn place(frames: &[Frame], words: &[Word], sounds: &[Vec<Phone>]) -> Option<Vec<Place>> {
    let likeness = Likeness::of(frames);
    let mut pace = pace(frames, sounds)?;
    let mut found = None;
    for _ in 0..2 {
        let units = units(words, sounds, pace);
        let windows = windows(frames, &units)?;
        let places = search::places(&units, &likeness, &windows)?;
        pace = spoken_pace(&places, &units, pace);
        found = Some(places);
    }
    Some(with_silent(&found?, sounds))
}

/// The words that make a sound, at the speaker's pace.
fn units(words: &[Word], sounds: &[Vec<Phone>], pace: f32) -> Vec<Unit> {
    let audible = words
        .iter()
        .zip(sounds)
        .filter(|(_, phones)| !phones.is_empty());
    let mut units: Vec<Unit> = audible
        .map(|(word, phones)| Unit {
            phones: phones
                .iter()
                .map(|phone| Phone {
                    length: phone.length * pace,
                    ..*phone
                })
                .collect(),
            hint: hint(word),
            pause_after: phones::ends_a_clause(&word.text),
        })
        .collect();
    if let Some(last) = units.last_mut().filter(|last| !last.pause_after) {
        phones::lengthen(&mut last.phones);
        last.pause_after = true;
    }
    units
}

/// The recogniser's start as a frame; it may be anything.
fn hint(word: &Word) -> f32 {
    let frame = (word.start * 100.0) as f32;
    if frame.is_finite() { frame } else { 0.0 }
}

/// Actual over usual length: frames of speech for each frame expected.
fn pace(frames: &[Frame], sounds: &[Vec<Phone>]) -> Option<f32> {
    let usual: f32 = sounds.iter().flatten().map(|phone| phone.length).sum();
    let spoken = frames.iter().filter(|frame| frame.loud >= VOICE).count() as f32;
    (usual > 0.0 && spoken > 0.0).then(|| (spoken / usual).clamp(0.4, 2.5))
}

/// The pace of the words as placed, without what is not theirs.
fn spoken_pace(places: &[Place], units: &[Unit], pace: f32) -> f32 {
    let usual: f32 = units
        .iter()
        .flat_map(|unit| &unit.phones)
        .map(|phone| phone.length)
        .sum();
    let spoken: usize = places.iter().map(|place| place.end - place.start).sum();
    (pace * spoken as f32 / usual.max(1.0)).clamp(0.4, 2.5)
}

/// Where sounds are expected if silence counted for nothing.
fn windows(frames: &[Frame], units: &[Unit]) -> Option<Windows> {
    let phones: Vec<&Phone> = units.iter().flat_map(|unit| &unit.phones).collect();
    let spoken: Vec<usize> = (0..frames.len())
        .filter(|at| frames[*at].loud >= VOICE)
        .collect();
    let last = spoken.len().checked_sub(1)?;
    let usual: f32 = phones.iter().map(|phone| phone.length).sum();
    let mut sum = 0.0;
    let centres = phones.iter().map(|phone| {
        sum += phone.length;
        spoken[((sum / usual * last as f32) as usize).min(last)] + 1
    });
    let centres = centres.collect();
    let shortest = Windows::shortest(phones.len(), frames.len());
    Some(Windows {
        centres,
        reach: REACH + frames.len() / 10,
        shortest,
    })
}

/// Words without sounds take no time, where the word before ends.
fn with_silent(places: &[Place], sounds: &[Vec<Phone>]) -> Vec<Place> {
    let mut places = places.iter();
    let mut last = Place { start: 0, end: 0 };
    let all = sounds.iter().map(|phones| {
        last = if phones.is_empty() {
            None
        } else {
            places.next().copied()
        }
        .unwrap_or(Place {
            start: last.end,
            end: last.end,
        });
        last
    });
    all.collect()
}

/// Where nothing can be found (no room, no sound): by usual length, from the first to the last frame.
fn spread(frames: &[Frame], sounds: &[Vec<Phone>]) -> Vec<Place> {
    let usual = |phones: &Vec<Phone>| phones.iter().map(|phone| phone.length).sum::<f32>();
    let total: f32 = sounds.iter().map(usual).sum::<f32>().max(1.0);
    let mut sum = 0.0;
    let at = |part: f32| ((part / total * frames.len() as f32) as usize).min(frames.len());
    let places = sounds.iter().map(|phones| {
        let start = at(sum);
        sum += usual(phones);
        Place {
            start,
            end: at(sum).max(start),
        }
    });
    places.collect()
}

fn timed(words: Vec<Word>, places: &[Place], length: f64) -> Vec<Word> {
    let time = |frame: usize| seconds(frame).min(length);
    let each = words.into_iter().zip(places);
    each.map(|(word, place)| Word {
        start: time(place.start),
        end: time(place.end),
        ..word
    })
    .collect()
}

fn seconds(frame: usize) -> f64 {
    (frame * STEP) as f64 / f64::from(SAMPLE_RATE)
}

#[cfg(test)]
mod tests;
