//! What the app asks of the loudspeaker, the microphone and the speech model.

use super::super::words;
use super::Performer;
use crate::app::action::{Action, TurnId};
use crate::app::effect::Effect;
use crate::interview::Language;
use crate::models;

impl Performer {
    pub(super) fn perform_voice(&mut self, effect: &Effect) {
        if let Effect::Speak { turn, text, language } = effect {
            self.speak(*turn, text, *language);
        }
        if let Some(mouth) = &self.services.mouth {
            match effect {
                Effect::Silence(turn) => mouth.silence(*turn),
                Effect::Mute(muted) => mouth.mute(*muted),
                _ => {}
            }
        }
        if let Some(ears) = &mut self.services.ears {
            match effect {
                Effect::OpenMicrophone => ears.open(),
                Effect::CloseMicrophone => ears.close(),
                Effect::StartListening(turn) => ears.press(*turn),
                Effect::StopListening(turn) => ears.release(*turn),
                Effect::CancelListening(turn) => ears.cancel(*turn),
                Effect::ListDevices(turn) => ears.list(*turn),
                Effect::UseDevices(audio) => ears.use_devices(audio),
                Effect::Check { turn, language, aloud } => {
                    ears.check(*turn, *language, self.services.mouth.clone().filter(|_| *aloud));
                }
                Effect::CancelCheck(turn) => {
                    ears.cancel_check();
                    self.cancel(*turn);
                }
                _ => {}
            }
        }
        if let Effect::UseDevices(audio) = effect {
            self.remember(|choices| choices.set_audio(audio.clone()));
        }
    }

    fn speak(&self, turn: TurnId, text: &str, language: Language) {
        let Some(mouth) = self.services.mouth.as_ref().filter(|mouth| mouth.narrates()) else {
            return self.tell(Action::Unspoken(turn));
        };
        mouth.begin(turn, language);
        mouth.delta(turn, text);
        mouth.end(turn);
    }

    pub(super) fn load_model(&mut self) {
        let Some((model, _)) = &self.services.offered else { return };
        let file = models::file(&self.services.paths.models(), model);
        if let Some(ears) = &mut self.services.ears {
            ears.load(file);
        }
    }

    pub(super) fn download(&mut self) {
        let Some((model, mirror)) = self.services.offered.clone() else { return };
        let (http, folder) = (self.services.connector.http.clone(), self.services.paths.models());
        let actions = self.services.actions.clone();
        tokio::spawn(async move {
            let progress = {
                let actions = actions.clone();
                // A full queue drops one step of the bar, no more.
                move |done, total| drop(actions.try_send(Action::ModelProgress(done, total)))
            };
            let outcome = models::download(&http, &mirror, &model, &folder, progress).await;
            let outcome = outcome.map(|_| ()).map_err(|error| words::chain(&error));
            let _ = actions.send(Action::ModelDownloaded(outcome)).await;
        });
    }
}
