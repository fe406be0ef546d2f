//! One turn on its way: the reply goes to the screen and to the loudspeaker as it comes.

mod sentence_audio;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use sentence_audio::SentenceAudio;

use super::failures;
use super::speech_output::SpeechOutput;
use crate::app::action::{Action, BackendEvent, TurnId};
use crate::backend::{Backend, BackendError, TurnAttempt};
use crate::interview::Language;
use crate::practice::{CompletedTurn, TurnEvent};

/// What a turn needs on its way.
pub struct Turn {
    /// Names the request.
    pub id: TurnId,
    /// Of the interview: it is spoken in this language.
    pub language: Language,
    /// Of the interface: failures are told in this one.
    pub interface: Language,
    /// Where it is taken.
    pub backend: Backend,
    /// Where it is told.
    pub actions: mpsc::Sender<Action>,
    /// Where it is heard; `None` without a loudspeaker.
    pub speech_output: Option<SpeechOutput>,
}

impl Turn {
    /// Takes the turn. Dropping the future abandons it.
    pub async fn take(self, request: TurnAttempt) {
        match self.stream(request).await {
            Ok(Some((done, sounds))) => {
                self.tell(Action::Turn {
                    turn: self.id,
                    event: BackendEvent::Done(Box::new(done.clone())),
                })
                .await;
                self.speak_rest(&done, sounds).await;
            }
            Ok(None) => {}
            Err(error) => {
                self.silence();
                self.tell(Action::Turn {
                    turn: self.id,
                    event: BackendEvent::Failed(failures::failure(&error, self.interface)),
                })
                .await;
            }
        }
    }

    async fn stream(
        &self,
        request: TurnAttempt,
    ) -> Result<Option<(CompletedTurn, Option<SentenceAudio>)>, BackendError> {
        let mut events = self.backend.turn(request);
        let mut begun = false;
        let mut sounds = self.sounds();
        while let Some(event) = events.next().await {
            match event? {
                TurnEvent::Delta(text) => {
                    if !std::mem::replace(&mut begun, true) {
                        self.begin();
                    }
                    // First to the screen: a sentence is marked there when it sounds.
                    self.tell(Action::Turn {
                        turn: self.id,
                        event: BackendEvent::Delta(text.clone()),
                    })
                    .await;
                    self.delta(&text);
                }
                TurnEvent::SpokenSentence(sound) => sounds
                    .iter_mut()
                    .for_each(|sounds| sounds.take(sound.clone())),
                TurnEvent::Done(done) => return Ok(Some((done, sounds))),
            }
        }
        Ok(None)
    }

    async fn tell(&self, action: Action) {
        // The loop is gone: nobody is left to know.
        let _ = self.actions.send(action).await;
    }

    /// A reply that broke off is taken back; what was begun to be said of it stops.
    fn silence(&self) {
        if let Some(speech_output) = &self.speech_output {
            speech_output.silence(self.id);
        }
    }

    fn begin(&self) {
        if let Some(speech_output) = &self.speech_output {
            speech_output.begin(self.id, self.language);
        }
    }

    fn delta(&self, text: &str) {
        if let Some(speech_output) = self
            .speech_output
            .as_ref()
            .filter(|_| self.backend.streams_text())
        {
            speech_output.delta(self.id, text);
        }
    }

    /// Where the sounds that a server made of single sentences are fetched and heard.
    fn sounds(&self) -> Option<SentenceAudio> {
        match (&self.backend, &self.speech_output) {
            (Backend::Remote(remote), Some(speech_output)) => Some(SentenceAudio::new(
                remote.client().clone(),
                speech_output.clone(),
                self.id,
            )),
            _ => None,
        }
    }

    /// A reply in pieces is complete; another has its own sound, and what of it has none is spoken here.
    async fn speak_rest(&self, done: &CompletedTurn, sounds: Option<SentenceAudio>) {
        let Some(speech_output) = &self.speech_output else {
            return;
        };
        if let Some(sounds) = sounds.filter(|_| !self.backend.streams_text()) {
            speech_output.delta(self.id, &sounds.unheard(done).await);
        }
        speech_output.end(self.id);
    }
}
