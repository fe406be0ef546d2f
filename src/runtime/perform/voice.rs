//! Performs what concerns the candidate's voice.

use super::Performer;
use crate::app::effect::VoiceEffect;
use crate::runtime::VoiceCommand;

impl Performer {
    pub(super) fn perform_voice(&mut self, effect: VoiceEffect) {
        let command = match effect {
            VoiceEffect::OpenMicrophone => VoiceCommand::Open,
            VoiceEffect::CloseMicrophone => VoiceCommand::Close,
            VoiceEffect::SetLanguage(language) => {
                self.preferences
                    .write(move |preferences| preferences.set_spoken(language));
                VoiceCommand::SetSpeechLanguage(language)
            }
            VoiceEffect::Start { utterance } => VoiceCommand::Press(utterance),
            VoiceEffect::Stop { utterance } => VoiceCommand::Release(utterance),
            VoiceEffect::Cancel { utterance } => VoiceCommand::Cancel(utterance),
        };
        self.services.voice_input.send(command);
    }
}
