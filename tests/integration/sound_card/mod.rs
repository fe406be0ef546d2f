//! Tests microphones of every kind on the virtual sound card of `make test`, plugged in and out.
//! Without that card these tests do nothing.

mod loudspeaker;
mod tone;

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use mock_interviewer::config::Channel;
use mock_interviewer::sync::lock;
use mock_interviewer::voice::{
    DeviceEvent, DeviceMicrophone, DevicePreference, Microphone, SharedDevicePreference,
};
use rstest::rstest;
use tone::{Sink, Tone, amplitude};

/// The longest wait for anything, which only turns a hang into a failure.
const DEADLINE: Duration = Duration::from_secs(30);
/// The amplitude of a tone at half of full scale.
const LOUD: std::ops::Range<f32> = 0.45..0.55;

fn has_card() -> bool {
    std::env::var_os("MOCK_INTERVIEWER_TEST_SOUND").is_some()
}

/// Returns a guard whose holder may change the default microphone or speak into it.
fn default_microphone() -> MutexGuard<'static, ()> {
    static DEFAULT: Mutex<()> = Mutex::new(());
    lock(&DEFAULT)
}

fn pactl(arguments: &[&str]) -> String {
    let output = Command::new("pactl")
        .args(arguments)
        .output()
        .expect("pactl is installed");
    assert!(
        output.status.success(),
        "pactl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A module of the sound server, which is unloaded on drop.
struct Module(String);

impl Module {
    fn load(name: &str, arguments: &str) -> Self {
        Self(pactl(
            &[
                &["load-module", name],
                arguments.split(' ').collect::<Vec<_>>().as_slice(),
            ]
            .concat(),
        ))
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // Unloading fails if the module went together with one it depended on.
        let _ = Command::new("pactl")
            .args(["unload-module", &self.0])
            .output();
    }
}

/// A microphone that is plugged in until it is dropped, and the sink that is spoken into.
struct PluggedMicrophone {
    _microphone: Module,
    _bus: Module,
    bus: String,
    name: String,
}

impl PluggedMicrophone {
    fn new(format: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        Self::named(
            &format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
            format,
        )
    }

    fn named(name: &str, format: &str) -> Self {
        let bus = format!("{name}bus");
        let sink = Module::load("module-null-sink", &format!("sink_name={bus} {format}"));
        let microphone = Module::load(
            "module-remap-source",
            &format!(
                "master={bus}.monitor source_name={name} source_properties=device.description={name}-microphone"
            ),
        );
        Self {
            _microphone: microphone,
            _bus: sink,
            bus,
            name: name.to_owned(),
        }
    }
}

/// An open microphone, its events and the samples read from it.
struct OpenMicrophone {
    microphone: DeviceMicrophone,
    events: Receiver<DeviceEvent>,
    samples: Vec<f32>,
}

impl OpenMicrophone {
    fn open(name: &str, channel: Channel) -> Self {
        let (sender, events) = self::channel();
        let preference = DevicePreference {
            name: name.to_owned(),
            channel,
        };
        let sender = Mutex::new(sender);
        // Sending fails at the end of a test, when nobody receives any more.
        let on_event = Arc::new(move |event| drop(sender.lock().unwrap().send(event)));
        let mut microphone =
            DeviceMicrophone::new(SharedDevicePreference::new(preference), on_event);
        microphone.open().unwrap();
        Self {
            microphone,
            events,
            samples: Vec::new(),
        }
    }

    fn read(&mut self) {
        self.microphone.read(&mut self.samples).unwrap();
        thread::yield_now();
    }

    /// Returns the next `seconds` of sound.
    fn record(&mut self, seconds: f32) -> &[f32] {
        let wanted = self.samples.len() + (seconds * 16_000.0) as usize;
        let deadline = Instant::now() + DEADLINE;
        while self.samples.len() < wanted {
            assert!(Instant::now() < deadline, "no sound arrives");
            self.read();
        }
        &self.samples[wanted - (seconds * 16_000.0) as usize..wanted]
    }

    fn wait_for_tone(&mut self, hertz: f32) {
        let deadline = Instant::now() + DEADLINE;
        let mut now = 0.0;
        while !LOUD.contains(&now) {
            assert!(
                Instant::now() < deadline,
                "the amplitude at {hertz} Hz is {now}"
            );
            now = amplitude(self.record(0.25), hertz);
        }
    }

    fn wait_for_event(&mut self) -> DeviceEvent {
        let deadline = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < deadline, "no event arrives");
            self.read();
            if let Ok(event) = self.events.try_recv() {
                return event;
            }
        }
    }
}

