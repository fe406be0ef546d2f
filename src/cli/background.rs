//! What a candidate shows of themselves and of the job they want.

use std::path::PathBuf;

use super::text_file;
use crate::interview::Background;

/// Of each file: a server takes 64 KiB in all.
const MOST: u64 = 24 * 1024;

/// Two text files.
#[derive(Debug, clap::Args)]
pub struct BackgroundArgs {
    /// Your resume, a text file of at most 24 KiB: a model asks about it
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// The job you want, a text file of at most 24 KiB: a model asks about it
    #[arg(long, value_name = "FILE")]
    job: Option<PathBuf>,
}

impl BackgroundArgs {
    /// Reads them, before any question is put.
    pub fn read(&self) -> anyhow::Result<Background> {
        let text = |file: &Option<PathBuf>| {
            file.as_ref()
                .map(|file| text_file::read(file, MOST))
                .transpose()
        };
        Ok(Background {
            resume: text(&self.resume)?,
            job_description: text(&self.job)?,
        })
    }
}
