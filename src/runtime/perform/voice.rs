//! What the app asks of the loudspeaker, the microphone and the speech model.

use rust_i18n::t;

use super::Performer;
use crate::app::action::{Action, ModelEvent, RuntimeEvent, SpeechEvent, TurnId};
use crate::app::effect::{DeviceEffect, ModelEffect, SpeechEffect, VoiceEffect};
use crate::interview::Language;
use crate::models::{self, Download, DownloadStep};

impl Performer {
    pub(super) fn perform_voice(&mut self, effect: VoiceEffect) {
        if let VoiceEffect::SetLanguage(language) = effect {
            self.preferences
                .remember(move |preferences| preferences.set_spoken(language));
        }
        let Some(voice_input) = &mut self.services.voice_input else {
            return;
        };
        match effect {
            VoiceEffect::OpenMicrophone => voice_input.open(),
            VoiceEffect::CloseMicrophone => voice_input.close(),
            VoiceEffect::SetLanguage(language) => voice_input.recognise(language),
            VoiceEffect::Start { utterance } => voice_input.press(utterance),
            VoiceEffect::Stop { utterance } => voice_input.release(utterance),
            VoiceEffect::Cancel { utterance } => voice_input.cancel(utterance),
        }
    }

    pub(super) fn perform_device(&mut self, effect: DeviceEffect) {
        if let DeviceEffect::Use(audio) = &effect {
            let audio = audio.clone();
            self.preferences
                .remember(move |preferences| preferences.set_audio(audio));
        }
        let Some(voice_input) = &mut self.services.voice_input else {
            return;
        };
        match effect {
            DeviceEffect::List { turn } => voice_input.list(turn),
            DeviceEffect::Use(audio) => voice_input.use_devices(&audio),
            DeviceEffect::Check {
                turn,
                language,
                aloud,
            } => {
                let speech_output = self.services.speech_output.clone().filter(|_| aloud);
                voice_input.check(turn, language, speech_output);
            }
            DeviceEffect::CancelCheck { turn } => {
                voice_input.cancel_check();
                self.cancel(turn);
            }
        }
    }

    pub(super) fn perform_speech(&mut self, effect: SpeechEffect) {
        let speech_output = self.services.speech_output.as_ref();
        match effect {
            SpeechEffect::Speak {
                turn,
                text,
                language,
            } => self.speak(turn, &text, language),
            SpeechEffect::Silence { turn } => {
                speech_output.into_iter().for_each(|it| it.silence(turn))
            }
            SpeechEffect::Skip { turn, sentence } => {
                speech_output
                    .into_iter()
                    .for_each(|it| it.skip(turn, sentence));
            }
            SpeechEffect::Mute(muted) => speech_output.into_iter().for_each(|it| it.mute(muted)),
            SpeechEffect::SetVolume(volume) => {
                speech_output
                    .into_iter()
                    .for_each(|it| it.set_volume(volume));
                self.preferences
                    .remember(move |preferences| preferences.set_volume(volume));
            }
            SpeechEffect::SetRate(rate) => {
                speech_output.into_iter().for_each(|it| it.set_rate(rate));
                self.preferences
                    .remember(move |preferences| preferences.set_rate(rate));
            }
        }
    }

    pub(super) fn perform_model(&mut self, effect: ModelEffect) {
        match effect {
            ModelEffect::Download => self.download(),
            ModelEffect::Load => self.load_model(),
            ModelEffect::Decline => self
                .preferences
                .remember(|preferences| preferences.decline("model")),
        }
    }

    fn speak(&self, turn: TurnId, text: &str, language: Language) {
        let Some(speech_output) = self
            .services
            .speech_output
            .as_ref()
            .filter(|speech_output| speech_output.narrates())
        else {
            return self.tell(Action::Speech(SpeechEvent::NotNarrated { turn }));
        };
        speech_output.begin(turn, language);
        speech_output.delta(turn, text);
        speech_output.end(turn);
    }

    fn load_model(&mut self) {
        let Some(Download { folder, model, .. }) = &self.services.offered else {
            return;
        };
        let file = models::path_in(folder, model);
        if let Some(voice_input) = &mut self.services.voice_input {
            voice_input.load(file);
        }
    }

    /// Goes on in the background; who leaves meanwhile finds what arrived at the next start.
    fn download(&mut self) {
        let Some(download) = self.services.offered.clone() else {
            return;
        };
        let (actions, language) = (self.services.actions.clone(), self.services.language);
        self.deal(async move {
            let told = |step| match step {
                DownloadStep::Progress(progress) => {
                    Some(Action::Model(ModelEvent::Progress(progress)))
                }
                DownloadStep::Waiting => {
                    let words = t!(
                        "models.step.waiting",
                        locale = language.code(),
                        name = download.model.name
                    );
                    Some(Action::Runtime(RuntimeEvent::Notice(words.into())))
                }
                DownloadStep::Resuming(_) | DownloadStep::Restarting => None,
            };
            // A full queue drops one step of the bar, no more.
            let tell = |step| {
                told(step)
                    .into_iter()
                    .for_each(|action| drop(actions.try_send(action)))
            };
            let outcome = download.run(tell).await.map(|_| ()).map_err(|error| {
                tracing::warn!(%error, "the speech model did not arrive");
                error.short_message(language)
            });
            let _ = actions
                .send(Action::Model(ModelEvent::Downloaded(outcome)))
                .await;
        });
    }
}
