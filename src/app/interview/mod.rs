//! One interview on the screen: the transcript, the request to the interviewer, and the speech of
//! its reply. The candidate's answer is in [`super::composer::Composer`].

mod cut_off;
mod keys;
mod reply_speech;
mod request;
mod request_state;
mod talk;

use std::ops::Range;

use super::composer::talk_state::AfterWords;
use super::ctx::{Ctx, Destination, LastInterview};
use super::effect::{BackendEffect, Effect, SpeechEffect};
use super::geometry::Geometry;
use super::notice::Notice;
use super::transcript::{Scroll, TranscriptEntry, TranscriptRow, Who, reply_top};
use super::turn_id::TurnId;
use super::voice::Voice;
use crate::interview::{Language, Progress, QuestionRef};

pub use cut_off::CutOffReply;
pub use reply_speech::ReplySpeech;
pub use request_state::{InterviewRequest, RequestState};

/// The interview on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Interview {
    /// The title of the topic, as shown in the header.
    pub(crate) topic: String,
    pub(crate) language: Language,
    pub(crate) question: Option<Progress>,
    /// The question that waits for an answer, where known.
    pub(crate) open: Option<QuestionRef>,
    /// The request that reads the interview again, because it has moved on elsewhere.
    pub(crate) reloading: Option<TurnId>,
    pub(crate) entries: Vec<TranscriptEntry>,
    pub(crate) scroll: Scroll,
    pub(crate) focus: Focus,
    pub(crate) request: RequestState,
    /// The request for the first question.
    pub(crate) start: Option<BackendEffect>,
    /// The last reply, if it is not whole.
    pub(crate) cut_off: Option<CutOffReply>,
    pub(crate) speech: ReplySpeech,
    /// The newest sentence of the last reply that sounded, in bytes, so that the transcript stays
    /// there once it is over.
    pub(crate) spoken_last: Option<Range<usize>>,
    pub(crate) end: InterviewEnd,
}

/// The part of the screen that receives keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Letters are typed.
    #[default]
    Draft,
    /// Letters are commands.
    Transcript,
}

/// Whether the interview is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InterviewEnd {
    #[default]
    Open,
    /// The interview is over, and its report is being written.
    Writing(TurnId),
    /// The interview is over. The report is at this path, if it could be written.
    Over(Option<String>),
}

impl Interview {
    pub(super) fn new(topic: String, language: Language) -> Self {
        Self {
            topic,
            language,
            question: None,
            open: None,
            reloading: None,
            entries: Vec::new(),
            scroll: Scroll::Reply,
            focus: Focus::Draft,
            request: RequestState::Idle,
            start: None,
            cut_off: None,
            speech: ReplySpeech::Silent,
            spoken_last: None,
            end: InterviewEnd::Open,
        }
    }

    /// Returns everything said so far, including a reply that is being written or was cut off.
    pub fn said(&self) -> Vec<TranscriptEntry> {
        let mut said = self.entries.clone();
        said.extend(self.cut_off.iter().flat_map(CutOffReply::entries));
        if let RequestState::Streaming { reply, .. } = &self.request {
            said.push(TranscriptEntry {
                who: Who::Interviewer,
                text: reply.clone(),
            });
        }
        said
    }

    /// Whether the interview takes no more answers.
    pub fn is_over(&self) -> bool {
        self.end != InterviewEnd::Open
    }

    /// Returns the rows of the transcript, and the first of them to show.
    pub fn transcript(&self, geometry: &Geometry) -> (Vec<TranscriptRow>, usize) {
        let said = self.said();
        let fold = geometry.fold();
        let height = usize::from(geometry.transcript);
        let rows = super::transcript::rows(&said, self.spoken(), fold);
        let last = rows.len().saturating_sub(height);
        let spoken = self.spoken_last.as_ref();
        let top = match self.scroll {
            Scroll::Reply => reply_top(&rows, said.last(), spoken, fold, height),
            Scroll::Top(top) => top.min(last),
            Scroll::Bottom => last,
        };
        (rows, top)
    }

    /// Moves the transcript by rows, down where positive. It stays there until the next reply.
    pub(super) fn scroll(&mut self, by: isize, geometry: &Geometry) {
        let (rows, top) = self.transcript(geometry);
        let last = rows.len().saturating_sub(usize::from(geometry.transcript));
        let top = top.saturating_add_signed(by);
        self.scroll = if top >= last {
            Scroll::Bottom
        } else {
            Scroll::Top(top)
        };
    }

    pub(super) fn geometry(&self, voice: &Voice, ctx: &Ctx) -> Geometry {
        Geometry::new(ctx, voice, self.is_over())
    }

    pub(super) fn report_written(&mut self, turn: TurnId, path: String, ctx: &mut Ctx) {
        if self.end == InterviewEnd::Writing(turn) {
            self.end = InterviewEnd::Over(Some(path.clone()));
            ctx.notify(Notice::Report(path));
            self.remember(ctx);
        }
    }

    /// Notes the interview, for what is said after the app has quit.
    pub(super) fn remember(&self, ctx: &mut Ctx) {
        let report = match &self.end {
            InterviewEnd::Open | InterviewEnd::Writing(_) => None,
            InterviewEnd::Over(report) => report.clone(),
        };
        ctx.last_interview = Some(LastInterview {
            topic: self.topic.clone(),
            over: self.is_over(),
            report,
        });
    }

    /// Leaves for the lobby at the user's request. An interview that is not over can be continued.
    pub(super) fn leave(&mut self, ctx: &mut Ctx) {
        self.cancel_request(ctx);
        ctx.notices.remove(|notice| *notice == Notice::Cancelled);
        self.close(ctx);
    }

    /// Leaves for the lobby. What is being said still comes to the draft.
    fn close(&mut self, ctx: &mut Ctx) {
        ctx.stop_listening();
        ctx.composer.then = AfterWords::Edit;
        self.silence(ctx);
        ctx.go(Destination::Lobby);
    }

    /// Ends what goes on in the interview, which stays behind the sign-in screen meanwhile.
    pub(super) fn suspend(&mut self, ctx: &mut Ctx) {
        self.cancel_request(ctx);
        ctx.stop_listening();
        self.silence(ctx);
    }

    /// Silences the reply, whether it sounds or is about to. Returns `false` if neither.
    fn silence(&mut self, ctx: &mut Ctx) -> bool {
        match std::mem::take(&mut self.speech) {
            ReplySpeech::Silent => false,
            ReplySpeech::Expected(turn) | ReplySpeech::Speaking { turn, .. } => {
                ctx.emit(Effect::Speech(SpeechEffect::Silence { turn }));
                true
            }
        }
    }
}
