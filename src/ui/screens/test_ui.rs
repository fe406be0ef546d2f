//! An app that tests apply actions to and take screenshots of.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::{Theme, draw};
use super::done;
use crate::app::App;
use crate::app::action::{Action, BackendEvent, TerminalEvent, TurnId};
use crate::app::effect::{BackendEffect, Effect, SessionEffect, VoiceEffect};
use crate::app::key::{Code, Key, Phase};
use crate::app::setup::{InterviewerInfo, Mode, Setup, SpeechSettings, TopicItem};
use crate::app::wrap::columns;
use crate::config::SpeechLanguage;
use crate::interview::Language;

/// An app with a clock, and the effects it asked for.
pub(in crate::ui) struct TestUi {
    pub(in crate::ui) app: App,
    pub(super) now: u64,
    effects: Vec<Effect>,
}

pub(in crate::ui) fn setup(language: Language, size: (u16, u16)) -> Setup {
    let item = |(id, title): (&str, &str)| TopicItem {
        id: id.to_owned(),
        title: title.to_owned(),
    };
    let english = [
        ("backend", "Backend"),
        ("behavioural", "Behavioural"),
        ("databases", "Databases"),
        ("rust", "Rust"),
        ("system-design", "System design"),
    ];
    let korean = [
        ("backend", "백엔드"),
        ("behavioural", "자기소개와 인성"),
        ("databases", "데이터베이스"),
        ("rust", "러스트"),
        ("system-design", "시스템 설계"),
    ];
    Setup {
        mode: Mode::Local,
        interviewer: InterviewerInfo::QuestionBank,
        language,
        interview_language: language,
        topics: vec![
            (Language::English, english.map(item).to_vec()),
            (Language::Korean, korean.map(item).to_vec()),
        ],
        questions: 5,
        consent: None,
        model_offer: None,
        first_run: false,
        can_finish: true,
        speaking: SpeechSettings::default(),
        spoken: SpeechLanguage::default(),
        size,
    }
}

impl TestUi {
    pub(in crate::ui) fn new(setup: Setup) -> Self {
        let (app, effects) = App::new(setup);
        Self {
            app,
            now: 0,
            effects,
        }
    }

    pub(in crate::ui) fn apply(&mut self, action: Action) -> &mut Self {
        self.effects.extend(self.app.update(action));
        self
    }

    pub(in crate::ui) fn press(&mut self, code: Code) -> &mut Self {
        self.now += 1000;
        self.press_with(code, false)
    }

    pub(in crate::ui) fn quit(&mut self) -> &mut Self {
        self.press_ctrl('q')
    }

    pub(in crate::ui) fn press_ctrl(&mut self, letter: char) -> &mut Self {
        self.press_with(Code::Char(letter), true)
    }

    fn press_with(&mut self, code: Code, ctrl: bool) -> &mut Self {
        let key = Key {
            code,
            ctrl,
            alt: false,
            shift: false,
            phase: Phase::Press,
            at: self.now,
        };
        self.apply(Action::Terminal(TerminalEvent::Key(key)))
    }

    pub(in crate::ui) fn type_text(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.press(Code::Char(letter));
        }
        self
    }

    pub(in crate::ui) fn is_korean(&self) -> bool {
        self.app.ctx.language == Language::Korean
    }

    /// Returns the turn of the latest request or utterance.
    pub(in crate::ui) fn turn(&self) -> TurnId {
        let turn = |effect: &Effect| match effect {
            Effect::Turn {
                effect: BackendEffect::Cancel,
                ..
            } => None,
            Effect::Turn { turn, .. } | Effect::Session(SessionEffect::SignIn { turn, .. }) => {
                Some(*turn)
            }
            Effect::Voice(VoiceEffect::Start { utterance }) => Some(*utterance),
            Effect::Voice(_)
            | Effect::Session(_)
            | Effect::Terminal(_)
            | Effect::Speech(_)
            | Effect::Device(_)
            | Effect::Model(_)
            | Effect::SaveDraft { .. }
            | Effect::LoadDraft { .. } => None,
        };
        self.effects
            .iter()
            .rev()
            .find_map(turn)
            .expect("a request was made")
    }

    /// Enters an interview, and lets the first question arrive.
    pub(in crate::ui) fn interview(&mut self) -> &mut Self {
        let korean = self.is_korean();
        self.type_text("rust").press(Code::Enter);
        let question = if korean {
            "반갑습니다. 저는 질문 은행으로 질문합니다.\n\n**소유권**이 무엇이고, 왜 가비지 컬렉터 없이도 메모리가 안전한가요?"
        } else {
            "Welcome. I ask from a question bank.\n\nWhat is **ownership**, and how does it make memory safe without a garbage collector?"
        };
        let turn = self.turn();
        self.apply(Action::Turn {
            turn,
            event: BackendEvent::Done(Box::new(done(question, 1, false))),
        })
    }

    /// Returns the rows of the screen, and the place of the cursor.
    pub(in crate::ui) fn screenshot(&self) -> String {
        let (width, height) = self.app.ctx.size;
        let mut terminal =
            Terminal::new(TestBackend::new(width, height)).expect("a test terminal opens");
        terminal
            .draw(|frame| draw(&self.app, frame, Theme::Colour))
            .expect("a test terminal draws");
        let caret = terminal.backend().cursor_position();
        let shown = if terminal.backend().cursor_visible() {
            format!("cursor {caret}")
        } else {
            "no cursor".to_owned()
        };
        let buffer = terminal.backend().buffer();
        // A wide character hides the cell behind it.
        let row = |y| {
            let mut hidden = 0_usize;
            let mut line = String::new();
            for x in 0..width {
                let symbol = buffer[(x, y)].symbol();
                if hidden == 0 {
                    line.push_str(symbol);
                    hidden = columns(symbol);
                }
                hidden = hidden.saturating_sub(1);
            }
            format!("|{line}|\n")
        };
        let rows: String = (0..height).map(row).collect();
        format!("{rows}{shown}")
    }
}
