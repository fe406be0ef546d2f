//! One turn on its way: the reply goes to the screen and to the loudspeaker as it comes.

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::speech::Mouth;
use super::words;
use crate::app::action::{Action, TurnId};
use crate::backend::{Backend, BackendError, Request};
use crate::interview::Language;
use crate::narrator::{AudioFormat, Speech};
use crate::practice::{Done, TurnEvent};

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
    pub mouth: Option<Mouth>,
}

impl Turn {
    /// Takes the turn. Dropping the future abandons it.
    pub async fn take(self, request: Request) {
        match self.stream(request).await {
            Ok(Some(done)) => {
                self.tell(Action::Done(self.id, Box::new(done.clone()))).await;
                self.speak_rest(&done).await;
            }
            Ok(None) => {}
            Err(error) => {
                self.silence();
                self.tell(Action::Failed(self.id, words::failure(&error, self.interface))).await;
            }
        }
    }

    async fn stream(&self, request: Request) -> Result<Option<Done>, BackendError> {
        let mut events = self.backend.turn(request);
        let mut begun = false;
        while let Some(event) = events.next().await {
            match event? {
                TurnEvent::Delta(text) => {
                    if !std::mem::replace(&mut begun, true) {
                        self.begin();
                    }
                    // First to the screen: a sentence is marked there when it sounds.
                    self.tell(Action::Replied(self.id, text.clone())).await;
                    self.delta(&text);
                }
                TurnEvent::Sound(_) => {}
                TurnEvent::Done(done) => return Ok(Some(done)),
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
        if let Some(mouth) = &self.mouth {
            mouth.silence(self.id);
        }
    }

    fn begin(&self) {
        if let Some(mouth) = &self.mouth {
            mouth.begin(self.id, self.language);
        }
    }

    fn delta(&self, text: &str) {
        if let Some(mouth) = self.mouth.as_ref().filter(|_| self.backend.streams_text()) {
            mouth.delta(self.id, text);
        }
    }

    /// A reply in pieces is complete; one that came whole has its own sound, or is spoken here.
    async fn speak_rest(&self, done: &Done) {
        let Some(mouth) = &self.mouth else { return };
        if !self.backend.streams_text() {
            match self.sound(done).await {
                Some(speech) => return mouth.sound(self.id, speech, done.response.clone()),
                None => mouth.delta(self.id, &done.response),
            }
        }
        mouth.end(self.id);
    }

    async fn sound(&self, done: &Done) -> Option<Speech> {
        let (Backend::Remote(remote), Some(url)) = (&self.backend, &done.audio_url) else { return None };
        let bytes = match remote.client().audio(url).await {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(%error, "the server's speech could not be fetched");
                return None;
            }
        };
        let format = AudioFormat::sniff(&bytes)?;
        Some(Speech { bytes, format })
    }
}
