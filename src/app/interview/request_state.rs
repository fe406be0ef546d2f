//! The state of a request to the interviewer.

use super::super::composer::SentAnswer;
use super::super::turn_id::TurnId;

/// The request to the interviewer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RequestState {
    #[default]
    Idle,
    /// Nothing came back yet.
    Waiting {
        turn: TurnId,
        request: InterviewRequest,
        /// The time it was sent, in ms.
        since: u64,
    },
    /// The reply is being written.
    Streaming {
        turn: TurnId,
        request: InterviewRequest,
        /// The reply as far as it is there.
        reply: String,
    },
}

/// The requests that an interviewer can be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum InterviewRequest {
    /// The first question.
    Start,
    /// The next question, after this answer.
    Answer(SentAnswer),
    /// The feedback, although questions are left.
    Finish,
}

impl RequestState {
    /// Returns the turn of the running request.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Idle => None,
            Self::Waiting { turn, .. } | Self::Streaming { turn, .. } => Some(*turn),
        }
    }

    /// Returns what the running request asks for.
    pub(in super::super) fn request(&self) -> Option<&InterviewRequest> {
        match self {
            Self::Idle => None,
            Self::Waiting { request, .. } | Self::Streaming { request, .. } => Some(request),
        }
    }

    /// Ends the running request and returns what it asked for.
    pub(super) fn take(&mut self) -> Option<InterviewRequest> {
        match std::mem::take(self) {
            Self::Idle => None,
            Self::Waiting { request, .. } | Self::Streaming { request, .. } => Some(request),
        }
    }

    /// Appends a piece of the reply. A piece of another request is ignored.
    pub(super) fn push(&mut self, of: TurnId, piece: &str) {
        if self.turn() != Some(of) {
            return;
        }
        if let Self::Waiting { turn, request, .. } = self {
            *self = Self::Streaming {
                turn: *turn,
                request: request.clone(),
                reply: String::new(),
            };
        }
        if let Self::Streaming { reply, .. } = self {
            reply.push_str(piece);
        }
    }
}
