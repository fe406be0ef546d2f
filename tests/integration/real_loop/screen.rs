//! A terminal in memory that publishes its frames, so that tests can wait for one.

use std::convert::Infallible;
use std::time::Duration;

use mock_interviewer::runtime::Screen;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use tokio::sync::watch;
use tokio::time::timeout;

/// Turns a hang into a failure; nothing in these tests takes as long, even on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// Draws into memory, and publishes each frame as text.
pub struct PublishingBackend {
    inner: TestBackend,
    frames: watch::Sender<String>,
}

/// Waits for published frames.
pub struct FrameWatcher(watch::Receiver<String>);

/// Returns a terminal of this size, and its watcher.
pub fn publishing_terminal(columns: u16, rows: u16) -> (PublishingBackend, FrameWatcher) {
    let (frames, watcher) = watch::channel(String::new());
    let backend = PublishingBackend {
        inner: TestBackend::new(columns, rows),
        frames,
    };
    (backend, FrameWatcher(watcher))
}

impl FrameWatcher {
    /// Waits until a frame contains `text`. Fails with the last frame after the deadline.
    pub async fn wait_for(&mut self, text: &str) {
        let seen = timeout(DEADLINE, self.0.wait_for(|frame| frame.contains(text)))
            .await
            .is_ok_and(|seen| seen.is_ok());
        assert!(
            seen,
            "{text:?} was never shown; the last frame:\n{}",
            *self.0.borrow()
        );
    }

    /// Waits for the next frame.
    #[cfg(feature = "voice")]
    pub async fn next_frame(&mut self) -> String {
        timeout(DEADLINE, self.0.changed())
            .await
            .expect("a frame is drawn before the deadline")
            .expect("the loop is running");
        self.0.borrow().clone()
    }

    /// Waits until a frame does not contain `text`.
    pub async fn wait_until_gone(&mut self, text: &str) {
        let gone = timeout(DEADLINE, self.0.wait_for(|frame| !frame.contains(text)))
            .await
            .is_ok_and(|gone| gone.is_ok());
        assert!(
            gone,
            "{text:?} never went away; the last frame:\n{}",
            *self.0.borrow()
        );
    }
}

impl Backend for PublishingBackend {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> Result<(), Infallible> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> Result<Size, Infallible> {
        self.inner.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        self.inner.flush()?;
        self.frames.send_replace(self.inner.to_string());
        Ok(())
    }
}

/// Does nothing where a real terminal would do more than draw.
pub struct NoTerminal;

impl Screen for NoTerminal {
    fn suspend(&mut self) {}

    fn set_title(&mut self, _title: &str) {}
}
