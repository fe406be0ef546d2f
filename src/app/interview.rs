//! One interview on the screen, and the three things that go on in it side by side: the candidate is heard, the
//! interviewer is asked, the interviewer is speaking.
use std::ops::Range;

use super::action::TurnId;
use super::transcript::{Entry, Scroll, Who};
use crate::interview::{Answer, Language, Progress};

/// The interview on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Interview {
    /// As shown in the header.
    pub(crate) topic: String,
    pub(crate) language: Language,
    pub(crate) question: Option<Progress>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) scroll: Scroll,
    pub(crate) focus: Focus,
    pub(crate) hearing: Hearing,
    pub(crate) asking: Asking,
    pub(crate) mouth: Mouth,
    pub(crate) end: End,
}

/// Where keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Letters are typed.
    #[default]
    Draft,
    /// Letters are commands.
    Transcript,
}

/// The candidate's voice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hearing {
    pub(crate) talk: Talk,
    pub(crate) then: Then,
}

/// Whether the microphone is being listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Talk {
    /// It is not.
    #[default]
    Quiet,
    /// It is.
    Listening {
        /// Names the utterance.
        utterance: TurnId,
        /// Start, ms.
        since: u64,
        /// Loudness now, 0…1.
        level: f32,
        /// What ends it.
        by: By,
    },
}

impl Talk {
    /// Whether this utterance is being listened to.
    pub(super) fn is_of(self, asked: TurnId) -> bool {
        matches!(self, Self::Listening { utterance, .. } if utterance == asked)
    }
}

/// How listening was started, and so how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The space bar is held; its release ends it.
    Hold,
    /// A key was tapped; the next tap ends it.
    Tap,
}

/// What follows when all words are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// They wait in the draft.
    #[default]
    Edit,
    /// The draft is sent: Enter was pressed before they came.
    Send,
    /// It is asked whether the interview ends: F6 was pressed before they came.
    Finish,
}

/// The request to the interviewer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Asking {
    /// None.
    #[default]
    Idle,
    /// Nothing came back yet.
    Waiting {
        /// Names it.
        turn: TurnId,
        /// What was asked for.
        request: Request,
        /// Start, ms.
        since: u64,
    },
    /// The reply is being written.
    Streaming {
        /// Names it.
        turn: TurnId,
        /// What was asked for.
        request: Request,
        /// As far as it is there.
        reply: String,
    },
}

/// What the interviewer was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// The first question.
    Start,
    /// The next one, after this answer.
    Answer(Sent),
    /// Feedback now.
    Finish,
}

/// An answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// The answer.
    pub answer: Answer,
    /// Stays the same when the same answer is sent again.
    pub attempt: u64,
}

/// The interviewer's voice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mouth {
    /// Nothing sounds, and nothing is expected to.
    #[default]
    Silent,
    /// This reply may start to sound.
    Expected(TurnId),
    /// It sounds.
    Speaking {
        /// The reply.
        turn: TurnId,
        /// Number of the sentence, from 0.
        index: usize,
        /// The sentence, in bytes of the reply; empty where none is marked.
        sentence: Range<usize>,
    },
}

/// Whether the interview is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// It is not.
    #[default]
    Open,
    /// It is; the report is being written.
    Writing(TurnId),
    /// It is; the report lies there, if one could be written.
    Over(Option<String>),
}

impl Interview {
    pub(super) fn new(topic: String, language: Language) -> Self {
        Self {
            topic,
            language,
            question: None,
            entries: Vec::new(),
            scroll: Scroll::Follow,
            focus: Focus::Draft,
            hearing: Hearing::default(),
            asking: Asking::Idle,
            mouth: Mouth::Silent,
            end: End::Open,
        }
    }

    /// Everything said so far, the reply that is being written included.
    pub fn said(&self) -> Vec<Entry> {
        let mut said = self.entries.clone();
        if let Asking::Streaming { reply, .. } = &self.asking {
            said.push(Entry {
                who: Who::Interviewer,
                text: reply.clone(),
            });
        }
        said
    }

    /// The interviewer's newest words.
    pub(super) fn last_reply(&self) -> Option<&str> {
        match &self.asking {
            Asking::Streaming { reply, .. } => Some(reply),
            _ => self
                .entries
                .iter()
                .rev()
                .find(|entry| entry.who == Who::Interviewer)
                .map(|entry| entry.text.as_str()),
        }
    }

    /// The bytes of the last entry that are being said aloud.
    pub fn spoken(&self) -> Option<&Range<usize>> {
        match &self.mouth {
            Mouth::Speaking { sentence, .. } => Some(sentence),
            _ => None,
        }
    }

    /// No more answers are taken.
    pub fn is_over(&self) -> bool {
        self.end != End::Open
    }

    /// A sentence begins to sound: found in the reply behind the one before it.
    pub(super) fn speaks(&mut self, turn: TurnId, index: usize, sentence: &str) {
        let from = match &self.mouth {
            Mouth::Expected(expected) if *expected == turn => 0,
            Mouth::Speaking {
                turn: speaking,
                sentence,
                ..
            } if *speaking == turn => sentence.end,
            _ => return,
        };
        let rest = self
            .last_reply()
            .and_then(|reply| reply.get(from..))
            .unwrap_or_default();
        let start = rest.find(sentence.trim()).map(|at| from + at);
        let sentence = start.map_or(from..from, |start| start..start + sentence.trim().len());
        self.mouth = Mouth::Speaking {
            turn,
            index,
            sentence,
        };
    }
}

impl Asking {
    /// The request that is running.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Idle => None,
            Self::Waiting { turn, .. } | Self::Streaming { turn, .. } => Some(*turn),
        }
    }

    /// What the running request asks for.
    pub(super) fn request(&self) -> Option<&Request> {
        match self {
            Self::Idle => None,
            Self::Waiting { request, .. } | Self::Streaming { request, .. } => Some(request),
        }
    }

    /// Ends the running request and gives what it asked for.
    pub(super) fn take(&mut self) -> Option<Request> {
        match std::mem::take(self) {
            Self::Idle => None,
            Self::Waiting { request, .. } | Self::Streaming { request, .. } => Some(request),
        }
    }

    /// A piece of the reply; ignored when it is of another request.
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
