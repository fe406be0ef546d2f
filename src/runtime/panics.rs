//! Turns a task that panics into a failure on the screen instead of an endless wait.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rust_i18n::t;
use tokio::sync::mpsc;

use super::panic_report;
use crate::app::action::Action;
use crate::interview::Language;

/// Runs the task called `name`, and sends `failure` if it panics. The panic hook has written the
/// report by then.
pub async fn report_panic(
    name: &'static str,
    task: impl Future<Output = ()>,
    actions: mpsc::Sender<Action>,
    failure: Action,
) {
    let task = panic_report::named(name, task);
    // A task that panicked is dropped with everything it owned, so no broken state is seen.
    if AssertUnwindSafe(task).catch_unwind().await.is_err() {
        let _ = actions.send(failure).await;
    }
}

/// Returns what the screen says of a panic, with the file of the report.
pub fn message(language: Language) -> String {
    let locale = language.code();
    match panic_report::file() {
        Some(file) => {
            let path = crate::paths::shown(file);
            t!("runtime.panicked_report", locale = locale, path = path).into()
        }
        None => t!("runtime.panicked", locale = locale).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::RuntimeEvent;

    fn notice() -> Action {
        Action::Runtime(RuntimeEvent::Notice(message(Language::English)))
    }

    #[tokio::test]
    async fn a_panic_is_reported_as_the_given_failure() {
        let (sender, mut actions) = mpsc::channel(1);
        let task = async { panic!("on purpose") };
        report_panic("test", task, sender, notice()).await;
        assert_eq!(actions.recv().await, Some(notice()));
    }

    #[tokio::test]
    async fn a_task_that_ends_well_reports_nothing() {
        let (sender, mut actions) = mpsc::channel(1);
        report_panic("test", async {}, sender, notice()).await;
        assert_eq!(actions.recv().await, None);
    }
}
