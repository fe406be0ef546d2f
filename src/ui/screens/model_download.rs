//! Screens that offer and download the speech model.

use super::no_model;
use super::test_ui::TestUi;
use crate::app::action::{Action, ModelEvent, TransferProgress, VoiceEvent};
use crate::app::key::Code;
use crate::app::setup::{ModelOffer, OfferMode, Setup};
use crate::interview::Language;

pub(super) fn model_offer(mut setup: Setup) -> TestUi {
    setup.model_offer = Some(offer(setup.language));
    TestUi::new(setup)
}

/// Returns the offer as it is worded on a computer with two cores.
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
        how: OfferMode::Ask,
    }
}

pub(super) fn model_arrives(mut setup: Setup) -> TestUi {
    setup.model_offer = Some(offer(setup.language));
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Voice(VoiceEvent::Unavailable(no_model())))
        .press(Code::Enter)
        .interview();
    ui.apply(Action::Model(ModelEvent::Progress(TransferProgress {
        done: 55_000_000,
        all: 147_964_211,
        rate: Some(5_200_000),
    })));
    ui
}

pub(super) fn model_failed(setup: Setup) -> TestUi {
    let mut ui = model_arrives(setup);
    let korean = ui.is_korean();
    let reason = if korean {
        "서버가 20초 동안 아무것도 보내지 않았습니다"
    } else {
        "the server sent nothing for 20 seconds"
    };
    ui.apply(Action::Model(ModelEvent::Downloaded(
        Err(reason.to_owned()),
    )));
    ui
}
