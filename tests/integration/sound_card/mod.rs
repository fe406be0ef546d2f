//! Microphones of every kind on the virtual sound card of `make test`, plugged in and out. Without that card nothing is
//! tested here.

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

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of a tone at half of full scale.
const LOUD: std::ops::Range<f32> = 0.45..0.55;

fn has_card() -> bool {
    std::env::var_os("MOCK_INTERVIEWER_TEST_SOUND").is_some()
}

/// There is one default microphone: who holds this may change it, or speak into it.
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

/// A module of the sound server, unloaded with the value.
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
        // It went with another one that it depended on.
        let _ = Command::new("pactl")
            .args(["unload-module", &self.0])
            .output();
    }
}

/// A microphone of its own, and the sink that is spoken into.
struct Plugged {
    _microphone: Module,
    _bus: Module,
    bus: String,
    name: String,
}

impl Plugged {
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

/// An open microphone and what is told of it.
struct Ears {
    microphone: DeviceMicrophone,
    news: Receiver<DeviceEvent>,
    heard: Vec<f32>,
}

impl Ears {
    fn open(name: &str, channel: Channel) -> Self {
        let (tell, news) = self::channel();
        let preference = DevicePreference {
            name: name.to_owned(),
            channel,
        };
        let tell = Mutex::new(tell);
        // Nobody listens any more at the end of a test.
        let tell = Arc::new(move |news| drop(tell.lock().unwrap().send(news)));
        let mut microphone = DeviceMicrophone::new(SharedDevicePreference::new(preference), tell);
        microphone.open().unwrap();
        Self {
            microphone,
            news,
            heard: Vec::new(),
        }
    }

    fn listen(&mut self) {
        self.microphone.read(&mut self.heard).unwrap();
        thread::yield_now();
    }

    /// The last so many seconds, heard from now on.
    fn hear(&mut self, seconds: f32) -> &[f32] {
        let wanted = self.heard.len() + (seconds * 16_000.0) as usize;
        let deadline = Instant::now() + PATIENCE;
        while self.heard.len() < wanted {
            assert!(Instant::now() < deadline, "no sound comes");
            self.listen();
        }
        &self.heard[wanted - (seconds * 16_000.0) as usize..wanted]
    }

    fn wait_for_tone(&mut self, hertz: f32) {
        let deadline = Instant::now() + PATIENCE;
        let mut now = 0.0;
        while !LOUD.contains(&now) {
            assert!(
                Instant::now() < deadline,
                "{hertz} Hz are heard with {now} only"
            );
            now = amplitude(self.hear(0.25), hertz);
        }
    }

    fn wait_for_news(&mut self) -> DeviceEvent {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "nothing is told");
            self.listen();
            if let Ok(news) = self.news.try_recv() {
                return news;
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
fn every_kind_of_microphone_is_heard_rightly(
    #[case] format: &str,
    #[case] rate: u32,
    #[case] channels: u16,
) {
    if !has_card() {
        return;
    }
    let plugged = Plugged::new(&format!("format={format} rate={rate} channels={channels}"));
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate,
            channels,
        },
        440.0,
        0,
    );
    let mut ears = Ears::open(&plugged.name, Channel::Mix);
    ears.wait_for_tone(440.0);
    let start = Instant::now();
    let samples = ears.hear(1.0).to_vec();
    assert!(
        (0.5..1.5).contains(&start.elapsed().as_secs_f32()),
        "a second is heard in {:?}",
        start.elapsed()
    );
    assert!(LOUD.contains(&amplitude(&samples, 440.0)));
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    assert!(
        (0.11..0.14).contains(&power),
        "nothing but the tone is heard: {power}"
    );
}

#[rstest]
#[case::as_usual("")]
#[case::of_a_studio("channel_map=aux0,aux1,aux2,aux3,aux4,aux5,aux6,aux7")]
fn speech_on_one_channel_of_eight_is_as_loud_as_alone_and_can_be_chosen(#[case] map: &str) {
    if !has_card() {
        return;
    }
    let plugged = Plugged::new(format!("rate=48000 channels=8 {map}").trim());
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 8,
        },
        440.0,
        4,
    );
    Ears::open(&plugged.name, Channel::Mix).wait_for_tone(440.0);
    Ears::open(&plugged.name, Channel::Only(5)).wait_for_tone(440.0);
    for other in [1, 4, 6, 8] {
        let mut ears = Ears::open(&plugged.name, Channel::Only(other));
        let faint = amplitude(ears.hear(0.5), 440.0);
        assert!(faint < 0.01, "channel {other}: {faint}");
    }
    let mut ears = Ears::open(&plugged.name, Channel::Only(9));
    let device = format!("{}-microphone", plugged.name);
    assert_eq!(
        ears.wait_for_news(),
        DeviceEvent::NoSuchChannel {
            device,
            channel: 9,
            channels: 8
        }
    );
}

