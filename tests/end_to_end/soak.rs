//! An hour of spoken interviews on the virtual sound card, to find anything that grows with time. Run it with `make soak`;
//! `SOAK_MINUTES` sets another length.

use std::fs;
use std::time::{Duration, Instant};

use crate::home::{Home, needs, recording, test_model};
use crate::sound::{SpeakerMonitor, say_into_microphone, sound_card};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

/// The peak (0 to 1) that counts as sound: far above the silence of a null device, far below espeak-ng's voice.
const AUDIBLE: f32 = 0.05;
/// The number of answers compared after the first quarter of the time, when caches and pools are filled, and at its end.
const COMPARED: usize = 10;
/// The kilobytes by which memory may differ at the end, since caches of the system's sound libraries come and go.
const GROWTH: u64 = 4_096;
/// The status that appears once all words are in the draft.
const WRITTEN: &str = "f2 adds speech";
/// The status that appears while the draft is empty.
const NOTHING: &str = "tap space to talk";
/// The recorded answers and their transcripts.
const SPEECH: [(&str, &str); 3] = [
    ("short-en-1.wav", "I learned to write clear code."),
    ("short-en-4.wav", "The first problem was the test suite."),
    (
        "short-en-2.wav",
        "It took us six days, but we learned a lot.",
    ),
];

/// The number of answers in a hundred that may be misheard or missed: a virtual sound card drops sound on a busy
/// machine.
const MISHEARD: usize = 1;

/// A sample of the process's resources and of how well and fast it transcribed one answer.
#[derive(Clone, Copy, Debug)]
struct Sample {
    minute: f64,
    heard: bool,
    resident: u64,
    threads: u64,
    files: usize,
    release_to_words: Duration,
}

#[test]
#[ignore = "takes an hour: make soak"]
fn memory_threads_files_and_latency_do_not_grow_during_the_soak() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let minutes: u64 =
        std::env::var("SOAK_MINUTES").map_or(60, |text| text.parse().expect("minutes"));
    let _alone = sound_card();
    let home = Home::new();
    let model = test_model();
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
    let begun = Instant::now();
    let mut samples = Vec::new();
    terminal.wait_for(ENGLISH.lobby);
    while begun.elapsed() < Duration::from_secs(60 * minutes) || samples.len() < 4 * COMPARED {
        interview(&mut terminal, begun, &mut samples);
    }
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    judge(&samples);
}

/// Holds an interview of five questions, each heard and answered aloud, and returns home.
fn interview(terminal: &mut Terminal, begun: Instant, samples: &mut Vec<Sample>) {
    let ear = SpeakerMonitor::open();
    terminal.press(keys::ENTER);
    let mut number = 1;
    let mut asked = ENGLISH.question(1);
    terminal.wait_for(&asked);
    while asked != ENGLISH.report_written {
        ear.wait_for_sound(AUDIBLE);
        let said = SPEECH[samples.len() % SPEECH.len()];
        // An answer that was not heard at all is spoken again.
        loop {
            let (heard, took) = answer(terminal, said);
            samples.push(sample(terminal, begun, heard, took));
            if terminal.picture().contains(WRITTEN) {
                break;
            }
        }
        terminal.press(keys::ENTER);
        let next = ENGLISH.question(number + 1);
        let expected = [next.clone(), ENGLISH.report_written.to_owned()];
        // A main question may be followed up once.
        let follow_up = [ENGLISH.follow_up(number)];
        let may_follow_up = asked == ENGLISH.question(number);
        let follow_up = if may_follow_up { &follow_up[..] } else { &[] };
        asked = terminal.wait_for_any(&[&expected[..], follow_up].concat());
        number += u32::from(asked == next);
    }
    terminal.press(keys::F9);
    terminal.wait_for(ENGLISH.lobby);
}

/// Speaks an answer. Returns whether it was understood, and the time from the release of the key to the final words.
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

fn sample(terminal: &Terminal, begun: Instant, heard: bool, release_to_words: Duration) -> Sample {
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
    let sample = Sample {
        minute,
        heard,
        resident: number("VmRSS:"),
        threads: number("Threads:"),
        files,
        release_to_words,
    };
    println!(
        "{:6.1} min  {:6} kB  {:2} threads  {:2} files  words after {:4} ms{}",
        sample.minute,
        sample.resident,
        sample.threads,
        sample.files,
        sample.release_to_words.as_millis(),
        if sample.heard { "" } else { "  misheard" }
    );
    sample
}

/// Compares the last answers with those after the first quarter.
fn judge(samples: &[Sample]) {
    let first = &samples[samples.len() / 4..][..COMPARED];
    let last = &samples[samples.len() - COMPARED..];
    let most =
        |of: &[Sample], what: fn(&Sample) -> u64| of.iter().map(what).max().expect("several");
    let fewest =
        |of: &[Sample], what: fn(&Sample) -> u64| of.iter().map(what).min().expect("several");
    let resident: fn(&Sample) -> u64 = |sample| sample.resident;
    assert!(
        fewest(last, resident) <= most(first, resident) + GROWTH,
        "memory grew: {first:?} {last:?}"
    );
    let threads: fn(&Sample) -> u64 = |sample| sample.threads;
    assert!(
        fewest(last, threads) <= most(first, threads),
        "threads were left behind: {first:?} {last:?}"
    );
    let files: fn(&Sample) -> u64 = |sample| sample.files as u64;
    assert!(
        fewest(last, files) <= most(first, files),
        "files were left open: {first:?} {last:?}"
    );
    let median = |of: &[Sample]| {
        let mut times: Vec<Duration> = of.iter().map(|sample| sample.release_to_words).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let misheard = samples.iter().filter(|sample| !sample.heard).count();
    assert!(
        100 * misheard <= MISHEARD * samples.len(),
        "{misheard} of {} answers were misheard",
        samples.len()
    );
    assert!(
        median(last) <= 2 * median(first) + Duration::from_millis(200),
        "words come later: {first:?} {last:?}"
    );
}
