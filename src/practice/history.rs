//! Interviews that were held: the list of them, and taking one off it.

use jiff::tz::TimeZone;

use super::{Practice, PracticeError};
use crate::api::interviews::{InterviewPage, InterviewSummary};
use crate::interview::report::Report;
use crate::store::{HistoryCursor, InterviewId, ListedInterview, UserId};

impl Practice {
    /// At most `most` interviews, newest first: the newest of all, or those behind a place. Times by the clock of `zone`.
    pub async fn interviews(
        &self,
        user: &UserId,
        behind: Option<&HistoryCursor>,
        most: u32,
        zone: &TimeZone,
    ) -> Result<InterviewPage, PracticeError> {
        // One more than is shown tells whether there is another page.
        let mut listed = self
            .store
            .interviews(user, behind, most.saturating_add(1))
            .await?;
        let more = listed.len() > most as usize;
        listed.truncate(most as usize);
        let next = listed
            .last()
            .filter(|_| more)
            .map(|last| last.place().to_string());
        Ok(InterviewPage {
            interviews: listed.iter().map(|listed| summary(listed, zone)).collect(),
            next,
        })
    }

    /// Deletes one, and the speech in `sounds` (names without extension); `false` when there is none.
    pub async fn delete(
        &self,
        user: &UserId,
        id: &InterviewId,
        sounds: &[String],
    ) -> Result<bool, PracticeError> {
        Ok(self.store.delete_interview(user, id, sounds).await?)
    }
}

/// As a list shows it, its time by the clock of `zone`.
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
