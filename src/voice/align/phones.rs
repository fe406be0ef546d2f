//! What a word sounds like, roughly: its letters as vowels, hisses, stops and the like, with how long each usually takes.
//!
//! Only so much is asked of spelling as can be heard in ten milliseconds: an *s* is a hiss whichever it is, and a vowel
//! is loud. Durations are those of read and of spontaneous speech in the literature, rounded (Crystal and House 1988,
//! "Segmental durations in connected-speech signals", JASA 83; Korean: Chung, Kim and Huckvale 1999, "Consistency in
//! transcription and labelling of duration in Korean", ICPhS): the speaker's own pace scales them all.

mod english;
mod korean;
mod numbers;

use crate::interview::Language;

/// What can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Loud, low.
    Vowel,
    /// m n ng l r w y: voiced, softer.
    Sonorant,
    /// s z sh ch j: high.
    Hiss,
    /// f v th h: soft noise.
    Breath,
    /// p t k b d g: silence, then a burst.
    Stop,
}

/// One sound of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phone {
    /// What it is like.
    pub class: Class,
    /// Usual length, in frames of 10 ms.
    pub length: f32,
}

const fn phone(class: Class, length: f32) -> Phone {
    Phone { class, length }
}

/// A letter of another script.
const SOME_SYLLABLE: [Phone; 2] = [phone(Class::Stop, 7.0), phone(Class::Vowel, 10.0)];

/// The last sounds before a pause are longer (Klatt 1975, "Vowel lengthening is syntactically determined in a connected
/// discourse", Journal of Phonetics 3).
const BEFORE_A_PAUSE: f32 = 1.4;

/// The sounds of a word as it is written, punctuation included; none for punctuation alone.
pub fn of(word: &str, language: Language) -> Vec<Phone> {
    let mut phones = Vec::new();
    for (kind, part) in parts(word) {
        match kind {
            Kind::Hangul => korean::append(&part, &mut phones),
            Kind::Latin => english::append(&part, &mut phones),
            Kind::Digits => spoken(&numbers::words(&part, language), &mut phones),
            Kind::Sign => spoken(sign(&part, language), &mut phones),
            Kind::Other => part.chars().for_each(|_| phones.extend(SOME_SYLLABLE)),
            Kind::Silent => {}
        }
    }
    if ends_a_clause(word) {
        lengthen(&mut phones);
    }
    phones
}

/// A word after which people pause.
pub fn ends_a_clause(word: &str) -> bool {
    word.trim_end_matches(['"', '\'', ')', '”', '’'])
        .ends_with(['.', ',', '?', '!', ';', ':', '…', '。', '—'])
}

/// Stretches the last syllable: from its vowel on.
pub fn lengthen(phones: &mut [Phone]) {
    let vowel = phones
        .iter()
        .rposition(|phone| phone.class == Class::Vowel)
        .unwrap_or(0);
    phones[vowel..]
        .iter_mut()
        .for_each(|phone| phone.length *= BEFORE_A_PAUSE);
}

fn spoken(words: &str, phones: &mut Vec<Phone>) {
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        if word.is_ascii() {
            english::append(word, phones)
        } else {
            korean::append(word, phones)
        }
    }
}

fn sign(sign: &str, language: Language) -> &'static str {
    match (sign, language) {
        ("%", Language::English) => "percent",
        ("%", Language::Korean) => "퍼센트",
        ("+", Language::English) => "plus",
        ("+", Language::Korean) => "플러스",
        ("#", Language::English) => "sharp",
        ("#", Language::Korean) => "샵",
        ("&", Language::English) => "and",
        ("&", Language::Korean) => "앤드",
        ("$", Language::English) => "dollars",
        ("$", Language::Korean) => "달러",
        _ => "",
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hangul,
    Latin,
    Digits,
    Sign,
    Other,
    Silent,
}

/// Runs of one script. A sign stands alone.
fn parts(word: &str) -> Vec<(Kind, String)> {
    let mut parts: Vec<(Kind, String)> = Vec::new();
    for c in word.chars() {
        let before = parts.last().map(|(kind, _)| *kind);
        let kind = kind(c, before);
        match parts.last_mut() {
            Some((last, text)) if *last == kind && kind != Kind::Sign => text.push(c),
            _ => parts.push((kind, c.into())),
        }
    }
    parts
}

/// `before`: an apostrophe belongs to the letters it follows, a comma or point to the digits.
fn kind(c: char, before: Option<Kind>) -> Kind {
    match c {
        '가'..='힣' => Kind::Hangul,
        '0'..='9' => Kind::Digits,
        ',' | '.' if before == Some(Kind::Digits) => Kind::Digits,
        '\'' | '’' if before == Some(Kind::Latin) => Kind::Latin,
        '%' | '+' | '#' | '&' | '$' => Kind::Sign,
        'a'..='z' | 'A'..='Z' => Kind::Latin,
        _ if c.is_alphanumeric() => Kind::Other,
        _ => Kind::Silent,
    }
}

#[cfg(test)]
mod tests;
