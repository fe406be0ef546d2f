//! Speaking where there is no interface: a text is said and waited for.

use anyhow::Context as _;
use tokio::sync::oneshot;

use super::Context;
use crate::app::action::Part;
use crate::app::notice::device_words;
use crate::interview::Language;
use crate::narrator::sentences::{Sentences, speakable};
use crate::narrator::{Narrator, Speech};
use crate::voice::{News, Speaker};

/// A narrator and a loudspeaker.
pub struct VoiceOut {
    narrator: Narrator,
    speaker: Box<dyn Speaker>,
}

impl Context {
    /// The loudspeaker, or the file that stands for it. `tell` is called from a thread of its own.
    #[cfg(feature = "voice")]
    pub fn speaker(&self, tell: impl Fn(News) + Send + Sync + 'static) -> anyhow::Result<Box<dyn Speaker>> {
        Ok(match &self.speaker_file {
            Some(path) => Box::new(crate::voice::WavSpeaker::create(path)?),
            None => Box::new(crate::voice::DeviceSpeaker::new(self.loudspeaker.clone(), std::sync::Arc::new(tell))?),
        })
    }

    /// There is none in a build without voice.
    #[cfg(not(feature = "voice"))]
    pub fn speaker(&self, _tell: impl Fn(News) + Send + Sync + 'static) -> anyhow::Result<Box<dyn Speaker>> {
        anyhow::bail!("this program was built without voice")
    }
}

impl Context {
    /// Says on standard error what becomes of a device.
    pub fn device_notice(&self, part: Part) -> impl Fn(News) + Send + Sync + 'static {
        let (quiet, language) = (self.quiet, self.language);
        move |news| {
            if !quiet {
                eprintln!("{}", device_words(part, &news, language));
            }
        }
    }
}

impl VoiceOut {
    /// As the settings say.
    pub fn new(context: &Context) -> anyhow::Result<Self> {
        let speaker = context.speaker(context.device_notice(Part::Speaker))?;
        Ok(Self { narrator: context.narrator()?, speaker })
    }

    /// Says a markdown text, sentence by sentence, and returns when it was heard.
    pub async fn say(&mut self, markdown: &str, language: Language) -> anyhow::Result<()> {
        let mut sentences = Sentences::default();
        let mut texts = sentences.push(markdown);
        texts.extend(sentences.finish());
        for text in texts {
            if let Some(speech) = self.narrator.speak(&speakable(&text, language), language).await? {
                self.play(speech).await?;
            }
        }
        Ok(())
    }

    async fn play(&mut self, speech: Speech) -> anyhow::Result<()> {
        let (ended, end) = oneshot::channel();
        self.speaker.play(
            speech,
            Box::new(move |outcome| {
                // Nobody waits any more when the command was interrupted.
                let _ = ended.send(outcome);
            }),
        )?;
        Ok(end.await.context("the loudspeaker stopped")??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::{Ended, VoiceError};

    /// Cannot be opened, as is found out only after the speech was taken.
    struct Absent;

    impl Speaker for Absent {
        fn play(&mut self, _: Speech, ended: Ended) -> Result<(), VoiceError> {
            ended(Err(VoiceError::NoSpeaker));
            Ok(())
        }

        fn stop(&mut self) {}

        fn name(&self) -> String {
            "absent".into()
        }
    }

    #[tokio::test]
    async fn a_loudspeaker_that_cannot_be_opened_is_a_failure() {
        let mut voice = VoiceOut { narrator: Narrator::None, speaker: Box::new(Absent) };
        let speech = Speech { bytes: "sound".into(), format: crate::narrator::AudioFormat::Wav };
        assert_eq!(voice.play(speech).await.unwrap_err().to_string(), "no loudspeaker was found");
    }
}
