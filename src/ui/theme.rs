//! Colours by meaning, from the terminal's own palette, so that dark and light terminals both stay
//! readable.

use ratatui::style::{Color, Modifier, Style};

use crate::app::markdown::Mark;
use crate::app::notice::Severity;

/// The way the screen is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Colour,
    /// Severity and underlines only, as `NO_COLOR` asks for.
    Plain,
}

/// The meaning of a part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Text,
    /// Text of less importance.
    Faint,
    Heading,
    Interviewer,
    Candidate,
    /// The item that Enter chooses.
    Selected,
    /// Words that may still change.
    Provisional,
    /// The sentence that sounds.
    Spoken,
    Listening,
    Good,
    Bad,
    Code,
}

impl Theme {
    /// Returns the theme for a value of the environment variable `NO_COLOR`: any value but an empty
    /// one takes the colours away.
    pub fn from_no_color(value: Option<&str>) -> Self {
        if value.is_some_and(|value| !value.is_empty()) {
            Self::Plain
        } else {
            Self::Colour
        }
    }

    /// Returns the style for a meaning.
    pub fn style(self, tone: Tone) -> Style {
        let (colour, modifier) = match tone {
            Tone::Text => (None, Modifier::empty()),
            Tone::Faint => (None, Modifier::DIM),
            Tone::Heading => (None, Modifier::BOLD),
            Tone::Interviewer => (Some(Color::Cyan), Modifier::BOLD),
            Tone::Candidate => (Some(Color::Green), Modifier::BOLD),
            Tone::Selected => (Some(Color::Cyan), Modifier::REVERSED),
            Tone::Provisional => (None, Modifier::DIM.union(Modifier::ITALIC)),
            Tone::Spoken => (Some(Color::Cyan), Modifier::UNDERLINED),
            Tone::Listening => (Some(Color::Red), Modifier::BOLD),
            Tone::Good => (Some(Color::Green), Modifier::empty()),
            Tone::Bad => (Some(Color::Red), Modifier::empty()),
            Tone::Code => (Some(Color::Yellow), Modifier::empty()),
        };
        let style = Style::new().add_modifier(modifier);
        match (self, colour) {
            (Self::Colour, Some(colour)) => style.fg(colour),
            (Self::Plain, _) | (Self::Colour, None) => style,
        }
    }

    /// Returns the style for a piece of markdown, which may be the sentence that sounds.
    pub fn mark(self, mark: Mark, spoken: bool) -> Style {
        let style = match mark {
            Mark::Plain => self.style(Tone::Text),
            Mark::Strong | Mark::Heading => self.style(Tone::Heading),
            Mark::Emphasis => Style::new().add_modifier(Modifier::ITALIC),
            Mark::Code => self.style(Tone::Code),
            Mark::Quote => self.style(Tone::Faint),
            Mark::Link => Style::new().add_modifier(Modifier::UNDERLINED),
        };
        if spoken {
            style.patch(self.style(Tone::Spoken))
        } else {
            style
        }
    }

    /// Returns the style for a notice.
    pub fn notice(self, weight: Severity) -> Style {
        self.style(match weight {
            Severity::Good => Tone::Good,
            Severity::Plain => Tone::Text,
            Severity::Bad => Tone::Bad,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_theme_has_no_colour() {
        let tones = [
            Tone::Interviewer,
            Tone::Candidate,
            Tone::Selected,
            Tone::Spoken,
            Tone::Listening,
            Tone::Bad,
            Tone::Code,
        ];
        assert!(
            tones
                .into_iter()
                .all(|tone| Theme::Plain.style(tone).fg.is_none())
        );
    }

    #[test]
    fn an_empty_no_color_keeps_the_colours() {
        let themes = [None, Some(""), Some("1")].map(Theme::from_no_color);
        assert_eq!(themes, [Theme::Colour, Theme::Colour, Theme::Plain]);
    }
}
