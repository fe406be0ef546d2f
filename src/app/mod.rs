//! The pure heart of the interface: state, actions, effects and updates.
//!
//! ```text
//! Action ─► App::update ─► Screen, Overlays, Voice, Composer ─► Vec<Effect>
//!              (routes)       (each updates its own state)
//! ```
//!
//! The app knows no terminal, clock, file or device. What happens comes in as an
//! [`action::Action`], what is to be done goes out as [`effect::Effect`]s, and `ui` draws the rest.
//! [`App`] only routes: each screen owns its state and its updates, and what all of them share is
//! in [`ctx::Ctx`].

pub mod action;
pub mod check;
pub mod composer;
pub mod ctx;
pub mod devices;
pub mod effect;
pub mod geometry;
pub mod interview;
pub mod key;
pub mod keymap;
mod keys;
pub mod lobby;
pub mod markdown;
mod navigation;
pub mod notice;
pub mod notices;
pub mod overlay;
pub mod question;
mod ring;
pub mod setup;
pub mod sign_in;
#[cfg(test)]
mod tests;
pub mod transcript;
pub mod turn_id;
mod update;
mod utterance;
pub mod voice;
pub mod waterfall;
pub mod wrap;

use rust_i18n::t;

use composer::talk_state::TalkState;
use ctx::{Ctx, LastInterview};
use effect::Effect;
use geometry::Geometry;
use interview::{Interview, InterviewRequest, ReplySpeech, RequestState};
use lobby::Lobby;
use notice::Severity;
use overlay::Overlays;
use question::Question;
use sign_in::SignIn;
use voice::Voice;
use waterfall::Waterfall;

pub use setup::{
    ConsentQuestion, InterviewerInfo, Mode, ModelOffer, OfferMode, Setup, SpeechSettings, TopicItem,
};

/// The whole state of the interface.
#[derive(Debug)]
pub struct App {
    pub(crate) ctx: Ctx,
    pub(crate) mode: Mode,
    pub(crate) interviewer: InterviewerInfo,
    pub(crate) screen: Screen,
    pub(crate) overlays: Overlays,
    pub(crate) lobby: Lobby,
    pub(crate) voice: Voice,
    /// The name of who is signed in, empty in local mode.
    pub(crate) user: String,
    /// How long the steps of the last turn took.
    pub(crate) waterfall: Waterfall,
    /// The offer of a speech model, which waits until the lobby is shown: connecting and signing in
    /// come first.
    model_question: Option<Question>,
    /// Whether no account is known yet, so that registering is shown before signing in.
    first_run: bool,
    /// A model server on this computer, until the user is asked about it in the lobby.
    found_server: Option<ConsentQuestion>,
}

/// The screens of the interface, with their states.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// It is not known yet whether somebody is signed in.
    Connecting,
    /// The server or the database cannot be reached, for this reason.
    Unconnected(String),
    SignIn(Box<SignIn>),
    Lobby,
    Interview(Box<Interview>),
}

impl App {
    /// Returns the app at its start, and what is to be done first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let screen = match setup.mode {
            Mode::Local => Screen::Lobby,
            Mode::Server { .. } | Mode::Embedded => Screen::Connecting,
        };
        let mut app = Self {
            ctx: Ctx::new(&setup),
            screen,
            overlays: Overlays::of_questions(
                setup.consent.clone().map(Question::Consent).into_iter(),
            ),
            model_question: model_question(&setup),
            lobby: Lobby::new(&setup),
            voice: Voice::new(&setup),
            user: String::new(),
            waterfall: Waterfall::default(),
            first_run: setup.first_run,
            found_server: None,
            mode: setup.mode,
            interviewer: setup.interviewer,
        };
        if app.screen == Screen::Lobby {
            app.lobby.load(&mut app.ctx);
            app.ask_about_model();
        }
        app.voice.resume_download(&mut app.ctx);
        let effects = app.ctx.take_effects();
        (app, effects)
    }

    /// Whether something moves by itself. The runtime then sends about ten
    /// [`action::Action::Tick`]s a second.
    pub fn animates(&self) -> bool {
        let Screen::Interview(interview) = &self.screen else {
            return self.overlays.animates() || self.is_timed();
        };
        self.is_timed()
            || self.voice.keys.is_doubtful()
            || self.is_hearing()
            || interview.request != RequestState::Idle
    }

    /// Whether a notice or a first Ctrl+C ends by itself.
    fn is_timed(&self) -> bool {
        self.ctx.interrupted.is_some() || self.ctx.notices.animates()
    }

    /// Whether the candidate talks, or words are still to come.
    pub fn is_hearing(&self) -> bool {
        self.ctx.composer.is_hearing()
    }

    /// Returns the text for the terminal's title bar.
    pub fn title(&self) -> String {
        let Screen::Interview(interview) = &self.screen else {
            return "mock-interviewer".to_owned();
        };
        let state = t!(self.title_key(interview), locale = self.ctx.language.code());
        let words = [state.as_ref(), interview.topic.as_str(), "mock-interviewer"];
        words
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }

    fn title_key(&self, interview: &Interview) -> &'static str {
        if self.ctx.composer.talk != TalkState::Quiet {
            "ui.title.listening"
        } else if self.is_hearing() {
            "ui.title.transcribing"
        } else if matches!(interview.speech, ReplySpeech::Speaking { .. }) {
            "ui.title.speaking"
        } else if interview.request != RequestState::Idle {
            "ui.title.thinking"
        } else if interview.is_over() {
            "ui.title.over"
        } else {
            "ui.title.your_turn"
        }
    }

    /// Returns the interview that was last on the screen, if one was begun.
    pub fn last_interview(&self) -> Option<&LastInterview> {
        self.ctx.last_interview.as_ref()
    }

    /// Returns the notice to show and how much it matters, or else how far the speech model is.
    pub fn shown_notice(&self) -> Option<(Severity, String)> {
        geometry::shown_notice(&self.ctx, &self.voice)
    }

    /// Returns the geometry of the interview screen as it is now.
    pub fn geometry(&self) -> Geometry {
        let over = matches!(&self.screen, Screen::Interview(interview) if interview.is_over());
        Geometry::new(&self.ctx, &self.voice, over)
    }

    /// Returns how many of `height` rows the notice takes.
    pub(crate) fn notice_rows(&self, height: u16) -> u16 {
        geometry::notice_rows(&self.ctx, &self.voice, height)
    }

    /// Returns what the user wrote or said and nobody has taken yet: the draft with what is being
    /// said, and the answer on its way.
    pub fn unsent(&self) -> String {
        let shown = self.ctx.composer.shown();
        let draft = shown.draft.text();
        let interview = match &self.screen {
            Screen::Interview(interview) => Some(interview),
            Screen::SignIn(sign_in) => sign_in.back.as_ref(),
            Screen::Connecting | Screen::Unconnected(_) | Screen::Lobby => None,
        };
        match interview.and_then(|interview| interview.request.request()) {
            Some(InterviewRequest::Answer(sent)) => composer::with_rest(&sent.answer.text, draft),
            Some(InterviewRequest::Start | InterviewRequest::Finish) | None => draft.to_owned(),
        }
    }
}

/// Returns the question whether to download a speech model, if it is to be asked.
fn model_question(setup: &Setup) -> Option<Question> {
    let offer = setup.model_offer.clone();
    offer
        .filter(|offer| offer.how == OfferMode::Ask)
        .map(Question::Model)
}
