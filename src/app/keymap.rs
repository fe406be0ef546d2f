//! The keymap: one table that says which key does what, used by the update and shown as help.

use super::composer::draft::Edit;
use super::key::{Code, Key};

/// The commands that keys are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "each command is worded for people in the locale files"
)]
pub enum KeyCommand {
    Help,
    Timings,
    Quit,
    Interrupt,
    Suspend,
    Cancel,
    Accept,
    Next,
    Previous,
    Up,
    Down,
    Less,
    More,
    SwitchForm,
    TalkKey,
    Talk,
    Replay,
    Mute,
    Skip,
    Softer,
    Louder,
    Slower,
    Faster,
    Finish,
    Leave,
    Focus,
    Send,
    FetchModel,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Devices,
    Check,
    Edit(Edit),
}

/// The part of the interface in which a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Everywhere,
    Interview,
    /// The interview while the draft has the focus.
    Draft,
    /// The interview while the transcript has the focus.
    Transcript,
    Lobby,
    /// The sign-in screen.
    Form,
    /// Help and questions over the screen.
    Dialog,
    /// The device picker and the microphone check.
    Sound,
    /// Every text field.
    Text,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: Code,
    ctrl: bool,
    alt: bool,
    /// Whether shift must be held. Where it is not bound, it makes no difference.
    shift: bool,
}

/// A row of the keymap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    pub scope: Scope,
    pub chord: Chord,
    pub command: KeyCommand,
}

const fn on(scope: Scope, code: Code, command: KeyCommand) -> Binding {
    Binding {
        scope,
        chord: Chord {
            code,
            ctrl: false,
            alt: false,
            shift: false,
        },
        command,
    }
}

const fn shift(scope: Scope, code: Code, command: KeyCommand) -> Binding {
    Binding {
        scope,
        chord: Chord {
            code,
            ctrl: false,
            alt: false,
            shift: true,
        },
        command,
    }
}

const fn ctrl(scope: Scope, code: Code, command: KeyCommand) -> Binding {
    Binding {
        scope,
        chord: Chord {
            code,
            ctrl: true,
            alt: false,
            shift: false,
        },
        command,
    }
}

const fn alt(scope: Scope, code: Code, command: KeyCommand) -> Binding {
    Binding {
        scope,
        chord: Chord {
            code,
            ctrl: false,
            alt: true,
            shift: false,
        },
        command,
    }
}

