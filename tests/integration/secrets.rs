//! The stores of secrets, which all have to meet the same expectations.

use mock_interviewer::secrets::{FileStore, KeyringStore, MemoryStore, SecretError, SecretStore};
use secrecy::ExposeSecret;

/// Checks that a store keeps, replaces and deletes entries independently.
fn check_entries(store: &dyn SecretStore) {
    let get = |entry: &str| {
        store
            .get(entry)
            .unwrap()
            .map(|secret| secret.expose_secret().to_owned())
    };
    let alice = "http://127.0.0.1:8000 test-alice";
    let openai = "test-openai";
    for entry in [alice, openai] {
        store.delete(entry).unwrap();
        assert_eq!(get(entry), None);
    }
    store.set(alice, &"first-secret".into()).unwrap();
    store.set(openai, &"비밀-secret".into()).unwrap();
    store.set(alice, &"second-secret".into()).unwrap();
    assert_eq!(
        (get(alice).as_deref(), get(openai).as_deref()),
        (Some("second-secret"), Some("비밀-secret"))
    );
    assert!(!format!("{store:?}").contains("secret\""), "{store:?}");
    store.delete(alice).unwrap();
    assert_eq!(
        (get(alice), get(openai).as_deref()),
        (None, Some("비밀-secret"))
    );
    store.delete(openai).unwrap();
}

#[test]
fn memory_keeps_secrets() {
    check_entries(&MemoryStore::default());
}

#[test]
fn a_file_keeps_secrets() {
    let folder = tempfile::tempdir().unwrap();
    check_entries(&FileStore::new(folder.path().join("new/secrets.json")));
}

#[test]
fn the_keyring_of_the_system_keeps_secrets() {
    if std::env::var_os("MOCK_INTERVIEWER_TEST_KEYRING").is_none() {
        eprintln!(
            "LEFT OUT: the keyring is tested only with MOCK_INTERVIEWER_TEST_KEYRING=1, as scripts start one for it"
        );
        return;
    }
    assert!(KeyringStore::is_available());
    check_entries(&KeyringStore::default());
}

#[cfg(unix)]
#[test]
fn a_file_is_private_and_refused_when_others_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    let store = FileStore::new(path.clone());
    store.set("openai", &"sk-secret".into()).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let expected = SecretError::Exposed {
        path: path.display().to_string(),
    };
    assert_eq!(store.get("openai").unwrap_err(), expected);
    assert!(store.set("openai", &"other".into()).is_err());
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("sk-secret")
    );
}

#[cfg(unix)]
#[test]
fn a_damaged_file_is_reported_and_left_unchanged() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.json");
    std::fs::write(&path, "\"sk-secret\"").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let error = FileStore::new(path.clone())
        .set("openai", &"other".into())
        .unwrap_err();
    let expected = SecretError::Damaged {
        path: path.display().to_string(),
        line: 1,
        column: 11,
    };
    assert_eq!(error, expected);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "\"sk-secret\"");
}
