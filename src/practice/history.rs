//! Past interviews: listing them, and deleting one.

use jiff::tz::TimeZone;

use super::{Practice, PracticeError};
use crate::api::interviews::{InterviewPage, InterviewSummary};
use crate::interview::report::Report;
use crate::store::{HistoryCursor, InterviewId, ListedInterview, UserId};

impl Practice {
    /// Returns at most `limit` interviews, newest first: the newest of all, or those after
    /// `cursor`. Times are in `zone`.
    pub async fn interviews(
        &self,
        user: &UserId,
        cursor: Option<&HistoryCursor>,
        limit: u32,
        zone: &TimeZone,
    ) -> Result<InterviewPage, PracticeError> {
        // One more than is returned shows whether there is another page.
        let mut listed = self
            .store
            .interviews(user, cursor, limit.saturating_add(1))
            .await?;
        let more = listed.len() > limit as usize;
        listed.truncate(limit as usize);
        let next = listed
            .last()
            .filter(|_| more)
            .map(|last| last.cursor().to_string());
        Ok(InterviewPage {
            interviews: listed.iter().map(|listed| summary(listed, zone)).collect(),
            next,
        })
    }

    /// Deletes an interview and the speech named in `speech` (without extensions). Returns `false`
    /// when there is no such interview.
    pub async fn delete(
        &self,
        user: &UserId,
        id: &InterviewId,
        speech: &[String],
    ) -> Result<bool, PracticeError> {
        Ok(self.store.delete_interview(user, id, speech).await?)
    }
}

/// Returns the entry of a list of interviews, with its time in `zone`.
pub fn summary(listed: &ListedInterview, zone: &TimeZone) -> InterviewSummary {
    let interview = &listed.interview;
    InterviewSummary {
        id: interview.id.0.clone(),
        topic: interview.topic.to_string(),
        language: interview.language,
        level: interview.level,
        questions: interview.questions,
        interviewer: interview.interviewer.clone(),
        started_at: Report::time(interview.started_at, zone.clone()),
        answers: listed.answers,
        finished: interview.finished,
        current: listed.current,
    }
}
