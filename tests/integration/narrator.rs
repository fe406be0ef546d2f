//! The narrators: the real espeak-ng, commands written in shell, and a speech endpoint.

use std::time::Duration;

use bytes::Bytes;
use mock_interviewer::config::Rate;
use mock_interviewer::interview::Language;
use mock_interviewer::narrator::command::CommandNarrator;
use mock_interviewer::narrator::espeak::EspeakNarrator;
use mock_interviewer::narrator::openai::OpenAiNarrator;
use mock_interviewer::narrator::say::SayNarrator;
use mock_interviewer::narrator::{AudioFormat, Narrator, NarratorError, Speech, program};
use mock_interviewer::upstream::Limits;
use mock_interviewer::upstream::http2_pool::Http2Pool;
use mock_interviewer::upstream::model_endpoint::ModelEndpoint;
use mock_interviewer::upstream::model_name::{ModelName, Purpose};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn shell(script: &str) -> Narrator {
    let argv = [
        "sh",
        "-c",
        script,
        "sh",
        "{language}",
        "{rate}",
        "{length_scale}",
    ];
    Narrator::Command(CommandNarrator::new(argv.map(str::to_owned).to_vec()))
}

fn rate(percent: u16) -> Rate {
    percent.try_into().unwrap()
}

fn failed(engine: &str, reason: &str) -> NarratorError {
    NarratorError::Failed {
        engine: engine.into(),
        reason: reason.into(),
    }
}

/// Returns the length in seconds of a WAV whose header is correct.
fn seconds(wav: &Bytes) -> f64 {
    let length = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
    assert_eq!(
        (length(4) as usize + 8, length(40) as usize + 44),
        (wav.len(), wav.len())
    );
    f64::from(length(40)) / f64::from(length(28))
}

#[rstest]
#[case(Language::English, "Tell me about a project you are proud of.")]
#[case(Language::Korean, "가장 자랑스러운 프로젝트를 말씀해 주세요.")]
#[tokio::test]
async fn espeak_speaks_both_languages_with_a_correct_header(
    #[case] language: Language,
    #[case] text: &str,
) {
    let espeak = Narrator::offline_default();
    assert_eq!(
        espeak.name(),
        "espeak-ng",
        "espeak-ng is needed for this test"
    );
    let speech = espeak.speak(text, language).await.unwrap().unwrap();
    assert_eq!(speech.format, AudioFormat::Wav);
    assert!(
        (1.0..8.0).contains(&seconds(&speech.bytes)),
        "{} s",
        seconds(&speech.bytes)
    );
}

#[tokio::test]
async fn espeak_speaks_twice_as_fast_at_twice_the_rate() {
    let mut espeak = Narrator::Espeak(EspeakNarrator::default());
    let mut lengths = Vec::new();
    for percent in [100, 200] {
        espeak.set_rate(rate(percent));
        let speech = espeak
            .speak(
                "Tell me about a project you are proud of.",
                Language::English,
            )
            .await;
        lengths.push(seconds(&speech.unwrap().unwrap().bytes));
    }
    assert!(
        (0.4..0.65).contains(&(lengths[1] / lengths[0])),
        "{lengths:?} s"
    );
}

#[tokio::test]
async fn an_option_like_text_is_only_spoken() {
    let espeak = Narrator::Espeak(EspeakNarrator::default());
    assert!(
        espeak
            .speak("--help me -v xx", Language::English)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_missing_program_is_named_in_the_error() {
    let absent = Narrator::Espeak(EspeakNarrator {
        program: "no-such-espeak".into(),
        ..EspeakNarrator::default()
    });
    let expected = NarratorError::NotInstalled {
        program: "no-such-espeak".into(),
    };
    assert_eq!(
        absent.speak("Hello.", Language::English).await,
        Err(expected)
    );
    assert!(!program::is_installed("no-such-espeak"));
    assert!(program::is_installed("sh"));
}

#[cfg(unix)]
#[tokio::test]
async fn say_writes_a_file_in_the_languages_voice() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("say");
    let script = "#!/bin/sh\nfor a in \"$@\"; do case $a in --output-file=*) out=${a#*=};; esac; done\n(echo $2 $8 $9; cat) >\"$out\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let say = SayNarrator {
        program: program.display().to_string(),
        ..SayNarrator::default()
    };
    assert_eq!(
        say.speak("-v 안녕", Language::Korean).await.unwrap(),
        "Yuna\n-v 안녕\n"
    );
    let fast = SayNarrator {
        rate: rate(200),
        ..say
    };
    assert_eq!(
        fast.speak("Hello", Language::English).await.unwrap(),
        "Samantha -r 350\nHello\n"
    );
}

#[tokio::test]
async fn a_command_receives_text_and_language_and_returns_audio() {
    let narrator = shell(r#"printf 'OggS'; cat; printf '%s' "$1""#);
    let speech = narrator
        .speak("안녕하세요.", Language::Korean)
        .await
        .unwrap();
    let bytes = Bytes::from("OggS안녕하세요.\nko");
    assert_eq!(
        speech,
        Some(Speech {
            bytes,
            format: AudioFormat::Ogg
        })
    );
    assert_eq!(narrator.name(), "sh");
}

#[tokio::test]
async fn a_command_receives_the_rate_if_its_arguments_contain_it() {
    let mut narrator = shell(r#"printf 'OggS%s %s' "$2" "$3""#);
    narrator.set_rate(rate(80));
    let speech = narrator
        .speak("Hello.", Language::English)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(speech.bytes, "OggS80 1.25");
    assert!(narrator.has_rate());
    assert!(!Narrator::Command(CommandNarrator::new(vec!["cat".into()])).has_rate());
}

#[rstest]
#[case("cat", "its output is neither WAV, MP3, Ogg nor FLAC")]
#[case("true", "it produced no sound")]
#[case(
    "echo first >&2; echo 'no voice' >&2; exit 3",
    "no voice (exit status: 3)"
)]
#[tokio::test]
async fn a_failing_command_reports_its_reason(#[case] script: &str, #[case] reason: &str) {
    assert_eq!(
        shell(script).speak("Hello.", Language::English).await,
        Err(failed("sh", reason))
    );
}

