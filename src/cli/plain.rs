//! The interview line by line, for pipes, screen readers and simple terminals: without cursor
//! movement or colour, with the state in words.

use rust_i18n::t;
use uuid::Uuid;

use super::answers::Answers;
use super::output::print;
use super::session::Session;
use super::{CommandError, Context};
use crate::interview::bank::TopicBank;
use crate::interview::{Background, Topic};
use crate::practice::NewInterview;
use crate::report_files;
use crate::runtime::wording;

/// Holds one interview, whose topic is chosen on the first line. An interview that breaks off gets a
/// report, too.
pub async fn run(context: Context) -> anyhow::Result<u8> {
    if !context.mic_files.is_empty() {
        return Err(CommandError::Usage(
            t!("plain.no_microphone", locale = context.language.code()).into(),
        )
        .into());
    }
    let mut lines = Answers::from_stdin();
    let mut session = Session::open(&context, context.can_ask()).await?;
    context.notice(&t!(
        "plain.asks",
        locale = context.language.code(),
        who = session.asks()
    ));
    let Some(topic) = choose_topic(&context, &mut lines).await? else {
        return Ok(0);
    };
    print("\n")?;
    let held = session.hold(start(&context, topic), &mut lines).await;
    let reported = report(&context, &session).await;
    session.close().await;
    held.and(reported).map(|()| 0)
}

async fn choose_topic(context: &Context, lines: &mut Answers) -> anyhow::Result<Option<Topic>> {
    let topics: Vec<&TopicBank> = context.bank.topics(context.interview_language).collect();
    for (number, topic) in (1..).zip(&topics) {
        print(&format!("{number}. {}\n", topic.title))?;
    }
    print(&format!(
        "{}\n",
        t!("plain.choose", locale = context.language.code())
    ))?;
    let Some(line) = lines
        .next(context.language)
        .await?
        .map(|answer| answer.text)
    else {
        return Ok(None);
    };
    let numbered = line
        .parse::<usize>()
        .ok()
        .and_then(|number| topics.get(number.checked_sub(1)?));
    let name = numbered.map_or(line.as_str(), |topic| topic.id.as_str());
    Ok(Some(Topic::parse(name).map_err(|error| {
        CommandError::Usage(wording::of(&error, context.language))
    })?))
}

fn start(context: &Context, topic: Topic) -> NewInterview {
    NewInterview {
        topic: Some(topic),
        language: context.interview_language,
        level: None,
        questions: Some(context.config.interview.questions),
        background: Background::default(),
        seed: Uuid::new_v4().as_u64_pair().0,
    }
}

async fn report(context: &Context, session: &Session<'_>) -> anyhow::Result<()> {
    let report = session.backend.report().await?;
    let path = report_files::write_into(&context.paths.reports(), &report)?;
    context.notice(&t!(
        "cli.report_written",
        locale = context.language.code(),
        path = path.display()
    ));
    Ok(())
}
