//! The speech model comes while the interview goes on: offered, fetched, broken off, gone on with, talked to.

use mock_interviewer::app::{ModelOffer, Offering};
use mock_interviewer::config::SpeechConfig;
use mock_interviewer::models::{Download, DownloadTimeouts, Model};

use mock_interviewer::runtime::VoiceInputSettings;

use super::*;
use crate::models::server::{End, ScriptedResponse, Server, response};
use crate::voice::{model, recording};

/// Bytes of the test model that come before the server falls silent, about a third.
const THIRD: usize = 6_000_000;

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

/// A session where the test model is offered in this way.
fn session(folder: &Path, server: &Server, how: Offering, begun: u64) -> Session {
    let (keys, actions) = mpsc::channel(QUEUE);
    let files = vec![recording("short-en-1")];
    let settings = VoiceInputSettings::for_files(files, SpeechConfig::default(), Language::English);
    let voices = VoicePorts {
        voice_input: VoiceInput::start(settings, keys.clone()),
        speech_output: SpeechOutput::unavailable(),
    };
    let mut services = services(folder, Language::English, voices, keys);
    let (http, mirror) = (
        upstream::http_client_for_files(&server.url).unwrap(),
        server.url.clone(),
    );
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

/// Promises the model, and falls silent after a third of it.
fn a_third() -> ScriptedResponse {
    let bytes = std::fs::read(model()).unwrap();
    response(
        &format!("200 OK\ncontent-length: {}", bytes.len()),
        &bytes[..THIRD],
        End::Stall,
    )
}

fn the_rest() -> ScriptedResponse {
    let bytes = std::fs::read(model()).unwrap();
    let range = format!(
        "206 Partial Content\ncontent-range: bytes {THIRD}-{}/{}",
        bytes.len() - 1,
        bytes.len()
    );
    response(&range, &bytes[THIRD..], End::Close)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_comes_over_two_runs_while_one_types_and_then_one_can_talk() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(vec![busy(), a_third(), the_rest()]).await;
    let mut first = session(folder.path(), &server, Offering::Ask, 0);
    first.screen.shows("It is small").await;
    first.press(Code::Enter).await;
    first
        .screen
        .shows("No speech model (press ctrl+g to try again")
        .await;
    first.screen.shows("503 Service Unavailable").await;
    first.press(Code::Enter).await;
    first.screen.shows("question 1 of 2").await;
    first.phase(Code::Char('g'), Phase::Press, true).await;
    first
        .screen
        .shows("Speech model toy: 32 % of 18.7 MB")
        .await;
    first.write("typed meanwhile").await;
    first.screen.shows("typed meanwhile").await;
    // A line that stands still is told too, once it does so for long enough.
    first.screen.shows("0.0 MB/s").await;
    assert_eq!(first.quit().await, 0);

    let part = folder.path().join("models/ggml-toy.bin.part");
    let left = std::fs::metadata(&part).unwrap().len();
    assert_eq!(left, THIRD as u64);
    let mut second = session(folder.path(), &server, Offering::GoOn, left);
    second.screen.shows("You can talk now").await;
    assert_eq!(
        server.headers("range"),
        [None, None, Some(format!("bytes={THIRD}-"))]
    );
    second.press(Code::Enter).await;
    second.screen.shows("typed meanwhile").await;
    second.press(Code::F(2)).await;
    second.screen.shows("listening 0:03").await;
    second.press(Code::F(2)).await;
    second.screen.shows("I learned to write clear code.").await;
    assert_eq!(second.quit().await, 0);
    assert!(!part.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declined_once_is_not_asked_and_can_still_fetch_it() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(vec![busy()]).await;
    let mut session = session(folder.path(), &server, Offering::OnRequest, 0);
    session.screen.shows("Backend").await;
    session.press(Code::Enter).await;
    session.screen.shows("question 1 of 2").await;
    assert!(server.asked().is_empty());
    session.phase(Code::Char('g'), Phase::Press, true).await;
    session
        .screen
        .shows("No speech model (press ctrl+g to try again")
        .await;
    assert_eq!(session.quit().await, 0);
}