#[tokio::test]
async fn a_hanging_program_times_out() {
    let hung = program::run(
        "sh",
        &["-c", "exec sleep 600"],
        "Hello.",
        Duration::from_millis(20),
    )
    .await;
    assert_eq!(
        hung,
        Err(NarratorError::TimedOut {
            engine: "sh".into()
        })
    );
}

#[tokio::test]
async fn a_program_that_writes_while_reading_a_long_text_does_not_block() {
    let long = "word ".repeat(100_000);
    let speech = shell("printf OggS; cat")
        .speak(&long, Language::English)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(speech.bytes.len(), long.len() + "OggS\n".len());
}

fn endpoint(base: &str) -> OpenAiNarrator {
    let base_url = base.parse().unwrap();
    OpenAiNarrator {
        endpoint: ModelEndpoint::new(
            Http2Pool::new(&base_url).unwrap(),
            base_url,
            Some("sk-secret".into()),
        ),
        model: ModelName::new(Purpose::Speech, "tts-1".into()),
        voice: "alloy".into(),
        rate: rate(100),
    }
}

fn quick_retries() -> Limits {
    Limits {
        back_off: Duration::from_millis(1),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_speech_endpoint_is_asked_for_wav() {
    let server = MockServer::start().await;
    let body =
        json!({"model": "tts-1", "voice": "alloy", "input": "Hello.", "response_format": "wav"});
    let asked = Mock::given(method("POST"))
        .and(path("/v1/audio/speech"))
        .and(header("authorization", "Bearer sk-secret"));
    let asked = asked
        .and(body_json(body))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(b"fLaC sound"));
    asked.expect(1).mount(&server).await;
    let narrator = Narrator::OpenAi(endpoint(&format!("{}/v1", server.uri())));
    let speech = Speech {
        bytes: Bytes::from("fLaC sound"),
        format: AudioFormat::Flac,
    };
    let task = narrator.clone();
    let spoken = tokio::spawn(async move { task.speak("Hello.", Language::English).await })
        .await
        .unwrap();
    assert_eq!(spoken, Ok(Some(speech)));
    assert_eq!(narrator.name(), format!("tts-1 at {}", server.address()));
    assert!(!format!("{narrator:?}").contains("sk-secret"));
}

#[tokio::test]
async fn a_speech_endpoint_receives_a_rate_other_than_the_default() {
    let server = MockServer::start().await;
    let body = json!({
        "model": "tts-1", "voice": "alloy", "input": "Hello.", "response_format": "wav", "speed": 1.5
    });
    let sound = ResponseTemplate::new(200).set_body_bytes(b"fLaC");
    Mock::given(body_json(body))
        .respond_with(sound)
        .expect(1)
        .mount(&server)
        .await;
    let mut narrator = Narrator::OpenAi(endpoint(&server.uri()));
    narrator.set_rate(rate(150));
    assert!(
        narrator
            .speak("Hello.", Language::English)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_failing_speech_endpoint_is_retried_a_limited_number_of_times() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(503)
        .set_body_json(json!({"error": {"message": "busy with sk-secret"}}));
    Mock::given(method("POST"))
        .respond_with(busy)
        .expect(3)
        .mount(&server)
        .await;
    let speech = endpoint(&server.uri());
    assert_eq!(
        failure(&speech).await,
        format!(
            "{} failed: it cannot answer now (503): busy with [key]",
            speech.name()
        )
    );
}

#[rstest]
#[case(json!({"error": {"message": "no voice for sk-secret"}}).to_string(), "no voice for [key]")]
#[case("event: error\ndata: {\"error\":\"no voice\"}\n\n".to_owned(), "no voice")]
#[case(json!({"audio": "what was said"}).to_string(), "its response is not audio")]
#[case("<html>sign in</html>".to_owned(), "its response is not audio")]
#[tokio::test]
async fn what_is_not_audio_is_said(#[case] body: String, #[case] expected: &str) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body, "audio/wav"))
        .expect(1)
        .mount(&server)
        .await;
    let speech = endpoint(&server.uri());
    assert_eq!(
        failure(&speech).await,
        format!("{} failed: {expected}", speech.name())
    );
}

/// Returns what a user reads when `speech` cannot speak.
async fn failure(speech: &OpenAiNarrator) -> String {
    let error = speech.speak_within(&quick_retries(), "Hello.").await;
    error.unwrap_err().to_string()
}

#[tokio::test]
async fn a_silent_speech_endpoint_times_out() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_mins(1));
    Mock::given(method("POST"))
        .respond_with(slow)
        .mount(&server)
        .await;
    let speech = endpoint(&server.uri());
    let impatient = Limits {
        first: Duration::from_millis(50),
        ..quick_retries()
    };
    assert_eq!(
        speech.speak_within(&impatient, "Hello.").await,
        Err(NarratorError::TimedOut {
            engine: speech.name()
        })
    );
}
