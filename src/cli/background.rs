//! The résumé and the job description that a model may ask about.

use std::path::PathBuf;

use super::options::file_path;
use super::text_file;
use crate::interview::{Background, Language};

/// The size in bytes of the longest file: a server takes 64 KiB in all.
const MAX_BYTES: u64 = 24 * 1024;

/// The options that name text files about the candidate.
#[derive(Debug, clap::Args)]
pub struct BackgroundArgs {
    /// Your résumé for a model to ask about, a text file of at most 24 KiB
    #[arg(long, value_name = "FILE", value_parser = file_path())]
    resume: Option<PathBuf>,
    /// The job description for a model to ask about, a text file of at most 24 KiB
    #[arg(long, value_name = "FILE", value_parser = file_path())]
    job: Option<PathBuf>,
}

impl BackgroundArgs {
    /// Reads the files.
    pub fn read(&self, language: Language) -> anyhow::Result<Background> {
        let text = |file: &Option<PathBuf>| {
            file.as_ref()
                .map(|file| text_file::read(file, MAX_BYTES, language))
                .transpose()
        };
        Ok(Background {
            resume: text(&self.resume)?,
            job_description: text(&self.job)?,
        })
    }
}
