//! The answers of an interview without a screen: from files, spoken or written, or lines of standard input.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_i18n::t;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use super::Context;
use super::errors::print;
use super::text_file::start_of;
#[cfg(feature = "voice")]
use crate::interview::Spoken;
use crate::interview::{Answer, Language};
use crate::narrator::AudioFormat;
use crate::practice::CompletedTurn;

/// Bytes of the longest written answer; nobody says more in an interview.
const LONGEST: u64 = 1024 * 1024;

/// Where answers come from.
pub enum Answers {
    /// Read before the interview begins, so that a bad file fails before any question is put.
    Files(std::vec::IntoIter<Answer>),
    /// One a line.
    Lines(Lines<BufReader<Stdin>>),
}

impl Answers {
    /// From the files named, else from standard input.
    pub async fn from(
        files: &[PathBuf],
        language: Language,
        context: &Context,
    ) -> anyhow::Result<Self> {
        if files.is_empty() {
            return Ok(Self::lines());
        }
        let answers = read_all(files, language, context).await?;
        Ok(Self::Files(answers.into_iter()))
    }

    /// From standard input, one a line.
    pub fn lines() -> Self {
        Self::Lines(BufReader::new(tokio::io::stdin()).lines())
    }

    /// The state in words, for somebody who reads along; files and pipes need none.
    pub fn prompt(&self, done: &CompletedTurn, context: &Context) -> anyhow::Result<()> {
        if !self.is_somebody(context) {
            return Ok(());
        }
        let locale = context.language.code();
        let question = done
            .question
            .and_then(|progress| Some((progress.number, progress.of?)));
        let prompt = if let Some((number, of)) = question {
            t!("plain.answer_of", locale = locale, number = number, of = of)
        } else {
            t!("plain.answer", locale = locale)
        };
        Ok(print(&format!("{prompt}\n"))?)
    }

    /// Whether an answer that failed is to be sent again: somebody says so by Enter. Files and pipes never do.
    pub async fn sends_again(
        &mut self,
        error: &anyhow::Error,
        context: &Context,
    ) -> anyhow::Result<bool> {
        let somebody = self.is_somebody(context);
        let Self::Lines(lines) = self else {
            return Ok(false);
        };
        if !somebody {
            return Ok(false);
        }
        print(&format!(
            "{}\n",
            t!(
                "plain.again",
                locale = context.language.code(),
                reason = format!("{error:#}")
            )
        ))?;
        Ok(lines
            .next_line()
            .await
            .context("cannot read standard input")?
            .is_some())
    }

    fn is_somebody(&self, context: &Context) -> bool {
        matches!(self, Self::Lines(_)) && context.can_ask()
    }

    /// The next one; `None` at the end. Blank lines are no answers.
    pub async fn next(&mut self) -> anyhow::Result<Option<Answer>> {
        match self {
            Self::Files(answers) => Ok(answers.next()),
            Self::Lines(lines) => loop {
                match lines
                    .next_line()
                    .await
                    .context("cannot read an answer from standard input")?
                {
                    None => return Ok(None),
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => {
                        return Ok(Some(Answer {
                            text: line.trim().to_owned(),
                            spoken: None,
                        }));
                    }
                }
            },
        }
    }
}

async fn read_all(
    files: &[PathBuf],
    language: Language,
    context: &Context,
) -> anyhow::Result<Vec<Answer>> {
    let mut spoken = vec![];
    let mut answers: Vec<Option<Answer>> = vec![];
    for file in files {
        let bytes = head(file)?;
        if AudioFormat::sniff(&bytes).is_some() {
            spoken.push(file.clone());
            answers.push(None);
        } else {
            answers.push(Some(written(file)?));
        }
    }
    let mut heard = transcribe(&spoken, language, context).await?.into_iter();
    let filled = answers
        .into_iter()
        .map(|answer| answer.or_else(|| heard.next()));
    Ok(filled
        .map(|answer| answer.expect("every sound file was transcribed or failed"))
        .collect())
}

/// Enough of a file to tell sound from text.
fn head(file: &Path) -> anyhow::Result<Vec<u8>> {
    start_of(file, 64)
}

fn written(file: &Path) -> anyhow::Result<Answer> {
    let text = start_of(file, LONGEST + 1)?;
    if text.len() as u64 > LONGEST {
        bail!("{} is longer than 1 MiB: that is no answer", file.display());
    }
    let Ok(text) = String::from_utf8(text) else {
        bail!(
            "{} is neither text nor WAV, FLAC, MP3 or OGG audio",
            file.display()
        );
    };
    match text.trim() {
        "" => bail!("{} is empty", file.display()),
        text => Ok(Answer {
            text: text.to_owned(),
            spoken: None,
        }),
    }
}

#[cfg(feature = "voice")]
async fn transcribe(
    files: &[PathBuf],
    language: Language,
    context: &Context,
) -> anyhow::Result<Vec<Answer>> {
    if files.is_empty() {
        return Ok(vec![]);
    }
    let (transcriber, language) = (context.transcriber()?, context.spoken_in(language));
    let mut answers = vec![];
    for file in files {
        let heard = super::transcribe::words(&transcriber, file, language).await?;
        let (seconds, transcript) = (heard.seconds, heard.transcript);
        if transcript.text.is_empty() {
            bail!("nothing is said in {}", file.display());
        }
        answers.push(Answer {
            text: transcript.text,
            spoken: Some(Spoken {
                seconds,
                words: transcript.words,
                voiced: transcript.voiced,
            }),
        });
    }
    Ok(answers)
}

#[cfg(not(feature = "voice"))]
#[expect(clippy::unused_async, reason = "the same shape as with voice built in")]
async fn transcribe(
    files: &[PathBuf],
    _language: Language,
    _context: &Context,
) -> anyhow::Result<Vec<Answer>> {
    match files.first() {
        Some(file) => bail!(
            "{} is a sound file, and this program was built without voice",
            file.display()
        ),
        None => Ok(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_an_answer_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a".repeat(1024 * 1024)).unwrap();
        assert_eq!(written(file.path()).unwrap().text.len(), 1024 * 1024);
        std::fs::write(file.path(), "a".repeat(1024 * 1024 + 1)).unwrap();
        let expected = format!(
            "{} is longer than 1 MiB: that is no answer",
            file.path().display()
        );
        assert_eq!(written(file.path()).unwrap_err().to_string(), expected);
    }
}
