//! The questions of the bank that a voice says in other words than the screen shows.

use std::collections::HashMap;

use super::sentences::SentenceSplitter;
use crate::interview::Language;
use crate::interview::bank::Bank;

/// Shown sentences of the question bank with their spoken forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpokenForms(HashMap<String, String>);

impl SpokenForms {
    /// Collects the spoken forms of `bank`. A text and its spoken form are matched sentence by
    /// sentence; if they differ in number, the text is spoken as it is shown.
    pub fn of(bank: &Bank) -> Self {
        let texts = Language::ALL
            .into_iter()
            .flat_map(|language| bank.spoken_texts(language));
        let pairs = texts.flat_map(|(text, say)| {
            let shown = sentences(text);
            let spoken = sentences(say);
            if shown.len() == spoken.len() {
                shown.into_iter().zip(spoken).collect()
            } else {
                vec![]
            }
        });
        Self(pairs.collect())
    }

    /// Returns how a voice says `sentence`.
    pub fn spoken<'a>(&'a self, sentence: &'a str) -> &'a str {
        self.0.get(sentence.trim()).map_or(sentence, String::as_str)
    }
}

/// Splits a question as the narrator does behind the interviewer's opening words, since the first
/// sentence of a reply may be split further.
fn sentences(question: &str) -> Vec<String> {
    let mut splitter = SentenceSplitter::default();
    let _opening = splitter.push("Thank you.\n\n");
    let mut sentences = splitter.push(question);
    sentences.extend(splitter.finish());
    sentences.retain(|sentence| sentence != "Thank you.");
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spoken_form_of_the_bank_is_used() {
        let bank = Bank::built_in();
        let forms = SpokenForms::of(&bank);
        for language in Language::ALL {
            for (text, say) in bank.spoken_texts(language) {
                let spoken: Vec<_> = sentences(text)
                    .iter()
                    .map(|sentence| forms.spoken(sentence).to_owned())
                    .collect();
                assert_eq!(spoken, sentences(say), "{text}");
            }
        }
    }

    #[test]
    fn what_has_no_spoken_form_is_spoken_as_it_is() {
        assert_eq!(SpokenForms::default().spoken("Why Rust?"), "Why Rust?");
    }
}
