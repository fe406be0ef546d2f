//! Judges from the decoder's own figures whether its words are plausible. This is the last check of
//! audio that the segmenter took for speech.

/// The mean log probability of the tokens below which nobody said them. Whisper itself gives up a
/// decoding at this limit (`logprob_thold`). With the test model speech reaches −0.07 and above,
/// noise goes down to −0.75.
const LEAST_LOGPROB: f32 = -1.0;
/// More tokens a second than anybody can speak; fast Korean has 15.
const MOST_TOKENS: f32 = 25.0;
/// The shortest length, in seconds, against which tokens are counted.
const SHORTEST: f32 = 0.5;

/// The figures that the decoder reports about one phrase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecoderStatistics {
    /// The natural logarithm of the probability, averaged over the text tokens without timestamps
    /// and the end of text; at most 0.
    pub mean_logprob: f32,
    /// The number of text tokens.
    pub tokens: usize,
    /// The length of the phrase without padding.
    pub seconds: f32,
}

/// Returns whether the decoder probably invented the words.
pub fn is_implausible(statistics: &DecoderStatistics) -> bool {
    let rate = statistics.tokens as f32 / statistics.seconds.max(SHORTEST);
    statistics.tokens > 0 && (statistics.mean_logprob < LEAST_LOGPROB || rate > MOST_TOKENS)
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
    fn only_words_that_nobody_can_have_said_are_implausible(
        #[case] mean_logprob: f32,
        #[case] tokens: usize,
        #[case] seconds: f32,
        #[case] implausible: bool,
    ) {
        assert_eq!(
            is_implausible(&DecoderStatistics {
                mean_logprob,
                tokens,
                seconds
            }),
            implausible
        );
    }
}
