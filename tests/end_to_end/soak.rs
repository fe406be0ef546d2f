//! An hour of talk on the virtual sound card: what grows with time shows. `make soak` (`SOAK_MINUTES` for another length).

use std::fs;
use std::time::{Duration, Instant};

use crate::home::{Home, needs, recording, toy_model};
use crate::sound::{Ear, say_into_microphone, sound_card};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

/// Far above the silence of a null device, far below espeak-ng's voice.
const AUDIBLE: f32 = 0.05;
/// Answers compared, from after the first quarter of the time and from its end: what is cached and pooled by then stays.
const COMPARED: usize = 10;
/// Kilobytes that memory may differ by at the end: caches of the system's sound libraries come and go.
const GROWTH: u64 = 4_096;
/// Offered once everything said is in the draft for good.
const WRITTEN: &str = "f2 adds speech";
/// Offered while the draft is empty.
const NOTHING: &str = "tap space to talk";
/// Answers, and what they say.
const SPEECH: [(&str, &str); 3] = [
    ("short-en-1.wav", "I learned to write clear code."),
    ("short-en-4.wav", "The first problem was the test suite."),
    (
        "short-en-2.wav",
        "It took us six days, but we learned a lot.",
    ),
];

/// Of a hundred answers at most so many may be misheard, or not heard: a virtual sound card drops sound when the machine
/// is busy.
const MISHEARD: usize = 1;

/// What the process holds, and how well and how quick it hears.
#[derive(Clone, Copy, Debug)]
struct Look {
    minute: f64,
    heard: bool,
    resident: u64,
    threads: u64,
    files: usize,
    release_to_words: Duration,
}

#[test]
#[ignore = "takes an hour: make soak"]
fn an_hour_of_talk_leaves_memory_threads_files_and_pace_as_they_were() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let minutes: u64 =
        std::env::var("SOAK_MINUTES").map_or(60, |text| text.parse().expect("minutes"));
    let (_alone, home, model) = (sound_card(), Home::new(), toy_model());
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
    let mut terminal = Terminal::open(&home, (80, 24), Keyboard::Legacy, &arguments);
    let (begun, mut looks) = (Instant::now(), Vec::new());
    terminal.wait_for(ENGLISH.lobby);
    while begun.elapsed() < Duration::from_secs(60 * minutes) || looks.len() < 4 * COMPARED {
        interview(&mut terminal, begun, &mut looks);
    }
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    judge(&looks);
}

/// Five questions, each heard and answered aloud; then back to the lobby.
fn interview(terminal: &mut Terminal, begun: Instant, looks: &mut Vec<Look>) {
    let ear = Ear::open();
    terminal.press(keys::ENTER);
    for number in 1..=5 {
        terminal.wait_for(&ENGLISH.question(number));
        ear.wait_for_sound(AUDIBLE);
        let said = SPEECH[looks.len() % SPEECH.len()];
        // Whoever is not heard at all says it again.
        loop {
            let (heard, took) = answer(terminal, said);
            looks.push(look(terminal, begun, heard, took));
            if terminal.picture().contains(WRITTEN) {
                break;
            }
        }
        terminal.press(keys::ENTER);
    }
    terminal.wait_for(ENGLISH.report_written);
    terminal.press(keys::F9);
    terminal.wait_for(ENGLISH.lobby);
}

/// Says it; whether it was understood, and how long after the key came up all was there.
fn answer(terminal: &mut Terminal, (file, words): (&str, &str)) -> (bool, Duration) {
    terminal.press(keys::F2);
    terminal.wait_for(ENGLISH.listening);
    say_into_microphone(&recording(file));
    terminal.press(keys::F2);
    let released = Instant::now();
    terminal.wait_gone(ENGLISH.listening);
    let over = |screen: &vt100::Screen| {
        [WRITTEN, NOTHING]
            .iter()
            .any(|hint| screen.contents().contains(hint))
    };
    terminal.wait_until("words, or none", over);
    let heard = terminal
        .picture()
        .lines()
        .any(|line| line.starts_with("││") && line.contains(words));
    (heard, released.elapsed())
}

fn look(terminal: &Terminal, begun: Instant, heard: bool, release_to_words: Duration) -> Look {
    let process = format!("/proc/{}", terminal.pid());
    let status = fs::read_to_string(format!("{process}/status")).expect("the program runs");
    let number = |name: &str| {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .expect("a known line");
        line.trim_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .expect("a number")
    };
    let files = fs::read_dir(format!("{process}/fd"))
        .expect("the program runs")
        .count();
    let minute = begun.elapsed().as_secs_f64() / 60.0;
    let look = Look {
        minute,
        heard,
        resident: number("VmRSS:"),
        threads: number("Threads:"),
        files,
        release_to_words,
    };
    println!(
        "{:6.1} min  {:6} kB  {:2} threads  {:2} files  words after {:4} ms{}",
        look.minute,
        look.resident,
        look.threads,
        look.files,
        look.release_to_words.as_millis(),
        if look.heard { "" } else { "  misheard" }
    );
    look
}

/// The last answers against those after the first quarter.
fn judge(looks: &[Look]) {
    let (first, last) = (
        &looks[looks.len() / 4..][..COMPARED],
        &looks[looks.len() - COMPARED..],
    );
    let most = |of: &[Look], what: fn(&Look) -> u64| of.iter().map(what).max().expect("several");
    let fewest = |of: &[Look], what: fn(&Look) -> u64| of.iter().map(what).min().expect("several");
    let resident: fn(&Look) -> u64 = |look| look.resident;
    assert!(
        fewest(last, resident) <= most(first, resident) + GROWTH,
        "memory grew: {first:?} {last:?}"
    );
    let threads: fn(&Look) -> u64 = |look| look.threads;
    assert!(
        fewest(last, threads) <= most(first, threads),
        "threads were left behind: {first:?} {last:?}"
    );
    let files: fn(&Look) -> u64 = |look| look.files as u64;
    assert!(
        fewest(last, files) <= most(first, files),
        "files were left open: {first:?} {last:?}"
    );
    let median = |of: &[Look]| {
        let mut times: Vec<Duration> = of.iter().map(|look| look.release_to_words).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let misheard = looks.iter().filter(|look| !look.heard).count();
    assert!(
        100 * misheard <= MISHEARD * looks.len(),
        "{misheard} of {} answers were misheard",
        looks.len()
    );
    assert!(
        median(last) <= 2 * median(first) + Duration::from_millis(200),
        "words come later: {first:?} {last:?}"
    );
}
