//! What control sequences mean: keys of xterm and of the kitty protocol
//! (<https://sw.kovidgoyal.net/kitty/keyboard-protocol/>), the mouse wheel, and one reply.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind,
};

use super::Input;

/// Returns the meaning of a sequence, or `None` if it is a reply that nobody waits for, or a key
/// that does nothing here.
pub fn input(parameters: &str, end: char, alt: bool) -> Option<Input> {
    if let Some(private) = parameters.strip_prefix('?') {
        return reply(private, end);
    }
    if let Some(report) = parameters.strip_prefix('<') {
        return wheel(report, end);
    }
    if !parameters
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':'))
    {
        return None;
    }
    let fields: Vec<&str> = parameters.split(';').collect();
    let held = fields.get(1).copied().unwrap_or_default();
    let (code, held) = match (end, number(fields[0])) {
        ('u', _) => (of_unicode(fields[0], held)?, held),
        ('~', Some(27)) => (of_unicode(fields.get(2)?, held)?, held),
        ('~', Some(code)) => (of_number(code)?, held),
        // With numbers this is the place of the cursor.
        ('R', None) => (KeyCode::F(3), held),
        (_, None | Some(1)) => (of_letter(end)?, held),
        _ => return None,
    };
    key(code, held, alt)
}

fn reply(private: &str, end: char) -> Option<Input> {
    (end == 'u' && number(private).is_some()).then_some(Input::KeyboardProtocol)
}

fn wheel(report: &str, end: char) -> Option<Input> {
    let mut fields = report.split(';').map(number);
    let kind = match fields.next()?? {
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        _ => return None,
    };
    let mut place = || fields.next()?.and_then(|at| u16::try_from(at).ok());
    let event = MouseEvent {
        kind,
        column: place()?.saturating_sub(1),
        row: place()?.saturating_sub(1),
        modifiers: KeyModifiers::NONE,
    };
    (end == 'M').then_some(Input::Event(Event::Mouse(event)))
}

fn key(code: KeyCode, held: &str, alt: bool) -> Option<Input> {
    let kind = match held.split(':').nth(1).and_then(number) {
        Some(2) => KeyEventKind::Repeat,
        Some(3) => KeyEventKind::Release,
        _ => KeyEventKind::Press,
    };
    let mut modifiers = modifiers(held);
    modifiers.set(
        KeyModifiers::ALT,
        alt || modifiers.contains(KeyModifiers::ALT),
    );
    let of_window_manager = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    // A key that is let go still ends what it began.
    if modifiers.intersects(of_window_manager) && kind != KeyEventKind::Release {
        return None;
    }
    let code = match code {
        KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        code => code,
    };
    let event = KeyEvent::new_with_kind(code, modifiers, kind);
    Some(Input::Event(Event::Key(event)))
}

/// Returns the modifiers of a field such as `5` or `5:3`. The locks of capitals and numbers are none.
fn modifiers(held: &str) -> KeyModifiers {
    let mask = held.split(':').next().and_then(number).unwrap_or(1);
    let bits = mask.saturating_sub(1);
    let names = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ];
    let held = names.into_iter().filter(|(bit, _)| bits & bit != 0);
    held.fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier)
}

/// Returns the key of a field such as `97` or `97:65`, which names its shifted form as well.
fn of_unicode(field: &str, held: &str) -> Option<KeyCode> {
    let mut forms = field.split(':').map(number);
    let code = forms.next()??;
    let shifted = forms.next().flatten().and_then(char::from_u32);
    Some(match code {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409..=57413 => KeyCode::Char(char::from(b"./*-+"[(code - 57409) as usize])),
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57426 => KeyCode::Delete,
        // The other keys of this range type nothing.
        57344..=63743 => return None,
        _ => {
            let c = char::from_u32(code).filter(|c| !c.is_control())?;
            let shift = modifiers(held).contains(KeyModifiers::SHIFT);
            let upper = shifted.unwrap_or_else(|| c.to_uppercase().next().unwrap_or(c));
            KeyCode::Char(if shift { upper } else { c })
        }
    })
}

fn of_number(code: u32) -> Option<KeyCode> {
    Some(match code {
        1 | 7 => KeyCode::Home,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(code - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(code - 11).ok()?),
        23 | 24 => KeyCode::F(u8::try_from(code - 12).ok()?),
        _ => return None,
    })
}

fn of_letter(end: char) -> Option<KeyCode> {
    Some(match end {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'H' => KeyCode::Home,
        'F' => KeyCode::End,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'S' => KeyCode::F(4),
        'M' => KeyCode::Enter,
        'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

fn number(field: &str) -> Option<u32> {
    field.parse().ok()
}
