//! The number that ties an answer to what asked for it.

/// Identifies one request, utterance, reply or check.
///
/// Every effect that is answered later carries a fresh `TurnId`, and each of its answers carries
/// the same one. `update` ignores an answer whose `TurnId` is no longer awaited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TurnId(pub u64);
