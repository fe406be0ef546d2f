//! The sign-in screen, with the forms for signing in and for registering.

mod update;

use super::composer::draft::Draft;
use super::interview::Interview;
use super::ring::around;
use super::turn_id::TurnId;

/// The longest entry of a field, in characters. The server allows less.
const LONGEST: usize = 1024;

/// The form, and the interview to return to.
#[derive(Clone, Debug, PartialEq)]
pub struct SignIn {
    pub(crate) form: Form,
    /// The entries, indexed by [`FormField`].
    pub(crate) entries: [Draft; 3],
    pub(crate) focus: usize,
    pub(crate) status: FormStatus,
    /// The interview that was open when the session ended.
    pub(crate) back: Option<Box<Interview>>,
}

/// The two forms of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    SignIn,
    Register,
}

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormField {
    Name,
    /// The mail address, for registering only.
    Email,
    /// The password, which is shown masked.
    Password,
}

/// The state of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FormStatus {
    #[default]
    Open,
    Sent(TurnId),
    /// The server refused the form, for this reason.
    Refused(String),
    /// The form was not sent, because a field is empty.
    Incomplete,
}

impl Form {
    /// Returns the fields of the form, from top to bottom.
    pub const fn fields(self) -> &'static [FormField] {
        match self {
            Self::SignIn => &[FormField::Name, FormField::Password],
            Self::Register => &[FormField::Name, FormField::Email, FormField::Password],
        }
    }
}

impl SignIn {
    pub(super) fn new(form: Form, name: &str, back: Option<Box<Interview>>) -> Self {
        let mut sign_in = Self {
            form,
            entries: Default::default(),
            focus: 0,
            status: FormStatus::Open,
            back,
        };
        sign_in.entry_mut(FormField::Name).set(name);
        sign_in.focus = usize::from(!name.is_empty() && form == Form::SignIn);
        sign_in
    }

    pub fn entry(&self, field: FormField) -> &Draft {
        &self.entries[field as usize]
    }

    /// Returns the field with the caret.
    pub fn focused(&self) -> FormField {
        self.form.fields()[self.focus]
    }

    /// Whether the last field has the focus, from which Enter sends.
    pub(super) fn is_last(&self) -> bool {
        self.focus + 1 == self.form.fields().len()
    }

    /// Returns the position of the first empty field.
    pub(super) fn missing(&self) -> Option<usize> {
        self.form
            .fields()
            .iter()
            .position(|field| self.entry(*field).text().trim().is_empty())
    }

    pub(super) fn entry_mut(&mut self, field: FormField) -> &mut Draft {
        &mut self.entries[field as usize]
    }

    pub(super) fn step(&mut self, by: isize) {
        self.focus = around(self.focus, by, self.form.fields().len());
    }

    pub(super) fn switch(&mut self) {
        let field = self.focused();
        self.form = if self.form == Form::SignIn {
            Form::Register
        } else {
            Form::SignIn
        };
        self.focus = self
            .form
            .fields()
            .iter()
            .position(|other| *other == field)
            .unwrap_or(0);
        self.status = FormStatus::Open;
    }

    /// Inserts one line of text into the focused field.
    pub(super) fn insert(&mut self, text: &str) {
        let line: String = text.chars().filter(|c| !c.is_control()).collect();
        let field = self.focused();
        if self.entry(field).text().chars().count() + line.chars().count() <= LONGEST {
            self.entry_mut(field).insert(&line);
        }
    }
}
