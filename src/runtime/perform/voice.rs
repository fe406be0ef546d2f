//! What the app asks of the loudspeaker, the microphone and the speech model.

use super::super::words;
use super::Performer;
use crate::app::action::{Action, TurnId};
use crate::app::effect::Effect;
use crate::interview::Language;
use crate::models;

impl Performer {
    pub(super) fn perform_voice(&mut self, effect: &Effect) {
        self.perform_speech(effect);
        if let Some(ears) = &mut self.services.ears {
            match effect {
                Effect::OpenMicrophone => ears.open(),
                Effect::CloseMicrophone => ears.close(),
                Effect::StartListening(turn) => ears.press(*turn),
                Effect::StopListening(turn) => ears.release(*turn),
                Effect::CancelListening(turn) => ears.cancel(*turn),
                _ => {}
            }
        }
    }

    fn perform_speech(&mut self, effect: &Effect) {
        match *effect {
            Effect::Speak { turn, ref text, language } => self.speak(turn, text, language),
            Effect::SetVolume(volume) => self.memory.remember(move |choices| choices.set_volume(volume)),
            Effect::SetRate(rate) => self.memory.remember(move |choices| choices.set_rate(rate)),
            _ => {}
        }
        let Some(mouth) = &self.services.mouth else { return };
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
