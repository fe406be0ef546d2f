//! How replies are spoken: a sentence less, louder or softer, faster or slower.
use super::super::App;
use super::super::effect::{Effect, SpeechEffect};
use super::super::interview::Mouth;
use super::super::notice::Notice;
use crate::config::{Rate, Volume};

impl App {
    /// F5: the next sentence at once.
    pub(super) fn skip(&mut self) {
        let Some(interview) = self.interview() else {
            return;
        };
        if let Mouth::Speaking {
            turn,
            index,
            sentence,
        } = &mut interview.mouth
        {
            // Nothing is marked until the next one sounds.
            *sentence = sentence.end..sentence.end;
            let skip = Effect::Speech(SpeechEffect::Skip {
                turn: *turn,
                sentence: *index,
            });
            self.emit(skip);
        }
    }

    pub(super) fn change_volume(&mut self, change: fn(Volume) -> Volume) {
        let volume = change(self.voice.speaking.volume);
        self.voice.speaking.volume = volume;
        self.notice = Some(Notice::Volume(volume));
        self.emit(Effect::Speech(SpeechEffect::SetVolume(volume)));
    }

    pub(super) fn change_rate(&mut self, change: fn(Rate) -> Rate) {
        let Some(rate) = self.voice.speaking.rate.map(change) else {
            self.notice = Some(Notice::OneRate);
            return;
        };
        self.voice.speaking.rate = Some(rate);
        self.notice = Some(Notice::Rate(rate));
        self.emit(Effect::Speech(SpeechEffect::SetRate(rate)));
    }
}
