//! An interviewer for tests of what surrounds one: it says what was written down, fails where told, falls silent where
//! told, and keeps the briefs it was given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};

use super::{Brief, InterviewerError, InterviewerTask, Reply};

/// One reply.
#[derive(Clone, Debug)]
pub enum ScriptedReply {
    /// Said to its end.
    Says(&'static str),
    /// Breaks off after these words.
    BreaksOff(&'static str),
    /// Says these words, and never the next.
    FallsSilent(&'static str),
}

/// Says its lines one after the other; after the last, `question N` or `feedback`.
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

    /// Every brief given so far.
    pub fn briefs(&self) -> Vec<Brief> {
        self.briefs.lock().unwrap().clone()
    }

    pub fn reply(&self, brief: &Brief) -> Reply {
        self.briefs.lock().unwrap().push(brief.clone());
        let number = brief.exchanges.len() + 1;
        let asked = (brief.task == InterviewerTask::Ask).then(|| format!("test/{number}"));
        let line = self.lines.lock().unwrap().pop_front();
        let deltas = match line {
            Some(ScriptedReply::Says(text)) => stream::iter(words(text)).boxed(),
            Some(ScriptedReply::BreaksOff(text)) => {
                stream::iter(words(text).into_iter().chain([Err(broken())])).boxed()
            }
            Some(ScriptedReply::FallsSilent(text)) => {
                stream::iter(words(text)).chain(stream::pending()).boxed()
            }
            None if asked.is_some() => stream::iter(words(&format!("question {number}"))).boxed(),
            None => stream::iter(words("feedback")).boxed(),
        };
        Reply { deltas, asked }
    }
}

fn words(text: &str) -> Vec<Result<String, InterviewerError>> {
    text.split_inclusive(' ')
        .map(|word| Ok(word.to_owned()))
        .collect()
}

fn broken() -> InterviewerError {
    InterviewerError::Failed {
        engine: "script".to_owned(),
        reason: "told to".to_owned(),
    }
}
