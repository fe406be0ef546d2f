//! Turns a task that panics into a failure on the screen instead of an endless wait.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rust_i18n::t;
use tokio::sync::mpsc;

use crate::app::action::Action;
use crate::interview::Language;

/// Runs `task`, and sends `failure` if it panics. The panic hook has logged the cause by then.
pub async fn report_panic(
    task: impl Future<Output = ()>,
    actions: mpsc::Sender<Action>,
    failure: Action,
) {
    // A task that panicked is dropped with everything it owned, so no broken state is seen.
    if AssertUnwindSafe(task).catch_unwind().await.is_err() {
        let _ = actions.send(failure).await;
    }
}

/// Returns what the screen says of a panic.
pub fn message(language: Language) -> String {
    t!("runtime.panicked", locale = language.code()).into()
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
        report_panic(task, sender, notice()).await;
        assert_eq!(actions.recv().await, Some(notice()));
    }

    #[tokio::test]
    async fn a_task_that_ends_well_reports_nothing() {
        let (sender, mut actions) = mpsc::channel(1);
        report_panic(async {}, sender, notice()).await;
        assert_eq!(actions.recv().await, None);
    }
}
