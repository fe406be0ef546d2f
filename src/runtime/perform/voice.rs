//! What the app asks of the loudspeaker, the microphone and the speech model.

use rust_i18n::t;

use super::Performer;
use crate::app::action::{Action, TurnId};
use crate::app::effect::Effect;
use crate::interview::Language;
use crate::models::{self, Download, Step};

impl Performer {
    pub(super) fn perform_voice(&mut self, effect: &Effect) {
        self.perform_speech(effect);
        if let Some(voice_input) = &mut self.services.voice_input {
            match effect {
                Effect::OpenMicrophone => voice_input.open(),
                Effect::CloseMicrophone => voice_input.close(),
                Effect::Recognise(language) => voice_input.recognise(*language),
                Effect::StartListening(turn) => voice_input.press(*turn),
                Effect::StopListening(turn) => voice_input.release(*turn),
                Effect::CancelListening(turn) => voice_input.cancel(*turn),
                Effect::ListDevices(turn) => voice_input.list(*turn),
                Effect::UseDevices(audio) => voice_input.use_devices(audio),
                Effect::Check {
                    turn,
                    language,
                    aloud,
                } => {
                    voice_input.check(
                        *turn,
                        *language,
                        self.services.speech_output.clone().filter(|_| *aloud),
                    );
                }
                Effect::CancelCheck(turn) => {
                    voice_input.cancel_check();
                    self.cancel(*turn);
                }
                _ => {}
            }
        }
        if let Effect::Recognise(language) = *effect {
            self.preferences
                .remember(move |preferences| preferences.set_spoken(language));
        }
        if let Effect::UseDevices(audio) = effect {
            let audio = audio.clone();
            self.preferences
                .remember(move |preferences| preferences.set_audio(audio));
        }
    }

    fn perform_speech(&mut self, effect: &Effect) {
        match *effect {
            Effect::Speak {
                turn,
                ref text,
                language,
            } => self.speak(turn, text, language),
            Effect::SetVolume(volume) => self
                .preferences
                .remember(move |preferences| preferences.set_volume(volume)),
            Effect::SetRate(rate) => self
                .preferences
                .remember(move |preferences| preferences.set_rate(rate)),
            _ => {}
        }
        let Some(speech_output) = &self.services.speech_output else {
            return;
        };
        match *effect {
            Effect::Silence(turn) => speech_output.silence(turn),
            Effect::Skip { turn, sentence } => speech_output.skip(turn, sentence),
            Effect::Mute(muted) => speech_output.mute(muted),
            Effect::SetVolume(volume) => speech_output.set_volume(volume),
            Effect::SetRate(rate) => speech_output.set_rate(rate),
            _ => {}
        }
    }

    fn speak(&self, turn: TurnId, text: &str, language: Language) {
        let Some(speech_output) = self
            .services
            .speech_output
            .as_ref()
            .filter(|speech_output| speech_output.narrates())
        else {
            return self.tell(Action::Unspoken(turn));
        };
        speech_output.begin(turn, language);
        speech_output.delta(turn, text);
        speech_output.end(turn);
    }

    pub(super) fn load_model(&mut self) {
        let Some(Download { folder, model, .. }) = &self.services.offered else {
            return;
        };
        let file = models::file(folder, model);
        if let Some(voice_input) = &mut self.services.voice_input {
            voice_input.load(file);
        }
    }

    /// Goes on in the background; who leaves meanwhile finds what arrived at the next start.
    pub(super) fn download(&mut self) {
        let Some(download) = self.services.offered.clone() else {
            return;
        };
        let (actions, language) = (self.services.actions.clone(), self.services.language);
        self.deal(async move {
            let told = |step| match step {
                Step::At(progress) => Some(Action::ModelProgress(progress)),
                Step::Waiting => {
                    let words = t!(
                        "models.step.waiting",
                        locale = language.code(),
                        name = download.model.name
                    );
                    Some(Action::Notice(words.into()))
                }
                Step::GoingOn(_) | Step::Again => None,
            };
            // A full queue drops one step of the bar, no more.
            let tell = |step| {
                told(step)
                    .into_iter()
                    .for_each(|action| drop(actions.try_send(action)))
            };
            let outcome = download.run(tell).await.map(|_| ()).map_err(|error| {
                tracing::warn!(%error, "the speech model did not arrive");
                error.reason(language)
            });
            let _ = actions.send(Action::ModelDownloaded(outcome)).await;
        });
    }
}
