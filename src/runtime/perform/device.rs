//! Performs what concerns the devices themselves.

use super::Performer;
use crate::app::effect::DeviceEffect;
use crate::preferences::SelectedDevices;
use crate::runtime::VoiceCommand;

impl Performer {
    pub(super) fn perform_device(&mut self, effect: DeviceEffect) {
        let command = match effect {
            DeviceEffect::List { turn } => VoiceCommand::ListDevices(turn),
            DeviceEffect::Use(devices) => {
                self.remember_devices(devices.clone());
                VoiceCommand::UseDevices(devices)
            }
            DeviceEffect::Check {
                turn,
                language,
                aloud,
            } => VoiceCommand::Check {
                turn,
                language,
                play_back: aloud,
            },
            DeviceEffect::CancelCheck { turn } => {
                // The playback of the recording stops as well.
                self.cancel(turn);
                VoiceCommand::CancelCheck
            }
        };
        self.services.voice_input.send(command);
    }

    fn remember_devices(&mut self, devices: SelectedDevices) {
        self.preferences
            .write(move |preferences| preferences.set_audio(devices));
    }
}
