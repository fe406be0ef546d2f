//! The loop with a database, a server or a folder that fails.

use std::time::Duration;

use mock_interviewer::app::action::RuntimeEvent;
use mock_interviewer::secrets::{SecretStore, server_entry};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::Url;

use super::*;

/// Turns a hang into a failure. Leaving must not take as long as a request may.
const DEADLINE: Duration = Duration::from_secs(20);

/// Starts a session of a user who signed in to the server on `port` earlier.
fn start_signed_in(folder: &Path, port: u16) -> Session {
    let url = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let (keys, actions) = mpsc::channel(QUEUE);
    let mut services = services(folder, Language::English, VoicePorts::unavailable(), keys);
    let secrets = MemoryStore::default();
    secrets
        .set(&server_entry(&url, "ada"), &SecretString::from("token"))
        .unwrap();
    services.connector.secrets = Arc::new(secrets);
    services
        .connector
        .preferences
        .lock()
        .unwrap()
        .set_user(url.as_str(), Some("ada"))
        .unwrap();
    services.connector.target = Target::Server(url);
    let mode = Mode::Server {
        host: "the.server".to_owned(),
    };
    Session::run(
        Setup {
            mode,
            ..setup(Language::English)
        },
        services,
        actions,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_does_not_keep_the_user_from_leaving() {
    let folder = TempDir::new().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut session = start_signed_in(folder.path(), server.local_addr().unwrap().port());
    session.screen.wait_for("Connecting to the.server").await;
    // The server accepts the connection, and never answers.
    let _connection = server.accept().await.unwrap();
    let code = timeout(DEADLINE, session.quit()).await;
    assert_eq!(code.expect("the session ends before the deadline"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_is_reported_and_tried_again() {
    let folder = TempDir::new().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut session = start_signed_in(folder.path(), port);
    session.screen.wait_for("Press enter to try again").await;
    let server = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    session.press(Code::Enter).await;
    server.accept().await.unwrap();
    assert_eq!(session.quit().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_opened_is_reported_and_tried_again() {
    let folder = TempDir::new().unwrap();
    let database = Paths::new(None, Some(folder.path())).unwrap().database();
    std::fs::create_dir_all(&database).unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("cannot open the database").await;
    std::fs::remove_dir(&database).unwrap();
    session.press(Code::Enter).await;
    session
        .screen
        .wait_until_gone("cannot open the database")
        .await;
    assert_eq!(session.quit().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_is_reported_and_ends_the_wait() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        Paths::new(None, Some(folder.path())).unwrap().reports(),
        "in the way",
    )
    .unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("Backend").await;
    session.press(Code::Enter).await;
    for question in ["question 1 of 2", "question 2 of 2"] {
        session.screen.wait_for(question).await;
        session.type_text("I do not know").await;
        session.press(Code::Enter).await;
    }
    session
        .screen
        .wait_for("The report could not be written")
        .await;
    session.screen.wait_for("the interview is over").await;
    assert_eq!(session.quit().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_arrive_with_a_signal_are_stored() {
    let folder = TempDir::new().unwrap();
    let mut session = Session::start(folder.path(), Language::English);
    session.screen.wait_for("Backend").await;
    session.press(Code::Enter).await;
    session.screen.wait_for("question 1 of 2").await;
    let words = TerminalEvent::Paste("late words".to_owned());
    session.send(Action::Terminal(words)).await;
    session.send(Action::Runtime(RuntimeEvent::Terminate)).await;
    assert_eq!(session.ended.await.unwrap(), 130);
    assert_eq!(draft(folder.path()), "late words");
}
