//! Performs what concerns the speech model.

use rust_i18n::t;

use super::Performer;
use crate::app::action::{Action, ModelEvent, RuntimeEvent};
use crate::app::effect::ModelEffect;
use crate::interview::Language;
use crate::models::{self, Download, DownloadStep};
use crate::runtime::VoiceCommand;

impl Performer {
    pub(super) fn perform_model(&mut self, effect: ModelEffect) {
        match effect {
            ModelEffect::Download => self.download(),
            ModelEffect::Load => self.load_model(),
            ModelEffect::Decline => self
                .preferences
                .write(|preferences| preferences.decline("model")),
        }
    }

    fn load_model(&self) {
        if let Some(Download { folder, model, .. }) = &self.services.offered {
            let file = models::path_in(folder, model);
            self.services
                .voice_input
                .send(VoiceCommand::LoadModel(file));
        }
    }

    /// Downloads in the background. What has arrived when the user leaves stays on disk, and the
    /// next start continues from there.
    fn download(&mut self) {
        let Some(download) = self.services.offered.clone() else {
            return;
        };
        let actions = self.services.actions.clone();
        let language = self.services.language;
        let task = async move {
            let name = download.model.name.clone();
            let report = |step| {
                if let Some(action) = step_action(step, &name, language) {
                    // A full queue drops one step of the progress bar, which does no harm.
                    let _ = actions.try_send(action);
                }
            };
            let outcome = download.run(report).await.map(drop).map_err(|error| {
                tracing::warn!(%error, "the download of the speech model failed");
                error.short_message(language)
            });
            let _ = actions
                .send(Action::Model(ModelEvent::Downloaded(outcome)))
                .await;
        };
        let failure = ModelEvent::Downloaded(Err(self.panic_message()));
        self.spawn_background(Action::Model(failure), task);
    }
}

fn step_action(step: DownloadStep, name: &str, language: Language) -> Option<Action> {
    match step {
        DownloadStep::Progress(progress) => Some(Action::Model(ModelEvent::Progress(progress))),
        DownloadStep::Waiting => {
            let words = t!("models.step.waiting", locale = language.code(), name = name);
            Some(Action::Runtime(RuntimeEvent::Notice(words.into())))
        }
        DownloadStep::Resuming(_) | DownloadStep::Restarting => None,
    }
}
