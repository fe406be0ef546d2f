//! Downloads from a server that truncates, stalls, lies, forgets and changes its file.

use std::path::Path;
use std::time::Duration;

use mock_interviewer::interview::Language;
use mock_interviewer::models::{
    Download, DownloadOutcome, DownloadStep, DownloadTimeouts, Model, ModelError, TransferProgress,
};
use mock_interviewer::upstream;
use rstest::rstest;
use tempfile::TempDir;
use url::Url;

use super::server::{End, ScriptedResponse, Server, response};

/// The content of the model: 26 letters.
pub const WHOLE: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
/// The first half of another model.
const OTHER: &[u8] = b"ABCDEFGHIJKLM";
/// The SHA-256 of the content, a common FIPS 180-4 test vector.
const SHA256: &str = "71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73";

pub const PATIENCE: DownloadTimeouts = DownloadTimeouts {
    stalled: Duration::from_millis(300),
    pause: Duration::ZERO,
};

pub fn model() -> Model {
    Model {
        name: "letters".into(),
        english_only: false,
        bytes: 26,
        sha256: SHA256.into(),
    }
}

pub fn download(mirror: &Url, folder: &Path) -> Download {
    let http = upstream::http_client_for_files(mirror).unwrap();
    Download {
        http,
        mirror: mirror.clone(),
        model: model(),
        folder: folder.to_owned(),
        timeouts: PATIENCE,
    }
}

/// Runs one download and returns its outcome as text and the reported steps.
pub async fn run(
    server: &Server,
    folder: &Path,
) -> (Result<DownloadOutcome, String>, Vec<DownloadStep>) {
    let mut steps = Vec::new();
    let outcome = download(&server.url, folder)
        .run(|step| steps.push(step))
        .await;
    let words = |error: ModelError| error.to_string().replace(server.url.as_str(), "");
    (
        outcome.map_err(words),
        steps
            .into_iter()
            .filter(|step| !matches!(step, DownloadStep::Progress(_)))
            .collect(),
    )
}

/// Returns the names of the files in `folder`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Answers with the whole model.
pub fn whole() -> ScriptedResponse {
    response("200 OK\ncontent-length: 26\netag: \"1\"", WHOLE, End::Close)
}

/// Answers with the bytes from `from` on.
pub fn rest(from: usize) -> ScriptedResponse {
    let head = format!(
        "206 Partial Content\ncontent-length: {}\ncontent-range: bytes {from}-25/26",
        26 - from
    );
    response(&head, &WHOLE[from..], End::Close)
}

/// Declares the whole length, but sends only `at` bytes.
pub fn cut(at: usize, end: End) -> ScriptedResponse {
    response("200 OK\ncontent-length: 26\netag: \"1\"", &WHOLE[..at], end)
}

/// Returns a folder with the first ten letters and an `ETag`, as an interrupted download leaves
/// them.
pub async fn begun() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![
        cut(10, End::Close),
        response("503 Busy", b"", End::Close),
    ])
    .await;
    run(&server, folder.path()).await.0.unwrap_err();
    assert_eq!(
        names(folder.path()),
        ["ggml-letters.bin.part", "ggml-letters.bin.part.json"]
    );
    folder
}

/// Checks that `folder` contains the complete model and nothing else.
pub fn assert_arrived(folder: &Path) {
    assert_eq!(names(folder), ["ggml-letters.bin"]);
    assert_eq!(
        std::fs::read(folder.join("ggml-letters.bin")).unwrap(),
        WHOLE
    );
}

