//! An interview whose words go to standard output: shared by `practice` and the line-by-line mode.

use futures_util::StreamExt;
use rust_i18n::t;
use uuid::Uuid;

use super::answers::Answers;
use super::failure::words_of;
use super::output::{print, print_notice};
use super::spoken_output::SpokenOutput;
use super::word_wrap::WordWrap;
use super::{CommandError, Context, account};
use crate::backend::{Backend, ServerConnection, TurnAttempt};
use crate::config::Mode;
use crate::interview::{Answer, Language, QuestionRef};
use crate::interviewer::Identity;
use crate::narrator::Narrator;
use crate::practice::{CompletedTurn, NewInterview, TurnEvent, TurnInput};
use crate::printable::PrintableStream;

/// An interview without a screen.
pub struct Session<'c> {
    pub backend: Backend,
    /// Whether the questions come from the built-in bank.
    pub by_question_bank: bool,
    context: &'c Context,
    asks: String,
    link: Option<ServerConnection>,
    voice: Option<SpokenOutput>,
    language: Language,
    /// The question that waits for an answer.
    open: Option<QuestionRef>,
}

impl<'c> Session<'c> {
    /// Connects, and fails if a sign-in is needed. Without a voice the reply is only printed.
    pub async fn open(context: &'c Context, speak: bool) -> anyhow::Result<Self> {
        let voice = open_voice(context, speak)?;
        let interviewer = context.unattended_interviewer().await?;
        context.prepare(&interviewer).await?;
        let identity = interviewer.identity();
        let asks = context.interviewer_name(&identity);
        // The interviewer of a remote server is not known.
        let by_question_bank =
            identity == Identity::QuestionBank && context.config.mode != Mode::Server;
        // The replies are spoken here, so a server inside this process need not synthesise them.
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
            open: None,
        })
    }

    /// Returns the name of the interviewer in the language of the interface.
    pub fn asks(&self) -> &str {
        &self.asks
    }

    /// Asks questions until the answers or the questions run out, then closes with feedback. After
    /// Ctrl-C the answers so far can still be reported.
    pub async fn hold(&mut self, start: NewInterview, answers: &mut Answers) -> anyhow::Result<()> {
        tokio::select! {
            held = self.ask_questions(start, answers) => held,
            _ = tokio::signal::ctrl_c() => Err(CommandError::Interrupted.into()),
        }
    }

    async fn ask_questions(
        &mut self,
        start: NewInterview,
        answers: &mut Answers,
    ) -> anyhow::Result<()> {
        let mut done = self
            .turn_or_again(&TurnInput::Start(start.clone()), answers)
            .await?;
        while !done.finished {
            answers.prompt(&done, self.context)?;
            let Some(answer) = answers.next(self.context.language).await? else {
                break;
            };
            done = self.answer(answer, &start, answers).await?;
        }
        if !done.finished && self.backend.can_finish() {
            self.turn_or_again(&TurnInput::Finish(None), answers)
                .await?;
        }
        Ok(())
    }

    /// Sends one answer, again as often as the user wishes. An answer that was not accepted is printed.
    async fn answer(
        &mut self,
        answer: Answer,
        start: &NewInterview,
        answers: &mut Answers,
    ) -> anyhow::Result<CompletedTurn> {
        let text = answer.text.clone();
        let input = TurnInput::Answer {
            answer,
            otherwise: start.clone(),
        };
        let sent = self.turn_or_again(&input, answers).await;
        if sent.is_err() {
            print_notice(&t!(
                "cli.not_sent",
                locale = self.context.language.code(),
                text = text
            ));
        }
        sent
    }

    /// Takes one turn, again as often as the user wishes. All attempts count as one turn.
    async fn turn_or_again(
        &mut self,
        input: &TurnInput,
        answers: &mut Answers,
    ) -> anyhow::Result<CompletedTurn> {
        let attempt = Uuid::new_v4();
        loop {
            let error = match self.turn(input, attempt).await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            if !answers.confirm_resend(&error, self.context).await? {
                return Err(error);
            }
        }
    }

    /// Takes one turn and prints the reply as it arrives. The words of a reply that breaks off stand
    /// on lines of their own.
    async fn turn(&mut self, input: &TurnInput, attempt: Uuid) -> anyhow::Result<CompletedTurn> {
        let mut events = self.backend.turn(TurnAttempt {
            input: input.clone(),
            attempt,
            open: self.open.clone(),
        });
        // A sequence may be split between two pieces.
        let mut reply = PrintableStream::default();
        let mut wrap = WordWrap::for_stdout(&self.context.environment);
        let mut shown = String::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(TurnEvent::Delta(text)) => {
                    print(&wrap.push(&reply.push(&text)))?;
                    shown.push_str(&text);
                }
                // Replies are spoken by this process.
                Ok(TurnEvent::SpokenSentence(_)) => {}
                Ok(TurnEvent::Done(done)) => {
                    // What the model thought aloud cannot be taken back, so the reply follows it.
                    if shown.trim() != done.response.trim() {
                        let whole = PrintableStream::default().push(&done.response);
                        print(&format!("{}\n\n{}", wrap.finish(), wrap.push(&whole)))?;
                    }
                    print(&format!("{}\n\n", wrap.finish()))?;
                    self.open.clone_from(&done.open);
                    if done.topic_ignored {
                        let locale = self.context.language.code();
                        self.context
                            .notice(&t!("ui.notice.topic_ignored", locale = locale));
                    }
                    self.speak(&done.response).await;
                    return Ok(done);
                }
                Err(error) => {
                    if !shown.is_empty() {
                        print(&format!("{}\n\n", wrap.finish()))?;
                    }
                    return Err(CommandError::of_turn(error, self.context.language));
                }
            }
        }
        let locale = self.context.language.code();
        anyhow::bail!(t!("cli.broke_off", locale = locale))
    }

    /// Speaks a reply. If that fails, the interview goes on in text.
    async fn speak(&mut self, text: &str) {
        let Some(voice) = &mut self.voice else { return };
        if let Err(error) = voice.speak(text, self.language).await {
            self.context
                .notice(&words_of(&error, self.context.language));
            self.voice = None;
        }
    }

    /// Stops the embedded server, if there is one.
    pub async fn close(self) {
        if let Some(link) = self.link {
            account::close(link).await;
        }
    }
}

/// Opens the speech output. A file named for it must be writable; a missing voice or loudspeaker
/// only causes a notice.
fn open_voice(context: &Context, speak: bool) -> anyhow::Result<Option<SpokenOutput>> {
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
        .map_err(|error| context.notice(&words_of(&error, context.language)))
        .ok())
}
