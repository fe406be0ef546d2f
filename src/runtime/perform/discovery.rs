//! Looks for a model server on this machine while the question bank asks, and uses it if the user
//! agreed to that, now or in an earlier run.

use std::sync::{Arc, Mutex};

use super::{ModelInterviewer, Performer};
use crate::app::action::{Action, RuntimeEvent, SessionEvent};
use crate::app::setup::ConsentQuestion;
use crate::interviewer::Interviewer;
use crate::interviewer::openai::OpenAiInterviewer;
use crate::preferences::Preferences;
use crate::sync::lock;
use crate::upstream::discovery::{self, Candidate, FoundServer};
use crate::upstream::{host_of, model_choice, model_name};

impl Performer {
    /// Looks at the addresses in the background.
    pub(super) fn discover(&mut self, candidates: Vec<Candidate>) {
        if candidates.is_empty() {
            return;
        }
        let slot = self.model_interviewer.clone();
        let preferences = self.services.connector.preferences.clone();
        let session = self.session.clone();
        let actions = self.services.actions.clone();
        let task = async move {
            let servers = discovery::find(candidates).await;
            let Some((offer, agreed)) = offer(&servers, &preferences) else {
                return;
            };
            let Some(model) = offer.interviewer() else {
                return;
            };
            let event = if agreed {
                session.set_interviewer(model.interviewer);
                session.connect().await;
                SessionEvent::ModelNamed {
                    model: offer.model,
                    host: offer.host,
                }
            } else {
                *lock(&slot) = Some(model);
                SessionEvent::ModelServerFound(ConsentQuestion {
                    model: offer.model,
                    host: offer.host,
                    found: Some(offer.server.title.to_owned()),
                })
            };
            let _ = actions.send(Action::Session(event)).await;
        };
        let failure = Action::Runtime(RuntimeEvent::Notice(self.panic_message()));
        self.spawn_background(failure, task);
    }
}

/// A server with the model that would ask.
struct Offer<'s> {
    server: &'s FoundServer,
    host: String,
    model: String,
}

impl Offer<'_> {
    fn interviewer(&self) -> Option<ModelInterviewer> {
        let base_url = self.server.base_url.clone();
        let openai = OpenAiInterviewer::new(base_url, None, self.model.clone()).ok()?;
        Some(ModelInterviewer {
            host: self.host.clone(),
            interviewer: Interviewer::OpenAi(openai),
        })
    }
}

/// Returns the server that the user agreed to, else the first that the user was not asked about.
fn offer<'s>(
    servers: &'s [FoundServer],
    preferences: &Arc<Mutex<Preferences>>,
) -> Option<(Offer<'s>, bool)> {
    let preferences = lock(preferences);
    let with_consent = |wanted: Option<bool>| {
        servers
            .iter()
            .find(|server| preferences.consent(&host_of(&server.base_url)) == wanted)
    };
    let agreed = with_consent(Some(true));
    let server = agreed.or_else(|| with_consent(None))?;
    let model = model_choice::chat_model(&server.models, model_name::today())?;
    let offer = Offer {
        server,
        host: host_of(&server.base_url),
        model: model.to_owned(),
    };
    Some((offer, agreed.is_some()))
}
