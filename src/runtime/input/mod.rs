//! Reads the terminal, and translates what it sends into actions.

mod decoder;
mod piece;
mod sequence;

use std::io;
use std::time::Instant;

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::app::action::{Action, RuntimeEvent, TerminalEvent};
use crate::app::key::{Code, Key, Phase};
use decoder::Decoder;

/// What a terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Event(Event),
    /// Lines that arrived at once, without the marks of a paste.
    Burst(String),
    /// The terminal knows the kitty keyboard protocol.
    KeyboardProtocol,
}

/// The rows that one step of the mouse wheel scrolls.
const WHEEL_ROWS: i16 = 3;

/// The reads that may wait to be decoded.
const CHUNKS: usize = 64;

/// Forwards what the terminal sends until the app or the terminal is gone.
pub async fn forward(actions: mpsc::Sender<Action>, started: Instant) -> io::Result<()> {
    let mut chunks = read_terminal();
    let mut resized = signal(SignalKind::window_change())?;
    let mut decoder = Decoder::default();
    loop {
        let patience = decoder.patience();
        let inputs = tokio::select! {
            // What has arrived comes before the end of patience.
            biased;
            chunk = chunks.recv() => match chunk {
                Some(chunk) => decoder.push(&with_queued(chunk, &mut chunks), now(started)),
                None => break,
            },
            Some(()) = resized.recv() => resize()?,
            () = sleep(patience.unwrap_or_default()), if patience.is_some() => decoder.give_up(),
        };
        for action in inputs
            .iter()
            .filter_map(|input| of_input(input, now(started)))
        {
            if actions.send(action).await.is_err() {
                return Ok(());
            }
        }
    }
    // Without a terminal the app leaves in order, and the draft is stored.
    let _ = actions.send(Action::Runtime(RuntimeEvent::Terminate)).await;
    Ok(())
}

/// Starts to read the terminal. The thread ends with the process: a pending read cannot be ended,
/// and a terminal that does not block would not block for the shell either.
fn read_terminal() -> mpsc::Receiver<Vec<u8>> {
    let (sender, chunks) = mpsc::channel(CHUNKS);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        loop {
            match rustix::io::read(rustix::stdio::stdin(), &mut bytes) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(0) | Err(_) => return,
                Ok(length) if sender.blocking_send(bytes[..length].to_vec()).is_err() => return,
                Ok(_) => {}
            }
        }
    });
    chunks
}

/// Returns a chunk with all that has arrived behind it, so that a long paste stays whole.
fn with_queued(mut chunk: Vec<u8>, chunks: &mut mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
    while let Ok(more) = chunks.try_recv() {
        chunk.extend(more);
    }
    chunk
}

fn resize() -> io::Result<Vec<Input>> {
    let (columns, rows) = crossterm::terminal::size()?;
    Ok(vec![Input::Event(Event::Resize(columns, rows))])
}

fn now(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Returns the action for what the terminal sent at `at` ms, or `None` if the app ignores it.
fn of_input(input: &Input, at: u64) -> Option<Action> {
    match input {
        Input::Event(event) => action(event, at),
        Input::Burst(text) => {
            let text = text.clone();
            Some(Action::Terminal(TerminalEvent::Burst { text, at }))
        }
        Input::KeyboardProtocol => {
            let event = TerminalEvent::KeyReleases { reported: true };
            Some(Action::Terminal(event))
        }
    }
}

/// Returns the action for an event at `at` ms, or `None` if the app ignores the event.
pub fn action(event: &Event, at: u64) -> Option<Action> {
    match event {
        Event::Key(key) => self::key(key, at).map(|key| Action::Terminal(TerminalEvent::Key(key))),
        Event::Paste(text) => Some(Action::Terminal(TerminalEvent::Paste(text.clone()))),
        Event::Resize(columns, rows) => Some(Action::Terminal(TerminalEvent::Resized {
            columns: *columns,
            rows: *rows,
        })),
        Event::Mouse(MouseEvent {
            kind: MouseEventKind::ScrollUp,
            ..
        }) => Some(Action::Terminal(TerminalEvent::Scroll {
            rows: -WHEEL_ROWS,
        })),
        Event::Mouse(MouseEvent {
            kind: MouseEventKind::ScrollDown,
            ..
        }) => Some(Action::Terminal(TerminalEvent::Scroll { rows: WHEEL_ROWS })),
        _ => None,
    }
}

fn key(event: &KeyEvent, at: u64) -> Option<Key> {
    let phase = match event.kind {
        KeyEventKind::Press => Phase::Press,
        KeyEventKind::Repeat => Phase::Repeat,
        KeyEventKind::Release => Phase::Release,
    };
    let has = |modifier| event.modifiers.contains(modifier);
    Some(Key {
        code: code(event.code)?,
        ctrl: has(KeyModifiers::CONTROL),
        alt: has(KeyModifiers::ALT),
        shift: has(KeyModifiers::SHIFT),
        phase,
        at,
    })
}

fn code(code: KeyCode) -> Option<Code> {
    Some(match code {
        KeyCode::Char(character) => Code::Char(character),
        KeyCode::F(number) => Code::F(number),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_release_keeps_its_time_and_phase() {
        let event = KeyEvent::new_with_kind(
            KeyCode::Char(' '),
            KeyModifiers::NONE,
            KeyEventKind::Release,
        );
        let expected = Key {
            code: Code::Char(' '),
            ctrl: false,
            alt: false,
            shift: false,
            phase: Phase::Release,
            at: 7,
        };
        assert_eq!(
            action(&Event::Key(event), 7),
            Some(Action::Terminal(TerminalEvent::Key(expected)))
        );
    }

    #[test]
    fn events_that_the_app_ignores_yield_no_action() {
        assert_eq!(
            action(
                &Event::Key(KeyEvent::new(KeyCode::CapsLock, KeyModifiers::NONE)),
                0
            ),
            None
        );
        assert_eq!(action(&Event::FocusGained, 0), None);
    }
}
