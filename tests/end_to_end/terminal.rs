//! Runs the program in a pseudo-terminal of any size and exposes its screen as a user sees it. Waiting reads output and never
//! sleeps.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

use crate::home::Home;

/// The deadline that turns a hang into a failure, longer than any step takes on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// Whether the terminal reports key releases (the kitty protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    Legacy,
    Kitty,
}

/// The terminal's replies to queries, and the number of pushed keyboard modes.
#[derive(Debug)]
struct Answers {
    keyboard: Keyboard,
    replies: Vec<u8>,
    pushed: i32,
}

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        c: char,
    ) {
        match (first, c) {
            (Some(b'?'), 'u') if self.keyboard == Keyboard::Kitty => {
                self.replies.extend(b"\x1b[?0u");
            }
            (Some(b'>'), 'u') => self.pushed += 1,
            (Some(b'<'), 'u') => self.pushed -= 1,
            (None, 'c') => self.replies.extend(b"\x1b[?62;c"),
            (None, 'n')
                if params
                    .first()
                    .is_some_and(|param| param.first() == Some(&6)) =>
            {
                let (row, column) = screen.cursor_position();
                self.replies
                    .extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
            }
            _ => {}
        }
    }
}

pub struct Terminal {
    parser: vt100::Parser<Answers>,
    output: Receiver<Vec<u8>>,
    exit: Receiver<ExitStatus>,
    /// The exit status, once the program has ended.
    left: Option<ExitStatus>,
    writer: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    /// The slave end stays open so that the modes can be read after the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    modes_before: String,
    pid: Pid,
    /// All output of the program so far.
    written: Vec<u8>,
}

impl Terminal {
    /// Opens the program in `home` on a screen of `columns` × `rows`.
    pub fn open(
        home: &Home,
        (columns, rows): (u16, u16),
        keyboard: Keyboard,
        arguments: &[&str],
    ) -> Self {
        Self::open_in(
            home,
            &home.environment(),
            (columns, rows),
            keyboard,
            arguments,
        )
    }

    /// Opens the program with a given environment.
    pub fn open_in(
        home: &Home,
        variables: &[(String, String)],
        (cols, rows): (u16, u16),
        keyboard: Keyboard,
        arguments: &[&str],
    ) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("a terminal");
        let modes_before = modes(&*pair.master);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mock-interviewer"));
        command.env_clear();
        command.cwd(home.path());
        command.args(arguments);
        for (name, value) in variables {
            command.env(name, value);
        }
        let mut child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        let pid = child
            .process_id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .expect("a process id");
        let (exited, exit) = channel();
        thread::spawn(move || child.wait().map(|status| exited.send(status)));
        let answers = Answers {
            keyboard,
            replies: Vec::new(),
            pushed: 0,
        };
        Self {
            parser: vt100::Parser::new_with_callbacks(rows, cols, 0, answers),
            output: read_all(pair.master.try_clone_reader().expect("a reader")),
            exit,
            left: None,
            writer: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            _slave: pair.slave,
            modes_before,
            pid,
            written: Vec::new(),
        }
    }

    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends keys as the terminal encodes them.
    pub fn press(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .and_then(|()| self.writer.flush())
            .expect("the terminal takes keys");
    }

    /// Waits until the screen shows `text`, however it is wrapped.
    pub fn wait_for(&mut self, text: &str) {
        let wanted = without_spaces(text);
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            without_spaces(&screen.contents()).contains(&wanted)
        });
    }

    /// Waits until the screen shows one of `texts`, and returns it.
    pub fn wait_for_any(&mut self, texts: &[String]) -> String {
        let shown = |screen: &vt100::Screen| {
            let contents = without_spaces(&screen.contents());
            let found = texts
                .iter()
                .find(|text| contents.contains(&without_spaces(text)));
            found.cloned()
        };
        self.wait_until(&format!("one of {texts:?}"), |screen| {
            shown(screen).is_some()
        });
        shown(self.parser.screen()).expect("it was shown just now")
    }

    /// Waits until `text` is no longer on the screen.
    pub fn wait_gone(&mut self, text: &str) {
        let unwanted = without_spaces(text);
        self.wait_until(&format!("{text:?} gone"), |screen| {
            !without_spaces(&screen.contents()).contains(&unwanted)
        });
    }

    /// Waits until `condition` holds, and checks it after every output and at short intervals.
    pub fn wait_until(&mut self, what: &str, condition: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !condition(self.parser.screen()) {
            let left = self.has_exited();
            let drawn = self.pump(Duration::from_millis(20));
            let hopeless = left && !drawn || Instant::now() >= deadline;
            assert!(
                !hopeless,
                "waited for {what} in vain (left: {left}):\n{}",
                self.picture()
            );
        }
    }

    /// Reads the program's output for at most `time` and replies to its queries. Returns whether there was any output.
    fn pump(&mut self, time: Duration) -> bool {
        let bytes = self.output.recv_timeout(time);
        if let Ok(bytes) = &bytes {
            self.take(bytes);
        }
        bytes.is_ok()
    }

    fn has_exited(&mut self) -> bool {
        self.left = self.left.take().or_else(|| self.exit.try_recv().ok());
        self.left.is_some()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.written.extend_from_slice(bytes);
        let replies = std::mem::take(&mut self.parser.callbacks_mut().replies);
        if !replies.is_empty() {
            self.writer
                .write_all(&replies)
                .expect("the terminal answers");
        }
    }

    /// Returns the screen as framed text for failure messages.
    pub fn picture(&self) -> String {
        let (_, columns) = self.parser.screen().size();
        let rows = self
            .parser
            .screen()
            .rows(0, columns)
            .map(|row| format!("│{row}\n"));
        rows.collect()
    }

    /// Returns whether `text` was ever written to the terminal, even if it was overwritten since.
    pub fn ever_wrote(&self, text: &str) -> bool {
        self.written
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }

    /// Returns the number of threads of the program.
    #[cfg(target_os = "linux")]
    pub fn threads(&self) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid.as_raw_nonzero()));
        tasks.map_or(0, Iterator::count)
    }

    /// Waits until the program has at most `most` threads.
    #[cfg(target_os = "linux")]
    pub fn wait_until_threads(&mut self, most: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.threads() > most {
            assert!(
                Instant::now() < deadline,
                "{} threads, not {most}",
                self.threads()
            );
            self.pump(Duration::from_millis(20));
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the program is there to be signalled");
    }

    /// Waits for the program to end.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        while !self.has_exited() {
            assert!(
                Instant::now() < deadline,
                "the program does not end:\n{}",
                self.picture()
            );
            self.pump(Duration::from_millis(20));
        }
        while self.pump(Duration::from_millis(100)) {}
        self.left.clone().expect("it has left")
    }

    /// Asserts that the program has ended and restored the terminal.
    pub fn assert_restored(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is visible");
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is free"
        );
        assert_eq!(
            self.parser.callbacks().pushed,
            0,
            "keyboard modes are popped"
        );
        assert_eq!(modes(&*self.master), self.modes_before, "raw mode is off");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // No program may survive a failed test. Killing one that has ended fails, which does not matter.
        if !self.has_exited() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    let modes = master.get_termios().expect("a terminal has modes");
    format!(
        "{:?} {:?} {:?}",
        modes.input_flags, modes.output_flags, modes.local_flags
    )
}

fn read_all(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Removes spaces and frames, so that wrapped text is found as well.
pub fn without_spaces(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !('\u{2500}'..='\u{259f}').contains(c))
        .collect()
}
