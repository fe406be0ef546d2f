//! Imports of models from files.

use std::path::{Path, PathBuf};

use mock_interviewer::models::{self, Fingerprint, Imported, ModelError, Verification};
use rstest::rstest;

/// Returns a complete Whisper model that is not published: one token, one tensor of 2 × 3 numbers.
pub fn small_model() -> Vec<u8> {
    let numbers = |numbers: &[i32]| {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let header = numbers(&[0x6767_6d6c, 51_865, 8, 8, 1, 1, 8, 8, 1, 1, 1, 1]);
    let mels = numbers(&[1, 2, 0, 0]);
    let token = numbers(&[1, 2]);
    let tensor = numbers(&[2, 3, 1, 2, 3]);
    [
        header,
        mels,
        token,
        b"ab".to_vec(),
        tensor,
        b"enc".to_vec(),
        vec![0; 12],
    ]
    .concat()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn import(folder: &Path, file: &Path, name: Option<&str>) -> Result<Imported, ModelError> {
    models::import(folder, file, name, |_| ()).await
}

#[rstest]
#[case::called_as_the_file("ggml-interviews.bin", None, "interviews")]
#[case::whatever_it_is_called("interviews.model", None, "interviews")]
#[case::called_otherwise("ggml-tiny.bin", Some("my.tiny"), "my.tiny")]
#[tokio::test]
async fn an_unpublished_model_is_installed_under_its_own_name(
    #[case] source: &str,
    #[case] asked: Option<&str>,
    #[case] name: &str,
) {
    let from = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    let source = file(from.path(), source, &small_model());
    let imported = import(&models, &source, asked).await.unwrap();
    let expected = models.join(format!("ggml-{name}.bin"));
    assert_eq!(
        imported,
        Imported {
            name: name.into(),
            file: expected.clone(),
            published: false
        }
    );
    assert_eq!(std::fs::read(&expected).unwrap(), small_model());
    assert_eq!(
        std::fs::read_dir(&models).unwrap().count(),
        1,
        "no copy is left behind"
    );
    let entry = models::find(&models, name).unwrap();
    assert!(
        matches!(entry.verify().await.unwrap(), Verification::Unlisted(sum) if sum.len() == 64)
    );
    assert!(source.exists());
}

#[tokio::test]
async fn the_same_file_may_be_imported_again_and_another_one_does_not_replace_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = small_model();
    *other.last_mut().unwrap() = 1;
    let one = file(folder.path(), "one", &small_model());
    let other = file(folder.path(), "other", &other);
    for _ in 0..2 {
        import(folder.path(), &one, Some("own")).await.unwrap();
    }
    let refused = import(folder.path(), &other, Some("own"))
        .await
        .unwrap_err();
    assert!(matches!(refused, ModelError::NameTaken(name) if name == "own"));
    assert_eq!(
        std::fs::read(folder.path().join("ggml-own.bin")).unwrap(),
        small_model()
    );
}

#[rstest]
#[case::text("notes.txt", b"hello, this is no model".to_vec(), None)]
#[case::nothing("empty.bin", vec![], None)]
#[case::cut_off("own.bin", small_model()[..90].to_vec(), None)]
#[tokio::test]
async fn an_incomplete_model_is_rejected(
    #[case] source: &str,
    #[case] bytes: Vec<u8>,
    #[case] name: Option<&str>,
) {
    let from = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = file(from.path(), source, &bytes);
    let refused = import(folder.path(), &source, name).await.unwrap_err();
    assert!(matches!(refused, ModelError::NotAModel { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_with_a_published_name_must_be_that_model() {
    let from = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = file(from.path(), "ggml-tiny.en.bin", &small_model());
    let refused = import(folder.path(), &source, None).await.unwrap_err();
    let bytes = small_model().len() as u64;
    assert!(
        matches!(&refused, ModelError::NotPublishedFile { name, expected: Fingerprint::Size(77_704_715), found: Fingerprint::Size(found) }
            if name == "tiny.en" && *found == bytes),
        "{refused}"
    );
}

#[rstest]
#[case("../own")]
#[case(".own")]
#[case("a b")]
#[tokio::test]
async fn a_name_that_is_not_a_plain_word_is_rejected(#[case] name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let source = file(folder.path(), "model.bin", &small_model());
    assert!(matches!(
        import(folder.path(), &source, Some(name)).await,
        Err(ModelError::InvalidName(_))
    ));
}

#[tokio::test]
async fn a_missing_file_and_a_folder_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let missing = import(folder.path(), &folder.path().join("none.bin"), None)
        .await
        .unwrap_err();
    assert!(matches!(missing, ModelError::Read { .. }), "{missing}");
    let refused = import(folder.path(), folder.path(), None)
        .await
        .unwrap_err();
    assert!(
        matches!(
            refused,
            ModelError::NotAModel { .. } | ModelError::Read { .. }
        ),
        "{refused}"
    );
}
