//! An interviewer for tests. It replies as scripted, fails or falls silent on request, and records
//! the briefs it was given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};

use super::{Brief, InterviewerError, InterviewerTask, Reply, ReplyDelta};
use crate::upstream::UpstreamError;

/// One scripted reply.
#[derive(Clone, Debug)]
pub enum ScriptedReply {
    /// The whole text is said.
    Says(&'static str),
    /// The stream ends with an error after these words.
    BreaksOff(&'static str),
    /// The stream never continues after these words.
    FallsSilent(&'static str),
}

/// An interviewer that plays its script, and then says `question N` or `feedback`.
#[derive(Clone, Debug, Default)]
pub struct ScriptedInterviewer {
    lines: Arc<Mutex<VecDeque<ScriptedReply>>>,
    briefs: Arc<Mutex<Vec<Brief>>>,
}

impl ScriptedInterviewer {
    pub fn new(lines: impl IntoIterator<Item = ScriptedReply>) -> Self {
        Self {
            lines: Arc::new(Mutex::new(lines.into_iter().collect())),
            briefs: Arc::default(),
        }
    }

    /// Returns every brief given so far.
    pub fn briefs(&self) -> Vec<Brief> {
        self.briefs.lock().unwrap().clone()
    }

    pub fn reply(&self, brief: &Brief) -> Reply {
        self.briefs.lock().unwrap().push(brief.clone());
        let number = brief.exchanges.len() + 1;
        let asked = (brief.task == InterviewerTask::Ask).then(|| format!("test/{number}"));
        let line = self.lines.lock().unwrap().pop_front();
        let deltas = match line {
            Some(ScriptedReply::Says(text)) => stream::iter(deltas(text)).boxed(),
            Some(ScriptedReply::BreaksOff(text)) => {
                stream::iter(deltas(text).into_iter().chain([Err(broken())])).boxed()
            }
            Some(ScriptedReply::FallsSilent(text)) => {
                stream::iter(deltas(text)).chain(stream::pending()).boxed()
            }
            None if asked.is_some() => stream::iter(deltas(&format!("question {number}"))).boxed(),
            None => stream::iter(deltas("feedback")).boxed(),
        };
        Reply {
            deltas,
            closes: asked.is_none(),
            asked,
        }
    }
}

fn deltas(text: &str) -> Vec<Result<ReplyDelta, InterviewerError>> {
    text.split_inclusive(' ')
        .map(|word| Ok(ReplyDelta::Text(word.to_owned())))
        .collect()
}

fn broken() -> InterviewerError {
    InterviewerError::Failed {
        engine: "script".to_owned(),
        reason: UpstreamError::Unusable("scripted".into()),
    }
}
