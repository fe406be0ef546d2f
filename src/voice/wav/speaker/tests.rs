//! What ends up in the file, and when.

use std::io::Cursor;

use super::*;
use crate::narrator::AudioFormat;

/// Of a sound as even as can be, at half the loudest.
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

type Told = (&'static str, Result<(), String>);

/// A speaker, its file, and what became of the clips.
struct Stage {
    file: tempfile::NamedTempFile,
    speaker: WavSpeaker,
    tell: mpsc::Sender<Told>,
    told: Receiver<Told>,
}

impl Stage {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let speaker = WavSpeaker::create(file.path()).unwrap();
        let (tell, told) = mpsc::channel();
        Self {
            file,
            speaker,
            tell,
            told,
        }
    }

    fn play(&mut self, name: &'static str, length: f64) -> Playback {
        let tell = self.tell.clone();
        let ended = move |outcome: Result<(), VoiceError>| {
            tell.send((name, outcome.map_err(|error| error.to_string())))
                .unwrap();
        };
        self.speaker.play(speech(length), Box::new(ended)).unwrap()
    }

    fn ends(&self) -> Told {
        self.told
            .recv_timeout(Duration::from_secs(20))
            .expect("the clip ends")
    }
}

#[test]
fn clips_follow_each_other_and_end_when_they_were_heard() {
    let mut stage = Stage::new();
    assert!(
        seconds(stage.file.path()) < 1e-9,
        "an empty file has a valid header"
    );
    let start = Instant::now();
    let _playing = [stage.play("first", 0.2), stage.play("second", 0.2)];
    assert_eq!(
        [stage.ends(), stage.ends()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    assert!(
        start.elapsed() >= Duration::from_millis(399),
        "{:?}",
        start.elapsed()
    );
    assert!(
        (seconds(stage.file.path()) - 0.4).abs() < 1e-3,
        "{}",
        seconds(stage.file.path())
    );
}

#[test]
fn a_clip_without_playback_ends_and_nothing_more_of_it_gets_into_the_file() {
    let mut stage = Stage::new();
    let playing = [stage.play("first", 60.0), stage.play("second", 60.0)];
    drop(playing);
    assert_eq!(
        [stage.ends(), stage.ends()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    let heard = seconds(stage.file.path());
    let _next = stage.play("third", 0.1);
    assert_eq!(stage.ends(), ("third", Ok(())));
    assert!(seconds(stage.file.path()) - heard - 0.1 < 1e-3, "{heard}");
}

#[test]
fn without_the_first_clip_the_second_is_heard_whole() {
    let mut stage = Stage::new();
    let (first, _second) = (stage.play("first", 60.0), stage.play("second", 0.1));
    drop(first);
    assert_eq!(
        [stage.ends(), stage.ends()],
        [("first", Ok(())), ("second", Ok(()))]
    );
    assert!(
        seconds(stage.file.path()) >= 0.1 - 1e-3,
        "{}",
        seconds(stage.file.path())
    );
}

#[test]
fn volume_holds_for_what_sounds_already() {
    let mut stage = Stage::new();
    let _playing = stage.play("first", 0.5);
    while seconds(stage.file.path()) < 1e-9 {
        thread::yield_now();
    }
    stage.speaker.set_volume(0.5);
    assert_eq!(stage.ends(), ("first", Ok(())));
    let (heard, full) = (samples(stage.file.path()), f64::from(i16::MAX / 2));
    let near = |sample: i16, expected: f64| (f64::from(sample) / expected - 1.0).abs() < 0.05;
    assert!(
        near(heard[100], full) && near(heard[heard.len() - 100], full / 2.0),
        "{:?}",
        heard.last()
    );
}

#[test]
fn what_is_no_sound_is_refused() {
    let noise = Speech {
        bytes: "no sound".into(),
        format: AudioFormat::Wav,
    };
    assert!(Stage::new().speaker.play(noise, Box::new(drop)).is_err());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_every_clip_with_the_reason() {
    let mut stage = Stage::new();
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    // Its header stays in the buffer, and the first block fails.
    let writer = WavWriter::create("/dev/full", spec).unwrap();
    stage.speaker = WavSpeaker::start("answers.wav".into(), writer).unwrap();
    let _playing = [stage.play("first", 0.2), stage.play("second", 0.2)];
    let full = || Err("answers.wav: No space left on device (os error 28)".to_owned());
    assert_eq!(
        [stage.ends(), stage.ends()],
        [("first", full()), ("second", full())]
    );
    let _playing = stage.play("third", 0.2);
    assert_eq!(stage.ends(), ("third", full()));
}
