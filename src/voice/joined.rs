//! Joins the transcripts of several phrases into one.

use crate::interview::Span;

use super::{SAMPLE_RATE, SpeechLanguage, Transcript};

/// Stands for words that were spoken and could not be transcribed.
pub const GAP: &str = "[…]";

/// The phrases transcribed so far, in order. Times count from the start of the sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinedTranscript {
    transcript: Transcript,
    requested: SpeechLanguage,
}

impl JoinedTranscript {
    pub fn new(requested: SpeechLanguage) -> Self {
        Self {
            requested,
            transcript: Transcript::default(),
        }
    }

    /// Returns the language of the next phrase. An answer is in one language, so the language is
    /// detected once, by the first phrase that has words.
    pub fn language(&self) -> SpeechLanguage {
        let detected = self
            .transcript
            .language
            .filter(|_| !self.transcript.text.is_empty());
        detected.map_or(self.requested, SpeechLanguage::Only)
    }

    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }

    /// Appends the transcript of a phrase that begins `start` samples into the sound.
    pub fn push(&mut self, start: usize, phrase: Transcript) {
        if phrase.text.is_empty() {
            return;
        }
        let offset = start as f64 / f64::from(SAMPLE_RATE);
        self.transcript.language = self.transcript.language.or(phrase.language);
        self.append_text(&phrase.text);
        let shift = |span: Span| Span {
            start: span.start + offset,
            end: span.end + offset,
        };
        let voiced = phrase.voiced.into_iter().map(shift);
        self.transcript.voiced.extend(voiced);
        let words = phrase.words.into_iter().map(|mut word| {
            word.start += offset;
            word.end += offset;
            word
        });
        self.transcript.words.extend(words);
    }

    /// Marks the place of a phrase that could not be transcribed.
    pub fn push_gap(&mut self) {
        self.append_text(GAP);
    }

    fn append_text(&mut self, text: &str) {
        let whole = &mut self.transcript.text;
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Language, Word};

    fn phrase(text: &str, language: Language) -> Transcript {
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
        joined.push(0, phrase("", Language::English));
        assert_eq!(
            joined.language(),
            SpeechLanguage::Auto,
            "silence has no language"
        );
        joined.push(16_000, phrase("네", Language::Korean));
        joined.push_gap();
        joined.push(32_000, phrase("Rust", Language::English));
        assert_eq!(joined.language(), SpeechLanguage::Only(Language::Korean));
        let transcript = joined.into_transcript();
        let times: Vec<f64> = transcript.words.iter().map(|word| word.start).collect();
        assert_eq!(
            (transcript.text.as_str(), times),
            ("네 […] Rust", vec![1.0, 2.0])
        );
    }
}
