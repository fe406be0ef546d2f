//! The pure heart of the interface: state, actions, effects, update, keymap. It knows no terminal, clock, file or
//! device: what happens comes in as an [`action::Action`], what is to be done goes out as [`Effect`]s, and `ui` draws the rest.
pub mod action;
pub mod check;
mod composing;
pub mod devices;
pub mod draft;
pub mod effect;
pub mod form;
pub mod geometry;
mod history;
pub mod interview;
pub mod key;
pub mod keymap;
mod live;
pub mod lobby;
pub mod markdown;
pub mod notice;
pub mod overlay;
pub mod setup;
pub mod transcript;
pub mod turn_id;
mod update;
pub mod waterfall;
pub mod wrap;

use std::collections::VecDeque;

use rust_i18n::t;

use action::{Missing, Part, TransferProgress, TurnId};
use composing::Composing;
use effect::Effect;
use form::SignIn;
use interview::{Asking, Interview, Mouth, Request, Talk};
use lobby::Lobby;
use notice::{Notice, Weight};
use overlay::{Overlay, Pick, Question};
use waterfall::Waterfall;

pub use setup::{Asks, ConsentQuestion, Mode, ModelOffer, Offering, Setup, Speaking, TopicItem};

use crate::interview::Language;

/// The whole state of the interface.
#[derive(Debug)]
pub struct App {
    pub(crate) mode: Mode,
    pub(crate) asks: Asks,
    pub(crate) language: Language,
    /// Columns and rows.
    pub(crate) size: (u16, u16),
    /// The runtime's clock as last told, ms.
    pub(crate) now: u64,
    pub(crate) screen: Screen,
    pub(crate) overlays: VecDeque<Overlay>,
    pub(crate) lobby: Lobby,
    pub(crate) composing: Composing,
    pub(crate) notice: Option<Notice>,
    pub(crate) voice: Voice,
    pub(crate) usage: Usage,
    pub(crate) user: String,
    /// Of the last turn.
    pub(crate) waterfall: Waterfall,
    first_run: bool,
    can_finish: bool,
    loading: Option<TurnId>,
    interrupted: Option<u64>,
    /// Ctrl+Q was pressed while words were still to come: the app leaves with them.
    leaving: bool,
    ids: u64,
    effects: Vec<Effect>,
}

/// What fills the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// It is not known yet whether somebody is signed in.
    Connecting,
    /// It cannot be known; why.
    Unconnected(String),
    /// Nobody is.
    SignIn(Box<SignIn>),
    /// An interview is being chosen.
    Lobby,
    /// An interview is held.
    Interview(Box<Interview>),
}

/// What is known of the spoken side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voice {
    pub(crate) keys: TalkKeys,
    /// One of each part at most.
    pub(crate) missing: Vec<Missing>,
    pub(crate) transcriber: Transcriber,
    pub(crate) muted: bool,
    pub(crate) speaking: Speaking,
    pub(crate) offer: Option<ModelOffer>,
    /// How far the speech model is, while it is on its way.
    pub(crate) download: Option<TransferProgress>,
    /// It arrived and is being loaded: that one can talk now is news.
    arrived: bool,
}

/// How the talk keys behave in this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkKeys {
    /// Releases are reported; `swallowed` while the space bar that talked is still down, which was last `seen` then, ms.
    Hold {
        /// See above.
        swallowed: bool,
        /// See above.
        seen: Option<u64>,
    },
    /// They are not: a tap starts, a tap stops. When a talk key was last seen and last did something, ms.
    Tap {
        /// Held keys repeat: last time one was seen.
        seen: Option<u64>,
        /// Last time one did something.
        acted: Option<u64>,
        /// A press soon after that one: a second tap, unless more follow as they do from a held key.
        doubtful: Option<u64>,
    },
}

impl Default for TalkKeys {
    fn default() -> Self {
        Self::Tap {
            seen: None,
            acted: None,
            doubtful: None,
        }
    }
}

/// Whether speech can be written down already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transcriber {
    /// What is said waits until the model is loaded.
    #[default]
    Loading,
    /// It can.
    Ready,
}

/// Turns today, where somebody counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Taken.
    pub count: Option<u64>,
    /// Allowed.
    pub limit: Option<u64>,
}

