//! Tests the way from a microphone or a file to words, with the speech model for tests.

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

/// Returns what is said in a fixture. A name without an ending is that of a WAV file.
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

/// Returns the transcriber that all tests share. It has one thread, because whisper.cpp's threads spin
/// while they wait for each other and would crawl beside other tests.
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

/// Asserts that the times of words are in order and inside the sound.
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

/// A microphone that reports how many samples it delivered, so that a test knows when a file was
/// played.
struct CountingMicrophone(WavMicrophone, mpsc::Sender<usize>);

impl Microphone for CountingMicrophone {
    fn open(&mut self) -> Result<(), VoiceError> {
        self.0.open()
    }

    fn press(&mut self) {
        self.0.press();
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let before = into.len();
        self.0.read(into)?;
        // Sending fails once the last file was played, because nobody counts any more.
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

/// Presses the key once for every file, holds it until the file has been played, and returns the
/// outcomes.
fn speak_files(files: &[&str], language: SpeechLanguage) -> Vec<RecorderEvent> {
    let microphone =
        WavMicrophone::new(files.iter().map(|name| recording(name)).collect()).unwrap();
    let (played, samples) = mpsc::channel();
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let (level, _meter) = tokio::sync::watch::channel(0.0);
    // A file of silence, and the silence after a file, count as a dead microphone.
    let is_relevant = |event: &RecorderEvent| {
        !matches!(
            event,
            RecorderEvent::MicrophoneDead(..) | RecorderEvent::MicrophoneAlive(_)
        )
    };
    let on_event = Arc::new(move |event| {
        if is_relevant(&event) {
            sender.lock().unwrap().send(event).unwrap();
        }
    });
    let recorder = Recorder::spawn(
        Box::new(CountingMicrophone(microphone, played)),
        Some(transcriber()),
        level,
        on_event,
    );
    recorder.open();
    assert!(matches!(events.recv().unwrap(), RecorderEvent::Opened(_)));
    let mut outcomes = Vec::new();
    for (number, name) in (0..).zip(files) {
        // The silence before the press does not count.
        while samples.try_recv().is_ok() {}
        recorder.press(number, language);
        // The file plays in real time, so the key is held as long as a person would hold it.
        let mut left = recorded_samples(name);
        while left > 0 {
            left = left.saturating_sub(samples.recv_timeout(Duration::from_secs(20)).unwrap());
        }
        recorder.release(number);
        let mut received = std::iter::repeat_with(|| events.recv().unwrap())
            .filter(|event| !matches!(event, RecorderEvent::Partial(..)));
        assert!(
            matches!(received.next(), Some(RecorderEvent::Recorded(ended, _)) if ended == number)
        );
        outcomes.extend(received.next());
    }
    outcomes
}

fn recorded_samples(name: &str) -> usize {
    hound::WavReader::open(recording(name)).unwrap().duration() as usize
}

fn recorded_seconds(name: &str) -> f64 {
    recorded_samples(name) as f64 / 16_000.0
}

fn text(event: &RecorderEvent) -> &str {
    match event {
        RecorderEvent::Transcribed(_, answer) => &answer.text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn spoken_english_answers_become_words_and_silence_and_noise_nothing() {
    let outcomes = speak_files(&["short-en-1", "silence", "short-en-2", "noise"], ENGLISH);
    assert_eq!(text(&outcomes[0]), transcript("short-en-1"));
    assert_eq!(outcomes[1], RecorderEvent::NoSpeech(1));
    assert_eq!(text(&outcomes[2]), transcript("short-en-2"));
    assert_eq!(outcomes[3], RecorderEvent::NoSpeech(3));
    let RecorderEvent::Transcribed(_, answer) = &outcomes[0] else {
        panic!()
    };
    let spoken = answer.spoken.as_ref().unwrap();
    assert!((2.5..4.0).contains(&spoken.seconds), "{} s", spoken.seconds);
    check_times(&spoken.words, spoken.seconds);
}

#[test]
fn spoken_korean_answers_become_words() {
    let outcomes = speak_files(&["korean-ko-1", "korean-ko-2"], KOREAN);
    assert_eq!(text(&outcomes[0]), transcript("korean-ko-1"));
    assert_eq!(text(&outcomes[1]), transcript("korean-ko-2"));
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
fn a_truncated_model_is_refused_with_its_expected_and_actual_size() {
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

/// Transcribes `sound` with a model that is shown the style sample or not.
fn transcribe_with_style(style: StyleSample, sound: &[f32], language: SpeechLanguage) -> String {
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
fn the_words_of_a_style_sample_do_not_leak_into_the_text(#[case] language: SpeechLanguage) {
    let noise = |n: u32| (n.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 - 0.5;
    let sound: Vec<f32> = (0..48_000).map(|n| noise(n) / 50.0).collect();
    for style in [StyleSample::Always, StyleSample::Never] {
        let text = transcribe_with_style(style, &sound, language);
        assert!(
            !["came first", "the rest", "API를", "3주쯤"]
                .iter()
                .any(|shown| text.contains(shown)),
            "{text}"
        );
    }
}

#[test]
fn speech_is_understood_after_a_style_sample_and_an_unpublished_model_is_shown_none() {
    let name = "medium-en-1";
    let mut sound = Vec::new();
    let said = transcript(name);
    let mut file = AudioFile::open(&recording(name), 16_000).unwrap();
    while file.read(&mut sound).unwrap() {}
    let [always, never, auto] = [StyleSample::Always, StyleSample::Never, StyleSample::Auto]
        .map(|style| transcribe_with_style(style, &sound, ENGLISH));
    eprintln!("said: {said}\nalways: {always}\nnever: {never}");
    assert_eq!(auto, never);
    assert_ne!(
        always, never,
        "the style sample makes a difference to this model"
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
