//! Speaking where there is no interface: a text is said and waited for.

use anyhow::Context as _;
use tokio::sync::oneshot;

use super::Context;
use super::errors::print_notice;
use crate::app::action::Part;
use crate::app::notice::device_words;
use crate::interview::Language;
use crate::narrator::sentences::SentenceSplitter;
use crate::narrator::{CachedNarrator, Speech};
use crate::voice::{DeviceEvent, Playback, Speaker, VoiceError};

/// A reader and a loudspeaker.
pub struct VoiceOut {
    reader: CachedNarrator,
    speaker: Box<dyn Speaker>,
}

/// A sentence that the loudspeaker has.
struct Sounding {
    /// Held for its side effect: without it the sentence is silent.
    _playback: Playback,
    end: oneshot::Receiver<Result<(), VoiceError>>,
}

impl Context {
    /// The loudspeaker, or the file that stands for it, as loud as the settings say. `tell` is called from a thread of
    /// its own.
    #[cfg(feature = "voice")]
    pub fn speaker(
        &self,
        tell: impl Fn(DeviceEvent) + Send + Sync + 'static,
    ) -> anyhow::Result<Box<dyn Speaker>> {
        let mut speaker: Box<dyn Speaker> = match &self.speaker_file {
            Some(path) => Box::new(crate::voice::WavSpeaker::create(path)?),
            None => Box::new(crate::voice::DeviceSpeaker::new(
                self.loudspeaker.clone(),
                std::sync::Arc::new(tell),
            )?),
        };
        speaker.set_volume(self.config.narrator.volume.factor());
        Ok(speaker)
    }

    /// There is none in a build without voice.
    #[cfg(not(feature = "voice"))]
    pub fn speaker(
        &self,
        _tell: impl Fn(DeviceEvent) + Send + Sync + 'static,
    ) -> anyhow::Result<Box<dyn Speaker>> {
        anyhow::bail!("this program was built without voice")
    }
}

impl Context {
    /// Says on standard error what becomes of a device.
    pub fn device_notice(&self, part: Part) -> impl Fn(DeviceEvent) + Send + Sync + 'static {
        let (quiet, language) = (self.quiet, self.language);
        move |news| {
            if !quiet {
                print_notice(&device_words(part, &news, language));
            }
        }
    }
}

impl VoiceOut {
    /// As the settings say.
    pub fn new(context: &Context) -> anyhow::Result<Self> {
        let speaker = context.speaker(context.device_notice(Part::Speaker))?;
        Ok(Self {
            reader: context.reader(context.narrator()?),
            speaker,
        })
    }

    /// Says a markdown text, sentence by sentence, and returns when it was heard. The next sentence is made while one sounds.
    pub async fn speak(&mut self, markdown: &str, language: Language) -> anyhow::Result<()> {
        let mut sentences = SentenceSplitter::default();
        let mut texts = sentences.push(markdown);
        texts.extend(sentences.finish());
        let mut sounding: Option<Sounding> = None;
        for text in texts {
            let Some(speech) = self.reader.speak_markdown(&text, language).await? else {
                continue;
            };
            let next = self.play(speech)?;
            if let Some(before) = sounding.replace(next) {
                before.heard().await?;
            }
        }
        match sounding {
            Some(last) => last.heard().await,
            None => Ok(()),
        }
    }

    fn play(&mut self, speech: Speech) -> anyhow::Result<Sounding> {
        let (ended, end) = oneshot::channel();
        let playback = self.speaker.play(
            speech,
            Box::new(move |outcome| {
                // Nobody waits any more when the command was interrupted.
                let _ = ended.send(outcome);
            }),
        )?;
        Ok(Sounding {
            _playback: playback,
            end,
        })
    }
}

impl Sounding {
    async fn heard(self) -> anyhow::Result<()> {
        Ok(self.end.await.context("the loudspeaker stopped")??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrator::Narrator;
    use crate::voice::OnClipEnd;

    /// Cannot be opened, as is found out only after the speech was taken.
    struct Absent;

    impl Speaker for Absent {
        fn play(&mut self, _: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
            ended(Err(VoiceError::NoSpeaker));
            Ok(Playback::default())
        }

        fn set_volume(&mut self, _: f32) {}

        fn name(&self) -> String {
            "absent".into()
        }
    }

    #[tokio::test]
    async fn a_loudspeaker_that_cannot_be_opened_is_a_failure() {
        let mut voice = VoiceOut {
            reader: Narrator::None.into(),
            speaker: Box::new(Absent),
        };
        let speech = Speech {
            bytes: "sound".into(),
            format: crate::narrator::AudioFormat::Wav,
        };
        assert_eq!(
            voice
                .play(speech)
                .unwrap()
                .heard()
                .await
                .unwrap_err()
                .to_string(),
            "no speaker was found"
        );
    }
}
