//! Tests of what the file holds, and when.

use std::io::Cursor;

use super::*;
use crate::narrator::AudioFormat;

/// Returns a constant sound at half of full scale.
fn speech(seconds: f64) -> Speech {
    let spec = WavSpec {
        channels: 1,
        sample_rate: 22_050,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    (0..(seconds * 22_050.0) as usize).for_each(|_| writer.write_sample(i16::MAX / 2).unwrap());
    writer.finalize().unwrap();
    Speech {
        bytes: bytes.into_inner().into(),
        format: AudioFormat::Wav,
    }
}

fn samples(path: &Path) -> Vec<i16> {
    hound::WavReader::open(path)
        .unwrap()
        .into_samples()
        .map(Result::unwrap)
        .collect()
}

fn seconds(path: &Path) -> f64 {
    samples(path).len() as f64 / f64::from(RATE)
}

type ClipEnd = (&'static str, Result<(), String>);

/// A speaker, its file, and the ends of its clips.
struct Fixture {
    file: tempfile::NamedTempFile,
    speaker: WavSpeaker,
    sender: mpsc::Sender<ClipEnd>,
    ends: Receiver<ClipEnd>,
}

impl Fixture {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let speaker = WavSpeaker::create(file.path()).unwrap();
        let (sender, ends) = mpsc::channel();
        Self {
            file,
            speaker,
            sender,
            ends,
        }
    }

    fn play(&mut self, name: &'static str, length: f64) -> Playback {
        let sender = self.sender.clone();
        let on_end = move |outcome: Result<(), VoiceError>| {
            sender
                .send((name, outcome.map_err(|error| error.to_string())))
                .unwrap();
        };
        self.speaker.play(speech(length), Box::new(on_end)).unwrap()
    }

    fn next_end(&self) -> ClipEnd {
        self.ends
            .recv_timeout(Duration::from_secs(20))
            .expect("the clip ends")
    }
}

#[test]
fn clips_follow_each_other_and_end_when_they_have_been_heard() {
    let mut fixture = Fixture::new();
    assert!(
        seconds(fixture.file.path()) < 1e-9,
        "an empty file has a valid header"
    );
    let start = Instant::now();
    let _playing = [fixture.play("first", 0.2), fixture.play("second", 0.2)];
    assert_eq!(
        [fixture.next_end(), fixture.next_end()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    assert!(
        start.elapsed() >= Duration::from_millis(399),
        "{:?}",
        start.elapsed()
    );
    assert!(
        (seconds(fixture.file.path()) - 0.4).abs() < 1e-3,
        "{}",
        seconds(fixture.file.path())
    );
}

#[test]
fn a_clip_whose_playback_is_dropped_ends_and_no_more_of_it_is_written() {
    let mut fixture = Fixture::new();
    let playing = [fixture.play("first", 60.0), fixture.play("second", 60.0)];
    drop(playing);
    assert_eq!(
        [fixture.next_end(), fixture.next_end()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    let heard = seconds(fixture.file.path());
    let _next = fixture.play("third", 0.1);
    assert_eq!(fixture.next_end(), ("third", Ok(())));
    assert!(seconds(fixture.file.path()) - heard - 0.1 < 1e-3, "{heard}");
}

#[test]
fn the_second_clip_is_played_whole_after_the_first_is_silenced() {
    let mut fixture = Fixture::new();
    let (first, _second) = (fixture.play("first", 60.0), fixture.play("second", 0.1));
    drop(first);
    assert_eq!(
        [fixture.next_end(), fixture.next_end()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    assert!(
        seconds(fixture.file.path()) >= 0.1 - 1e-3,
        "{}",
        seconds(fixture.file.path())
    );
}

#[test]
fn the_volume_applies_to_a_clip_that_is_playing() {
    let mut fixture = Fixture::new();
    let _playing = fixture.play("first", 0.5);
    while seconds(fixture.file.path()) < 1e-9 {
        thread::yield_now();
    }
    fixture.speaker.set_volume(0.5);
    assert_eq!(fixture.next_end(), ("first", Ok(())));
    let (heard, full) = (samples(fixture.file.path()), f64::from(i16::MAX / 2));
    let near = |sample: i16, expected: f64| (f64::from(sample) / expected - 1.0).abs() < 0.05;
    assert!(
        near(heard[100], full) && near(heard[heard.len() - 100], full / 2.0),
        "{:?}",
        heard.last()
    );
}

#[test]
fn a_clip_that_is_not_audio_is_refused() {
    let noise = Speech {
        bytes: "no sound".into(),
        format: AudioFormat::Wav,
    };
    assert!(Fixture::new().speaker.play(noise, Box::new(drop)).is_err());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_every_clip_with_the_reason() {
    let mut fixture = Fixture::new();
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    // Its header stays in the buffer, and the first block fails.
    let writer = WavWriter::create("/dev/full", spec).unwrap();
    fixture.speaker = WavSpeaker::start("answers.wav".into(), writer).unwrap();
    let _playing = [fixture.play("first", 0.2), fixture.play("second", 0.2)];
    let full = || Err("answers.wav: No space left on device (os error 28)".to_owned());
    assert_eq!(
        [fixture.next_end(), fixture.next_end()],
        [("first", full()), ("second", full())]
    );
    let _playing = fixture.play("third", 0.2);
    assert_eq!(fixture.next_end(), ("third", full()));
}
