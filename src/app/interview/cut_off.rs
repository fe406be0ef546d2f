//! A reply that failed in the middle. Its words stay on the screen, with the reason below them,
//! until the request is made again; the backend has stored nothing of it.

use super::super::action::Failure;
use super::super::transcript::{TranscriptEntry, Who};
use super::{InterviewRequest, RequestState};

/// A reply that is not whole, and the answer it replies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOffReply {
    /// The answer, which is also back in the draft.
    answer: Option<TranscriptEntry>,
    pub(super) reply: String,
    reason: String,
}

impl CutOffReply {
    /// Returns the reply that was being written when `request` failed; `None` if it had no words.
    pub(super) fn of(request: &RequestState, failure: &Failure) -> Option<Self> {
        let RequestState::Streaming { request, reply, .. } = request else {
            return None;
        };
        let reason = match failure {
            Failure::Unauthorized | Failure::MovedOn => return None,
            Failure::LimitReached(reason) | Failure::Retry(reason) | Failure::Refused(reason) => {
                reason.clone()
            }
        };
        let answer = match request {
            InterviewRequest::Answer(sent) => Some(sent.answer.text.clone()),
            InterviewRequest::Start | InterviewRequest::Finish => None,
        };
        let reply = reply.trim_end().to_owned();
        (!reply.is_empty()).then(|| Self {
            answer: answer.map(|text| TranscriptEntry {
                who: Who::Candidate,
                text,
            }),
            reply,
            reason,
        })
    }

    /// Returns what the transcript shows of it.
    pub(super) fn entries(&self) -> impl Iterator<Item = TranscriptEntry> {
        let reply = TranscriptEntry {
            who: Who::Interviewer,
            text: format!("{} …\n\n*{}*", self.reply, self.reason),
        };
        self.answer.clone().into_iter().chain([reply])
    }
}
