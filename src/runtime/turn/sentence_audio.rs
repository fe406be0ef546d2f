//! The sounds a server made of its reply, fetched while the rest of it is still being written.

use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::app::action::TurnId;
use crate::client::Client;
use crate::narrator::{AudioFormat, Speech};
use crate::practice::{CompletedTurn, SpokenSentence};
use crate::runtime::speech_output::SpeechOutput;

/// SentenceAudio fetched side by side.
const AT_ONCE: usize = 2;

/// Sentences on their way from the server to the loudspeaker. Dropped, no more are fetched.
#[derive(Debug)]
pub(super) struct SentenceAudio {
    client: Client,
    speech_output: SpeechOutput,
    turn: TurnId,
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    sentences: mpsc::UnboundedSender<SpokenSentence>,
    /// Gives the sentences that are heard, in order.
    heard: AbortOnDropHandle<Vec<String>>,
}

impl SentenceAudio {
    pub fn new(client: Client, speech_output: SpeechOutput, turn: TurnId) -> Self {
        Self {
            client,
            speech_output,
            turn,
            under_way: None,
        }
    }

    /// Fetches the next sentence's, and has it heard behind the earlier ones.
    pub fn take(&mut self, sound: SpokenSentence) {
        let under_way = self.under_way.get_or_insert_with(|| {
            let (sentences, queue) = mpsc::unbounded_channel();
            let heard = tokio::spawn(hear(
                self.client.clone(),
                self.speech_output.clone(),
                self.turn,
                queue,
            ));
            UnderWay {
                sentences,
                heard: AbortOnDropHandle::new(heard),
            }
        });
        // Nobody takes it where an earlier one could not be had: the rest is spoken here.
        let _ = under_way.sentences.send(sound);
    }

    /// What is left of the reply to be spoken here, once all its sounds were fetched. A reply that came whole may have
    /// one sound as a whole.
    pub async fn unheard(self, done: &CompletedTurn) -> String {
        let heard = match (self.under_way, &done.audio_url) {
            (Some(UnderWay { sentences, heard }), _) => {
                drop(sentences);
                heard.await.unwrap_or_default()
            }
            (None, Some(url)) => match fetch(&self.client, url).await {
                Some(speech) => {
                    self.speech_output
                        .sound(self.turn, speech, done.response.clone());
                    vec![done.response.clone()]
                }
                None => vec![],
            },
            (None, None) => vec![],
        };
        behind(&done.response, &heard).to_owned()
    }
}

/// After a sound that cannot be had no other one is heard.
async fn hear(
    client: Client,
    speech_output: SpeechOutput,
    turn: TurnId,
    mut queue: mpsc::UnboundedReceiver<SpokenSentence>,
) -> Vec<String> {
    let fetched = poll_fn(move |cx| queue.poll_recv(cx)).map(|sound| {
        let client = client.clone();
        async move { (fetch(&client, &sound.url).await, sound.text) }
    });
    let mut fetched = std::pin::pin!(fetched.buffered(AT_ONCE));
    let mut heard = Vec::new();
    while let Some((Some(speech), text)) = fetched.next().await {
        speech_output.sound(turn, speech, text.clone());
        heard.push(text);
    }
    heard
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

/// What of `text` comes behind these sentences of it.
fn behind<'t>(text: &'t str, sentences: &[String]) -> &'t str {
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
    fn what_was_not_heard_comes_behind_what_was() {
        let sentences = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let text = "Well. Well.\n\nWhy?";
        assert_eq!(behind(text, &sentences(&["Well.", "Well."])), "\n\nWhy?");
        assert_eq!(behind(text, &sentences(&["Well.", "Well.", "Why?"])), "");
        assert_eq!(behind(text, &[]), text);
    }
}
