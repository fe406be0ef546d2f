//! What the voices report: the candidate's words, the interviewer's sentences, and what is missing for either.
use super::super::action::{
    Missing, ModelEvent, Part, SpeechEvent, TransferProgress, TurnId, UtteranceEvent, VoiceEvent,
};
use super::super::check::{Check, Stage};
use super::super::effect::{Effect, ModelEffect, SpeechEffect};
use super::super::interview::{Mouth, Talk, Then};
use super::super::notice::Notice;
use super::super::overlay::{Overlay, Question};
use super::super::{App, Screen, Transcriber};
use crate::interview::Answer;

impl App {
    pub(super) fn voice(&mut self, event: VoiceEvent) {
        match event {
            VoiceEvent::Level(loudness) => self.level(loudness),
            VoiceEvent::Unavailable(missing) => self.voice_unavailable(missing),
            VoiceEvent::Utterance { utterance, event } => self.utterance(utterance, event),
        }
    }

    fn utterance(&mut self, utterance: TurnId, event: UtteranceEvent) {
        match event {
            UtteranceEvent::MicrophoneDead(dead) => self.dead(utterance, Some(dead)),
            UtteranceEvent::MicrophoneAlive => self.dead(utterance, None),
            UtteranceEvent::Recorded(_) => self.recorded(utterance),
            UtteranceEvent::Partial {
                stable,
                provisional,
            } => self.heard_so_far(utterance, stable, provisional),
            UtteranceEvent::Transcribed(answer) => self.heard(utterance, &answer),
            UtteranceEvent::NoSpeech => self.heard_nothing(utterance),
            UtteranceEvent::NotTranscribed { reason } => self.not_transcribed(utterance, reason),
        }
    }

    pub(super) fn speech(&mut self, event: SpeechEvent) {
        match event {
            SpeechEvent::Sentence { turn, index, text } => self.speaking(turn, index, &text),
            SpeechEvent::Ended { turn } => self.spoke_all(turn),
            SpeechEvent::NotNarrated { turn } => self.unspoken(turn),
            SpeechEvent::Unavailable(missing) => {
                self.check_unplayed(&missing);
                self.lacks(missing);
            }
        }
    }

    pub(super) fn model(&mut self, event: ModelEvent) {
        match event {
            ModelEvent::Progress(progress) => self.model_progress(progress),
            ModelEvent::Downloaded(outcome) => self.model_downloaded(outcome),
            ModelEvent::Loaded => self.transcriber_ready(),
        }
    }

    fn lacks(&mut self, missing: Missing) {
        let known = self.voice.missing.contains(&missing);
        self.voice.lacks(missing.clone());
        // Said once: a narrator that fails at every sentence must not nag.
        if !known && matches!(self.screen, Screen::Interview(_)) {
            self.notice = Some(Notice::Missing(missing));
        }
    }

    /// What was said until now is kept.
    fn voice_unavailable(&mut self, missing: Missing) {
        if let Some(Talk::Listening { utterance, .. }) =
            self.interview().map(|open| open.hearing.talk)
        {
            self.composing.keep_live(utterance);
            // Somebody tries to talk: said again, though known.
            self.voice.has(missing.part);
        }
        self.cancel_listening();
        self.lacks(missing);
    }

    fn level(&mut self, loudness: f32) {
        if let Some(Check {
            stage: Stage::Hearing { level, .. },
            ..
        }) = self.check()
        {
            *level = loudness.clamp(0.0, 1.0);
        }
        if let Some(interview) = self.interview()
            && let Talk::Listening { level, .. } = &mut interview.hearing.talk
        {
            *level = loudness.clamp(0.0, 1.0);
        }
    }

    fn listens_to(&self, utterance: TurnId) -> bool {
        matches!(&self.screen, Screen::Interview(open) if open.hearing.talk.is_of(utterance))
    }

    /// A recording may end by itself, when its device is gone or its file is over.
    fn recorded(&mut self, ended: TurnId) {
        let Some(interview) = self.interview() else {
            return;
        };
        if interview.hearing.talk.is_of(ended) {
            interview.hearing.talk = Talk::Quiet;
            self.composing.await_words(ended);
        }
    }

    /// Takes an utterance off the list of those awaited; false for a stale one.
    fn arrived(&mut self, utterance: TurnId) -> bool {
        self.recorded(utterance);
        self.composing.arrived(utterance)
    }

    fn heard_so_far(&mut self, utterance: TurnId, written: String, draft: String) {
        if self.listens_to(utterance) || self.composing.awaited.contains(&utterance) {
            self.composing.hear_partial(utterance, written, draft);
        }
    }

    fn heard(&mut self, utterance: TurnId, answer: &Answer) {
        if self.arrived(utterance) {
            self.forget_dead();
            self.composing.hear(utterance, answer);
            self.go_on_if_heard();
        }
    }

    fn heard_nothing(&mut self, utterance: TurnId) {
        if self.arrived(utterance) {
            // Why nothing was heard says more than that it was not.
            let why = self
                .notice
                .take()
                .filter(|notice| matches!(notice, Notice::Dead(_)));
            self.notice = why.or(Some(Notice::HeardNothing));
            self.go_on_if_heard();
        }
    }

    fn not_transcribed(&mut self, utterance: TurnId, reason: String) {
        if self.composing.awaited.contains(&utterance) || self.listens_to(utterance) {
            self.composing.keep_live(utterance);
        }
        if self.arrived(utterance) {
            self.notice = Some(Notice::NotTranscribed(reason));
            // Words are missing: the user decides whether to go on without them.
            self.leaving = false;
            if let Some(interview) = self.interview() {
                interview.hearing.then = Then::Edit;
            }
        }
    }

