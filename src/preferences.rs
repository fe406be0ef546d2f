//! The answers the program remembers between runs: consents, declined offers, who is signed in
//! where, and how replies are spoken.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::{Channel, Rate, SpeechLanguage, Volume};
use crate::files;

/// The remembered answers. They live in their own small file, because the settings file belongs to
/// the user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Answers {
    /// Maps the host of an endpoint to whether answers may be sent there.
    consent: BTreeMap<String, bool>,
    /// Maps a server to the user who signed in there last.
    users: BTreeMap<String, String>,
    declined: BTreeSet<String>,
    /// Lists the providers whose key is in the secret store.
    keys: BTreeSet<String>,
    /// True if secrets are stored in a file of mode 0600 because the system has no keyring.
    secrets_in_file: bool,
    volume: Option<Volume>,
    rate: Option<Rate>,
    /// The language answers are spoken in.
    spoken: Option<SpeechLanguage>,
    audio: SelectedDevices,
}

/// The devices chosen in the interface. An empty name means the system's default device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelectedDevices {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub microphone: String,
    #[serde(skip_serializing_if = "Channel::is_unset")]
    pub channel: Channel,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub speaker: String,
}

/// The remembered answers of one user and the file they are stored in.
#[derive(Clone, Debug)]
pub struct Preferences {
    path: PathBuf,
    answers: Answers,
}

impl Preferences {
    /// Reads the file at `path`. A missing or unreadable file counts as no answers yet.
    pub fn load(path: &Path) -> Self {
        let answers = std::fs::read_to_string(path)
            .ok()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default();
        Self {
            path: path.to_owned(),
            answers,
        }
    }

    /// Returns whether answers may be sent to `host`, or `None` if the user was never asked.
    pub fn consent(&self, host: &str) -> Option<bool> {
        self.answers.consent.get(host).copied()
    }

    pub fn set_consent(&mut self, host: &str, granted: bool) -> io::Result<()> {
        self.refresh();
        self.answers.consent.insert(host.to_owned(), granted);
        self.save()
    }

    /// Returns the user who signed in last on `server`.
    pub fn user(&self, server: &str) -> Option<&str> {
        self.answers.users.get(server).map(String::as_str)
    }

    /// Remembers who is signed in on `server`; `None` forgets it.
    pub fn set_user(&mut self, server: &str, user: Option<&str>) -> io::Result<()> {
        self.refresh();
        match user {
            Some(user) => self
                .answers
                .users
                .insert(server.to_owned(), user.to_owned()),
            None => self.answers.users.remove(server),
        };
        self.save()
    }

    /// Returns whether anybody has ever signed in anywhere.
    pub fn knows_a_user(&self) -> bool {
        !self.answers.users.is_empty()
    }

    /// Returns whether the user declined this offer.
    pub fn declined(&self, offer: &str) -> bool {
        self.answers.declined.contains(offer)
    }

    pub fn decline(&mut self, offer: &str) -> io::Result<()> {
        self.refresh();
        self.answers.declined.insert(offer.to_owned());
        self.save()
    }

    /// Returns whether a key of `provider` is in the secret store.
    pub fn has_key(&self, provider: &str) -> bool {
        self.answers.keys.contains(provider)
    }

    /// Remembers whether a key is stored, so that the keyring is only asked when it holds one.
    pub fn set_key(&mut self, provider: &str, kept: bool) -> io::Result<()> {
        self.refresh();
        if kept {
            self.answers.keys.insert(provider.to_owned());
        } else {
            self.answers.keys.remove(provider);
        }
        self.save()
    }

    /// Returns whether secrets are stored in a file instead of the keyring.
    pub fn secrets_in_file(&self) -> bool {
        self.answers.secrets_in_file
    }

    pub fn keep_secrets_in_file(&mut self) -> io::Result<()> {
        self.refresh();
        self.answers.secrets_in_file = true;
        self.save()
    }

    pub fn audio(&self) -> &SelectedDevices {
        &self.answers.audio
    }

    pub fn set_audio(&mut self, audio: SelectedDevices) -> io::Result<()> {
        self.refresh();
        self.answers.audio = audio;
        self.save()
    }

    pub fn volume(&self) -> Option<Volume> {
        self.answers.volume
    }

    pub fn set_volume(&mut self, volume: Volume) -> io::Result<()> {
        self.refresh();
        self.answers.volume = Some(volume);
        self.save()
    }

    /// Returns the language in which the answers of the last interview were spoken.
    pub fn spoken(&self) -> Option<SpeechLanguage> {
        self.answers.spoken
    }

    pub fn set_spoken(&mut self, language: SpeechLanguage) -> io::Result<()> {
        self.refresh();
        self.answers.spoken = Some(language);
        self.save()
    }

    pub fn rate(&self) -> Option<Rate> {
        self.answers.rate
    }

    pub fn set_rate(&mut self, rate: Rate) -> io::Result<()> {
        self.refresh();
        self.answers.rate = Some(rate);
        self.save()
    }

    /// Reads the file again, because another run of the program may have changed it.
    fn refresh(&mut self) {
        if self.path.exists() {
            self.answers = read(&self.path);
        }
    }

    fn save(&self) -> io::Result<()> {
        let text = toml::to_string(&self.answers).expect("answers are plain tables");
        files::replace(&self.path, text.as_bytes())
    }
}

fn read(path: &Path) -> Answers {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Answers::default();
    };
    toml::from_str(&text).unwrap_or_else(|error| {
        tracing::error!(%error, "the remembered answers are unreadable; the file is renamed");
        let _ = std::fs::rename(path, path.with_extension("toml.broken"));
        Answers::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_remembered_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/choices.toml");
        let mut preferences = Preferences::load(&path);
        assert_eq!(preferences.consent("api.openai.com"), None);
        preferences.set_consent("api.openai.com", false).unwrap();
        preferences.decline("model").unwrap();
        let quiet = Volume::try_from(30).unwrap();
        preferences.set_volume(quiet).unwrap();
        let again = Preferences::load(&path);
        assert_eq!(
            (again.consent("api.openai.com"), again.declined("model")),
            (Some(false), true)
        );
        assert_eq!((again.volume(), again.rate()), (Some(quiet), None));
    }

    #[test]
    fn devices_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("choices.toml");
        let audio = SelectedDevices {
            microphone: "desk".into(),
            channel: Channel::Only(2),
            speaker: String::new(),
        };
        let mut preferences = Preferences::load(&path);
        preferences.set_audio(audio.clone()).unwrap();
        preferences.decline("model").unwrap();
        assert_eq!(Preferences::load(&path).audio(), &audio);
    }

    #[test]
    fn two_runs_do_not_overwrite_each_others_answers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("choices.toml");
        let mut one = Preferences::load(&path);
        let mut other = Preferences::load(&path);
        one.decline("model").unwrap();
        other.set_consent("localhost", true).unwrap();
        let both = Preferences::load(&path);
        assert_eq!(
            (both.declined("model"), both.consent("localhost")),
            (true, Some(true))
        );
    }

    #[test]
    fn an_unreadable_file_is_kept_under_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("choices.toml");
        std::fs::write(&path, "declined = 7").unwrap();
        Preferences::load(&path).decline("model").unwrap();
        assert_eq!(
            std::fs::read_to_string(folder.path().join("choices.toml.broken")).unwrap(),
            "declined = 7"
        );
    }
}
