//! Past interviews, wherever they are kept.

use jiff::tz::TimeZone;

use super::{Backend, BackendError, Remote};
use crate::api::interviews::{InterviewPage, InterviewSummary};
use crate::interview::report::Report;
use crate::practice::PracticeError;
use crate::store::InterviewId;

/// Interviews asked for at once.
const PAGE: u32 = 100;

impl Backend {
    /// A page of the user's interviews, newest first: the first one, or the one behind `before`, the
    /// [`InterviewPage::next`] of an earlier one.
    pub async fn interviews(&self, before: Option<&str>) -> Result<InterviewPage, BackendError> {
        match self {
            Self::Local { practice, user } => {
                let behind = before
                    .map(str::parse)
                    .transpose()
                    .map_err(|_| PracticeError::UnknownInterview)?;
                Ok(practice
                    .interviews(user, behind.as_ref(), PAGE, &TimeZone::system())
                    .await?)
            }
            Self::Remote(remote) => Ok(offering(remote)?.client().interviews(before).await?),
        }
    }

    /// All whose key begins with `start`, newest first.
    pub async fn interviews_with_prefix(
        &self,
        start: &str,
    ) -> Result<Vec<InterviewSummary>, BackendError> {
        let (mut called, mut before) = (Vec::new(), None);
        loop {
            let page = self.interviews(before.as_deref()).await?;
            called.extend(
                page.interviews
                    .into_iter()
                    .filter(|interview| interview.id.starts_with(start)),
            );
            before = page.next;
            if before.is_none() {
                return Ok(called);
            }
        }
    }

    /// The report of one of them.
    pub async fn report_by_id(&self, id: &str) -> Result<Report, BackendError> {
        match self {
            Self::Local { practice, user } => Ok(practice
                .report(user, Some(&key(id)?), TimeZone::system())
                .await?),
            Self::Remote(remote) => Ok(offering(remote)?.client().report(id).await?),
        }
    }

    /// Deletes one with all that was said in it.
    pub async fn delete(&self, id: &str) -> Result<(), BackendError> {
        match self {
            Self::Local { practice, user } => {
                // Spoken replies are kept by servers alone.
                let deleted = practice.delete(user, &key(id)?, &[]).await?;
                if deleted {
                    Ok(())
                } else {
                    Err(PracticeError::UnknownInterview.into())
                }
            }
            Self::Remote(remote) => Ok(offering(remote)?.client().delete_interview(id).await?),
        }
    }
}

fn key(id: &str) -> Result<InterviewId, PracticeError> {
    id.parse().map_err(|_| PracticeError::UnknownInterview)
}

fn offering(remote: &Remote) -> Result<&Remote, BackendError> {
    if remote.features().interviews {
        Ok(remote)
    } else {
        Err(BackendError::NotOffered)
    }
}
