//! Speaks Markdown: makes it speakable, then takes the speech from the cache or from the narrator.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::sentences::speakable;
use super::spoken_forms::SpokenForms;
use super::{Narrator, NarratorError, Speech, SpeechCache};
use crate::config::Rate;
use crate::interview::Language;

/// A narrator with an optional cache of what it has spoken.
#[derive(Clone, Debug)]
pub struct CachedNarrator {
    narrator: Narrator,
    cache: Option<SpeechCache>,
    forms: Arc<SpokenForms>,
}

impl From<Narrator> for CachedNarrator {
    /// Creates a narrator without a cache.
    fn from(narrator: Narrator) -> Self {
        Self {
            narrator,
            cache: None,
            forms: Arc::default(),
        }
    }
}

impl CachedNarrator {
    /// Stores in `cache` the speech that [`SpeechCache::may_store`] allows.
    #[must_use]
    pub fn with_cache(self, cache: Option<SpeechCache>) -> Self {
        Self { cache, ..self }
    }

    /// Says the sentences of `forms` in their spoken form.
    #[must_use]
    pub fn with_spoken_forms(self, forms: Arc<SpokenForms>) -> Self {
        Self { forms, ..self }
    }

    /// Returns whether nothing is ever spoken.
    pub fn is_silent(&self) -> bool {
        matches!(self.narrator, Narrator::None)
    }

    pub fn set_rate(&mut self, rate: Rate) {
        self.narrator.set_rate(rate);
    }

    /// Returns the speech for `markdown`, or `None` if there is nothing to say.
    pub async fn speak_markdown(
        &self,
        markdown: &str,
        language: Language,
    ) -> Result<Option<Speech>, NarratorError> {
        self.speak_and_store(markdown, language)
            .await
            .map(|(speech, _)| speech)
    }

    /// Returns the speech and the task that stores it on disk, which the caller need not await.
    async fn speak_and_store(
        &self,
        markdown: &str,
        language: Language,
    ) -> Result<(Option<Speech>, Option<JoinHandle<()>>), NarratorError> {
        let text = speakable(self.forms.spoken(markdown), language);
        let Some(cache) = self
            .cache
            .as_ref()
            .filter(|cache| cache.may_store(markdown, language))
        else {
            return Ok((self.narrator.speak(&text, language).await?, None));
        };
        let key = SpeechCache::key(&self.narrator.identity(), language, &text);
        if let Some(speech) = cache.get(&key).await {
            return Ok((Some(speech), None));
        }
        let speech = self.narrator.speak(&text, language).await?;
        let storing = speech.clone().map(|speech| cache.store(key, speech));
        Ok((speech, storing))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::interview::bank::Bank;
    use crate::narrator::command::CommandNarrator;

    /// Returns a narrator that outputs a FLAC marker and counts its calls.
    fn counting(folder: &Path) -> Narrator {
        let script = format!(
            "cat >/dev/null; echo x >>'{}/call_count'; printf fLaC",
            folder.display()
        );
        Narrator::Command(CommandNarrator::new(
            ["sh", "-c", &script, "{rate}"].map(str::to_owned).to_vec(),
        ))
    }

    fn call_count(folder: &Path) -> usize {
        std::fs::read_to_string(folder.join("call_count"))
            .unwrap_or_default()
            .lines()
            .count()
    }

    fn narrator(folder: &Path) -> CachedNarrator {
        let cache = SpeechCache::new(folder.join("speech"), 1_000, Arc::new(Bank::built_in()));
        CachedNarrator::from(counting(folder)).with_cache(Some(cache))
    }

    async fn speak(narrator: &CachedNarrator, markdown: &str) {
        let (speech, storing) = narrator
            .speak_and_store(markdown, Language::English)
            .await
            .unwrap();
        assert_eq!(speech.unwrap().bytes, "fLaC");
        if let Some(storing) = storing {
            storing.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_line_of_the_question_bank_is_spoken_once_at_each_rate() {
        let folder = tempfile::tempdir().unwrap();
        let mut narrator = narrator(folder.path());
        for (rate, times) in [(100, 1), (120, 2), (100, 2)] {
            narrator.set_rate(Rate::try_from(rate).unwrap());
            speak(&narrator, "Thank you. Here is the next question.").await;
            speak(&narrator, "Thank you. Here is the next question.").await;
            assert_eq!(call_count(folder.path()), times, "at {rate} %");
        }
    }

    #[tokio::test]
    async fn speech_of_a_models_words_is_never_stored() {
        let folder = tempfile::tempdir().unwrap();
        let narrator = narrator(folder.path());
        for times in 1..=2 {
            speak(&narrator, "You said that Ada leads your team.").await;
            assert_eq!(call_count(folder.path()), times);
        }
        assert!(!folder.path().join("speech").exists());
    }
}
