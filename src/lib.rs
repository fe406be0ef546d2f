//! A mock interviewer in the terminal, with local voice, in English and Korean.
//!
//! ```text
//!             keys ──► keymap ──► Action ──► App::update ──► Vec<Effect> ──► runtime::perform
//!                                    ▲          (pure)                          │
//!                                    └───────────── results, each with its TurnId ◄┘
//!                                      App ──► ui::draw (no I/O, no &mut, no clock)
//!
//! one spoken turn:
//!   Microphone ─samples► Recorder ─phrases► Transcriber ─words► draft ─send► Backend ─deltas► reply
//!                                                                         └► sentences ─► Narrator ─speech► Speaker
//! ```
//!
//! Every edge of a turn has a named failure. Every failure returns the interface to idle with a notice and keeps the
//! user's words. The same interview runs in two places, so it is written once: local mode calls [`practice`] in this
//! process, and the server's HTTP handlers call it for remote users.
//!
//! # Floors
//!
//! Imports go down these floors only, and no files of one folder import each other in a circle. A test checks both.
//!
//! | floor | modules |
//! |---|---|
//! | 6 | [`cli`]: the composition root, one file per command; `main` reads the environment |
//! | 5 | [`runtime`]: the only loop, the terminal, and the tasks that perform effects |
//! | 4 | [`app`]: the state and its updates, pure · [`ui`]: draws the state, one pane per file |
//! | 3 | [`backend`]: the interview, wherever it runs, and signing in |
//! | 2 | [`practice`]: the interview service · [`client`] and [`mod@server`] of its API |
//! | 1 | [`interviewer`] · [`narrator`] · [`voice`] · [`store`] · [`secrets`] · [`models`] · [`preferences`] · [`report_files`] · [`upstream`] (HTTP to model servers) |
//! | 0 | [`interview`]: the domain, pure · [`api`]: wire types · [`config`] · [`paths`] · [`files`] · [`logging`] · [`machine`] · [`stderr`] · [`sync`] · [`username`] · [`wave`] · [`printable`]: text without what a terminal would act on |
//!
//! # Where a key press becomes speech
//!
//! 1. `runtime::input` reads the key, [`app::keymap`] turns it into a command, and the interview's talk key emits
//!    [`app::effect::VoiceEffect::Start`].
//! 2. `runtime::perform` sends it to the port [`runtime::VoiceInput`], which starts the [`voice`] recorder.
//! 3. The recorder's samples are cut into phrases by `voice::segmenter`, and `voice::whisper` transcribes each phrase.
//! 4. The words return as [`app::action::UtteranceEvent`]s and stand in the draft.
//!
//! # Glossary
//!
//! | term | meaning |
//! |---|---|
//! | interview | a sequence of turns on one topic, from its first question to the closing feedback |
//! | turn | one request to the interviewer and its reply: a start, an answer or a finish; `TurnId` names it |
//! | question, follow-up | a main question of the interview, and a further question about the same answer |
//! | question bank | the built-in questions; each has points that a good answer covers |
//! | topic | what an interview is about; one of the bank's, or the candidate's own words |
//! | interviewer | what asks the questions: the question bank or a model |
//! | narrator | the speech engine that speaks replies |
//! | draft | the answer being written or spoken, before it is sent |
//! | transcript | the questions and answers of an interview, as the screen shows them |
//! | utterance | what is said between starting and stopping to talk |
//! | phrase | a stretch of an utterance between pauses; Whisper transcribes one phrase at a time |
//! | pass | one run of Whisper over a phrase: a draft while the candidate talks, or the final one |
//! | delivery | how an answer was spoken: pace, pauses, fillers |
//! | local, server, embedded mode | the interview runs in this process; on a remote server; on the bundled server inside this process |

rust_i18n::i18n!("assets/locales", fallback = "en");

pub mod api;
pub mod app;
pub mod backend;
pub mod cli;
pub mod client;
pub mod config;
pub mod files;
pub mod interview;
pub mod interviewer;
pub mod logging;
pub mod machine;
pub mod models;
pub mod narrator;
pub mod paths;
pub mod practice;
pub mod preferences;
pub mod printable;
pub mod report_files;
pub mod runtime;
pub mod secrets;
#[cfg(feature = "server")]
pub mod server;
pub mod stderr;
pub mod store;
pub mod sync;
pub mod ui;
pub mod upstream;
pub mod username;
pub mod voice;
pub mod wave;