#[rstest]
#[case::bytes("u8", 48_000, 1)]
#[case::sixteen_bits("s16le", 48_000, 1)]
#[case::sixteen_bits_the_other_way_round("s16be", 48_000, 1)]
#[case::twenty_four_bits("s24le", 48_000, 2)]
#[case::twenty_four_bits_in_thirty_two("s24-32le", 48_000, 2)]
#[case::thirty_two_bits("s32le", 44_100, 2)]
#[case::floats("float32le", 44_100, 2)]
#[case::telephone("s16le", 8_000, 1)]
#[case::as_recognised("s16le", 16_000, 1)]
#[case::odd("s16le", 11_025, 3)]
#[case::studio("s24le", 96_000, 2)]
#[case::as_much_as_there_is("s32le", 192_000, 8)]
fn every_kind_of_microphone_is_recorded_unchanged(
    #[case] format: &str,
    #[case] rate: u32,
    #[case] channels: u16,
) {
    if !has_card() {
        return;
    }
    let plugged =
        PluggedMicrophone::new(&format!("format={format} rate={rate} channels={channels}"));
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate,
            channels,
        },
        440.0,
        0,
    );
    let mut microphone = OpenMicrophone::open(&plugged.name, Channel::Mix);
    microphone.wait_for_tone(440.0);
    // The tone's player may fall behind on a busy machine, so a clean second need not be the first.
    let deadline = Instant::now() + DEADLINE;
    while !is_pure_tone(microphone.record(1.0)) {
        assert!(
            Instant::now() < deadline,
            "no second is the tone and nothing else"
        );
    }
}

/// Returns whether samples hold a tone of 440 Hz at half of full scale and nothing else.
fn is_pure_tone(samples: &[f32]) -> bool {
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    LOUD.contains(&amplitude(samples, 440.0)) && (0.11..0.14).contains(&power)
}

#[rstest]
#[case::as_usual("")]
#[case::of_a_studio("channel_map=aux0,aux1,aux2,aux3,aux4,aux5,aux6,aux7")]
fn speech_on_one_channel_of_eight_is_as_loud_as_alone_and_can_be_chosen(#[case] map: &str) {
    if !has_card() {
        return;
    }
    let plugged = PluggedMicrophone::new(format!("rate=48000 channels=8 {map}").trim());
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 8,
        },
        440.0,
        4,
    );
    OpenMicrophone::open(&plugged.name, Channel::Mix).wait_for_tone(440.0);
    OpenMicrophone::open(&plugged.name, Channel::Only(5)).wait_for_tone(440.0);
    for other in [1, 4, 6, 8] {
        let mut microphone = OpenMicrophone::open(&plugged.name, Channel::Only(other));
        let faint = amplitude(microphone.record(0.5), 440.0);
        assert!(faint < 0.01, "channel {other}: {faint}");
    }
    let mut microphone = OpenMicrophone::open(&plugged.name, Channel::Only(9));
    let device = format!("{}-microphone", plugged.name);
    assert_eq!(
        microphone.wait_for_event(),
        DeviceEvent::NoSuchChannel {
            device,
            channel: 9,
            channels: 8
        }
    );
}

