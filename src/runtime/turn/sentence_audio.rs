//! The audio of single sentences that a server made, fetched while it still writes the rest.

use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::app::action::TurnId;
use crate::client::Client;
use crate::narrator::{AudioFormat, Speech};
use crate::practice::{CompletedTurn, SpokenSentence};
use crate::runtime::{SpeechCommand, SpeechOutput};

/// The number of sentences that are fetched at the same time.
const CONCURRENT_FETCHES: usize = 2;

/// Fetches sentences from the server and plays them in order. Dropping it stops fetching.
#[derive(Debug)]
pub(super) struct SentenceAudio {
    player: SentencePlayer,
    queue: Option<SentenceQueue>,
}

/// The task that fetches and plays sentences, and the way to give it more.
#[derive(Debug)]
struct SentenceQueue {
    sentences: mpsc::UnboundedSender<SpokenSentence>,
    /// Yields the sentences that were played, in order.
    played: AbortOnDropHandle<Vec<String>>,
}

impl SentenceAudio {
    pub(super) fn new(client: Client, speech_output: SpeechOutput, turn: TurnId) -> Self {
        let player = SentencePlayer {
            client,
            speech_output,
            turn,
        };
        Self {
            player,
            queue: None,
        }
    }

    /// Fetches the next sentence, and plays it behind the earlier ones.
    pub(super) fn fetch(&mut self, sentence: SpokenSentence) {
        let queue = self.queue.get_or_insert_with(|| {
            let (sentences, inbox) = mpsc::unbounded_channel();
            let task = tokio::spawn(self.player.clone().run(inbox));
            SentenceQueue {
                sentences,
                played: AbortOnDropHandle::new(task),
            }
        });
        // The task has ended if an earlier sentence could not be fetched: the rest is spoken here.
        let _ = queue.sentences.send(sentence);
    }

    /// Returns the part of the reply that has to be spoken here, once everything was fetched. A
    /// reply without audio of single sentences may have audio as a whole.
    pub(super) async fn unspoken_text(self, done: &CompletedTurn) -> String {
        let played = match (self.queue, &done.audio_url) {
            (Some(SentenceQueue { sentences, played }), _) => {
                drop(sentences);
                played.await.unwrap_or_default()
            }
            (None, Some(url)) => self.player.play_whole(url, &done.response).await,
            (None, None) => vec![],
        };
        text_after(&done.response, &played).to_owned()
    }
}

#[derive(Clone, Debug)]
struct SentencePlayer {
    client: Client,
    speech_output: SpeechOutput,
    turn: TurnId,
}

impl SentencePlayer {
    /// Plays sentences until one cannot be fetched: behind a gap no other one is played.
    async fn run(self, mut inbox: mpsc::UnboundedReceiver<SpokenSentence>) -> Vec<String> {
        let sentences = poll_fn(move |cx| inbox.poll_recv(cx));
        let fetched = sentences.map(|sentence| {
            let client = self.client.clone();
            async move { (fetch(&client, &sentence.url).await, sentence.text) }
        });
        let mut fetched = std::pin::pin!(fetched.buffered(CONCURRENT_FETCHES));
        let mut played = Vec::new();
        while let Some((Some(speech), text)) = fetched.next().await {
            self.play(speech, text.clone());
            played.push(text);
        }
        played
    }

    async fn play_whole(&self, url: &str, response: &str) -> Vec<String> {
        let Some(speech) = fetch(&self.client, url).await else {
            return vec![];
        };
        self.play(speech, response.to_owned());
        vec![response.to_owned()]
    }

    fn play(&self, speech: Speech, text: String) {
        self.speech_output.send(SpeechCommand::Audio {
            turn: self.turn,
            speech,
            text,
        });
    }
}

async fn fetch(client: &Client, url: &str) -> Option<Speech> {
    let bytes = match client.audio(url).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!(%error, "the server's speech could not be fetched");
            return None;
        }
    };
    let format = AudioFormat::sniff(&bytes)?;
    Some(Speech { bytes, format })
}

/// Returns the part of `text` that follows these sentences of it.
fn text_after<'t>(text: &'t str, sentences: &[String]) -> &'t str {
    sentences
        .iter()
        .fold(text, |rest, sentence| match rest.find(sentence.as_str()) {
            Some(at) => &rest[at + sentence.len()..],
            None => rest,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_reply_follows_the_sentences_that_were_played() {
        let text = "Well. Well.\n\nWhy?";
        let cases: [(&[&str], &str); 3] = [
            (&["Well.", "Well."], "\n\nWhy?"),
            (&["Well.", "Well.", "Why?"], ""),
            (&[], text),
        ];
        for (played, rest) in cases {
            let played: Vec<String> = played.iter().map(ToString::to_string).collect();
            assert_eq!(text_after(text, &played), rest);
        }
    }
}
