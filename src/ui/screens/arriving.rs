//! The speech model: offered, on its way, not arrived.
use super::no_model;
use super::stage::Stage;
use crate::app::action::{Action, ModelEvent, TransferProgress, VoiceEvent};
use crate::app::key::Code;
use crate::app::setup::{ModelOffer, Offering, Setup};
use crate::interview::Language;

pub(super) fn model_offer(mut setup: Setup) -> Stage {
    setup.model_offer = Some(offer(setup.language));
    Stage::new(setup)
}

/// As it is worded for two cores.
fn offer(language: Language) -> ModelOffer {
    let (name, bytes, reason) = match language {
        Language::English => (
            "base.en",
            147_964_211,
            "base.en: a good fit for English on this computer (transcribes 5 s of speech in 2.0 s)",
        ),
        Language::Korean => (
            "small-q8_0",
            264_464_607,
            "small-q8_0: 이 컴퓨터에서 한국어에 알맞은 모델입니다 (말 5초를 5.5초에 받아씁니다)",
        ),
    };
    ModelOffer {
        name: name.to_owned(),
        bytes,
        begun: 0,
        reason: reason.to_owned(),
        how: Offering::Ask,
    }
}

pub(super) fn model_arrives(mut setup: Setup) -> Stage {
    setup.model_offer = Some(offer(setup.language));
    let mut stage = Stage::new(setup);
    stage
        .tell(Action::Voice(VoiceEvent::Unavailable(no_model())))
        .press(Code::Enter)
        .interview();
    stage.tell(Action::Model(ModelEvent::Progress(TransferProgress {
        done: 55_000_000,
        all: 147_964_211,
        rate: Some(5_200_000),
    })));
    stage
}

pub(super) fn model_failed(setup: Setup) -> Stage {
    let mut stage = model_arrives(setup);
    let korean = stage.app.ctx.language == Language::Korean;
    let reason = if korean {
        "서버가 20초 동안 아무것도 보내지 않았습니다"
    } else {
        "the server sent nothing for 20 seconds"
    };
    stage.tell(Action::Model(ModelEvent::Downloaded(
        Err(reason.to_owned()),
    )));
    stage
}