#[test]
fn an_unplugged_microphone_is_replaced_by_the_default_one_until_it_returns() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let _other = Tone::play(
        Sink {
            name: "micbus",
            rate: 48_000,
            channels: 2,
        },
        880.0,
        0,
    );
    let plugged = PluggedMicrophone::named("desk", "rate=44100 channels=1");
    let tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 44_100,
            channels: 1,
        },
        440.0,
        0,
    );
    let mut microphone = OpenMicrophone::open("DESK-", Channel::Mix);
    microphone.wait_for_tone(440.0);
    drop(tone);
    drop(plugged);
    let DeviceEvent::Replaced {
        lost,
        reason,
        instead,
    } = microphone.wait_for_event()
    else {
        panic!("another event arrived")
    };
    assert_eq!((lost.as_str(), reason), ("desk-microphone", None));
    assert!(instead.contains("Remapped"), "{instead}");
    microphone.wait_for_tone(880.0);

    let plugged = PluggedMicrophone::named("desk", "rate=48000 channels=4");
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 4,
        },
        440.0,
        2,
    );
    assert_eq!(
        microphone.wait_for_event(),
        DeviceEvent::Returned("desk-microphone".into())
    );
    microphone.wait_for_tone(440.0);
}

#[test]
fn a_microphone_that_is_plugged_in_again_at_once_is_used_again() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let plugged = PluggedMicrophone::named("again", "rate=48000 channels=1");
    let mut microphone = OpenMicrophone::open("again", Channel::Mix);
    microphone.record(0.2);
    drop(plugged);
    let plugged = PluggedMicrophone::named("again", "rate=48000 channels=1");
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 1,
        },
        440.0,
        0,
    );
    microphone.wait_for_tone(440.0);
}

#[test]
fn a_new_default_microphone_is_used_unless_one_was_chosen() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let plugged = PluggedMicrophone::named("newdefault", "rate=48000 channels=1");
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 1,
        },
        440.0,
        0,
    );
    let _other = Tone::play(
        Sink {
            name: "micbus",
            rate: 48_000,
            channels: 2,
        },
        880.0,
        0,
    );
    let mut following = OpenMicrophone::open("", Channel::Mix);
    let mut chosen = OpenMicrophone::open("mic", Channel::Mix);
    following.wait_for_tone(880.0);
    pactl(&["set-default-source", "newdefault"]);
    assert_eq!(
        following.wait_for_event(),
        DeviceEvent::DefaultChanged("newdefault-microphone".into())
    );
    following.wait_for_tone(440.0);
    chosen.record(1.0);
    chosen.wait_for_tone(880.0);
    pactl(&["set-default-source", "mic"]);
    assert!(
        chosen.events.try_recv().is_err(),
        "nothing changes for a chosen microphone"
    );
    following.wait_for_tone(880.0);
}

#[test]
fn an_unknown_name_is_reported_with_the_names_present_and_the_default_is_used() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let mut microphone = OpenMicrophone::open("Kitchen", Channel::Only(2));
    let DeviceEvent::NotFound {
        wanted,
        several: false,
        there,
        instead,
    } = microphone.wait_for_event()
    else {
        panic!("another event arrived")
    };
    assert_eq!(wanted, "Kitchen");
    assert!(there.contains(&instead), "{instead} of {there:?}");
    microphone.record(0.2);
    let plugged = PluggedMicrophone::named("kitchen", "rate=48000 channels=2");
    assert_eq!(
        microphone.wait_for_event(),
        DeviceEvent::Returned(format!("{}-microphone", plugged.name))
    );
}

#[test]
fn sound_that_is_not_read_in_time_is_counted_and_reported() {
    if !has_card() {
        return;
    }
    let plugged = PluggedMicrophone::new("rate=192000 channels=8");
    let mut microphone = OpenMicrophone::open(&plugged.name, Channel::Mix);
    // The ring holds 1.37 s of this many channels: the pause makes it overflow.
    thread::sleep(Duration::from_secs(3));
    let DeviceEvent::Overrun(Some(lost)) = microphone.wait_for_event() else {
        panic!("another event arrived")
    };
    assert!(lost.as_secs_f64() > 0.8, "{lost:?}");
    microphone.record(0.5);
    assert!(
        microphone.events.try_recv().is_err(),
        "nothing more is lost"
    );
}