#[test]
fn an_unplugged_microphone_gives_way_to_the_default_one_and_is_heard_again_when_it_is_back() {
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
    let plugged = Plugged::named("desk", "rate=44100 channels=1");
    let tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 44_100,
            channels: 1,
        },
        440.0,
        0,
    );
    let mut ears = Ears::open("DESK-", Channel::Mix);
    ears.wait_for_tone(440.0);
    let before = (ears.heard.len(), Instant::now());

    drop(tone);
    drop(plugged);
    let DeviceEvent::Replaced {
        lost,
        reason,
        instead,
    } = ears.wait_for_news()
    else {
        panic!("not what was told")
    };
    assert_eq!((lost.as_str(), reason), ("desk-microphone", None));
    assert!(instead.contains("Remapped"), "{instead}");
    ears.wait_for_tone(880.0);
    let (heard, time) = (ears.heard.len() - before.0, before.1.elapsed());
    let seconds = heard as f32 / 16_000.0;
    assert!(
        (seconds - time.as_secs_f32()).abs() < 0.7,
        "{seconds} s heard in {time:?}"
    );

    let plugged = Plugged::named("desk", "rate=48000 channels=4");
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
        ears.wait_for_news(),
        DeviceEvent::Returned("desk-microphone".into())
    );
    ears.wait_for_tone(440.0);
}

#[test]
fn a_microphone_that_is_plugged_in_again_at_once_is_heard_on() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let plugged = Plugged::named("again", "rate=48000 channels=1");
    let mut ears = Ears::open("again", Channel::Mix);
    ears.hear(0.2);
    drop(plugged);
    let plugged = Plugged::named("again", "rate=48000 channels=1");
    let _tone = Tone::play(
        Sink {
            name: &plugged.bus,
            rate: 48_000,
            channels: 1,
        },
        440.0,
        0,
    );
    ears.wait_for_tone(440.0);
}

#[test]
fn another_default_microphone_is_listened_to_unless_one_was_chosen() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let plugged = Plugged::named("newdefault", "rate=48000 channels=1");
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
    let (mut following, mut chosen) = (
        Ears::open("", Channel::Mix),
        Ears::open("mic", Channel::Mix),
    );
    following.wait_for_tone(880.0);
    pactl(&["set-default-source", "newdefault"]);
    assert_eq!(
        following.wait_for_news(),
        DeviceEvent::DefaultChanged("newdefault-microphone".into())
    );
    following.wait_for_tone(440.0);
    chosen.hear(1.0);
    chosen.wait_for_tone(880.0);
    pactl(&["set-default-source", "mic"]);
    assert!(
        chosen.news.try_recv().is_err(),
        "nothing has changed for a chosen one"
    );
    following.wait_for_tone(880.0);
}

#[test]
fn a_name_that_none_has_is_told_with_those_there_are_and_the_default_is_used() {
    if !has_card() {
        return;
    }
    let _alone = default_microphone();
    let mut ears = Ears::open("Kitchen", Channel::Only(2));
    let DeviceEvent::NotFound {
        wanted,
        several: false,
        there,
        instead,
    } = ears.wait_for_news()
    else {
        panic!("not told")
    };
    assert_eq!(wanted, "Kitchen");
    assert!(there.contains(&instead), "{instead} of {there:?}");
    ears.hear(0.2);
    let plugged = Plugged::named("kitchen", "rate=48000 channels=2");
    assert_eq!(
        ears.wait_for_news(),
        DeviceEvent::Returned(format!("{}-microphone", plugged.name))
    );
}

#[test]
fn sound_that_is_not_taken_in_time_is_counted_and_told() {
    if !has_card() {
        return;
    }
    let plugged = Plugged::new("rate=192000 channels=8");
    let mut ears = Ears::open(&plugged.name, Channel::Mix);
    let (start, seconds) = (Instant::now(), 3.0);
    // The ring holds 1.37 s of so much sound.
    while start.elapsed().as_secs_f64() < seconds {
        thread::yield_now();
    }
    let DeviceEvent::Overrun(Some(lost)) = ears.wait_for_news() else {
        panic!("not what was told")
    };
    assert!((0.8..3.0).contains(&lost.as_secs_f64()), "{lost:?}");
    ears.hear(0.5);
    assert!(ears.news.try_recv().is_err(), "nothing more is lost");
}
