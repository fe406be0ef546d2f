//! What the spoken interview needs: the talk keys, the parts that are missing, the speech model on
//! its way, and how replies are spoken.

pub mod talk_keys;

use rust_i18n::t;

use super::action::{Missing, ModelEvent, Part, TransferProgress};
use super::ctx::Ctx;
use super::effect::{Effect, ModelEffect, SpeechEffect};
use super::notice::Notice;
use super::setup::{ModelOffer, OfferMode, Setup, SpeechSettings};
use crate::config::{Rate, Volume};
use crate::interview::Language;
use crate::voice::DeviceEvent;
use talk_keys::TalkKeys;

/// The state of the spoken side of the interview.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voice {
    pub(crate) keys: TalkKeys,
    /// The missing parts, each at most once.
    pub(crate) missing: Vec<Missing>,
    pub(crate) transcriber: TranscriberStatus,
    pub(crate) muted: bool,
    pub(crate) speaking: SpeechSettings,
    pub(crate) offer: Option<ModelOffer>,
    /// How far the speech model is, while it is being downloaded.
    pub(crate) download: Option<TransferProgress>,
    /// Whether the model was downloaded in this run, so that its loading is worth a notice.
    arrived: bool,
    /// What replies lack and was said already, even if it was there in between.
    said_for_speech: Vec<Part>,
}

/// Whether speech can be transcribed already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TranscriberStatus {
    /// Recordings wait until the model is loaded.
    #[default]
    Loading,
    Ready,
}

