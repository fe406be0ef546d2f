//! The terminal's events as the app knows them.

use std::time::Instant;

use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind,
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::app::action::{Action, RuntimeEvent, TerminalEvent};
use crate::app::key::{Code, Key, Phase};

/// Lines a turn of the mouse wheel scrolls.
const WHEEL_LINES: i16 = 3;

/// Forwards events until the app is gone or the terminal is.
pub async fn forward(mut events: EventStream, actions: mpsc::Sender<Action>, started: Instant) {
    while let Some(event) = events.next().await {
        let action = match event {
            Ok(event) => action(
                &event,
                u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            ),
            Err(_) => Some(Action::Runtime(RuntimeEvent::Terminate)),
        };
        let Some(action) = action else { continue };
        if actions.send(action).await.is_err() {
            return;
        }
    }
    // The terminal is gone: leave in order, with the draft kept.
    let _ = actions.send(Action::Runtime(RuntimeEvent::Terminate)).await;
}

/// The action of an event at `at` ms; `None` for what the app has no use for.
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
            rows: -WHEEL_LINES,
        })),
        Event::Mouse(MouseEvent {
            kind: MouseEventKind::ScrollDown,
            ..
        }) => Some(Action::Terminal(TerminalEvent::Scroll {
            rows: WHEEL_LINES,
        })),
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
    fn a_release_keeps_its_time_and_phase() {
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
    fn keys_of_no_use_are_dropped() {
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
