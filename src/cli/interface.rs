//! The program without a command: the terminal interface, or the same interview line by line.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;
use rust_i18n::t;
use tokio::sync::mpsc;

use super::failure::words_of;
use super::interviewer_choice::InterviewerChoice;
use super::output::print;
use super::{Context, plain};
use crate::app::action::{Action, DeviceReport, Missing, Part, SpeechEvent, VoiceEvent};
use crate::app::ctx::LastInterview;
use crate::app::{
    App, ConsentQuestion, InterviewerInfo, Mode, ModelOffer, OfferMode, Setup, SpeechSettings,
    TopicItem,
};
use crate::config::{self, SpeechLanguage};
use crate::interview::Language;
use crate::interviewer::Identity;
use crate::models::{self, Download, DownloadTimeouts};
use crate::narrator::Narrator;
use crate::narrator::command::CommandNarrator;
use crate::runtime::signals::Signals;
use crate::runtime::terminal::TerminalGuard;
use crate::runtime::{
    ModelInterviewer, Performer, QUEUE, Runtime, Services, SpeechCommand, SpeechOutput, Stopwatch,
    VoiceCommand, VoiceInput, VoiceInputSettings, input,
};
use crate::ui::Theme;
use crate::upstream;

/// Opens the interface and returns the exit code.
pub async fn open(mut context: Context, plain: bool) -> anyhow::Result<u8> {
    if plain || !context.can_ask() || context.environment.terminal_is_dumb() {
        return plain::run(context).await;
    }
    context.config.speech.language = speech_language(&context);
    let started = Instant::now();
    // A file that cannot be played is refused before the screen is taken over.
    #[cfg(feature = "voice")]
    crate::voice::WavMicrophone::new(context.mic_files.clone())?;
    let (actions, queue) = mpsc::channel(QUEUE);
    let choice = context.interviewer_choice()?;
    let model = context.speech_model(context.interview_language);
    let offered = offer(&context, model.as_ref());
    let size = crossterm::terminal::size()?;
    let (app, effects) = App::new(setup(&context, &choice, offered.as_ref(), size)?);

    let log = context
        .log
        .as_deref()
        .with_context(|| t!("cli.needs_log", locale = context.language.code()))?
        .try_clone()?;
    let signals = Signals::listen()
        .with_context(|| t!("cli.no_signals", locale = context.language.code()))?;
    let (guard, mut terminal) = TerminalGuard::take(log)
        .with_context(|| t!("cli.no_terminal", locale = context.language.code()))?;
    let theme = Theme::from_no_color(context.environment.variable("NO_COLOR"));
    // The first frame comes before anything that may take time.
    terminal.draw(|frame| crate::ui::draw(&app, frame, theme))?;
    guard.ask_keyboard_protocol()?;

    let download = offered.map(|(download, _)| download);
    let mut services = services(&context, &choice, download, model, actions.clone())?;
    services.candidates = context.discovery_candidates();
    let mut performer = Performer::new(services);
    performer.start();
    tokio::spawn(input::forward(actions.clone(), started));
    tokio::spawn(signals.forward(actions));
    let runtime = Runtime {
        app,
        theme,
        screen: guard,
        performer,
        actions: queue,
        started,
        stopwatch: Stopwatch::default(),
    };
    // The runtime gives the terminal back before it returns.
    let (code, last) = runtime.run(&mut terminal, effects).await?;
    if let Some(last) = last.filter(|_| !context.quiet) {
        // Whoever read the terminal may be gone, as after a hangup.
        let _ = print(&farewell(&last, &context));
    }
    Ok(code)
}

/// Says how to continue the interview that was left, or where its report is.
fn farewell(last: &LastInterview, context: &Context) -> String {
    let locale = context.language.code();
    let command = &context.environment.command_line;
    let topic = if last.topic.is_empty() {
        t!("ui.lobby.last_interview", locale = locale).into_owned()
    } else {
        last.topic.clone()
    };
    let mut text = match (last.over, &last.report) {
        (false, _) => t!(
            "cli.continue",
            locale = locale,
            topic = topic,
            command = command
        ),
        (true, Some(_)) => t!("cli.interview_over", locale = locale, topic = topic),
        (true, None) => t!("cli.over_without_report", locale = locale, topic = topic),
    }
    .into_owned();
    if let Some(path) = &last.report {
        text.push('\n');
        text.push_str(&t!("ui.notice.report", locale = locale, path = path));
    }
    format!("{text}\n")
}

