//! Loudspeakers: chosen, unplugged and plugged in again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use mock_interviewer::config::Channel;
use mock_interviewer::narrator::{AudioFormat, Speech};
use mock_interviewer::voice::{
    DeviceEvent, DevicePreference, DeviceSpeaker, Playback, SharedDevicePreference, Speaker,
    VoiceError, check,
};

use super::tone::Listener;
use super::{Module, PATIENCE, has_card};
use mock_interviewer::sync::lock;

/// The program plays through one loudspeaker at a time.
fn one_loudspeaker() -> MutexGuard<'static, ()> {
    static LOUDSPEAKER: Mutex<()> = Mutex::new(());
    lock(&LOUDSPEAKER)
}

/// A second of a tone at half of full scale.
fn clip(hertz: f32) -> Speech {
    let samples: Vec<f32> = (0..16_000)
        .map(|n| 0.5 * (std::f32::consts::TAU * hertz * n as f32 / 16_000.0).sin())
        .collect();
    Speech {
        bytes: check::encode_wav(&samples),
        format: AudioFormat::Wav,
    }
}

type Outcome = Result<(), VoiceError>;

/// A loudspeaker and what is told of it.
struct Mouth {
    speaker: DeviceSpeaker,
    wanted: SharedDevicePreference,
    news: Receiver<DeviceEvent>,
    ended: (Sender<Outcome>, Receiver<Outcome>),
    /// Of the clip that sounds.
    playback: Option<Playback>,
}

impl Mouth {
    fn new(name: &str) -> Self {
        let (tell, news) = channel();
        let tell = Mutex::new(tell);
        let tell = Arc::new(move |news| drop(tell.lock().unwrap().send(news)));
        let wanted = SharedDevicePreference::new(DevicePreference {
            name: name.to_owned(),
            channel: Channel::Unset,
        });
        let speaker = DeviceSpeaker::new(wanted.clone(), tell).unwrap();
        Self {
            speaker,
            wanted,
            news,
            ended: channel(),
            playback: None,
        }
    }

    fn play(&mut self, hertz: f32) {
        let ended = self.ended.0.clone();
        let played = self.speaker.play(
            clip(hertz),
            Box::new(move |outcome| drop(ended.send(outcome))),
        );
        self.playback = Some(played.unwrap());
    }

    fn wait_for_end(&self) {
        self.ended.1.recv_timeout(PATIENCE).unwrap().unwrap();
    }

    fn told(&self) -> DeviceEvent {
        self.news.recv_timeout(PATIENCE).unwrap()
    }
}

#[test]
fn an_unplugged_loudspeaker_gives_way_to_the_default_one_and_is_heard_again_when_it_is_back() {
    if !has_card() {
        return;
    }
    let _alone = one_loudspeaker();
    let hall = || {
        Module::load(
            "module-null-sink",
            "sink_name=hall sink_properties=device.description=Hall",
        )
    };
    let plugged = hall();
    let mut mouth = Mouth::new("hal");
    let listener = Listener::to("hall");
    mouth.play(440.0);
    listener.wait_for_tone(440.0);
    drop((listener, plugged));
    let DeviceEvent::Replaced {
        lost,
        reason,
        instead,
    } = mouth.told()
    else {
        panic!("not what was told")
    };
    assert_eq!(
        (lost.as_str(), reason, instead.contains("speaker")),
        ("Hall", None, true),
        "{instead}"
    );
    mouth.wait_for_end();

    let listener = Listener::to("speaker");
    mouth.play(660.0);
    listener.wait_for_tone(660.0);
    mouth.wait_for_end();
    let _plugged = hall();
    assert_eq!(mouth.told(), DeviceEvent::Returned("Hall".into()));
    let listener = Listener::to("hall");
    mouth.play(880.0);
    listener.wait_for_tone(880.0);
    mouth.wait_for_end();
}

#[test]
fn a_loudspeaker_that_none_is_called_is_told_and_another_can_be_chosen_at_any_time() {
    if !has_card() {
        return;
    }
    let _alone = one_loudspeaker();
    let _stage = Module::load(
        "module-null-sink",
        "sink_name=stage sink_properties=device.description=Stage",
    );
    let mut mouth = Mouth::new("Kitchen");
    let listener = Listener::to("speaker");
    mouth.play(520.0);
    listener.wait_for_tone(520.0);
    let DeviceEvent::NotFound {
        wanted,
        several: false,
        there,
        ..
    } = mouth.told()
    else {
        panic!("not what was told")
    };
    assert_eq!(
        (wanted.as_str(), there.contains(&"Stage".to_owned())),
        ("Kitchen", true),
        "{there:?}"
    );
    mouth.wait_for_end();
    mouth.wanted.set(DevicePreference {
        name: "stage".into(),
        channel: Channel::Unset,
    });
    let listener = Listener::to("stage");
    mouth.play(740.0);
    listener.wait_for_tone(740.0);
}