impl Voice {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            offer: setup.model_offer.clone(),
            speaking: setup.speaking,
            ..Self::default()
        }
    }

    /// Begins the download that the user agreed to in an earlier run.
    pub(super) fn resume_download(&mut self, ctx: &mut Ctx) {
        if let Some(ModelOffer {
            how: OfferMode::Resume,
            ..
        }) = self.offer
        {
            self.download_model(ctx);
        }
    }

    pub(super) fn update(&mut self, event: ModelEvent, ctx: &mut Ctx) {
        match event {
            ModelEvent::Progress(progress) => self.set_progress(progress),
            ModelEvent::Downloaded(Ok(())) => self.downloaded(ctx),
            ModelEvent::Downloaded(Err(reason)) => {
                self.download = None;
                ctx.notify(Notice::ModelFailed(reason));
            }
            ModelEvent::Loaded => self.model_loaded(ctx),
        }
    }

    /// Ignores a late step, which must not bring back a download that has ended.
    fn set_progress(&mut self, progress: TransferProgress) {
        if let Some(known) = &mut self.download {
            *known = progress;
        }
    }

    fn downloaded(&mut self, ctx: &mut Ctx) {
        self.download = None;
        self.offer = None;
        self.has(Part::Model);
        self.arrived = true;
        ctx.emit(Effect::Model(ModelEffect::Load));
    }

    fn model_loaded(&mut self, ctx: &mut Ctx) {
        self.transcriber = TranscriberStatus::Ready;
        self.has(Part::Model);
        if std::mem::take(&mut self.arrived) {
            ctx.notify(Notice::ModelReady);
        }
    }

    /// Fetches the model that was offered, or tries again.
    pub(super) fn fetch_model(&mut self, ctx: &mut Ctx) {
        match (&self.offer, self.download) {
            (_, Some(_)) => ctx.notices.dismiss(),
            (Some(_), None) => self.download_model(ctx),
            (None, None) => ctx.notify(Notice::NoModelToFetch),
        }
    }

    pub(super) fn download_model(&mut self, ctx: &mut Ctx) {
        let Some(offer) = &self.offer else {
            return;
        };
        self.download = Some(TransferProgress::new(offer.begun, offer.bytes));
        // The progress is shown in place of a notice.
        ctx.notices.remove(is_about_model);
        ctx.emit(Effect::Model(ModelEffect::Download));
    }

    /// Notes a missing part. The notice appears once, because a narrator that fails at every
    /// sentence must not nag. That replies are not heard is said once a run, because every
    /// interview would begin with it.
    pub(super) fn lacks(&mut self, missing: Missing, in_interview: bool, ctx: &mut Ctx) {
        let known = self.missing.contains(&missing) || self.said_for_speech.contains(&missing.part);
        self.has(missing.part);
        self.missing.push(missing.clone());
        if !known && in_interview {
            if is_for_speech(&missing) {
                self.said_for_speech.push(missing.part);
            }
            ctx.notify(Notice::Missing(missing));
        }
    }

    /// Notes that a part works.
    pub(super) fn has(&mut self, part: Part) {
        self.missing.retain(|missing| missing.part != part);
    }

    /// Notes that a reply sounds, so that nothing it needs is missing.
    pub(super) fn speaks(&mut self, ctx: &mut Ctx) {
        self.has(Part::Narrator);
        self.has(Part::Speaker);
        ctx.notices
            .remove(|notice| matches!(notice, Notice::Missing(missing) if is_for_speech(missing)));
    }

    /// Notes that the microphone is open.
    pub(super) fn microphone_opened(&mut self, name: String, ctx: &mut Ctx) {
        if self.lacks_part(Part::Microphone).is_some() {
            self.has(Part::Microphone);
            ctx.notify(Notice::Device(
                Part::Microphone,
                DeviceEvent::Returned(name),
            ));
        }
    }

    /// Whether the candidate can talk; otherwise the part that is missing.
    pub fn can_talk(&self) -> Result<(), &Missing> {
        self.missing_for_talking().next().map_or(Ok(()), Err)
    }

    /// The parts that are missing for talking.
    pub(super) fn missing_for_talking(&self) -> impl Iterator<Item = &Missing> {
        let needed = |missing: &&Missing| {
            matches!(missing.part, Part::Microphone | Part::Model | Part::Voice)
        };
        self.missing.iter().filter(needed)
    }

    /// Why replies are not heard, as far as it is known.
    pub(super) fn missing_for_speech(&self) -> Option<&Missing> {
        self.missing.iter().find(|missing| is_for_speech(missing))
    }

    pub(super) fn lacks_part(&self, part: Part) -> Option<&Missing> {
        self.missing.iter().find(|missing| missing.part == part)
    }

    /// Whether talk keys are held rather than tapped.
    pub fn is_held(&self) -> bool {
        matches!(self.keys, TalkKeys::Hold { .. })
    }

    pub(super) fn change_volume(&mut self, change: fn(Volume) -> Volume, ctx: &mut Ctx) {
        let volume = change(self.speaking.volume);
        self.speaking.volume = volume;
        ctx.notify(Notice::Volume(volume));
        ctx.emit(Effect::Speech(SpeechEffect::SetVolume(volume)));
    }

    pub(super) fn change_rate(&mut self, change: fn(Rate) -> Rate, ctx: &mut Ctx) {
        let Some(rate) = self.speaking.rate.map(change) else {
            ctx.notify(Notice::FixedRate);
            return;
        };
        self.speaking.rate = Some(rate);
        ctx.notify(Notice::Rate(rate));
        ctx.emit(Effect::Speech(SpeechEffect::SetRate(rate)));
    }

    /// Says how far the speech model is, while it is being downloaded.
    pub(super) fn download_text(&self, language: Language) -> Option<String> {
        let offer = self.offer.as_ref()?;
        let progress = self.download?.describe(language);
        let text = t!(
            "ui.notice.arriving",
            locale = language.code(),
            name = offer.name,
            progress = progress
        );
        Some(text.into_owned())
    }
}

/// Whether the notice says that there is no speech model.
pub(super) fn is_about_model(notice: &Notice) -> bool {
    match notice {
        Notice::Missing(missing) => missing.part == Part::Model,
        Notice::ModelFailed(_) => true,
        _ => false,
    }
}

/// Whether replies are only shown without this part.
fn is_for_speech(missing: &Missing) -> bool {
    matches!(missing.part, Part::Narrator | Part::Speaker)
}
