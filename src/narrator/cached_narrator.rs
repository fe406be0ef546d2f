//! Reads markdown aloud: made speakable, then found among what is kept on disk, or spoken by the narrator.

use tokio::task::JoinHandle;

use super::sentences::speakable;
use super::{Narrator, NarratorError, Speech, SpeechCache};
use crate::config::Rate;
use crate::interview::Language;

/// A narrator, and what it has read before.
#[derive(Clone, Debug)]
pub struct CachedNarrator {
    narrator: Narrator,
    cache: Option<SpeechCache>,
}

impl From<Narrator> for CachedNarrator {
    /// Keeps nothing.
    fn from(narrator: Narrator) -> Self {
        Self {
            narrator,
            cache: None,
        }
    }
}

impl CachedNarrator {
    /// Keeps in `cache` what may be kept, see [`SpeechCache::may_store`].
    #[must_use]
    pub fn with_cache(self, cache: Option<SpeechCache>) -> Self {
        Self { cache, ..self }
    }

    /// Reads nothing aloud.
    pub fn is_silent(&self) -> bool {
        matches!(self.narrator, Narrator::None)
    }

    /// From now on it reads so fast.
    pub fn set_rate(&mut self, rate: Rate) {
        self.narrator.set_rate(rate);
    }

    /// The sound of `markdown`; `None` when there is nothing to say.
    pub async fn speak_markdown(
        &self,
        markdown: &str,
        language: Language,
    ) -> Result<Option<Speech>, NarratorError> {
        self.speak_and_store(markdown, language)
            .await
            .map(|(speech, _)| speech)
    }

    /// The same, and the writing to disk that goes on behind it: sound does not wait for that.
    async fn speak_and_store(
        &self,
        markdown: &str,
        language: Language,
    ) -> Result<(Option<Speech>, Option<JoinHandle<()>>), NarratorError> {
        let text = speakable(markdown, language);
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
        let kept = speech.clone().map(|speech| cache.store(key, speech));
        Ok((speech, kept))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::interview::bank::Bank;
    use crate::narrator::command::CommandNarrator;

    /// Says a FLAC of its own name, and counts how often it was asked.
    fn counting(folder: &Path) -> Narrator {
        let script = format!(
            "cat >/dev/null; echo x >>'{}/asked'; printf fLaC",
            folder.display()
        );
        Narrator::Command(CommandNarrator::new(
            ["sh", "-c", &script, "{rate}"].map(str::to_owned).to_vec(),
        ))
    }

    fn asked(folder: &Path) -> usize {
        std::fs::read_to_string(folder.join("asked"))
            .unwrap_or_default()
            .lines()
            .count()
    }

    fn reader(folder: &Path) -> CachedNarrator {
        let cache = SpeechCache::new(folder.join("speech"), 1_000, Arc::new(Bank::built_in()));
        CachedNarrator::from(counting(folder)).with_cache(Some(cache))
    }

    async fn read(reader: &CachedNarrator, markdown: &str) {
        let (speech, kept) = reader
            .speak_and_store(markdown, Language::English)
            .await
            .unwrap();
        assert_eq!(speech.unwrap().bytes, "fLaC");
        if let Some(kept) = kept {
            kept.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_line_of_the_question_bank_is_spoken_once_at_each_rate() {
        let folder = tempfile::tempdir().unwrap();
        let mut reader = reader(folder.path());
        for (rate, times) in [(100, 1), (120, 2), (100, 2)] {
            reader.set_rate(Rate::try_from(rate).unwrap());
            read(&reader, "Thank you. Here is the next question.").await;
            read(&reader, "Thank you. Here is the next question.").await;
            assert_eq!(asked(folder.path()), times, "at {rate} %");
        }
    }

    #[tokio::test]
    async fn what_a_model_says_leaves_no_trace_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let reader = reader(folder.path());
        for times in 1..=2 {
            read(&reader, "You said that Ada leads your team.").await;
            assert_eq!(asked(folder.path()), times);
        }
        assert!(!folder.path().join("speech").exists());
    }
}
