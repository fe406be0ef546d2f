//! Any text as a settings file: taken or refused with a reason, never a panic.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use mock_interviewer::config::Layers;

fuzz_target!(|text: &str| {
    if let Err(error) = Layers::default().text(Path::new("config.toml"), text).and_then(Layers::build) {
        assert!(!error.to_string().is_empty());
    }
});
