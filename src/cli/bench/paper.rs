//! A terminal that nobody looks at: drawing costs what it costs on a real one, and what is drawn can be waited for.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use tokio::sync::mpsc;

use crate::runtime::Screen;

/// Of a common window.
const SIZE: Size = Size {
    width: 80,
    height: 24,
};

/// Draws for nobody, and tells when a frame showed the awaited letter.
pub struct Paper {
    inner: CrosstermBackend<io::Sink>,
    awaited: Arc<AtomicU32>,
    seen: Option<u32>,
    frames: mpsc::UnboundedSender<Frame>,
}

/// A frame that newly showed the character of this code, and when.
pub type Frame = (u32, Instant);

/// What of a terminal is not drawing, done to none.
pub struct NoTerminal;

impl Screen for NoTerminal {
    fn suspend(&mut self) {}

    fn set_title(&mut self, _title: &str) {}
}

impl Paper {
    /// Tells `frames` of those that newly show the character of code `awaited`.
    pub fn new(awaited: Arc<AtomicU32>, frames: mpsc::UnboundedSender<Frame>) -> Self {
        Self {
            inner: CrosstermBackend::new(io::sink()),
            awaited,
            seen: None,
            frames,
        }
    }
}

impl Backend for Paper {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let awaited = self.awaited.load(Ordering::Relaxed);
        let mut seen = false;
        self.inner.draw(content.inspect(|(_, _, cell)| {
            seen |= cell
                .symbol()
                .chars()
                .any(|letter| u32::from(letter) == awaited);
        }))?;
        self.seen = seen.then_some(awaited).or(self.seen);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(SIZE)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: SIZE,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)?;
        if let Some(letter) = self.seen.take() {
            // Nobody waits any more at the end.
            let _ = self.frames.send((letter, Instant::now()));
        }
        Ok(())
    }
}
