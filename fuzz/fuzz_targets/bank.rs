//! Any text as a question bank: taken or refused with file and line, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mock_interviewer::interview::Language;
use mock_interviewer::interview::bank::Bank;

fuzz_target!(|text: &str| {
    let mut bank = Bank::default();
    match bank.add("own.toml", text, Language::English) {
        Ok(()) => assert!(bank.topics(Language::English).all(|topic| !topic.questions.is_empty())),
        Err(error) => assert!(error.to_string().contains("own.toml"), "{error}"),
    }
});
