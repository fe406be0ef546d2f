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
        if let Some(ears) = &mut self.services.ears {
            match effect {
                Effect::OpenMicrophone => ears.open(),
                Effect::CloseMicrophone => ears.close(),
                Effect::Recognise(language) => ears.recognise(*language),
                Effect::StartListening(turn) => ears.press(*turn),
                Effect::StopListening(turn) => ears.release(*turn),
                Effect::CancelListening(turn) => ears.cancel(*turn),
                Effect::ListDevices(turn) => ears.list(*turn),
                Effect::UseDevices(audio) => ears.use_devices(audio),
                Effect::Check {
                    turn,
                    language,
                    aloud,
                } => {
                    ears.check(
                        *turn,
                        *language,
                        self.services.mouth.clone().filter(|_| *aloud),
                    );
                }
                Effect::CancelCheck(turn) => {
                    ears.cancel_check();
                    self.cancel(*turn);
                }
                _ => {}
            }
        }
        if let Effect::Recognise(language) = *effect {
            self.memory
                .remember(move |preferences| preferences.set_spoken(language));
        }
        if let Effect::UseDevices(audio) = effect {
            let audio = audio.clone();
            self.memory
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
                .memory
                .remember(move |preferences| preferences.set_volume(volume)),
            Effect::SetRate(rate) => self
                .memory
                .remember(move |preferences| preferences.set_rate(rate)),
            _ => {}
        }
        let Some(mouth) = &self.services.mouth else {
            return;
        };
        match *effect {
            Effect::Silence(turn) => mouth.silence(turn),
            Effect::Skip { turn, sentence } => mouth.skip(turn, sentence),
            Effect::Mute(muted) => mouth.mute(muted),
            Effect::SetVolume(volume) => mouth.set_volume(volume),
            Effect::SetRate(rate) => mouth.set_rate(rate),
            _ => {}
        }
    }

    fn speak(&self, turn: TurnId, text: &str, language: Language) {
        let Some(mouth) = self
            .services
            .mouth
            .as_ref()
            .filter(|mouth| mouth.narrates())
        else {
            return self.tell(Action::Unspoken(turn));
        };
        mouth.begin(turn, language);
        mouth.delta(turn, text);
        mouth.end(turn);
    }

    pub(super) fn load_model(&mut self) {
        let Some(Download { folder, model, .. }) = &self.services.offered else {
            return;
        };
        let file = models::file(folder, model);
        if let Some(ears) = &mut self.services.ears {
            ears.load(file);
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