    /// Does what Enter or F6 was pressed for, now that all words are there.
    fn go_on_if_heard(&mut self) {
        if self.is_hearing() {
            return;
        }
        let Some(interview) = self.interview() else {
            return;
        };
        match std::mem::take(&mut interview.hearing.then) {
            Then::Edit => {}
            Then::Send => self.send(),
            Then::Finish => self.ask_finish(),
        }
    }

    fn speaking(&mut self, turn: TurnId, index: usize, sentence: &str) {
        if let Some(interview) = self.interview() {
            interview.speaks(turn, index, sentence);
        }
        self.voice.has(Part::Narrator);
        self.voice.has(Part::Speaker);
        let heard =
            |notice: &Notice| matches!(notice, Notice::Missing(missing) if is_spoken(missing));
        self.notice = self.notice.take().filter(|notice| !heard(notice));
    }

    fn unspoken(&mut self, turn: TurnId) {
        self.spoke_all(turn);
        self.notice = Some(self.not_heard().unwrap_or(Notice::Unspoken));
    }

    /// Why replies are not heard, as far as it is known.
    fn not_heard(&self) -> Option<Notice> {
        self.voice
            .missing
            .iter()
            .find(|missing| is_spoken(missing))
            .cloned()
            .map(Notice::Missing)
    }

    fn spoke_all(&mut self, ended: TurnId) {
        self.check_played(ended);
        let Some(interview) = self.interview() else {
            return;
        };
        match interview.mouth {
            Mouth::Expected(turn) | Mouth::Speaking { turn, .. } if turn == ended => {
                interview.mouth = Mouth::Silent
            }
            _ => {}
        }
    }

    /// Nothing of the replies so far sounds from now on.
    pub(super) fn silence(&mut self) -> bool {
        let Some(interview) = self.interview() else {
            return false;
        };
        match std::mem::take(&mut interview.mouth) {
            Mouth::Silent => false,
            Mouth::Expected(turn) | Mouth::Speaking { turn, .. } => {
                self.emit(Effect::Speech(SpeechEffect::Silence { turn }));
                true
            }
        }
    }

    /// Silences what sounds; false when nothing does.
    pub(super) fn silence_speech(&mut self) -> bool {
        let speaking = self
            .interview()
            .is_some_and(|open| matches!(open.mouth, Mouth::Speaking { .. }));
        speaking && self.silence()
    }

    pub(super) fn replay(&mut self) {
        let Some(interview) = self.interview() else {
            return;
        };
        let language = interview.language;
        let text = interview
            .last_reply()
            .map(str::to_owned)
            .filter(|_| interview.asking.turn().is_none());
        let Some(text) = text else {
            self.notice = Some(Notice::NothingToReplay);
            return;
        };
        self.silence();
        if self.voice.muted {
            self.notice = Some(Notice::MutedReplay);
            return;
        }
        self.notice = self.not_heard().or(self.notice.take());
        let turn = self.fresh();
        if let Some(interview) = self.interview() {
            interview.mouth = Mouth::Expected(turn);
        }
        self.emit(Effect::Speech(SpeechEffect::Speak {
            turn,
            text,
            language,
        }));
    }

    pub(super) fn mute(&mut self) {
        self.voice.muted = !self.voice.muted;
        let muted = self.voice.muted;
        self.emit(Effect::Speech(SpeechEffect::Mute(muted)));
        if muted {
            self.silence();
        }
        self.notice = Some(Notice::Muted(muted));
    }

    /// The key for it: fetches the model that was offered, or tries again.
    pub(super) fn fetch_model(&mut self) {
        match (&self.voice.offer, self.voice.download) {
            (_, Some(_)) => self.notice = None,
            (Some(_), None) => self.download_model(),
            (None, None) => self.notice = Some(Notice::NoModelToFetch),
        }
    }

    pub(in super::super) fn download_model(&mut self) {
        let Some(offer) = &self.voice.offer else {
            return;
        };
        self.voice.download = Some(TransferProgress::new(offer.begun, offer.bytes));
        // Nothing else is told, so that it can be seen to come.
        self.notice = None;
        self.overlays
            .retain(|overlay| !matches!(overlay, Overlay::Dialog(Question::Model(_), _)));
        self.emit(Effect::Model(ModelEffect::Download));
    }

    /// A late one must not bring back a download that has ended.
    fn model_progress(&mut self, progress: TransferProgress) {
        if let Some(known) = &mut self.voice.download {
            *known = progress;
        }
    }

    fn model_downloaded(&mut self, outcome: Result<(), String>) {
        self.voice.download = None;
        match outcome {
            Ok(()) => {
                self.voice.offer = None;
                self.voice.has(Part::Model);
                self.voice.arrived = true;
                self.emit(Effect::Model(ModelEffect::Load));
            }
            Err(reason) => self.notice = Some(Notice::ModelFailed(reason)),
        }
    }

    fn transcriber_ready(&mut self) {
        self.voice.transcriber = Transcriber::Ready;
        self.voice.has(Part::Model);
        if std::mem::take(&mut self.voice.arrived) {
            self.notice = Some(Notice::ModelReady);
        }
    }
}

/// Without this part replies are shown only.
fn is_spoken(missing: &Missing) -> bool {
    matches!(missing.part, Part::Narrator | Part::Speaker)
}