#[rstest]
#[case::at_once(vec![whole()], &[])]
#[case::without_a_length(vec![response("200 OK", WHOLE, End::Close)], &[])]
#[case::in_chunks(vec![response("200 OK\ntransfer-encoding: chunked", b"1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", End::Close)], &[])]
#[case::truncated(vec![cut(10, End::Close), rest(10)], &[])]
#[case::truncated_without_a_length(vec![response("200 OK", &WHOLE[..10], End::Close), rest(10)], &[])]
#[case::truncated_again_and_again(vec![cut(10, End::Close), response("206 Partial Content\ncontent-range: bytes 10-25/26\ncontent-length: 16", &WHOLE[10..12], End::Close), rest(12)], &[])]
#[case::stalled(vec![cut(10, End::Stall), rest(10)], &[])]
#[case::ignores_ranges(vec![cut(10, End::Close), whole()], &[DownloadStep::Restarting])]
#[case::another_part_then_all(vec![cut(10, End::Close), rest(5), whole()], &[DownloadStep::Restarting])]
#[case::a_file_of_another_size(vec![cut(10, End::Close), response("206 Partial Content\ncontent-range: bytes 10-29/30", &WHOLE[6..], End::Close), whole()], &[DownloadStep::Restarting])]
#[case::no_range_named(vec![cut(10, End::Close), response("206 Partial Content", &WHOLE[10..], End::Close), whole()], &[DownloadStep::Restarting])]
#[case::range_not_satisfiable(vec![cut(10, End::Close), response("416 Range Not Satisfiable\ncontent-range: bytes */5", b"", End::Close), whole()], &[DownloadStep::Restarting])]
#[case::changed_meanwhile(vec![response("200 OK\ncontent-length: 26", &OTHER[..10], End::Close), rest(10), whole()], &[DownloadStep::Restarting])]
#[case::unknown_size(vec![cut(10, End::Close), response("206 Partial Content\ncontent-range: bytes 10-25/*", &WHOLE[10..], End::Close)], &[])]
#[tokio::test]
async fn a_download_survives_every_interruption(
    #[case] responses: Vec<ScriptedResponse>,
    #[case] expected: &[DownloadStep],
) {
    let server = Server::start(responses).await;
    let folder = tempfile::tempdir().unwrap();
    let (outcome, steps) = run(&server, folder.path()).await;
    assert_eq!(
        outcome,
        Ok(DownloadOutcome::Downloaded(
            folder.path().join("ggml-letters.bin")
        ))
    );
    assert_eq!(steps, expected);
    assert_arrived(folder.path());
}

#[rstest]
#[case::wrong_bytes(
    response("200 OK\ncontent-length: 26", &[b'z'; 26], End::Close),
    "/ggml-letters.bin: expected SHA-256 71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73, \
     found SHA-256 8c9e7a8570387144ba9ab69a15e076dc3bd235c62085a1b6fd580e8e1a867fa4",
    &[]
)]
#[case::promises_too_little(
    response("200 OK\ncontent-length: 6", b"<html>", End::Close),
    "/ggml-letters.bin: expected 26 bytes, found 6 bytes",
    &[]
)]
#[case::promises_too_much(
    response("200 OK\ncontent-length: 260", WHOLE, End::Close),
    "/ggml-letters.bin: expected 26 bytes, found 260 bytes",
    &[]
)]
#[case::sends_too_much(
    response("200 OK", &[b'z'; 27], End::Close),
    "/ggml-letters.bin: expected 26 bytes, found more than 26 bytes",
    &[]
)]
#[case::not_there(response("404 Not Found", b"", End::Close), "cannot download /ggml-letters.bin: the server responded with 404 Not Found", &[])]
#[case::a_part_nobody_asked_for(
    rest(10),
    "cannot download /ggml-letters.bin: the server sent a different part of the file than requested from byte 0 (bytes 10-25/26)",
    &[]
)]
#[case::says_nothing(
    response("200 OK\ncontent-length: 26", b"", End::Stall),
    "cannot download /ggml-letters.bin: the server sent nothing for 0 seconds",
    &[]
)]
#[case::always_stalls_there(
    cut(10, End::Stall),
    "cannot download /ggml-letters.bin: the server sent nothing for 0 seconds; 0.0 MB of 0.0 MB are kept; the next try continues from there",
    &["ggml-letters.bin.part", "ggml-letters.bin.part.json"]
)]
#[case::always_breaks_there(
    response("200 OK", &WHOLE[..10], End::Close),
    "cannot download /ggml-letters.bin: the connection broke (the server stopped sending early); 0.0 MB of 0.0 MB are kept; the next try continues from there",
    &["ggml-letters.bin.part", "ggml-letters.bin.part.json"]
)]
#[case::to_an_open_connection_in_circles(
    response("302 Found\nlocation: /m/ggml-letters.bin\ncontent-length: 0", b"", End::Close),
    "cannot download /ggml-letters.bin: too many redirects",
    &[]
)]
#[tokio::test]
async fn a_failed_download_reports_its_reason_and_keeps_only_good_bytes(
    #[case] answer: ScriptedResponse,
    #[case] message: &str,
    #[case] left: &[&str],
) {
    let server = Server::start(vec![answer]).await;
    let folder = tempfile::tempdir().unwrap();
    let (outcome, _) = run(&server, folder.path()).await;
    assert_eq!(outcome, Err(message.to_owned()));
    assert_eq!(names(folder.path()), left);
}

