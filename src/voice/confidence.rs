//! What the decoder's own numbers say against its words: the last look at what `segmenter` took for speech.

/// Mean log probability of the tokens, below which nobody said them: the limit at which Whisper itself gives up a decoding
/// (`logprob_thold`). The test model: speech −0.07 and above, noise down to −0.75.
const LEAST_LOGPROB: f32 = -1.0;
/// Tokens a second nobody can speak; fast Korean has 15.
const MOST_TOKENS: f32 = 25.0;
/// A window of Whisper is never shorter than this when it counts tokens against time, seconds.
const SHORTEST: f32 = 0.5;

/// What is known of one pass of Whisper over a phrase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Natural logarithm, averaged over the text tokens (timestamps and end of text left out); at most 0.
    pub mean_logprob: f32,
    /// Text tokens.
    pub tokens: usize,
    /// Length of the phrase, without what it was padded with.
    pub seconds: f32,
}

/// Whether the words were made up.
pub fn is_implausible(evidence: &Evidence) -> bool {
    let rate = evidence.tokens as f32 / evidence.seconds.max(SHORTEST);
    evidence.tokens > 0 && (evidence.mean_logprob < LEAST_LOGPROB || rate > MOST_TOKENS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::clear_speech(-0.2, 30, 8.0, false)]
    #[case::a_murmured_word(-0.8, 2, 0.3, false)]
    #[case::words_the_decoder_does_not_believe(-1.2, 4, 2.0, true)]
    #[case::more_than_anybody_can_say(-0.1, 60, 1.0, true)]
    #[case::nothing(-9.0, 0, 1.0, false)]
    fn only_words_that_nobody_can_have_said_are_invented(
        #[case] mean_logprob: f32,
        #[case] tokens: usize,
        #[case] seconds: f32,
        #[case] invented: bool,
    ) {
        assert_eq!(
            is_implausible(&Evidence {
                mean_logprob,
                tokens,
                seconds
            }),
            invented
        );
    }
}
