//! Tests loudspeakers that are chosen, unplugged and plugged in again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};

use mock_interviewer::config::Channel;
use mock_interviewer::narrator::{AudioFormat, Speech};
use mock_interviewer::sync::lock;
use mock_interviewer::voice::{
    DeviceEvent, DevicePreference, DeviceSpeaker, Playback, SharedDevicePreference, Speaker,
    VoiceError, check,
};

use super::tone::Monitor;
use super::{DEADLINE, Module, has_card};

/// Returns a guard for the tests that play: the program plays through one loudspeaker at a time.
fn exclusive_loudspeaker() -> MutexGuard<'static, ()> {
    static LOUDSPEAKER: Mutex<()> = Mutex::new(());
    lock(&LOUDSPEAKER)
}

/// Returns a second of a tone at half of full scale.
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

/// A loudspeaker, its events and the ends of its clips.
struct TestSpeaker {
    speaker: DeviceSpeaker,
    preference: SharedDevicePreference,
    events: Receiver<DeviceEvent>,
    ends: (Sender<Outcome>, Receiver<Outcome>),
    /// Keeps the clip playing.
    playback: Option<Playback>,
}

impl TestSpeaker {
    fn new(name: &str) -> Self {
        let (sender, events) = channel();
        let sender = Mutex::new(sender);
        let on_event = Arc::new(move |event| drop(sender.lock().unwrap().send(event)));
        let preference = SharedDevicePreference::new(DevicePreference {
            name: name.to_owned(),
            channel: Channel::Unset,
        });
        let speaker = DeviceSpeaker::new(preference.clone(), on_event).unwrap();
        Self {
            speaker,
            preference,
            events,
            ends: channel(),
            playback: None,
        }
    }

    fn play(&mut self, hertz: f32) {
        let end = self.ends.0.clone();
        let played = self.speaker.play(
            clip(hertz),
            Box::new(move |outcome| drop(end.send(outcome))),
        );
        self.playback = Some(played.unwrap());
    }

    fn wait_for_end(&self) {
        self.ends.1.recv_timeout(DEADLINE).unwrap().unwrap();
    }

    fn next_event(&self) -> DeviceEvent {
        self.events.recv_timeout(DEADLINE).unwrap()
    }
}

#[test]
fn an_unplugged_loudspeaker_is_replaced_by_the_default_one_until_it_returns() {
    if !has_card() {
        return;
    }
    let _alone = exclusive_loudspeaker();
    let hall = || {
        Module::load(
            "module-null-sink",
            "sink_name=hall sink_properties=device.description=Hall",
        )
    };
    let plugged = hall();
    let mut speaker = TestSpeaker::new("hal");
    let monitor = Monitor::of("hall");
    speaker.play(440.0);
    monitor.wait_for_tone(440.0);
    drop((monitor, plugged));
    let DeviceEvent::Replaced {
        lost,
        reason,
        instead,
    } = speaker.next_event()
    else {
        panic!("another event arrived")
    };
    assert_eq!(
        (lost.as_str(), reason, instead.contains("speaker")),
        ("Hall", None, true),
        "{instead}"
    );
    speaker.wait_for_end();

    let monitor = Monitor::of("speaker");
    speaker.play(660.0);
    monitor.wait_for_tone(660.0);
    speaker.wait_for_end();
    let _plugged = hall();
    assert_eq!(speaker.next_event(), DeviceEvent::Returned("Hall".into()));
    let monitor = Monitor::of("hall");
    speaker.play(880.0);
    monitor.wait_for_tone(880.0);
    speaker.wait_for_end();
}

#[test]
fn an_unknown_loudspeaker_is_reported_and_another_can_be_chosen_at_any_time() {
    if !has_card() {
        return;
    }
    let _alone = exclusive_loudspeaker();
    let _stage = Module::load(
        "module-null-sink",
        "sink_name=stage sink_properties=device.description=Stage",
    );
    let mut speaker = TestSpeaker::new("Kitchen");
    let monitor = Monitor::of("speaker");
    speaker.play(520.0);
    monitor.wait_for_tone(520.0);
    let DeviceEvent::NotFound {
        wanted,
        several: false,
        there,
        ..
    } = speaker.next_event()
    else {
        panic!("another event arrived")
    };
    assert_eq!(
        (wanted.as_str(), there.contains(&"Stage".to_owned())),
        ("Kitchen", true),
        "{there:?}"
    );
    speaker.wait_for_end();
    speaker.preference.set(DevicePreference {
        name: "stage".into(),
        channel: Channel::Unset,
    });
    let monitor = Monitor::of("stage");
    speaker.play(740.0);
    monitor.wait_for_tone(740.0);
}
