//! The words of several phrases as one text.

use crate::interview::Span;

use super::{SAMPLE_RATE, SpeechLanguage, Transcript};

/// Phrases written down so far, in order; times count from the start of the sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinedTranscript {
    transcript: Transcript,
    asked: SpeechLanguage,
}

impl JoinedTranscript {
    /// Nothing yet, of somebody who speaks `asked`.
    pub fn new(asked: SpeechLanguage) -> Self {
        Self {
            asked,
            transcript: Transcript::default(),
        }
    }

    /// To listen for: an answer is in one language, so it is detected once.
    pub fn language(&self) -> SpeechLanguage {
        let detected = self
            .transcript
            .language
            .filter(|_| !self.transcript.text.is_empty());
        detected.map_or(self.asked, SpeechLanguage::Only)
    }

    /// What is there.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// All of it.
    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// Adds the words of a phrase that begins `start` samples into the sound.
    pub fn push(&mut self, start: usize, heard: Transcript) {
        if heard.text.is_empty() {
            return;
        }
        let offset = start as f64 / f64::from(SAMPLE_RATE);
        self.transcript.language = self.transcript.language.or(heard.language);
        self.append(&heard.text);
        let later = |span: Span| Span {
            start: span.start + offset,
            end: span.end + offset,
        };
        self.transcript
            .voiced
            .extend(heard.voiced.into_iter().map(later));
        self.transcript
            .words
            .extend(heard.words.into_iter().map(|mut word| {
                word.start += offset;
                word.end += offset;
                word
            }));
    }

    /// Marks the place of a phrase that could not be written down.
    pub fn push_gap(&mut self) {
        self.append(GAP);
    }

    fn append(&mut self, text: &str) {
        let whole = &mut self.transcript.text;
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(text);
    }
}

/// Stands for words that were said and could not be written down.
pub const GAP: &str = "[…]";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Language, Word};

    fn heard(text: &str, language: Language) -> Transcript {
        let words = text
            .split(' ')
            .map(|text| Word {
                text: text.into(),
                start: 0.0,
                end: 0.5,
            })
            .collect();
        Transcript {
            text: text.into(),
            words,
            language: Some(language),
            ..Transcript::default()
        }
    }

    #[test]
    fn phrases_are_joined_with_their_times_and_the_language_is_detected_once() {
        let mut joined = JoinedTranscript::new(SpeechLanguage::Auto);
        joined.push(0, heard("", Language::English).clone());
        assert_eq!(
            joined.language(),
            SpeechLanguage::Auto,
            "silence tells no language"
        );
        joined.push(16_000, heard("네", Language::Korean));
        joined.push_gap();
        joined.push(32_000, heard("Rust", Language::English));
        assert_eq!(joined.language(), SpeechLanguage::Only(Language::Korean));
        let transcript = joined.into_transcript();
        let times: Vec<f64> = transcript.words.iter().map(|word| word.start).collect();
        assert_eq!(
            (transcript.text.as_str(), times),
            ("네 […] Rust", vec![1.0, 2.0])
        );
    }
}
