//! From a microphone or a file to words, with a real speech model.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

use mock_interviewer::config::StyleSample;
use mock_interviewer::interview::{Language, Word};
use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::{
    DeviceMicrophone, FileTranscript, Microphone, Recorder, RecorderEvent, SharedDevicePreference,
    SpeechLanguage, Transcriber, TranscriberHandle, TranscriptionRequest, VoiceError,
    WavMicrophone, Whisper,
};
use rstest::rstest;

pub(crate) const ENGLISH: SpeechLanguage = SpeechLanguage::Only(Language::English);
const KOREAN: SpeechLanguage = SpeechLanguage::Only(Language::Korean);

pub(crate) fn model() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fixtures/toy-whisper.bin");
    assert!(
        path.exists(),
        "the test model is missing: run scripts/fixtures"
    );
    path
}

pub(crate) fn recording(name: &str) -> PathBuf {
    fixture(&format!("{name}.wav"))
}

pub(crate) fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/speech")
        .join(file)
}

/// What is said in a fixture; without an ending it is a WAV.
pub(crate) fn transcript(name: &str) -> String {
    let file = if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.wav")
    };
    let table = include_str!("../fixtures/speech/transcripts.tsv");
    let line = table
        .lines()
        .find(|line| line.starts_with(&format!("{file}\t")))
        .unwrap();
    line.split('\t').nth(2).unwrap().to_owned()
}

/// One for all tests, of one thread: whisper.cpp's threads spin while they wait for each other, and beside other tests
/// they would crawl.
pub(crate) fn transcriber() -> TranscriberHandle {
    static SHARED: OnceLock<TranscriberHandle> = OnceLock::new();
    let load = || -> Result<Box<dyn Transcriber>, VoiceError> {
        Ok(Box::new(Whisper::load(&model(), None)?.with_threads(1)))
    };
    SHARED
        .get_or_init(|| TranscriberHandle::spawn(load, |ready| ready.unwrap()))
        .clone()
}

pub(crate) fn words_of(
    file: PathBuf,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let (then, heard) = mpsc::channel();
    transcriber().transcribe_file(file, language, move |outcome| then.send(outcome).unwrap());
    heard.recv().unwrap()
}

/// Times that can be times of speech: in order, inside the sound.
fn check_times(words: &[Word], seconds: f64) {
    let mut last = 0.0;
    for word in words {
        assert!(
            last <= word.start && word.start <= word.end && word.end <= seconds,
            "{words:?} in {seconds} s"
        );
        last = word.start;
    }
}

/// A microphone that tells how many samples it gave out, so that a test knows when a file was played.
struct Counted(WavMicrophone, mpsc::Sender<usize>);

impl Microphone for Counted {
    fn open(&mut self) -> Result<(), VoiceError> {
        self.0.open()
    }

    fn press(&mut self) {
        self.0.press();
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let before = into.len();
        self.0.read(into)?;
        // Nobody counts any more once the last file was played.
        let _ = self.1.send(into.len() - before);
        Ok(())
    }

    fn close(&mut self) {
        self.0.close();
    }

    fn name(&self) -> String {
        self.0.name()
    }
}

/// Presses the key once for every file, holding it until the file has been played.
fn heard_in(files: &[&str], language: SpeechLanguage) -> Vec<RecorderEvent> {
    let microphone =
        WavMicrophone::new(files.iter().map(|name| recording(name)).collect()).unwrap();
    let (played, samples) = mpsc::channel();
    let (tell, events) = mpsc::channel();
    let tell = Mutex::new(tell);
    let (level, _meter) = tokio::sync::watch::channel(0.0);
    // A file of silence, and the silence after a file, are dead as microphones go.
    let matters = |heard: &RecorderEvent| {
        !matches!(
            heard,
            RecorderEvent::MicrophoneDead(..) | RecorderEvent::MicrophoneAlive(_)
        )
    };
    let events_to = Arc::new(move |heard| {
        if matters(&heard) {
            tell.lock().unwrap().send(heard).unwrap();
        }
    });
    let recorder = Recorder::spawn(
        Box::new(Counted(microphone, played)),
        Some(transcriber()),
        level,
        events_to,
    );
    recorder.open();
    assert!(matches!(events.recv().unwrap(), RecorderEvent::Opened(_)));
    let mut outcomes = Vec::new();
    for (number, name) in (0..).zip(files) {
        // What was silence before the press does not count.
        while samples.try_recv().is_ok() {}
        recorder.press(number, language);
        // The file plays in real time: the key is held as long as a person would hold it.
        let mut left = recorded_samples(name);
        while left > 0 {
            left = left.saturating_sub(samples.recv_timeout(Duration::from_secs(20)).unwrap());
        }
        recorder.release(number);
        let mut told = std::iter::repeat_with(|| events.recv().unwrap())
            .filter(|told| !matches!(told, RecorderEvent::Partial(..)));
        assert!(
            matches!(told.next(), Some(RecorderEvent::Recorded(recorded, _)) if recorded == number)
        );
        outcomes.extend(told.next());
    }
    outcomes
}

fn recorded_samples(name: &str) -> usize {
    hound::WavReader::open(recording(name)).unwrap().duration() as usize
}

fn recorded_seconds(name: &str) -> f64 {
    recorded_samples(name) as f64 / 16_000.0
}

