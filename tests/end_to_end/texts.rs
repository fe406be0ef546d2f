//! The texts on the screen that the tests wait for.

/// The texts of one language.
#[derive(Debug)]
pub struct Texts {
    pub language: &'static str,
    /// A text that only the home screen shows.
    pub lobby: &'static str,
    /// The header while the interview waits for an answer.
    pub first_question: &'static str,
    pub second_question: &'static str,
    pub listening: &'static str,
    /// The notice that the report has been written.
    pub report_written: &'static str,
    /// A text of the sign-in and registration screen.
    pub sign_in: &'static str,
    /// The command that downloads a model, as shown when there is none.
    pub model_remedy: &'static str,
}

pub const ENGLISH: Texts = Texts {
    language: "en",
    lobby: "What do you want to practise?",
    first_question: "question 1 of 5",
    second_question: "question 2 of 5",
    listening: "listening",
    report_written: ".md",
    sign_in: "Create an account",
    model_remedy: "models download",
};

pub const KOREAN: Texts = Texts {
    language: "ko",
    lobby: "무엇을 연습할까요?",
    first_question: "질문 1/5",
    second_question: "질문 2/5",
    listening: "듣는 중",
    report_written: ".md",
    sign_in: "계정 만들기",
    model_remedy: "models download",
};

impl Texts {
    /// Returns the header text for the given one of five questions.
    pub fn question(&self, number: u32) -> String {
        self.first_question.replace('1', &number.to_string())
    }

    /// Returns the header text for the follow-up of the given one of five questions.
    pub fn follow_up(&self, number: u32) -> String {
        self.first_question.replace('1', &format!("{number}a"))
    }
}

/// The byte sequences that terminals send for keys.
pub mod keys {
    pub const ENTER: &str = "\r";
    pub const CTRL_C: &str = "\x03";
    pub const CTRL_Q: &str = "\x11";
    pub const CTRL_Z: &str = "\x1a";
    pub const SPACE: &str = " ";
    pub const ESC: &str = "\x1b";
    pub const RIGHT: &str = "\x1b[C";
    pub const F2: &str = "\x1bOQ";
    pub const F7: &str = "\x1b[18~";
    pub const F8: &str = "\x1b[19~";
    pub const F9: &str = "\x1b[20~";
    /// Ctrl+C under the kitty protocol.
    pub const CTRL_C_KITTY: &str = "\x1b[99;5u";
    pub const SPACE_REPEATED: &str = "\x1b[32;1:2u";
    pub const SPACE_RELEASED: &str = "\x1b[32;1:3u";
}
