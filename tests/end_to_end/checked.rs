//! Tests the microphone check and the benchmark, with files in place of devices.

use std::process::Output;

use assert_cmd::Command;
use rstest::rstest;

use crate::home::{Home, recording, test_model};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

fn devices(home: &Home, arguments: &[&str]) -> Output {
    without_sound(home)
        .arg("devices")
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn without_sound(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    // These addresses lead nowhere, so that the test is the same on every machine.
    let nowhere = home.path().join("no-sound-server");
    command
        .env_clear()
        .envs(home.environment())
        .env("PULSE_SERVER", format!("unix:{}", nowhere.display()));
    command
}

#[rstest]
#[case::somebody_speaks("short-en-1.wav", 0, "good", "I learned to write clear code.")]
#[case::nothing_comes("silence.wav", 1, "dead", "")]
#[case::nobody_speaks("noise.wav", 1, "no_voice", "")]
fn the_exit_code_of_a_check_says_whether_anybody_was_heard(
    #[case] file: &str,
    #[case] code: i32,
    #[case] verdict: &str,
    #[case] text: &str,
) {
    let home = Home::new();
    let model = test_model();
    let file = recording(file);
    let heard = home.path().join("heard.wav").display().to_string();
    let arguments = [
        "--check",
        "--json",
        "--mic-file",
        &file,
        "--speaker-file",
        &heard,
        "--model",
        &model,
    ];
    let output = devices(&home, &[&arguments[..], &["--language", "en"]].concat());
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("stdout holds JSON alone");
    let check = &report["check"];
    assert_eq!(
        (output.status.code(), check["verdict"].as_str()),
        (Some(code), Some(verdict)),
        "{report}"
    );
    assert_eq!(
        (check["text"].as_str(), check["usable"].as_bool()),
        (Some(text), Some(code == 0))
    );
    assert!(report["microphones"].is_array() && report["speakers"].is_array());
    let played = check["played"].as_bool().expect("a truth");
    assert_eq!(played, verdict != "dead");
    assert_eq!(
        wav_seconds(&heard) > 2.5,
        played,
        "what was heard is played back"
    );
}

/// Returns the duration in seconds of a WAV file with 16-bit samples at 24 kHz, judged by its size.
fn wav_seconds(file: &str) -> f64 {
    std::fs::metadata(file).map_or(0.0, |metadata| metadata.len() as f64 / 48_000.0)
}

#[test]
fn the_microphone_can_be_checked_at_home() {
    let home = Home::new();
    let model = test_model();
    let file = recording("short-en-1.wav");
    let heard = home.path().join("heard.wav").display().to_string();
    let mut arguments = vec![
        "--interviewer",
        "offline",
        "--narrator",
        "none",
        "--language",
        "en",
    ];
    arguments.extend([
        "--model",
        &model,
        "--mic-file",
        &file,
        "--speaker-file",
        &heard,
    ]);
    let mut terminal = Terminal::open(&home, (80, 24), Keyboard::Legacy, &arguments);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::F8);
    terminal.wait_for("Say a sentence");
    terminal.wait_for("█");
    terminal.wait_for("You can be heard well.");
    terminal.wait_for("I learned to write clear code.");
    terminal.wait_gone("Playing it back.");
    assert!(wav_seconds(&heard) > 2.5, "it was played back");
    terminal.press(keys::ESC);
    terminal.wait_gone("You can be heard well.");
    // The check does not use up the file: the interview starts with it.
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal.press(keys::F2);
    terminal.wait_for("listening 0:04");
    terminal.press(keys::F2);
    terminal.wait_for("I learned to write clear code.");
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
}

/// ALSA and JACK print a complaint for every missing card.
#[test]
fn complaints_of_the_sound_libraries_go_to_the_log_and_never_to_the_screen() {
    let home = Home::new();
    let model = test_model();
    let nothing = home.path().join("no-sound-server").display().to_string();
    let mut variables = home.environment();
    variables.retain(|(name, _)| !name.starts_with("PULSE"));
    variables.extend(
        [
            ("XDG_RUNTIME_DIR", nothing.clone()),
            ("PULSE_SERVER", format!("unix:{nothing}")),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let arguments = [
        "--interviewer",
        "offline",
        "--narrator",
        "espeak",
        "--language",
        "en",
        "--model",
        &model,
    ];
    let mut terminal = Terminal::open_in(&home, &variables, (80, 24), Keyboard::Legacy, &arguments);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::F7);
    terminal.wait_for("none found");
    terminal.press(keys::ESC);
    terminal.wait_gone("none found");
    terminal.press(keys::F8);
    terminal.wait_for("no microphone was found");
    terminal.press(keys::ESC);
    terminal.wait_gone("no microphone was found");
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal.press("Typing works.\r");
    terminal.wait_for(ENGLISH.second_question);
    terminal.press(keys::F9);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
    for library in ["ALSA lib", "jack", "whisper_", "ggml_"] {
        assert!(
            !terminal.ever_wrote(library),
            "{library} is on the screen:\n{}",
            terminal.picture()
        );
    }
    #[cfg(target_os = "linux")]
    assert!(home.holds("ALSA lib"), "the log holds what ALSA said");
}

/// The figures that `bench --json` reports; times are in milliseconds.
const FIGURES: [&str; 14] = [
    "/threads",
    "/load_ms",
    "/real_time_factor",
    "/first_partial_ms",
    "/release_to_final_ms/5",
    "/release_to_final_ms/10",
    "/release_to_final_ms/30",
    "/release_to_final_ms/120",
    "/first_delta_to_sound_ms",
    "/interrupt_to_silence_ms/p50",
    "/interrupt_to_silence_ms/p95",
    "/key_to_frame_ms/p50",
    "/key_to_frame_ms/p99",
    "/rss_mb",
];

#[test]
fn bench_measures_every_figure_without_a_sound_card_or_a_terminal() {
    let home = Home::new();
    let model = test_model();
    let output = without_sound(&home)
        .args(["bench", "--json", "--model", &model])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let figures: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("stdout holds JSON alone");
    let missing = FIGURES.iter().filter(|name| {
        !figures
            .pointer(name)
            .is_some_and(serde_json::Value::is_number)
    });
    assert_eq!(missing.count(), 0, "{figures}");
    assert_eq!(figures["model"].as_str(), Some(model.as_str()));
}

#[test]
fn bench_without_a_model_names_the_command_that_downloads_one() {
    let home = Home::new();
    let output = without_sound(&home)
        .args(["bench", "--language", "en"])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("mock-interviewer models download "), "{told}");
}