fn text(heard: &RecorderEvent) -> &str {
    match heard {
        RecorderEvent::Transcribed(_, answer) => &answer.text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn spoken_english_answers_become_words_and_silence_and_noise_nothing() {
    let heard = heard_in(&["short-en-1", "silence", "short-en-2", "noise"], ENGLISH);
    assert_eq!(text(&heard[0]), transcript("short-en-1"));
    assert_eq!(heard[1], RecorderEvent::NoSpeech(1));
    assert_eq!(text(&heard[2]), transcript("short-en-2"));
    assert_eq!(heard[3], RecorderEvent::NoSpeech(3));
    let RecorderEvent::Transcribed(_, answer) = &heard[0] else {
        panic!()
    };
    let spoken = answer.spoken.as_ref().unwrap();
    assert!((2.5..4.0).contains(&spoken.seconds), "{} s", spoken.seconds);
    check_times(&spoken.words, spoken.seconds);
}

#[test]
fn spoken_korean_answers_become_words() {
    let heard = heard_in(&["korean-ko-1", "korean-ko-2"], KOREAN);
    assert_eq!(text(&heard[0]), transcript("korean-ko-1"));
    assert_eq!(text(&heard[1]), transcript("korean-ko-2"));
}

#[rstest]
#[case("short-en-3", ENGLISH)]
#[case("fillers-en-1", ENGLISH)]
#[case("medium-en-1", ENGLISH)]
#[case("korean-ko-1", KOREAN)]
#[case("short-en-1", SpeechLanguage::Auto)]
#[case("korean-ko-2", SpeechLanguage::Auto)]
#[case("silence", ENGLISH)]
#[case("noise", ENGLISH)]
fn a_file_becomes_exactly_its_words(#[case] name: &str, #[case] language: SpeechLanguage) {
    let heard = words_of(recording(name), language).unwrap();
    assert_eq!(heard.transcript.text, transcript(name));
    assert!((heard.seconds - recorded_seconds(name)).abs() < 0.001);
    check_times(&heard.transcript.words, heard.seconds);
    let joined: Vec<&str> = heard
        .transcript
        .words
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    assert_eq!(joined.join(" "), transcript(name));
}

#[test]
fn the_language_is_detected() {
    let language = |name| {
        words_of(recording(name), SpeechLanguage::Auto)
            .unwrap()
            .transcript
            .language
    };
    assert_eq!(language("short-en-1"), Some(Language::English));
    assert_eq!(language("korean-ko-1"), Some(Language::Korean));
}

#[test]
fn a_model_that_breaks_off_is_refused_with_expected_and_found_size() {
    let whole = std::fs::read(model()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.bin");
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let reason = match Whisper::load(&path, None).err() {
        Some(VoiceError::Model { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason,
        "the file breaks off: expected at least 18747713 bytes, found 18747712"
    );
}

/// The last words of an answer are in the recording only if they arrive within the 200 ms recorded
/// after the release. Left to itself PulseAudio delivers two seconds at once. The test needs the
/// virtual sound card of `make test`.
#[test]
#[cfg(target_os = "linux")]
fn a_microphone_delivers_little_and_often() {
    if std::env::var_os("MOCK_INTERVIEWER_TEST_SOUND").is_none() {
        return;
    }
    let mut microphone = DeviceMicrophone::new(SharedDevicePreference::default(), Arc::new(|_| ()));
    microphone.open().unwrap();
    let mut samples = Vec::new();
    let mut deliveries = 0;
    while samples.len() < 2 * 16_000 {
        let before = samples.len();
        microphone.read(&mut samples).unwrap();
        deliveries += usize::from(samples.len() > before);
        std::thread::yield_now();
    }
    // The device delivers every 100 ms. A busy machine may read several deliveries at once.
    assert!(deliveries >= 10, "{deliveries} deliveries in 2 s of sound");
}

/// What `sound` is to a model that is shown the style sample or not.
fn styled(style: StyleSample, sound: &[f32], language: SpeechLanguage) -> String {
    let mut whisper = Whisper::load(&model(), None)
        .unwrap()
        .with_threads(1)
        .with_style_sample(style);
    whisper
        .transcribe(sound, &TranscriptionRequest::new(language))
        .unwrap()
        .text
}

#[rstest]
#[case(ENGLISH)]
#[case(KOREAN)]
fn a_style_sample_is_no_words_that_were_said(#[case] language: SpeechLanguage) {
    let noise = |n: u32| (n.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 - 0.5;
    let sound: Vec<f32> = (0..48_000).map(|n| noise(n) / 50.0).collect();
    for style in [StyleSample::Always, StyleSample::Never] {
        let text = styled(style, &sound, language);
        assert!(
            !["came first", "the rest", "API를", "3주쯤"]
                .iter()
                .any(|shown| text.contains(shown)),
            "{text}"
        );
    }
}

#[test]
fn speech_is_understood_after_a_style_sample_which_a_model_that_is_not_published_is_not_shown() {
    let name = "medium-en-1";
    let (mut sound, said) = (Vec::new(), transcript(name));
    let mut file = AudioFile::open(&recording(name), 16_000).unwrap();
    while file.read(&mut sound).unwrap() {}
    let [always, never, auto] = [StyleSample::Always, StyleSample::Never, StyleSample::Auto]
        .map(|style| styled(style, &sound, ENGLISH));
    eprintln!("said: {said}\nalways: {always}\nnever: {never}");
    assert_eq!(auto, never);
    assert_ne!(
        always, never,
        "what it is shown makes a difference to this model"
    );
    let words: Vec<&str> = said.split(' ').collect();
    let found = words
        .iter()
        .filter(|word| always.split(' ').any(|heard| heard == **word))
        .count();
    assert!(
        found * 10 >= words.len() * 8,
        "{found} of {} words: {always}",
        words.len()
    );
}
