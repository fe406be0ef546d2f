//! Translates the terminal's events into actions.

use std::time::Instant;

use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind,
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::app::action::{Action, RuntimeEvent, TerminalEvent};
use crate::app::key::{Code, Key, Phase};

/// The rows that one step of the mouse wheel scrolls.
const WHEEL_ROWS: i16 = 3;

/// Forwards events until the app or the terminal is gone.
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
    // Without a terminal the app leaves in order, and the draft is stored.
    let _ = actions.send(Action::Runtime(RuntimeEvent::Terminate)).await;
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
