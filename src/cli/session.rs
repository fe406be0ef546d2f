//! An interview whose words go to standard output: shared by `practice` and the line-by-line mode.

use futures_util::StreamExt;
use rust_i18n::t;
use uuid::Uuid;

use super::answers::Answers;
use super::errors::{print, print_notice};
use super::spoken_output::SpokenOutput;
use super::{CommandError, Context, account};
use crate::backend::{Backend, ServerConnection, TurnAttempt};
use crate::config::Mode;
use crate::interview::{Answer, Language};
use crate::interviewer::Identity;
use crate::narrator::Narrator;
use crate::practice::{CompletedTurn, NewInterview, TurnEvent, TurnInput};

/// An interview without a screen.
pub struct Session<'c> {
    /// Where it runs.
    pub backend: Backend,
    /// The questions come from the built-in bank.
    pub by_question_bank: bool,
    context: &'c Context,
    asks: String,
    link: Option<ServerConnection>,
    voice: Option<SpokenOutput>,
    language: Language,
}

impl<'c> Session<'c> {
    /// Connects; fails where somebody would have to sign in. Where the reply cannot be heard it is read.
    pub async fn open(context: &'c Context, speak: bool) -> anyhow::Result<Self> {
        let voice = voice(context, speak)?;
        let interviewer = context.unattended_interviewer()?;
        let (asks, identity) = (
            context.interviewer_name(&interviewer.identity()),
            interviewer.identity(),
        );
        // Who asks on a server elsewhere is not known.
        let by_question_bank =
            identity == Identity::QuestionBank && context.config.mode != Mode::Server;
        // What is to be heard is spoken here: a server inside this process need not do it as well.
        let connector = context.connector(interviewer, Narrator::None)?;
        let (backend, link) = account::signed_in(connector.connect().await?, context)?;
        Ok(Self {
            backend,
            by_question_bank,
            context,
            asks,
            link,
            voice,
            language: context.interview_language,
        })
    }

    /// Who asks, in the interface's language.
    pub fn asks(&self) -> &str {
        &self.asks
    }

    /// Puts questions until the answers or the questions run out, then closes with feedback. Ctrl-C ends it there and
    /// then: what was answered can still be reported.
    pub async fn hold(&mut self, start: NewInterview, answers: &mut Answers) -> anyhow::Result<()> {
        tokio::select! {
            held = self.put_questions(start, answers) => held,
            _ = tokio::signal::ctrl_c() => Err(CommandError::Interrupted.into()),
        }
    }

    async fn put_questions(
        &mut self,
        start: NewInterview,
        answers: &mut Answers,
    ) -> anyhow::Result<()> {
        let mut done = self
            .turn(&TurnInput::Start(start.clone()), Uuid::new_v4())
            .await?;
        while !done.finished {
            answers.prompt(&done, self.context)?;
            let Some(answer) = answers.next().await? else {
                break;
            };
            done = self.answer(answer, &start, answers).await?;
        }
        if !done.finished && self.backend.can_finish() {
            self.turn(&TurnInput::Finish(None), Uuid::new_v4()).await?;
        }
        Ok(())
    }

    /// Sends one answer; where somebody is there, as often as they like. An answer that was not taken is not lost.
    async fn answer(
        &mut self,
        answer: Answer,
        start: &NewInterview,
        answers: &mut Answers,
    ) -> anyhow::Result<CompletedTurn> {
        let (text, attempt) = (answer.text.clone(), Uuid::new_v4());
        let input = TurnInput::Answer {
            answer,
            otherwise: start.clone(),
        };
        loop {
            let error = match self.turn(&input, attempt).await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if !answers.confirm_resend(&error, self.context).await? {
                print_notice(&t!(
                    "cli.not_sent",
                    locale = self.context.language.code(),
                    text = text
                ));
                return Err(error);
            }
        }
    }

    /// Takes one turn, writing the reply as it comes.
    async fn turn(&mut self, input: &TurnInput, attempt: Uuid) -> anyhow::Result<CompletedTurn> {
        let mut events = self.backend.turn(TurnAttempt {
            input: input.clone(),
            attempt,
        });
        while let Some(event) = events.next().await {
            match event? {
                TurnEvent::Delta(text) => print(&text)?,
                // Spoken here.
                TurnEvent::SpokenSentence(_) => {}
                TurnEvent::Done(done) => {
                    print("\n\n")?;
                    self.speak(&done.response).await;
                    return Ok(done);
                }
            }
        }
        anyhow::bail!("the interviewer's reply broke off")
    }

    /// A voice that fails is missed once; the interview goes on in text.
    async fn speak(&mut self, text: &str) {
        let Some(voice) = &mut self.voice else { return };
        if let Err(error) = voice.speak(text, self.language).await {
            self.context.notice(&format!("{error:#}"));
            self.voice = None;
        }
    }

    /// Stops an embedded server in order.
    pub async fn close(self) {
        if let Some(link) = self.link {
            account::close(link).await;
        }
    }
}

/// A file that was asked for must be writable; a voice or a loudspeaker that is missing is only told.
fn voice(context: &Context, speak: bool) -> anyhow::Result<Option<SpokenOutput>> {
    if (speak || context.speaker_file.is_some()) && context.lacks_narrator()? {
        context.notice(&t!("say.no_narrator", locale = context.language.code()));
    }
    if context.speaker_file.is_some() {
        return SpokenOutput::new(context).map(Some);
    }
    if !speak {
        return Ok(None);
    }
    Ok(SpokenOutput::new(context)
        .map_err(|error| context.notice(&format!("{error:#}")))
        .ok())
}
