//! Past interviews, on servers whose [`Client::service`] offers `interviews`.

use reqwest::Method;

use super::{Client, ClientError};
use crate::api::interviews::{InterviewDetail, InterviewPage, InterviewSummary};
use crate::interview::report::Report;

impl Client {
    /// Returns a page of the user's interviews, newest first: the first page, or the one that
    /// follows the cursor `before`.
    pub async fn interviews(&self, before: Option<&str>) -> Result<InterviewPage, ClientError> {
        let call = self.modified(
            self.with_auth(Method::GET, &["api", "interviews", ""])?,
            |call| {
                let mut query = call.url_mut().query_pairs_mut();
                query
                    .append_pair("page_size", "100")
                    .extend_pairs(before.map(|before| ("before", before)));
            },
        )?;
        let answer = self.send(call).await?;
        self.json(answer).await
    }

    /// Returns the interview that the next turn continues.
    pub async fn current_interview(&self) -> Result<Option<InterviewSummary>, ClientError> {
        let mut before = None;
        loop {
            let page = self.interviews(before.as_deref()).await?;
            if let Some(current) = page
                .interviews
                .into_iter()
                .find(|interview| interview.current)
            {
                return Ok(Some(current));
            }
            before = page.next;
            if before.is_none() {
                return Ok(None);
            }
        }
    }

    /// Returns one of the user's interviews.
    pub async fn interview(&self, id: &str) -> Result<InterviewDetail, ClientError> {
        let answer = self
            .send(self.with_auth(Method::GET, &["api", "interviews", id, ""])?)
            .await?;
        self.json(answer).await
    }

    /// Returns the report of one of the user's interviews.
    pub async fn report(&self, id: &str) -> Result<Report, ClientError> {
        let answer = self
            .send(self.with_auth(Method::GET, &["api", "interviews", id, "report", ""])?)
            .await?;
        self.json(answer).await
    }

    /// Deletes one of the user's interviews.
    pub async fn delete_interview(&self, id: &str) -> Result<(), ClientError> {
        self.send(self.with_auth(Method::DELETE, &["api", "interviews", id, ""])?)
            .await
            .map(drop)
    }
}
