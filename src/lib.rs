//! A mock interviewer in the terminal, with local voice, in English and Korean.
//!
//! ```text
//!             keys ──► keymap ──► Action ──► App::update ──► Vec<Effect> ──► Performer
//!                                    ▲          (pure)                          │
//!                                    └───────────── results, each with its TurnId ◄┘
//!                                      App ──► ui::draw (no I/O, no &mut, no clock)
//!
//! one spoken turn:
//!   Microphone ─samples► Listener ─phrases► Transcriber ─words► draft ─send► Backend ─deltas► reply
//!                                                                         └► sentences ─► Narrator ─► Speaker
//! ```
//!
//! Every edge of a turn has a named failure; every failure returns to rest with a notice and keeps the user's words.
//! The same interview runs in two places, so it is written once: [`practice`] is called in this process by local mode,
//! and by the HTTP handlers of the server.
//!
//! Imports go down these floors only, which a test checks:
//!
//! | floor | modules |
//! |---|---|
//! | 6 | [`cli`]: one file a command; `main` reads the surroundings |
//! | 5 | [`runtime`]: the only loop, the terminal, tasks that perform effects |
//! | 4 | [`app`]: state and what happens to it, pure · [`ui`]: draws it, one pane a file |
//! | 3 | [`backend`]: the interview, wherever it runs; signing in |
//! | 2 | [`practice`]: the interview service · [`client`] and [`mod@server`] of its API |
//! | 1 | [`interviewer`] · [`narrator`] · [`voice`] · [`store`] · [`secrets`] · [`models`] · [`preferences`] · [`report_files`] · [`upstream`] (HTTP to engines) |
//! | 0 | [`interview`]: the domain, pure · [`api`]: wire types · [`config`] · [`paths`] · [`files`] · [`logging`] · [`machine`] |
//!
//! Where a key press becomes speech: `runtime::input` → `app::keymap` → `app::update` (`talk`) →
//! `runtime::listening` → `voice::listener` → `voice::whisper`, and back as an `Action`.
#![cfg_attr(
    test,
    allow(
        missing_docs,
        reason = "tests are named after the behaviour they check"
    )
)]

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
pub mod report_files;
pub mod runtime;
pub mod secrets;
#[cfg(feature = "server")]
pub mod server;
pub mod store;
pub mod sync;
pub mod ui;
pub mod upstream;
pub mod voice;
