//! Performs what concerns the interviewer's voice.

use super::Performer;
use crate::app::action::{Action, SpeechEvent, TurnId};
use crate::app::effect::SpeechEffect;
use crate::interview::Language;
use crate::runtime::SpeechCommand;

impl Performer {
    pub(super) fn perform_speech(&mut self, effect: SpeechEffect) {
        let command = match effect {
            SpeechEffect::Speak {
                turn,
                text,
                language,
            } => return self.speak(turn, text, language),
            SpeechEffect::Silence { turn } => SpeechCommand::Silence(turn),
            SpeechEffect::Skip { turn, sentence } => SpeechCommand::Skip { turn, sentence },
            SpeechEffect::Mute(muted) => SpeechCommand::Mute(muted),
            SpeechEffect::SetVolume(volume) => {
                self.preferences
                    .write(move |preferences| preferences.set_volume(volume));
                SpeechCommand::SetVolume(volume)
            }
            SpeechEffect::SetRate(rate) => {
                self.preferences
                    .write(move |preferences| preferences.set_rate(rate));
                SpeechCommand::SetRate(rate)
            }
        };
        self.services.speech_output.send(command);
    }

    fn speak(&self, turn: TurnId, text: String, language: Language) {
        if self.services.speech_output.narrates() {
            self.services.speech_output.speak(turn, language, text);
        } else {
            self.send(Action::Speech(SpeechEvent::NotNarrated { turn }));
        }
    }
}
