//! The canvas that every pane draws on, and the areas panes are cut from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use rust_i18n::t;

use super::theme::{Theme, Tone};
use crate::app::App;

/// The app that is drawn, the frame it is drawn on and the theme.
pub(super) struct Canvas<'a, 'f> {
    pub(super) app: &'a App,
    pub(super) theme: Theme,
    frame: &'a mut Frame<'f>,
}

impl<'a, 'f> Canvas<'a, 'f> {
    pub(super) fn new(app: &'a App, frame: &'a mut Frame<'f>, theme: Theme) -> Self {
        Self { app, theme, frame }
    }

    /// Returns the locale of the user interface.
    pub(super) fn locale(&self) -> &'static str {
        self.app.ctx.language.code()
    }

    /// Returns a text of the locale files that has no placeholders.
    pub(super) fn text(&self, key: &str) -> String {
        t!(key, locale = self.locale()).into_owned()
    }

    pub(super) fn style(&self, tone: Tone) -> Style {
        self.theme.style(tone)
    }

    pub(super) fn render(&mut self, widget: impl Widget, area: Rect) {
        self.frame.render_widget(widget, area);
    }

    /// Places the terminal's cursor, where input methods draw, unless an overlay covers the screen.
    pub(super) fn place_cursor(&mut self, x: u16, y: u16) {
        if self.app.overlays.is_empty() {
            self.frame.set_cursor_position((x, y));
        }
    }
}

/// Returns one row of an area, counted from its top.
pub(super) fn row(area: Rect, number: u16) -> Rect {
    Rect {
        y: area.y + number.min(area.height.saturating_sub(1)),
        height: area.height.min(1),
        ..area
    }
}

/// Returns an area without some columns at its left and right.
pub(super) fn inset(area: Rect, columns: u16) -> Rect {
    Rect {
        x: area.x + columns.min(area.width),
        width: area.width.saturating_sub(2 * columns),
        ..area
    }
}