#[tokio::test]
async fn a_redirect_to_another_server_is_followed_with_the_range() {
    let folder = begun().await;
    let far = Server::start(vec![rest(10)]).await;
    let moved = format!(
        "302 Found\nlocation: {}/elsewhere\ncontent-length: 0",
        far.url
    );
    let server = Server::start(vec![response(&moved, b"", End::Close)]).await;
    run(&server, folder.path()).await.0.unwrap();
    assert_eq!(far.headers("range"), [Some("bytes=10-".to_owned())]);
    assert_arrived(folder.path());
}

#[tokio::test]
async fn a_full_disk_is_reported_before_any_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![whole()]).await;
    let huge = Model {
        bytes: u64::MAX / 2,
        ..model()
    };
    let error = Download {
        model: huge,
        ..download(&server.url, folder.path())
    }
    .run(|_| ())
    .await
    .unwrap_err();
    assert!(
        matches!(error, ModelError::NoSpace { needed, .. } if needed == u64::MAX / 2),
        "{error}"
    );
    assert!(
        error.message(Language::Korean).contains("MB 필요"),
        "{error}"
    );
    assert_eq!((server.asked().len(), names(folder.path()).len()), (0, 0));
}

#[tokio::test]
async fn progress_is_reported_from_the_first_byte_to_the_last() {
    let folder = begun().await;
    let server = Server::start(vec![rest(10)]).await;
    let mut steps = Vec::new();
    download(&server.url, folder.path())
        .run(|step| steps.push(step))
        .await
        .unwrap();
    assert_eq!(
        steps[..2],
        [
            DownloadStep::Resuming(10),
            DownloadStep::Progress(TransferProgress::new(10, 26))
        ]
    );
    assert!(
        matches!(
            steps.last(),
            Some(DownloadStep::Progress(TransferProgress {
                done: 26,
                all: 26,
                ..
            }))
        ),
        "{steps:?}"
    );
}

#[tokio::test]
async fn secrets_in_the_address_are_neither_shown_nor_stored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![cut(10, End::Close)]).await;
    let mut mirror = server.url.clone();
    mirror.set_username("ada").unwrap();
    mirror.set_password(Some("hunter2")).unwrap();
    mirror.set_query(Some("key=hunter2"));
    let error = download(&mirror, folder.path())
        .run(|_| ())
        .await
        .unwrap_err();
    let note = std::fs::read_to_string(folder.path().join("ggml-letters.bin.part.json")).unwrap();
    assert!(
        !error.to_string().contains("hunter2") && !note.contains("hunter2"),
        "{error} {note}"
    );
    assert!(
        server.asked()[0].starts_with("GET /m/ggml-letters.bin?key=hunter2 "),
        "{:?}",
        server.asked()
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_created_is_named_in_the_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let server = Server::start(vec![whole()]).await;
    let error = download(&server.url, file.path())
        .run(|_| ())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot write {}: ", file.path().display())),
        "{error}"
    );
}
