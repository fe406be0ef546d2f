//! Leftovers of an earlier download: resumed if they are good, and never an obstacle.

use mock_interviewer::models::{DownloadOutcome, DownloadStep};
use rstest::rstest;

use super::download::{WHOLE, assert_arrived, begun, names, rest, run, whole};
use super::server::{End, Server, response};

#[tokio::test]
async fn the_next_run_requests_the_rest_of_exactly_the_same_file() {
    let folder = begun().await;
    let server = Server::start(vec![rest(10)]).await;
    let (outcome, steps) = run(&server, folder.path()).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(steps, [DownloadStep::Resuming(10)]);
    assert_eq!(server.headers("range"), [Some("bytes=10-".to_owned())]);
    assert_eq!(
        server.headers("if-range"),
        [None],
        "another server's name for a file says nothing here"
    );
    assert_eq!(
        server.headers("accept-encoding"),
        [Some("identity".to_owned())]
    );
    assert_arrived(folder.path());
}

#[rstest]
#[case::strong("\"1\"", Some("\"1\""))]
#[case::weak("W/\"1\"", None)]
#[tokio::test]
async fn only_a_strong_etag_identifies_the_file(#[case] etag: &str, #[case] asked: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let first = response(
        &format!("200 OK\ncontent-length: 26\netag: {etag}"),
        &WHOLE[..10],
        End::Close,
    );
    let server = Server::start(vec![first, response("503 Busy", b"", End::Close), rest(10)]).await;
    run(&server, folder.path()).await.0.unwrap_err();
    run(&server, folder.path()).await.0.unwrap();
    assert_eq!(
        server.headers("if-range")[1..],
        [asked.map(str::to_owned), asked.map(str::to_owned)]
    );
    assert_arrived(folder.path());
}

#[rstest]
#[case::of_another_model(b"abcdefghij", r#"{"sha256":"00","url":"","etag":null}"#)]
#[case::without_a_note(b"abcdefghij", "")]
#[case::with_a_torn_note(b"abcdefghij", r#"{"sha256":"71c4"#)]
#[case::too_long(b"abcdefghijklmnopqrstuvwxyz and more", DESCRIPTION)]
#[case::whole_but_wrong(b"abcdefghijklmnopqrstuvwxyZ", DESCRIPTION)]
#[tokio::test]
async fn an_unusable_leftover_does_not_block_a_download(#[case] left: &[u8], #[case] note: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ggml-letters.bin.part"), left).unwrap();
    std::fs::write(folder.path().join("ggml-letters.bin.part.json"), note).unwrap();
    let server = Server::start(vec![whole()]).await;
    let (outcome, _) = run(&server, folder.path()).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(server.headers("range"), [None]);
    assert_arrived(folder.path());
}

/// The description beside a leftover of the model.
const DESCRIPTION: &str = r#"{"sha256":"71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73","url":"","etag":null}"#;

#[tokio::test]
async fn a_complete_leftover_needs_no_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ggml-letters.bin.part"), WHOLE).unwrap();
    std::fs::write(
        folder.path().join("ggml-letters.bin.part.json"),
        DESCRIPTION,
    )
    .unwrap();
    let server = Server::start(vec![response("404 Not Found", b"", End::Close)]).await;
    run(&server, folder.path()).await.0.unwrap();
    assert!(server.asked().is_empty());
    assert_arrived(folder.path());
}

#[tokio::test]
async fn a_damaged_leftover_is_replaced_in_the_same_run() {
    let folder = begun().await;
    let part = folder.path().join("ggml-letters.bin.part");
    std::fs::write(&part, b"ABCDEFGHIJ").unwrap();
    let server = Server::start(vec![rest(10), whole()]).await;
    let (outcome, steps) = run(&server, folder.path()).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(
        steps,
        [DownloadStep::Resuming(10), DownloadStep::Restarting]
    );
    assert_arrived(folder.path());
}

#[tokio::test]
async fn a_model_that_is_wrong_on_the_server_leaves_nothing_after_one_restart() {
    let folder = begun().await;
    let wrong = response("200 OK\ncontent-length: 26", &[b'z'; 26], End::Close);
    let server = Server::start(vec![rest(10 + 1), wrong]).await;
    let (outcome, _) = run(&server, folder.path()).await;
    assert!(outcome.unwrap_err().contains("found SHA-256"));
    assert_eq!((server.asked().len(), names(folder.path()).len()), (2, 0));
}

#[tokio::test]
async fn a_page_in_place_of_the_model_does_not_discard_the_leftover() {
    let folder = begun().await;
    let server = Server::start(vec![response(
        "200 OK\ncontent-length: 6",
        b"<html>",
        End::Close,
    )])
    .await;
    let (outcome, _) = run(&server, folder.path()).await;
    assert_eq!(
        outcome,
        Err("/ggml-letters.bin: expected 26 bytes, found 6 bytes".into())
    );
    assert_eq!(
        std::fs::read(folder.path().join("ggml-letters.bin.part")).unwrap(),
        &WHOLE[..10]
    );
}

#[tokio::test]
async fn a_correct_model_is_not_downloaded_again_and_a_wrong_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("ggml-letters.bin");
    let server = Server::start(vec![whole()]).await;
    std::fs::write(&target, WHOLE).unwrap();
    assert_eq!(
        run(&server, folder.path()).await.0,
        Ok(DownloadOutcome::AlreadyPresent(target.clone()))
    );
    assert!(server.asked().is_empty());
    for wrong in [&b"abc"[..], &[b'z'; 26]] {
        std::fs::write(&target, wrong).unwrap();
        assert_eq!(
            run(&server, folder.path()).await.0,
            Ok(DownloadOutcome::Downloaded(target.clone()))
        );
        assert_arrived(folder.path());
    }
}