/// All keys, in the order help shows them.
pub const KEYMAP: &[Binding] = &[
    on(Scope::Interview, Code::Char(' '), KeyCommand::TalkKey),
    on(Scope::Interview, Code::F(2), KeyCommand::Talk),
    on(Scope::Interview, Code::Esc, KeyCommand::Cancel),
    on(Scope::Interview, Code::F(3), KeyCommand::Replay),
    on(Scope::Interview, Code::F(4), KeyCommand::Mute),
    on(Scope::Interview, Code::F(5), KeyCommand::Skip),
    on(Scope::Interview, Code::F(7), KeyCommand::Softer),
    on(Scope::Interview, Code::F(8), KeyCommand::Louder),
    alt(Scope::Interview, Code::Char(','), KeyCommand::Slower),
    alt(Scope::Interview, Code::Char('.'), KeyCommand::Faster),
    on(Scope::Interview, Code::F(6), KeyCommand::Finish),
    on(Scope::Interview, Code::F(9), KeyCommand::Leave),
    on(Scope::Interview, Code::Tab, KeyCommand::Focus),
    on(Scope::Interview, Code::BackTab, KeyCommand::Focus),
    on(Scope::Interview, Code::PageUp, KeyCommand::PageUp),
    on(Scope::Interview, Code::PageDown, KeyCommand::PageDown),
    on(Scope::Draft, Code::Enter, KeyCommand::Send),
    alt(Scope::Draft, Code::Enter, KeyCommand::Edit(Edit::Break)),
    shift(Scope::Draft, Code::Enter, KeyCommand::Edit(Edit::Break)),
    ctrl(Scope::Draft, Code::Char('j'), KeyCommand::Edit(Edit::Break)),
    on(Scope::Draft, Code::Up, KeyCommand::Edit(Edit::Up)),
    on(Scope::Draft, Code::Down, KeyCommand::Edit(Edit::Down)),
    on(Scope::Transcript, Code::Enter, KeyCommand::Accept),
    on(Scope::Transcript, Code::Up, KeyCommand::Up),
    on(Scope::Transcript, Code::Char('k'), KeyCommand::Up),
    on(Scope::Transcript, Code::Down, KeyCommand::Down),
    on(Scope::Transcript, Code::Char('j'), KeyCommand::Down),
    on(Scope::Transcript, Code::Home, KeyCommand::Top),
    on(Scope::Transcript, Code::Char('g'), KeyCommand::Top),
    on(Scope::Transcript, Code::End, KeyCommand::Bottom),
    on(Scope::Transcript, Code::Char('G'), KeyCommand::Bottom),
    on(Scope::Transcript, Code::Char('r'), KeyCommand::Replay),
    on(Scope::Transcript, Code::Char('m'), KeyCommand::Mute),
    on(Scope::Transcript, Code::Char('s'), KeyCommand::Skip),
    on(Scope::Transcript, Code::Char('-'), KeyCommand::Softer),
    on(Scope::Transcript, Code::Char('+'), KeyCommand::Louder),
    // On most keyboards this is the same key without shift.
    on(Scope::Transcript, Code::Char('='), KeyCommand::Louder),
    on(Scope::Transcript, Code::Char('<'), KeyCommand::Slower),
    on(Scope::Transcript, Code::Char('>'), KeyCommand::Faster),
    on(Scope::Lobby, Code::Enter, KeyCommand::Accept),
    on(Scope::Lobby, Code::Up, KeyCommand::Up),
    on(Scope::Lobby, Code::Down, KeyCommand::Down),
    on(Scope::Lobby, Code::PageUp, KeyCommand::PageUp),
    on(Scope::Lobby, Code::PageDown, KeyCommand::PageDown),
    on(Scope::Lobby, Code::Tab, KeyCommand::Next),
    on(Scope::Lobby, Code::BackTab, KeyCommand::Previous),
    on(Scope::Lobby, Code::Left, KeyCommand::Less),
    on(Scope::Lobby, Code::Right, KeyCommand::More),
    on(Scope::Lobby, Code::Esc, KeyCommand::Cancel),
    on(Scope::Lobby, Code::F(7), KeyCommand::Devices),
    on(Scope::Lobby, Code::F(8), KeyCommand::Check),
    on(Scope::Form, Code::Enter, KeyCommand::Accept),
    on(Scope::Form, Code::Tab, KeyCommand::Next),
    on(Scope::Form, Code::Down, KeyCommand::Next),
    on(Scope::Form, Code::BackTab, KeyCommand::Previous),
    on(Scope::Form, Code::Up, KeyCommand::Previous),
    ctrl(Scope::Form, Code::Char('r'), KeyCommand::SwitchForm),
    on(Scope::Form, Code::Esc, KeyCommand::Cancel),
    on(Scope::Dialog, Code::Enter, KeyCommand::Accept),
    on(Scope::Dialog, Code::Esc, KeyCommand::Cancel),
    on(Scope::Dialog, Code::Tab, KeyCommand::Next),
    on(Scope::Dialog, Code::Right, KeyCommand::Next),
    on(Scope::Dialog, Code::Down, KeyCommand::Next),
    on(Scope::Dialog, Code::BackTab, KeyCommand::Previous),
    on(Scope::Dialog, Code::Left, KeyCommand::Previous),
    on(Scope::Dialog, Code::Up, KeyCommand::Previous),
    on(Scope::Dialog, Code::PageUp, KeyCommand::PageUp),
    on(Scope::Dialog, Code::PageDown, KeyCommand::PageDown),
    on(Scope::Sound, Code::Up, KeyCommand::Previous),
    on(Scope::Sound, Code::BackTab, KeyCommand::Previous),
    on(Scope::Sound, Code::Down, KeyCommand::Next),
    on(Scope::Sound, Code::Tab, KeyCommand::Next),
    on(Scope::Sound, Code::Left, KeyCommand::Less),
    on(Scope::Sound, Code::Right, KeyCommand::More),
    on(Scope::Sound, Code::Enter, KeyCommand::Accept),
    on(Scope::Sound, Code::F(7), KeyCommand::Devices),
    on(Scope::Sound, Code::F(8), KeyCommand::Check),
    on(Scope::Sound, Code::Esc, KeyCommand::Cancel),
    on(Scope::Text, Code::Left, KeyCommand::Edit(Edit::Left)),
    on(Scope::Text, Code::Right, KeyCommand::Edit(Edit::Right)),
    ctrl(Scope::Text, Code::Left, KeyCommand::Edit(Edit::WordLeft)),
    alt(
        Scope::Text,
        Code::Char('b'),
        KeyCommand::Edit(Edit::WordLeft),
    ),
    ctrl(Scope::Text, Code::Right, KeyCommand::Edit(Edit::WordRight)),
    alt(
        Scope::Text,
        Code::Char('f'),
        KeyCommand::Edit(Edit::WordRight),
    ),
    on(Scope::Text, Code::Home, KeyCommand::Edit(Edit::Home)),
    ctrl(Scope::Text, Code::Char('a'), KeyCommand::Edit(Edit::Home)),
    on(Scope::Text, Code::End, KeyCommand::Edit(Edit::End)),
    ctrl(Scope::Text, Code::Char('e'), KeyCommand::Edit(Edit::End)),
    on(
        Scope::Text,
        Code::Backspace,
        KeyCommand::Edit(Edit::Backspace),
    ),
    ctrl(
        Scope::Text,
        Code::Char('h'),
        KeyCommand::Edit(Edit::Backspace),
    ),
    on(Scope::Text, Code::Delete, KeyCommand::Edit(Edit::Delete)),
    ctrl(
        Scope::Text,
        Code::Char('w'),
        KeyCommand::Edit(Edit::DeleteWord),
    ),
    alt(
        Scope::Text,
        Code::Backspace,
        KeyCommand::Edit(Edit::DeleteWord),
    ),
    ctrl(Scope::Text, Code::Char('u'), KeyCommand::Edit(Edit::Clear)),
    alt(Scope::Text, Code::Char('u'), KeyCommand::Edit(Edit::Undo)),
    alt(Scope::Text, Code::Char('e'), KeyCommand::Edit(Edit::Redo)),
    on(Scope::Everywhere, Code::F(1), KeyCommand::Help),
    ctrl(Scope::Everywhere, Code::Char('g'), KeyCommand::FetchModel),
    ctrl(Scope::Everywhere, Code::Char('t'), KeyCommand::Timings),
    ctrl(Scope::Everywhere, Code::Char('q'), KeyCommand::Quit),
    ctrl(Scope::Everywhere, Code::Char('c'), KeyCommand::Interrupt),
    ctrl(Scope::Everywhere, Code::Char('z'), KeyCommand::Suspend),
];

