//! Tests of the built program as a user meets it: in a terminal, with a virtual sound card, and through pipes.
#![allow(
    missing_docs,
    reason = "tests are named after the behaviour they check"
)]

mod home;
mod hostile;
mod input;
#[cfg(all(unix, feature = "server", feature = "voice"))]
mod korean;
mod piped;
#[cfg(target_os = "linux")]
mod sound;
mod terminal;
mod texts;

#[cfg(target_os = "linux")]
mod aloud;
mod checked;
#[cfg(target_os = "linux")]
mod devices;
mod lifecycle;
#[cfg(target_os = "linux")]
mod signed_in;
#[cfg(target_os = "linux")]
mod soak;
mod spoken;
mod typed;
