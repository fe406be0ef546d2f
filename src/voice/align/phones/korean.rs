//! Hangul: a syllable block names its sounds.

use super::{Class, Phone, phone};

/// ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ, as Unicode orders them; ㅇ is mute.
const INITIALS: [Option<Phone>; 19] = [
    Some(phone(Class::Stop, 5.0)),
    Some(phone(Class::Stop, 9.0)),
    Some(phone(Class::Sonorant, 6.0)),
    Some(phone(Class::Stop, 5.0)),
    Some(phone(Class::Stop, 9.0)),
    Some(phone(Class::Sonorant, 4.0)),
    Some(phone(Class::Sonorant, 6.5)),
    Some(phone(Class::Stop, 5.5)),
    Some(phone(Class::Stop, 9.0)),
    Some(phone(Class::Hiss, 9.0)),
    Some(phone(Class::Hiss, 11.0)),
    None,
    Some(phone(Class::Hiss, 7.5)),
    Some(phone(Class::Hiss, 10.0)),
    Some(phone(Class::Hiss, 10.0)),
    Some(phone(Class::Stop, 9.5)),
    Some(phone(Class::Stop, 9.5)),
    Some(phone(Class::Stop, 9.5)),
    Some(phone(Class::Breath, 6.0)),
];
const VOWEL: Phone = phone(Class::Vowel, 9.5);
const NASAL: Phone = phone(Class::Sonorant, 7.0);
const UNRELEASED: Phone = phone(Class::Stop, 7.0);

/// A syllable block taken apart: indices into the Unicode tables of 19 initials, 21 vowels and 28 finals.
#[derive(Clone, Copy)]
struct Block {
    initial: usize,
    coda: usize,
}

const MUTE: usize = 11;
/// ㄴ and ㄹ and ㅁ at the start of a syllable turn a stop before them into a nasal.
const NASALISING: [usize; 3] = [2, 5, 6];

/// ㅅ and ㅆ take a hiss before them in.
const HISSES: [usize; 2] = [9, 10];

/// `text`: Hangul syllables.
pub fn append(text: &str, phones: &mut Vec<Phone>) {
    let blocks: Vec<Block> = text.chars().filter_map(block).collect();
    for (at, block) in blocks.iter().enumerate() {
        phones.extend(INITIALS[block.initial]);
        phones.push(VOWEL);
        phones.extend(coda(block.coda, blocks.get(at + 1)));
    }
}

fn block(c: char) -> Option<Block> {
    let index = u32::from(c)
        .checked_sub(0xAC00)
        .filter(|index| *index < 11_172)? as usize;
    Some(Block {
        initial: index / 588,
        coda: index % 28,
    })
}

/// The end of a syllable: a hiss or stop passes to the next one where that begins with a vowel.
fn coda(index: usize, next: Option<&Block>) -> Option<Phone> {
    let follows = |initials: &[usize]| next.is_some_and(|next| initials.contains(&next.initial));
    match index {
        // None, ㅎ.
        0 | 27 => None,
        // ㄴ ㄵ ㄶ ㄹ … ㅀ ㅁ ㅇ
        4..=6 | 8..=16 | 21 => Some(NASAL),
        // ㅅ ㅆ ㅈ ㅊ before a vowel.
        19 | 20 | 22 | 23 if follows(&[MUTE]) => Some(phone(Class::Hiss, 9.0)),
        19 | 20 | 22 | 23 if follows(&HISSES) => None,
        _ if follows(&NASALISING) => Some(NASAL),
        _ => Some(UNRELEASED),
    }
}
