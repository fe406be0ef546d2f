//! English spelling: enough of it to tell vowels, hisses and stops.

use super::{Class, Phone, phone};

const SHORT: Phone = phone(Class::Vowel, 8.0);
const LONG: Phone = phone(Class::Vowel, 12.0);
const SONORANT: Phone = phone(Class::Sonorant, 6.5);
const HISS: Phone = phone(Class::Hiss, 9.5);
const BREATH: Phone = phone(Class::Breath, 7.0);
const STOP: Phone = phone(Class::Stop, 7.0);

/// Little words are said in passing.
const IN_PASSING: f32 = 0.75;
const LITTLE: [&str; 34] = [
    "a", "an", "the", "to", "of", "and", "in", "on", "at", "for", "it", "is", "was", "i", "we",
    "you", "he", "she", "my", "our", "as", "but", "or", "so", "us", "be", "with", "from", "that",
    "this", "had", "did", "do", "were",
];

/// Spellings of more than one letter, longest first.
const GROUPS: [(&str, &[Phone]); 26] = [
    ("eigh", &[LONG]),
    ("ough", &[LONG]),
    ("augh", &[LONG]),
    ("tion", &[HISS, SHORT, SONORANT]),
    ("sion", &[HISS, SHORT, SONORANT]),
    ("igh", &[LONG]),
    ("tch", &[HISS]),
    ("dge", &[HISS]),
    ("sch", &[HISS, STOP]),
    ("cia", &[HISS, SHORT]),
    ("tia", &[HISS, SHORT]),
    ("ch", &[HISS]),
    ("sh", &[HISS]),
    ("ck", &[STOP]),
    ("ph", &[BREATH]),
    ("th", &[BREATH]),
    ("gh", &[]),
    ("wh", &[SONORANT]),
    ("qu", &[STOP, SONORANT]),
    ("ng", &[SONORANT]),
    ("kn", &[SONORANT]),
    ("wr", &[SONORANT]),
    ("mb", &[SONORANT]),
    ("x", &[STOP, HISS]),
    ("io", &[SHORT, SHORT]),
    ("ia", &[SHORT, SHORT]),
];

/// `text`: Latin letters and apostrophes.
pub fn append(text: &str, phones: &mut Vec<Phone>) {
    if is_spelled_out(text) {
        text.chars().for_each(|letter| name(letter, phones));
        return;
    }
    let word: String = text
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let from = phones.len();
    sounds(&word, phones);
    if LITTLE.contains(&word.as_str()) {
        phones[from..]
            .iter_mut()
            .for_each(|phone| phone.length *= IN_PASSING);
    }
}

/// `API`, `SQL`: capitals only, and more than the word *I*.
fn is_spelled_out(text: &str) -> bool {
    (2..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// A letter by its name.
fn name(letter: char, phones: &mut Vec<Phone>) {
    let sounds: &[Phone] = match letter {
        'A' | 'E' | 'I' | 'O' => &[LONG],
        'U' | 'Y' => &[SONORANT, LONG],
        'B' | 'D' | 'P' | 'T' | 'K' => &[STOP, LONG],
        'C' | 'G' | 'J' | 'Z' => &[HISS, LONG],
        'F' => &[SHORT, BREATH],
        'H' => &[LONG, HISS],
        'L' | 'M' | 'N' | 'R' => &[SHORT, SONORANT],
        'Q' => &[STOP, SONORANT, LONG],
        'S' => &[SHORT, HISS],
        'V' => &[BREATH, LONG],
        'W' => &[STOP, SHORT, STOP, SHORT, SONORANT, LONG],
        'X' => &[SHORT, STOP, HISS],
        _ => &[],
    };
    phones.extend(sounds);
}

fn sounds(word: &str, phones: &mut Vec<Phone>) {
    let ending = ending(word);
    let mut rest = &word[..word.len() - ending.len()];
    let mut before = None;
    while let Some(letter) = rest.bytes().next() {
        let length = if let Some((group, sounds)) =
            GROUPS.iter().find(|(group, _)| rest.starts_with(group))
        {
            phones.extend(*sounds);
            group.len()
        } else {
            one(letter, before, rest, phones)
        };
        before = rest.as_bytes().get(length - 1).copied();
        rest = &rest[length..];
    }
    phones.extend(ending_sounds(word, ending));
}

fn is_vowel(letter: u8) -> bool {
    b"aeiou".contains(&letter)
}

/// The sound of a letter, or of a run of vowels; returns how many letters it took.
fn one(letter: u8, before: Option<u8>, rest: &str, phones: &mut Vec<Phone>) -> usize {
    let next = rest.as_bytes().get(1).copied();
    if is_vowel(letter) || letter == b'y' && before.is_some() {
        return vowels(rest, phones);
    }
    let doubled = if next == Some(letter) { 2 } else { 1 };
    phones.push(match letter {
        b's' | b'z' | b'j' => HISS,
        b'c' if next.is_some_and(|next| b"eiy".contains(&next)) => HISS,
        b'f' | b'v' | b'h' => BREATH,
        b'm' | b'n' | b'l' | b'r' | b'w' | b'y' => SONORANT,
        _ => STOP,
    });
    doubled
}

/// Two vowels are one long one.
fn vowels(rest: &str, phones: &mut Vec<Phone>) -> usize {
    let run = rest
        .bytes()
        .take(2)
        .filter(|letter| is_vowel(*letter))
        .count();
    let glide = rest
        .as_bytes()
        .get(1)
        .is_some_and(|letter| b"yw".contains(letter));
    if run == 2 || glide {
        phones.push(LONG);
        return 2;
    }
    phones.push(SHORT);
    1
}

/// Letters at the end that are not said as they are written.
fn ending(word: &str) -> &str {
    let consonant_before = |ending: &str| {
        let stem = &word[..word.len() - ending.len()];
        stem.bytes().any(|b| is_vowel(b) || b == b'y')
            && stem.bytes().last().is_some_and(|b| !is_vowel(b))
    };
    let found = ["les", "ed", "es", "le", "e"]
        .into_iter()
        .find(|end| word.ends_with(end) && consonant_before(end));
    found.map_or("", |ending| &word[word.len() - ending.len()..])
}

fn ending_sounds(word: &str, ending: &str) -> &'static [Phone] {
    let last = word[..word.len() - ending.len()]
        .bytes()
        .last()
        .unwrap_or(b' ');
    match ending {
        "ed" if b"td".contains(&last) => &[SHORT, STOP],
        "ed" => &[STOP],
        "es" if b"sxzhcg".contains(&last) => &[SHORT, HISS],
        "es" => &[HISS],
        "le" => &[SHORT, SONORANT],
        "les" => &[SHORT, SONORANT, HISS],
        _ => &[],
    }
}
