//! Several downloads at the same time.

use std::time::Duration;

use mock_interviewer::models::{Download, DownloadOutcome, DownloadStep, DownloadTimeouts, Model};

use super::download::{PATIENCE, assert_arrived, cut, download, model, rest, run, whole};
use super::server::{End, Server};

#[tokio::test]
async fn the_second_of_two_downloads_waits_and_finds_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![cut(10, End::Stall), rest(10)]).await;
    let (begins, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let first = download(&server.url, folder.path());
    let first = tokio::spawn(async move { first.run(|step| _ = begins.send(step)).await });
    assert!(
        matches!(begun.recv().await, Some(DownloadStep::Progress(_))),
        "the first one has the file open"
    );
    let (outcome, steps) = run(&server, folder.path()).await;
    let target = folder.path().join("ggml-letters.bin");
    assert_eq!(
        (outcome, steps),
        (
            Ok(DownloadOutcome::AlreadyPresent(target.clone())),
            vec![DownloadStep::Waiting]
        )
    );
    assert_eq!(
        first.await.unwrap().unwrap(),
        DownloadOutcome::Downloaded(target)
    );
    assert_arrived(folder.path());
}

#[tokio::test]
async fn the_second_of_two_downloads_resumes_where_the_first_was_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![cut(10, End::Stall), rest(10)]).await;
    let (begins, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let timeouts = DownloadTimeouts {
        stalled: Duration::from_mins(1),
        ..PATIENCE
    };
    let first = Download {
        timeouts,
        ..download(&server.url, folder.path())
    };
    let first = tokio::spawn(async move { first.run(|step| _ = begins.send(step)).await });
    assert!(matches!(
        begun.recv().await,
        Some(DownloadStep::Progress(_))
    ));
    let part = folder.path().join("ggml-letters.bin.part");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while std::fs::metadata(&part).unwrap().len() < 10 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the first ten letters do not arrive"
        );
        tokio::task::yield_now().await;
    }
    let (waits, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let second = download(&server.url, folder.path());
    let second = tokio::spawn(async move { second.run(|step| _ = waits.send(step)).await });
    assert_eq!(waiting.recv().await, Some(DownloadStep::Waiting));
    first.abort();
    assert!(second.await.unwrap().is_ok());
    assert_eq!(waiting.recv().await, Some(DownloadStep::Resuming(10)));
    assert_arrived(folder.path());
}

#[tokio::test]
async fn different_models_are_downloaded_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let stalls = Server::start(vec![cut(10, End::Stall)]).await;
    let sends = Server::start(vec![whole()]).await;
    let (begins, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let timeouts = DownloadTimeouts {
        stalled: Duration::from_mins(1),
        ..PATIENCE
    };
    let first = Download {
        timeouts,
        ..download(&stalls.url, folder.path())
    };
    let first = tokio::spawn(async move { first.run(|step| _ = begins.send(step)).await });
    assert!(begun.recv().await.is_some());
    let other = Model {
        name: "other".into(),
        ..model()
    };
    let arrival = Download {
        model: other,
        ..download(&sends.url, folder.path())
    }
    .run(|_| ())
    .await
    .unwrap();
    assert_eq!(arrival.file(), folder.path().join("ggml-other.bin"));
    first.abort();
}