/// Returns what `key` asks for in the first of `scopes` that binds it.
pub fn lookup(scopes: &[Scope], key: &Key) -> Option<KeyCommand> {
    let chord = Chord {
        code: key.code,
        ctrl: key.ctrl,
        alt: key.alt,
        shift: key.shift,
    };
    let plain = Chord {
        shift: false,
        ..chord
    };
    let bound = |scope: &Scope, chord: Chord| {
        KEYMAP
            .iter()
            .find(|binding| binding.scope == *scope && binding.chord == chord)
    };
    let known = |scope: &Scope| bound(scope, chord).or_else(|| bound(scope, plain));
    scopes.iter().find_map(known).map(|binding| binding.command)
}

/// Returns the keys of a scope in the order of the table, those for one command together.
pub fn listed(scope: Scope) -> Vec<(KeyCommand, Vec<Chord>)> {
    let mut listed: Vec<(KeyCommand, Vec<Chord>)> = Vec::new();
    for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
        match listed
            .iter_mut()
            .find(|(command, _)| *command == binding.command)
        {
            Some((_, chords)) => chords.push(binding.chord),
            None => listed.push((binding.command, vec![binding.chord])),
        }
    }
    listed
}

/// Returns the letter that a key types, if it types one.
pub fn typed(key: &Key) -> Option<char> {
    match key.code {
        Code::Char(letter) if !key.ctrl && !key.alt && !letter.is_control() => Some(letter),
        _ => None,
    }
}

impl KeyCommand {
    /// Whether a held key repeats the command.
    pub fn repeats(self) -> bool {
        use KeyCommand::{
            Down, Edit, Faster, Less, Louder, More, Next, PageDown, PageUp, Previous, Slower,
            Softer, Up,
        };
        let speaks = matches!(self, Softer | Louder | Slower | Faster);
        speaks
            || matches!(
                self,
                Edit(_) | Up | Down | Less | More | Next | Previous | PageUp | PageDown
            )
    }

    /// Returns the command's name in the locale files.
    pub fn name(self) -> String {
        let words = match self {
            Self::Edit(edit) => format!("{edit:?}"),
            other => format!("{other:?}"),
        };
        let mut name = String::new();
        for letter in words.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

impl std::fmt::Display for Chord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let held = if self.ctrl {
            "ctrl+"
        } else if self.alt {
            "alt+"
        } else if self.shift {
            "shift+"
        } else {
            ""
        };
        match self.code {
            Code::Char(' ') => write!(f, "{held}space"),
            Code::Char(letter) => write!(f, "{held}{letter}"),
            Code::F(number) => write!(f, "{held}f{number}"),
            Code::Left => write!(f, "{held}←"),
            Code::Right => write!(f, "{held}→"),
            Code::Up => write!(f, "{held}↑"),
            Code::Down => write!(f, "{held}↓"),
            Code::BackTab => f.write_str("shift+tab"),
            other => write!(f, "{held}{}", format!("{other:?}").to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::Phase;

    #[test]
    fn no_scope_binds_a_key_twice() {
        for (index, one) in KEYMAP.iter().enumerate() {
            let again = KEYMAP[index + 1..]
                .iter()
                .find(|other| other.scope == one.scope && other.chord == one.chord);
            assert_eq!(again, None);
        }
    }

    #[test]
    fn the_first_scope_that_knows_a_key_wins() {
        let key = Key {
            code: Code::Left,
            ctrl: false,
            alt: false,
            shift: false,
            phase: Phase::Press,
            at: 0,
        };
        assert_eq!(
            lookup(&[Scope::Lobby, Scope::Text], &key),
            Some(KeyCommand::Less)
        );
        assert_eq!(
            lookup(&[Scope::Text, Scope::Lobby], &key),
            Some(KeyCommand::Edit(Edit::Left))
        );
        assert_eq!(lookup(&[Scope::Transcript], &key), None);
    }

    #[test]
    fn every_command_has_a_name_in_both_languages() {
        for binding in KEYMAP {
            for locale in ["en", "ko"] {
                let key = format!("ui.command.{}", binding.command.name());
                let words = rust_i18n::t!(&key, locale = locale);
                assert!(!words.contains("ui.command"), "{key} in {locale}");
            }
        }
    }
}
