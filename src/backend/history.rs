//! Past interviews in either backend.

use jiff::tz::TimeZone;

use super::{Backend, BackendError, Remote};
use crate::api::interviews::{InterviewPage, InterviewSummary};
use crate::interview::report::Report;
use crate::practice::PracticeError;
use crate::store::InterviewId;

/// The number of interviews in a page.
const PAGE_SIZE: u32 = 100;

impl Backend {
    /// Returns a page of the user's interviews, newest first: the first page, or the one that
    /// follows `before`, the [`InterviewPage::next`] of an earlier page.
    pub async fn interviews(&self, before: Option<&str>) -> Result<InterviewPage, BackendError> {
        match self {
            Self::Local { practice, user } => {
                let cursor = before
                    .map(str::parse)
                    .transpose()
                    .map_err(|_| PracticeError::UnknownInterview)?;
                Ok(practice
                    .interviews(user, cursor.as_ref(), PAGE_SIZE, &TimeZone::system())
                    .await?)
            }
            Self::Remote(remote) if remote.features().interviews => {
                Ok(remote.client().interviews(before).await?)
            }
            // The plain original knows one interview, the current one.
            Self::Remote(remote) => Ok(InterviewPage {
                interviews: remote.only_interview().await?.into_iter().collect(),
                next: None,
            }),
        }
    }

    /// Returns all interviews whose ID begins with `prefix`, newest first.
    pub async fn interviews_with_prefix(
        &self,
        prefix: &str,
    ) -> Result<Vec<InterviewSummary>, BackendError> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let page = self.interviews(before.as_deref()).await?;
            found.extend(
                page.interviews
                    .into_iter()
                    .filter(|interview| interview.id.starts_with(prefix)),
            );
            before = page.next;
            if before.is_none() {
                return Ok(found);
            }
        }
    }

    /// Returns the report of an interview.
    pub async fn report_by_id(&self, id: &str) -> Result<Report, BackendError> {
        match self {
            Self::Local { practice, user } => Ok(practice
                .report(user, Some(&parse_id(id)?), TimeZone::system())
                .await?),
            Self::Remote(remote) if remote.features().interviews => {
                Ok(remote.client().report(id).await?)
            }
            Self::Remote(remote) => remote.report_from_history().await,
        }
    }

    /// Deletes an interview with its messages.
    pub async fn delete(&self, id: &str) -> Result<(), BackendError> {
        match self {
            Self::Local { practice, user } => {
                // Only servers store spoken replies.
                let deleted = practice.delete(user, &parse_id(id)?, &[]).await?;
                if deleted {
                    Ok(())
                } else {
                    Err(PracticeError::UnknownInterview.into())
                }
            }
            Self::Remote(remote) => Ok(with_history(remote)?.client().delete_interview(id).await?),
        }
    }
}

fn parse_id(id: &str) -> Result<InterviewId, PracticeError> {
    id.parse().map_err(|_| PracticeError::UnknownInterview)
}

fn with_history(remote: &Remote) -> Result<&Remote, BackendError> {
    if remote.features().interviews {
        Ok(remote)
    } else {
        Err(BackendError::NotOffered)
    }
}