/// Returns what the app knows at its start.
pub(super) fn setup(
    context: &Context,
    choice: &InterviewerChoice,
    offered: Option<&(Download, ModelOffer)>,
    size: (u16, u16),
) -> anyhow::Result<Setup> {
    let (mode, asks) = match context.config.mode {
        config::Mode::Local => (Mode::Local, asks(choice.identity())),
        config::Mode::Embedded => (Mode::Embedded, asks(choice.identity())),
        config::Mode::Server => {
            let host = upstream::host_of(&context.server_url()?);
            (
                Mode::Server { host: host.clone() },
                InterviewerInfo::Server { host },
            )
        }
    };
    let local = context.config.mode == config::Mode::Local;
    Ok(Setup {
        mode,
        interviewer: asks,
        language: context.language,
        interview_language: context.interview_language,
        topics: Language::ALL
            .into_iter()
            .map(|language| (language, topics(context, language)))
            .collect(),
        questions: context.config.interview.questions,
        consent: choice.pending().map(|at| ConsentQuestion {
            model: at.model.clone(),
            host: at.host.clone(),
            found: None,
        }),
        model_offer: offered.map(|(_, offer)| offer.clone()),
        first_run: !context.with_preferences(|preferences| preferences.knows_a_user()),
        can_finish: local,
        speaking: speech_settings(context),
        spoken: context.config.speech.language,
        size,
    })
}

/// Returns the language of answers: that of the settings, or else of the last interview.
fn speech_language(context: &Context) -> SpeechLanguage {
    match context.config.speech.language {
        SpeechLanguage::Interview => context
            .with_preferences(|preferences| preferences.spoken())
            .unwrap_or_default(),
        set => set,
    }
}

/// Returns volume and rate: those of the settings, or else those last chosen by key.
fn speech_settings(context: &Context) -> SpeechSettings {
    let config = &context.config.narrator;
    let paced = config.engine != config::NarratorEngine::Command
        || CommandNarrator::new(config.command.clone()).has_rate();
    context.with_preferences(|preferences| SpeechSettings {
        volume: config.volume.or(preferences.volume()),
        rate: paced.then(|| config.rate.or(preferences.rate())),
    })
}

fn asks(identity: Identity) -> InterviewerInfo {
    match identity {
        Identity::QuestionBank => InterviewerInfo::QuestionBank,
        Identity::Model { model, host } => InterviewerInfo::Model { model, host },
    }
}

fn topics(context: &Context, language: Language) -> Vec<TopicItem> {
    let topics = context.bank.topics(language);
    topics
        .map(|topic| TopicItem {
            id: topic.id.clone(),
            title: topic.title.clone(),
        })
        .collect()
}

/// Returns the speech model to offer if none is installed. It is offered once; a download that was
/// begun is resumed.
fn offer(context: &Context, model: Option<&PathBuf>) -> Option<(Download, ModelOffer)> {
    if !cfg!(feature = "voice") || context.offline || model.is_some() {
        return None;
    }
    let choice = context.recommended_model();
    let folder = context.paths.models();
    let begun = models::unfinished(&folder, context.heard_in(context.interview_language));
    let how = match (
        context.with_preferences(|preferences| preferences.declined("model")),
        &begun,
    ) {
        (true, _) => OfferMode::OnRequest,
        (false, Some(_)) => OfferMode::Resume,
        (false, None) => OfferMode::Ask,
    };
    let reason = choice.reason(context.language);
    let (model, begun) = begun.unwrap_or((choice.model, 0));
    let offer = ModelOffer {
        name: model.name.clone(),
        bytes: model.bytes,
        begun,
        reason,
        how,
    };
    let mirror = context.config.mirror().ok()?;
    let http = upstream::http_client_for_files(&mirror).ok()?;
    Some((
        Download {
            http,
            mirror,
            model,
            folder,
            timeouts: DownloadTimeouts::default(),
        },
        offer,
    ))
}

