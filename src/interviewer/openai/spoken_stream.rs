//! What a completion says to the candidate: the deltas without the model's thinking.

use futures_util::stream::StreamExt;

use super::completion_stream::{CompletionDelta, CompletionStream};
use super::server_habits::ServerHabits;
use super::thinking::{ThinkingFilter, Visible};
use crate::upstream::{CutOff, UpstreamError};

/// Removes the thinking from `deltas`. Hidden text is a sign of life.
pub(super) fn without_thinking(
    mut deltas: CompletionStream,
    habits: ServerHabits,
) -> CompletionStream {
    let stream = async_stream::stream! {
        let mut reply = SpokenReply::new(ThinkingFilter::new(habits.thinks_aloud()));
        while let Some(delta) = deltas.next().await {
            match delta {
                Ok(CompletionDelta::Text(text)) => {
                    let visible = reply.filter.feed(&text);
                    for delta in reply.pass(visible) {
                        yield Ok(delta);
                    }
                }
                Ok(other) => yield Ok(other),
                Err(error) => {
                    for delta in reply.finish() {
                        yield Ok(delta);
                    }
                    yield Err(reply.explain(error));
                    return;
                }
            }
            if reply.filter.thinks_aloud() {
                habits.learn_thinking_aloud();
            }
        }
        for delta in reply.finish() {
            yield Ok(delta);
        }
        if reply.is_only_thinking() {
            yield Err(UpstreamError::NoWords(CutOff::OnlyThinking));
        }
    };
    stream.boxed()
}

struct SpokenReply {
    filter: ThinkingFilter,
    has_words: bool,
}

impl SpokenReply {
    fn new(filter: ThinkingFilter) -> Self {
        Self {
            filter,
            has_words: false,
        }
    }

    /// Returns the deltas for what the filter let through.
    fn pass(&mut self, Visible { restart, text }: Visible) -> Vec<CompletionDelta> {
        self.has_words = (self.has_words && !restart) || !text.trim().is_empty();
        let restart = restart.then_some(CompletionDelta::Restart);
        let text = if text.is_empty() {
            CompletionDelta::Silent
        } else {
            CompletionDelta::Text(text)
        };
        restart.into_iter().chain([text]).collect()
    }

    fn finish(&mut self) -> Vec<CompletionDelta> {
        let visible = self.filter.finish();
        self.pass(visible)
    }

    fn is_only_thinking(&self) -> bool {
        !self.has_words && self.filter.has_hidden()
    }

    /// Returns the error of a reply that is cut off in the middle of its thinking as that of a
    /// reply without words.
    fn explain(&self, error: UpstreamError) -> UpstreamError {
        match error {
            UpstreamError::CutOff(_) if self.has_words => error,
            UpstreamError::CutOff(CutOff::Failed(message)) => {
                UpstreamError::Unusable(message.into())
            }
            UpstreamError::CutOff(CutOff::ConnectionEnded) if self.filter.has_hidden() => {
                UpstreamError::NoWords(CutOff::OnlyThinking)
            }
            UpstreamError::CutOff(reason) => UpstreamError::NoWords(reason),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use rstest::rstest;

    use super::*;

    /// Returns the text of a completion with these deltas, and how it ended.
    async fn spoken(
        deltas: &[&str],
        end: Option<UpstreamError>,
        habits: ServerHabits,
    ) -> (String, Option<UpstreamError>) {
        let deltas: Vec<_> = deltas
            .iter()
            .map(|text| Ok(CompletionDelta::Text((*text).to_owned())))
            .chain(end.map(Err))
            .collect();
        let mut spoken = without_thinking(stream::iter(deltas).boxed(), habits);
        let mut text = String::new();
        while let Some(delta) = spoken.next().await {
            match delta {
                Ok(CompletionDelta::Text(more)) => text.push_str(&more),
                Ok(CompletionDelta::Restart) => text.clear(),
                Ok(CompletionDelta::Silent) => {}
                Err(error) => return (text, Some(error)),
            }
        }
        (text, None)
    }

    #[rstest]
    #[case(&["<thi", "nk>a</think>", "Why?"], None, "Why?", None)]
    #[case(&["Why", "?"], None, "Why?", None)]
    #[case(&["Rust is old.", "</think>Why?"], None, "Why?", None)]
    #[case(&["<think>a</think>\n"], None, "", Some(UpstreamError::NoWords(CutOff::OnlyThinking)))]
    #[case(&["<think>a"], None, "", Some(UpstreamError::NoWords(CutOff::OnlyThinking)))]
    #[case(&["<think>a"], Some(CutOff::LengthLimit), "", Some(UpstreamError::NoWords(CutOff::LengthLimit)))]
    #[case(&["<think>a"], Some(CutOff::ConnectionEnded), "", Some(UpstreamError::NoWords(CutOff::OnlyThinking)))]
    #[case(&["<think>a"], Some(CutOff::Failed("gone".into())), "", Some(UpstreamError::Unusable("gone".into())))]
    #[case(&["<think>a</think>Why <"], Some(CutOff::LengthLimit), "Why <", Some(UpstreamError::CutOff(CutOff::LengthLimit)))]
    #[tokio::test]
    async fn only_speech_passes(
        #[case] deltas: &[&str],
        #[case] end: Option<CutOff>,
        #[case] text: &str,
        #[case] error: Option<UpstreamError>,
    ) {
        let end = end.map(UpstreamError::CutOff);
        let spoken = spoken(deltas, end, ServerHabits::default()).await;
        assert_eq!(spoken, (text.to_owned(), error));
    }

    #[tokio::test]
    async fn a_model_that_thinks_aloud_is_remembered() {
        let habits = ServerHabits::default();
        spoken(&["Rust is old.", "</think>Why?"], None, habits.clone()).await;
        assert!(habits.thinks_aloud());
    }
}
