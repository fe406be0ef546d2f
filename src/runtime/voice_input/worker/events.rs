//! Translates the recorder's events into actions.

use rust_i18n::t;

use crate::app::action::{
    Action, DeviceReport, Missing, Part, SilentMicrophone, TurnId, UtteranceEvent, VoiceEvent,
};
use crate::app::waterfall::RecordingTail;
use crate::interview::Language;
use crate::voice::{RecorderEvent, UtteranceId, VoiceError};

/// Translates events; errors are worded in the language of the user interface.
#[derive(Clone, Copy)]
pub(super) struct EventTranslator {
    pub(super) interface: Language,
    /// Recordings stand for the microphone.
    pub(super) is_file: bool,
}

impl EventTranslator {
    pub(super) fn action(self, event: RecorderEvent) -> Action {
        match event {
            RecorderEvent::Opened(name) => Action::Device(DeviceReport::MicrophoneOpened { name }),
            RecorderEvent::MicrophoneFailed(error) => self.microphone_failed(&error),
            RecorderEvent::Recorded(id, end) => {
                let tail = RecordingTail {
                    drain: end.drain,
                    voice_activity: end.voice_activity,
                };
                utterance(id, UtteranceEvent::Recorded(tail))
            }
            RecorderEvent::Partial(id, partial) => {
                let event = UtteranceEvent::Partial {
                    stable: partial.stable,
                    provisional: partial.provisional,
                };
                utterance(id, event)
            }
            RecorderEvent::Transcribed(id, answer) => {
                utterance(id, UtteranceEvent::Transcribed(answer))
            }
            RecorderEvent::NoSpeech(id) => utterance(id, UtteranceEvent::NoSpeech),
            RecorderEvent::Failed(id, error) => {
                let reason = error.message(self.interface);
                utterance(id, UtteranceEvent::NotTranscribed { reason })
            }
            RecorderEvent::MicrophoneDead(id, name) => {
                utterance(id, UtteranceEvent::MicrophoneDead(self.dead(name)))
            }
            RecorderEvent::MicrophoneAlive(id) => utterance(id, UtteranceEvent::MicrophoneAlive),
        }
    }

    fn microphone_failed(self, error: &VoiceError) -> Action {
        let remedy = t!("runtime.microphone_remedy", locale = self.interface.code());
        Action::Voice(VoiceEvent::Unavailable(Missing {
            part: Part::Microphone,
            reason: error.message(self.interface),
            remedy: remedy.into(),
        }))
    }

    fn dead(self, name: String) -> SilentMicrophone {
        if self.is_file {
            SilentMicrophone::File(name)
        } else {
            SilentMicrophone::Device(name)
        }
    }
}

fn utterance(id: UtteranceId, event: UtteranceEvent) -> Action {
    Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(id),
        event,
    })
}