/// Starts what the runtime works with.
pub(super) fn services(
    context: &Context,
    choice: &InterviewerChoice,
    offered: Option<Download>,
    model: Option<PathBuf>,
    actions: mpsc::Sender<Action>,
) -> anyhow::Result<Services> {
    let narrator = context.narrator()?;
    let pending = choice.pending().map(|at| {
        Ok::<_, anyhow::Error>(ModelInterviewer {
            host: at.host.clone(),
            interviewer: context.openai_interviewer()?,
        })
    });
    let model_interviewer = pending.transpose()?;
    let connector = context.connector(context.interviewer(choice)?, narrator.clone())?;
    let speech_output = speech_output(context, narrator, &actions);
    Ok(Services {
        connector,
        model_interviewer,
        candidates: vec![],
        voice_input: voice_input(context, model, speech_output.clone(), &actions),
        speech_output,
        offered,
        paths: context.paths.clone(),
        language: context.language,
        actions,
    })
}

/// Starts the port to the loudspeaker. It works without a narrator as well: a server may send
/// audio of its own, and a microphone check plays its recording back.
fn speech_output(
    context: &Context,
    narrator: Narrator,
    actions: &mpsc::Sender<Action>,
) -> SpeechOutput {
    if matches!(narrator, Narrator::None)
        && context.config.narrator.engine == config::NarratorEngine::Auto
    {
        let remedy = t!("cli.narrator_remedy", locale = context.language.code());
        speech_unavailable(Part::Narrator, String::new(), remedy.into(), actions);
    }
    let reports = actions.clone();
    let report = move |event| {
        let part = Part::Speaker;
        let changed = DeviceReport::Changed { part, event };
        drop(reports.blocking_send(Action::Device(changed)));
    };
    let speaker = match context.speaker(report) {
        Ok(speaker) => speaker,
        Err(error) => {
            speech_unavailable(
                Part::Speaker,
                words_of(&error, context.language),
                String::new(),
                actions,
            );
            return SpeechOutput::unavailable();
        }
    };
    let speech_output =
        SpeechOutput::start(context.cached_narrator(narrator), speaker, actions.clone());
    let speech = speech_settings(context);
    speech_output.send(SpeechCommand::SetVolume(speech.volume));
    if let Some(rate) = speech.rate {
        speech_output.send(SpeechCommand::SetRate(rate));
    }
    speech_output
}

fn speech_unavailable(part: Part, reason: String, remedy: String, actions: &mpsc::Sender<Action>) {
    let missing = Missing {
        part,
        reason,
        remedy,
    };
    let _ = actions.try_send(Action::Speech(SpeechEvent::Unavailable(missing)));
}

/// Starts the port to the microphone, and loads the speech model or reports that there is none.
fn voice_input(
    context: &Context,
    model: Option<PathBuf>,
    speech_output: SpeechOutput,
    actions: &mpsc::Sender<Action>,
) -> VoiceInput {
    let settings = VoiceInputSettings {
        files: context.mic_files.clone(),
        speech: context.config.speech.clone(),
        interview: context.interview_language,
        interface: context.language,
        microphone: context.microphone.clone(),
        speaker: context.loudspeaker.clone(),
        speech_output,
    };
    let voice_input = VoiceInput::start(settings, actions.clone());
    let missing = match model {
        Some(model) if voice_input.is_available() => {
            voice_input.send(VoiceCommand::LoadModel(model));
            return voice_input;
        }
        None if voice_input.is_available() => {
            let spoken = context.heard_in(context.interview_language);
            crate::runtime::model_missing(String::new(), spoken)
        }
        Some(_) | None => Missing {
            part: Part::Voice,
            reason: t!("cli.no_voice", locale = context.language.code()).into(),
            remedy: String::new(),
        },
    };
    let _ = actions.try_send(Action::Voice(VoiceEvent::Unavailable(missing)));
    voice_input
}
