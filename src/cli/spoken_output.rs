//! Speech without the interface: a text is spoken to its end.

use anyhow::Context as _;
use tokio::sync::oneshot;

use super::Context;
use super::output::print_notice;
use crate::app::action::Part;
use crate::app::notice::device_words;
use crate::interview::Language;
use crate::narrator::sentences::SentenceSplitter;
use crate::narrator::{CachedNarrator, Speech};
use crate::voice::{DeviceEvent, Playback, Speaker, VoiceError};

/// A narrator and a loudspeaker.
pub struct SpokenOutput {
    narrator: CachedNarrator,
    speaker: Box<dyn Speaker>,
}

/// A sentence that is being played.
struct PlayingSentence {
    /// Dropping it silences the sentence.
    _playback: Playback,
    end: oneshot::Receiver<Result<(), VoiceError>>,
}

impl Context {
    /// Opens the loudspeaker, or the file given instead of it, at the volume of the settings.
    /// `report` is called from a thread of its own.
    #[cfg(feature = "voice")]
    pub fn speaker(
        &self,
        report: impl Fn(DeviceEvent) + Send + Sync + 'static,
    ) -> anyhow::Result<Box<dyn Speaker>> {
        let mut speaker: Box<dyn Speaker> = match &self.speaker_file {
            Some(path) => Box::new(crate::voice::WavSpeaker::create(path)?),
            None => Box::new(crate::voice::DeviceSpeaker::new(
                self.loudspeaker.clone(),
                std::sync::Arc::new(report),
            )?),
        };
        speaker.set_volume(self.config.narrator.volume.factor());
        Ok(speaker)
    }

    /// Fails, because this build has no voice.
    #[cfg(not(feature = "voice"))]
    pub fn speaker(
        &self,
        _report: impl Fn(DeviceEvent) + Send + Sync + 'static,
    ) -> anyhow::Result<Box<dyn Speaker>> {
        anyhow::bail!(rust_i18n::t!("cli.no_voice", locale = self.language.code()))
    }
}

impl Context {
    /// Returns a function that reports changes of a device on standard error.
    pub fn device_notice(&self, part: Part) -> impl Fn(DeviceEvent) + Send + Sync + 'static {
        let quiet = self.quiet;
        let language = self.language;
        move |news| {
            if !quiet {
                print_notice(&device_words(part, &news, language));
            }
        }
    }
}

impl SpokenOutput {
    /// Creates the narrator and the loudspeaker of the settings.
    pub fn new(context: &Context) -> anyhow::Result<Self> {
        let speaker = context.speaker(context.device_notice(Part::Speaker))?;
        Ok(Self {
            narrator: context.cached_narrator(context.narrator()?),
            speaker,
        })
    }

    /// Speaks a markdown text, sentence by sentence, and returns when it has been played. The next
    /// sentence is synthesised while one plays.
    pub async fn speak(&mut self, markdown: &str, language: Language) -> anyhow::Result<()> {
        let mut sentences = SentenceSplitter::default();
        let mut texts = sentences.push(markdown);
        texts.extend(sentences.finish());
        let mut playing: Option<PlayingSentence> = None;
        for text in texts {
            let Some(speech) = self.narrator.speak_markdown(&text, language).await? else {
                continue;
            };
            let next = self.play(speech)?;
            if let Some(before) = playing.replace(next) {
                before.wait().await?;
            }
        }
        match playing {
            Some(last) => last.wait().await,
            None => Ok(()),
        }
    }

    fn play(&mut self, speech: Speech) -> anyhow::Result<PlayingSentence> {
        let (ended, end) = oneshot::channel();
        let playback = self.speaker.play(
            speech,
            Box::new(move |outcome| {
                // The receiver is gone if the command was interrupted.
                let _ = ended.send(outcome);
            }),
        )?;
        Ok(PlayingSentence {
            _playback: playback,
            end,
        })
    }
}

impl PlayingSentence {
    async fn wait(self) -> anyhow::Result<()> {
        Ok(self.end.await.context("the loudspeaker stopped")??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrator::Narrator;
    use crate::voice::OnClipEnd;

    /// A loudspeaker that cannot be opened, which shows only after it has accepted the speech.
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
        let mut voice = SpokenOutput {
            narrator: Narrator::None.into(),
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
                .wait()
                .await
                .unwrap_err()
                .to_string(),
            "no speaker was found"
        );
    }
}
