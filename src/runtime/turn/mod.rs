//! One turn in progress: the reply goes to the screen and to the loudspeaker as it comes.

mod sentence_audio;

use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::failures;
use super::{SpeechCommand, SpeechOutput};
use crate::app::action::{Action, BackendEvent, TurnId};
use crate::backend::{Backend, BackendError, TurnAttempt};
use crate::interview::Language;
use crate::practice::{CompletedTurn, TurnEvent};
use crate::printable::{PrintableStream, printable};
use sentence_audio::SentenceAudio;

/// One turn, with the backend it calls and the places its reply goes to.
pub(super) struct RunningTurn {
    pub(super) id: TurnId,
    /// The language of the interview, in which the reply is spoken.
    pub(super) language: Language,
    /// The language of the user interface, in which failures are worded.
    pub(super) interface: Language,
    pub(super) backend: Backend,
    pub(super) actions: mpsc::Sender<Action>,
    pub(super) speech_output: SpeechOutput,
}

impl RunningTurn {
    /// Runs the turn to its end. Dropping the future abandons it.
    pub(super) async fn run(self, request: TurnAttempt) {
        match self.stream(request).await {
            Ok(Some((done, audio))) => {
                self.send(BackendEvent::Done(Box::new(done.clone()))).await;
                self.speak_rest(&done, audio).await;
            }
            Ok(None) => {}
            Err(error) => {
                // A reply that breaks off is not stored. Its words stay on the screen, in silence.
                self.speech_output.send(SpeechCommand::Silence(self.id));
                let failure = failures::of_request(&error, self.interface);
                self.send(BackendEvent::Failed(failure)).await;
            }
        }
    }

    async fn stream(
        &self,
        request: TurnAttempt,
    ) -> Result<Option<(CompletedTurn, Option<SentenceAudio>)>, BackendError> {
        let mut events = self.backend.turn(request);
        let mut begun = false;
        // A sequence may be split between two pieces.
        let mut reply = PrintableStream::default();
        let mut audio = self.sentence_audio();
        while let Some(event) = events.next().await {
            match event? {
                TurnEvent::Delta(text) => {
                    let text = reply.push(&text);
                    if !std::mem::replace(&mut begun, true) {
                        self.begin_speech();
                    }
                    // The screen comes first, since it marks the sentence that sounds.
                    self.send(BackendEvent::Delta(text.clone())).await;
                    self.speak(text);
                }
                TurnEvent::SpokenSentence(sound) => {
                    if let Some(audio) = &mut audio {
                        audio.fetch(sound);
                    }
                }
                TurnEvent::Done(mut done) => {
                    done.response = printable(&done.response).into_owned();
                    return Ok(Some((done, audio)));
                }
            }
        }
        Ok(None)
    }

    async fn send(&self, event: BackendEvent) {
        let turn = self.id;
        // Once the loop is gone, nobody needs the answer.
        let _ = self.actions.send(Action::Turn { turn, event }).await;
    }

    fn begin_speech(&self) {
        self.speech_output.send(SpeechCommand::Begin {
            turn: self.id,
            language: self.language,
        });
    }

    /// Speaks a piece of a reply that comes in pieces; a server sends a whole reply as sound.
    fn speak(&self, text: String) {
        if self.backend.streams_text() {
            let turn = self.id;
            self.speech_output.send(SpeechCommand::Text { turn, text });
        }
    }

    /// Returns the way to play the sentences that a server has spoken itself, if there is one.
    fn sentence_audio(&self) -> Option<SentenceAudio> {
        let Backend::Remote(remote) = &self.backend else {
            return None;
        };
        let output = &self.speech_output;
        output
            .is_available()
            .then(|| SentenceAudio::new(remote.client().clone(), output.clone(), self.id))
    }

    /// Speaks what a server left unspoken of its reply. A reply that came in pieces is complete.
    async fn speak_rest(&self, done: &CompletedTurn, audio: Option<SentenceAudio>) {
        let turn = self.id;
        if let Some(audio) = audio.filter(|_| !self.backend.streams_text()) {
            let text = audio.unspoken_text(done).await;
            self.speech_output.send(SpeechCommand::Text { turn, text });
        }
        self.speech_output.send(SpeechCommand::End(turn));
    }
}
