//! Finds out which model asks, so that the screen names it before the first question.

use rust_i18n::t;

use super::Performer;
use crate::app::action::{Action, RuntimeEvent, SessionEvent};
use crate::interview::Language;
use crate::interviewer::{Identity, Interviewer};
use crate::runtime::wording;

impl Performer {
    /// Asks the server of a model about it in the background. Nothing waits for the answer.
    pub(super) fn prepare(&mut self, interviewer: Interviewer) {
        if interviewer.identity() == Identity::QuestionBank {
            return;
        }
        let actions = self.services.actions.clone();
        let language = self.services.language;
        let task = async move {
            for action in prepared(&interviewer, language).await {
                let _ = actions.send(action).await;
            }
        };
        let failure = Action::Runtime(RuntimeEvent::Notice(self.panic_message()));
        self.spawn_background(failure, task);
    }
}

/// Returns the name of the model, and what the user should know about it.
async fn prepared(interviewer: &Interviewer, language: Language) -> Vec<Action> {
    let outcome = interviewer.prepare().await;
    let Identity::Model { model, host } = interviewer.identity() else {
        return vec![];
    };
    let notice = match outcome {
        Err(error) => Some(wording::of(&error, language)),
        Ok(end) => end.map(|day| {
            let text = t!(
                "connect.model_ends",
                locale = language.code(),
                model = model,
                host = host,
                day = day
            );
            text.into_owned()
        }),
    };
    let named = Action::Session(SessionEvent::ModelNamed { model, host });
    let notice = notice.map(|words| Action::Runtime(RuntimeEvent::Notice(words)));
    std::iter::once(named).chain(notice).collect()
}
