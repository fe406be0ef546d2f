//! The answers of an interview without a screen: recordings, text files, or lines of standard input.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_i18n::t;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use super::Context;
use super::failure::words_of;
use super::output::print;
use super::pipes::Inputs;
use super::text_file::start_of;
#[cfg(feature = "voice")]
use super::voice_commands::transcribe_answers;
use crate::files::FileKind;
use crate::files::kind::audio_start;
use crate::interview::{Answer, Language};
use crate::practice::CompletedTurn;
use crate::voice::FileProblem;

/// The size in bytes of the longest typed answer; nobody says more in an interview.
const MAX_BYTES: u64 = 1024 * 1024;

/// The source of the answers.
pub enum Answers {
    /// Answers read from files before the interview begins, so that a bad file fails before any
    /// question is asked.
    Files(std::vec::IntoIter<Answer>),
    /// Standard input, one answer a line.
    Lines(Lines<BufReader<Stdin>>),
}

impl Answers {
    /// Reads the answers from `files`, or from standard input if there are none.
    pub async fn from_files(
        files: &[PathBuf],
        language: Language,
        context: &Context,
    ) -> anyhow::Result<Self> {
        if files.is_empty() {
            return Ok(Self::from_stdin());
        }
        let inputs = Inputs::read(files, context).await?;
        let answers = read_all(&inputs.files, language, context).await?;
        Ok(Self::Files(answers.into_iter()))
    }

    /// Reads the answers from standard input, one a line.
    pub fn from_stdin() -> Self {
        Self::Lines(BufReader::new(tokio::io::stdin()).lines())
    }

    /// Prints the state in words if a person types the answers.
    pub fn prompt(&self, done: &CompletedTurn, context: &Context) -> anyhow::Result<()> {
        if !self.are_typed(context) {
            return Ok(());
        }
        let locale = context.language.code();
        let question = done
            .question
            .and_then(|progress| Some((progress.question(), progress.of?)));
        let prompt = if let Some((number, of)) = question {
            t!("plain.answer_of", locale = locale, number = number, of = of)
        } else {
            t!("plain.answer", locale = locale)
        };
        Ok(print(&format!("{prompt}\n"))?)
    }

    /// Asks whether to make a turn again that failed; Enter means yes. Without a person the answer is
    /// no.
    pub async fn confirm_resend(
        &mut self,
        error: &anyhow::Error,
        context: &Context,
    ) -> anyhow::Result<bool> {
        let typed = self.are_typed(context);
        let Self::Lines(lines) = self else {
            return Ok(false);
        };
        if !typed {
            return Ok(false);
        }
        print(&format!(
            "{}\n",
            t!(
                "plain.again",
                locale = context.language.code(),
                reason = words_of(error, context.language).trim_end_matches('.')
            )
        ))?;
        Ok(lines
            .next_line()
            .await
            .with_context(|| t!("cli.stdin", locale = context.language.code()))?
            .is_some())
    }

    fn are_typed(&self, context: &Context) -> bool {
        matches!(self, Self::Lines(_)) && context.can_ask()
    }

    /// Returns the next answer, or `None` at the end. Blank lines are skipped.
    pub async fn next(&mut self, language: Language) -> anyhow::Result<Option<Answer>> {
        match self {
            Self::Files(answers) => Ok(answers.next()),
            Self::Lines(lines) => loop {
                match lines
                    .next_line()
                    .await
                    .with_context(|| t!("cli.stdin", locale = language.code()))?
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
        let bytes = file_head(file, context.language)?;
        let kind = FileKind::sniff(&bytes);
        if let FileKind::NoAudio(name) = kind {
            let problem = FileProblem::NoAudio(name);
            let path = file.display().to_string();
            bail!("{path}: {}", problem.message(&path, context.language));
        }
        if kind.is_audio() || audio_start(&bytes).is_some() {
            spoken.push(file.clone());
            answers.push(None);
        } else {
            answers.push(Some(read_text(file, context.language)?));
        }
    }
    let mut transcribed = transcribe_answers(&spoken, language, context)
        .await?
        .into_iter();
    let filled = answers
        .into_iter()
        .map(|answer| answer.or_else(|| transcribed.next()));
    Ok(filled
        .map(|answer| answer.expect("a recording that cannot be transcribed has failed before"))
        .collect())
}

/// Returns enough of a file to distinguish audio from text.
fn file_head(file: &Path, language: Language) -> anyhow::Result<Vec<u8>> {
    start_of(file, 64 * 1024, language)
}

fn read_text(file: &Path, language: Language) -> anyhow::Result<Answer> {
    let locale = language.code();
    let path = file.display();
    let text = start_of(file, MAX_BYTES + 1, language)?;
    if text.len() as u64 > MAX_BYTES {
        bail!(t!("cli.answer_too_long", locale = locale, path = path));
    }
    let Ok(text) = String::from_utf8(text) else {
        bail!(t!("cli.no_answer", locale = locale, path = path));
    };
    match text.trim() {
        "" => bail!(t!("cli.empty", locale = locale, path = path)),
        text => Ok(Answer {
            text: text.to_owned(),
            spoken: None,
        }),
    }
}

#[cfg(not(feature = "voice"))]
#[expect(
    clippy::unused_async,
    reason = "the signature is that of the build with voice"
)]
async fn transcribe_answers(
    files: &[PathBuf],
    _language: Language,
    context: &Context,
) -> anyhow::Result<Vec<Answer>> {
    match files.first() {
        Some(file) => bail!(t!(
            "cli.audio_without_voice",
            locale = context.language.code(),
            path = file.display()
        )),
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
        assert_eq!(
            read_text(file.path(), Language::English)
                .unwrap()
                .text
                .len(),
            1024 * 1024
        );
        std::fs::write(file.path(), "a".repeat(1024 * 1024 + 1)).unwrap();
        let expected = format!(
            "{} is longer than 1 MiB, too long for an answer",
            file.path().display()
        );
        assert_eq!(
            read_text(file.path(), Language::English)
                .unwrap_err()
                .to_string(),
            expected
        );
    }
}
