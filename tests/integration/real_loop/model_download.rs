//! The speech model is offered and downloaded during an interview; the download breaks off and
//! continues.

use mock_interviewer::app::{ModelOffer, OfferMode};
use mock_interviewer::config::SpeechConfig;
use mock_interviewer::models::{Download, DownloadTimeouts, Model};
use mock_interviewer::runtime::VoiceInputSettings;

use super::*;
use crate::models::server::{End, ScriptedResponse, Server, response};
use crate::voice::{model, recording};

/// The bytes of the test model, about a third, that come before the server falls silent.
const FIRST_PART: usize = 6_000_000;

fn toy() -> Model {
    let sha256 = include_str!("../../fixtures/toy-whisper.bin.sha256")
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    let bytes = std::fs::metadata(model()).unwrap().len();
    Model {
        name: "toy".into(),
        english_only: false,
        bytes,
        sha256,
    }
}

/// Starts a session that offers the test model.
fn start_with_offer(folder: &Path, server: &Server, how: OfferMode, begun: u64) -> Session {
    let (keys, actions) = mpsc::channel(QUEUE);
    let files = vec![recording("short-en-1")];
    let settings = VoiceInputSettings::for_files(files, SpeechConfig::default(), Language::English);
    let ports = VoicePorts {
        voice_input: VoiceInput::start(settings, keys.clone()),
        speech_output: SpeechOutput::unavailable(),
    };
    let mut services = services(folder, Language::English, ports, keys);
    let http = upstream::http_client_for_files(&server.url).unwrap();
    let mirror = server.url.clone();
    let folder = services.paths.models();
    let offer = ModelOffer {
        name: "toy".into(),
        bytes: toy().bytes,
        begun,
        reason: "It is small".into(),
        how,
    };
    services.offered = Some(Download {
        http,
        mirror,
        model: toy(),
        folder,
        timeouts: DownloadTimeouts::default(),
    });
    Session::run(
        Setup {
            model_offer: Some(offer),
            ..setup(Language::English)
        },
        services,
        actions,
    )
}

fn busy() -> ScriptedResponse {
    response("503 Service Unavailable", b"", End::Close)
}

/// Announces the whole model, and falls silent after the first part.
fn first_part() -> ScriptedResponse {
    let bytes = std::fs::read(model()).unwrap();
    response(
        &format!("200 OK\ncontent-length: {}", bytes.len()),
        &bytes[..FIRST_PART],
        End::Stall,
    )
}

fn second_part() -> ScriptedResponse {
    let bytes = std::fs::read(model()).unwrap();
    let range = format!(
        "206 Partial Content\ncontent-range: bytes {FIRST_PART}-{}/{}",
        bytes.len() - 1,
        bytes.len()
    );
    response(&range, &bytes[FIRST_PART..], End::Close)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_continues_in_the_next_run_and_then_the_user_can_talk() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(vec![busy(), first_part(), second_part()]).await;
    let mut first = start_with_offer(folder.path(), &server, OfferMode::Ask, 0);
    first.screen.wait_for("It is small").await;
    first.press(Code::Enter).await;
    first
        .screen
        .wait_for("No speech model (press ctrl+g to try again")
        .await;
    first.screen.wait_for("503 Service Unavailable").await;
    first.press(Code::Enter).await;
    first.screen.wait_for("question 1 of 2").await;
    first.key(Code::Char('g'), Phase::Press, true).await;
    first
        .screen
        .wait_for("Speech model toy: 32 % of 18.7 MB")
        .await;
    first.type_text("typed meanwhile").await;
    first.screen.wait_for("typed meanwhile").await;
    // A connection that stalls for long enough is shown as well.
    first.screen.wait_for("0.0 MB/s").await;
    assert_eq!(first.quit().await, 0);

    let part = folder.path().join("models/ggml-toy.bin.part");
    let left = std::fs::metadata(&part).unwrap().len();
    assert_eq!(left, FIRST_PART as u64);
    let mut second = start_with_offer(folder.path(), &server, OfferMode::Resume, left);
    second.screen.wait_for("You can talk now").await;
    assert_eq!(
        server.headers("range"),
        [None, None, Some(format!("bytes={FIRST_PART}-"))]
    );
    second.press(Code::Enter).await;
    second.screen.wait_for("typed meanwhile").await;
    second.press(Code::F(2)).await;
    second.screen.wait_for("listening 0:03").await;
    second.press(Code::F(2)).await;
    second
        .screen
        .wait_for("I learned to write clear code.")
        .await;
    assert_eq!(second.quit().await, 0);
    assert!(!part.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_declined_is_not_asked_again_and_can_still_download() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(vec![busy()]).await;
    let mut session = start_with_offer(folder.path(), &server, OfferMode::OnRequest, 0);
    session.screen.wait_for("Backend").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("question 1 of 2").await;
    assert!(server.asked().is_empty());
    session.key(Code::Char('g'), Phase::Press, true).await;
    session
        .screen
        .wait_for("No speech model (press ctrl+g to try again")
        .await;
    assert_eq!(session.quit().await, 0);
}