impl App {
    /// The app at its start, and what is to be done first.
    pub fn new(setup: Setup) -> (Self, Vec<Effect>) {
        let lobby = Lobby::new(&setup);
        let consent = setup.consent.clone().map(Question::Consent);
        let how = setup.model_offer.as_ref().map(|offer| offer.how);
        let offer = setup
            .model_offer
            .clone()
            .filter(|offer| offer.how == Offering::Ask)
            .map(Question::Model);
        let overlays = consent
            .into_iter()
            .chain(offer)
            .map(|question| Overlay::Dialog(question, Pick::First))
            .collect();
        let mut app = Self {
            screen: if setup.mode == Mode::Local {
                Screen::Lobby
            } else {
                Screen::Connecting
            },
            mode: setup.mode,
            asks: setup.asks,
            language: setup.language,
            size: setup.size,
            now: 0,
            overlays,
            lobby,
            composing: Composing::default(),
            notice: None,
            voice: Voice {
                offer: setup.model_offer,
                speaking: setup.speaking,
                ..Voice::default()
            },
            usage: Usage::default(),
            user: String::new(),
            waterfall: Waterfall::default(),
            first_run: setup.first_run,
            can_finish: setup.can_finish,
            loading: None,
            interrupted: None,
            leaving: false,
            ids: 0,
            effects: Vec::new(),
        };
        if app.screen == Screen::Lobby {
            app.load();
        }
        if how == Some(Offering::GoOn) {
            app.download_model();
        }
        let effects = std::mem::take(&mut app.effects);
        (app, effects)
    }

    /// Something moves by itself: the runtime sends [`action::Action::Tick`]s, about ten a second.
    pub fn animates(&self) -> bool {
        let checks =
            matches!(self.overlays.front(), Some(Overlay::Check(check)) if check.animates());
        let Screen::Interview(interview) = &self.screen else {
            return checks || self.interrupted.is_some();
        };
        let doubtful = matches!(
            self.voice.keys,
            TalkKeys::Tap {
                doubtful: Some(_),
                ..
            }
        );
        self.interrupted.is_some()
            || doubtful
            || self.is_hearing()
            || interview.asking != Asking::Idle
    }

    /// The candidate talks, or words are still to come.
    pub fn is_hearing(&self) -> bool {
        let talks = matches!(&self.screen, Screen::Interview(interview) if interview.hearing.talk != Talk::Quiet);
        talks || self.composing.awaits_words()
    }

    /// For the terminal's title bar.
    pub fn title(&self) -> String {
        let locale = self.language.code();
        let Screen::Interview(interview) = &self.screen else {
            return "mock-interviewer".to_owned();
        };
        let state = match interview.as_ref() {
            Interview { hearing, .. } if hearing.talk != Talk::Quiet => {
                t!("ui.title.listening", locale = locale)
            }
            _ if self.is_hearing() => t!("ui.title.transcribing", locale = locale),
            Interview {
                mouth: Mouth::Speaking { .. },
                ..
            } => t!("ui.title.speaking", locale = locale),
            Interview {
                asking: Asking::Idle,
                ..
            } if interview.is_over() => t!("ui.title.over", locale = locale),
            Interview {
                asking: Asking::Idle,
                ..
            } => t!("ui.title.your_turn", locale = locale),
            _ => t!("ui.title.thinking", locale = locale),
        };
        let words = [state.as_ref(), interview.topic.as_str(), "mock-interviewer"];
        words
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// What is told, and how much it matters: the notice, or else how far the speech model is.
    pub fn told(&self) -> Option<(Weight, String)> {
        match &self.notice {
            Some(notice) => Some((notice.weight(), notice.words(self.language))),
            None => self
                .voice
                .arriving(self.language)
                .map(|words| (Weight::Plain, words)),
        }
    }

    /// What the user wrote or said and nobody has taken yet: the draft with what is being said, and the answer on its way.
    pub fn unsent(&self) -> String {
        let shown = self.composing.shown();
        let draft = shown.draft.text();
        let interview = match &self.screen {
            Screen::Interview(interview) => Some(interview),
            Screen::SignIn(sign_in) => sign_in.back.as_ref(),
            _ => None,
        };
        match interview.and_then(|interview| interview.asking.request()) {
            Some(Request::Answer(sent)) => composing::with_rest(&sent.answer.text, draft),
            _ => draft.to_owned(),
        }
    }
}

impl Voice {
    /// The candidate can be heard; the part that is missing otherwise.
    pub fn can_talk(&self) -> Result<(), &Missing> {
        self.lacking().next().map_or(Ok(()), Err)
    }

    /// The parts that are missing for talking.
    fn lacking(&self) -> impl Iterator<Item = &Missing> {
        let needed = |missing: &&Missing| {
            matches!(missing.part, Part::Microphone | Part::Model | Part::Voice)
        };
        self.missing.iter().filter(needed)
    }

    /// Talk keys are held rather than tapped.
    pub fn is_held(&self) -> bool {
        matches!(self.keys, TalkKeys::Hold { .. })
    }

    /// How far the speech model is, in words, while it is on its way.
    fn arriving(&self, language: Language) -> Option<String> {
        let (offer, progress) = (self.offer.as_ref()?, self.download?);
        let (name, progress) = (&offer.name, progress.describe(language));
        Some(
            t!(
                "ui.notice.arriving",
                locale = language.code(),
                name = name,
                progress = progress
            )
            .into_owned(),
        )
    }

    fn lacks(&mut self, missing: Missing) {
        self.has(missing.part);
        self.missing.push(missing);
    }

    fn has(&mut self, part: Part) {
        self.missing.retain(|missing| missing.part != part);
    }
}
