//! What the program asked the user once and remembers: consents, refusals, who signed in where, how loud and
//! fast replies are spoken.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::{Channel, Rate, SpeechLanguage, Volume};
use crate::files;

/// The answers, kept in a small file of their own beside the settings the user writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Answers {
    /// Host of an endpoint → whether answers may go there.
    consent: BTreeMap<String, bool>,
    /// Server → who signed in last.
    users: BTreeMap<String, String>,
    /// Names of offers that were declined.
    declined: BTreeSet<String>,
    /// Providers whose key was put into the secret store.
    keys: BTreeSet<String>,
    /// Secrets go to a 0600 file, since there is no keyring.
    secrets_in_file: bool,
    /// How loud replies are spoken.
    volume: Option<Volume>,
    /// How fast.
    rate: Option<Rate>,
    /// What answers are spoken in.
    spoken: Option<SpeechLanguage>,
    /// The microphone and loudspeaker chosen in the interface.
    audio: SelectedDevices,
}

/// Devices chosen in the interface; what is empty is the system's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelectedDevices {
    /// Name of a microphone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub microphone: String,
    /// Its channel.
    #[serde(skip_serializing_if = "Channel::is_unset")]
    pub channel: Channel,
    /// Name of a loudspeaker.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub speaker: String,
}

/// The remembered answers of one user.
#[derive(Clone, Debug)]
pub struct Preferences {
    path: PathBuf,
    answers: Answers,
}

impl Preferences {
    /// Reads them; an absent or unreadable file means that nothing was answered yet.
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

    /// May answers go to this host? `None`: never asked.
    pub fn consent(&self, host: &str) -> Option<bool> {
        self.answers.consent.get(host).copied()
    }

    /// Remembers the answer for a host.
    pub fn set_consent(&mut self, host: &str, granted: bool) -> io::Result<()> {
        self.refresh();
        self.answers.consent.insert(host.to_owned(), granted);
        self.save()
    }

    /// Who signed in last on this server.
    pub fn user(&self, server: &str) -> Option<&str> {
        self.answers.users.get(server).map(String::as_str)
    }

    /// Remembers or forgets who is signed in.
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

    /// Has anybody ever signed in anywhere?
    pub fn knows_a_user(&self) -> bool {
        !self.answers.users.is_empty()
    }

    /// Was the offer of this name declined?
    pub fn declined(&self, offer: &str) -> bool {
        self.answers.declined.contains(offer)
    }

    /// Remembers that it was.
    pub fn decline(&mut self, offer: &str) -> io::Result<()> {
        self.refresh();
        self.answers.declined.insert(offer.to_owned());
        self.save()
    }

    /// Was a key of this provider kept?
    pub fn has_key(&self, provider: &str) -> bool {
        self.answers.keys.contains(provider)
    }

    /// Remembers whether one is kept, so that the keyring is asked only when it has something.
    pub fn set_key(&mut self, provider: &str, kept: bool) -> io::Result<()> {
        self.refresh();
        if kept {
            self.answers.keys.insert(provider.to_owned());
        } else {
            self.answers.keys.remove(provider);
        }
        self.save()
    }

    /// Did the user choose a file for secrets?
    pub fn secrets_in_file(&self) -> bool {
        self.answers.secrets_in_file
    }

    /// Remembers that choice.
    pub fn keep_secrets_in_file(&mut self) -> io::Result<()> {
        self.refresh();
        self.answers.secrets_in_file = true;
        self.save()
    }

    /// The devices chosen in the interface.
    pub fn audio(&self) -> &SelectedDevices {
        &self.answers.audio
    }

    /// Remembers them.
    pub fn set_audio(&mut self, audio: SelectedDevices) -> io::Result<()> {
        self.refresh();
        self.answers.audio = audio;
        self.save()
    }

    /// How loud replies were to be spoken.
    pub fn volume(&self) -> Option<Volume> {
        self.answers.volume
    }

    /// Remembers it.
    pub fn set_volume(&mut self, volume: Volume) -> io::Result<()> {
        self.refresh();
        self.answers.volume = Some(volume);
        self.save()
    }

    /// What the answers of the last interview were spoken in.
    pub fn spoken(&self) -> Option<SpeechLanguage> {
        self.answers.spoken
    }

    /// Remembers it.
    pub fn set_spoken(&mut self, language: SpeechLanguage) -> io::Result<()> {
        self.refresh();
        self.answers.spoken = Some(language);
        self.save()
    }

    /// How fast replies were to be spoken.
    pub fn rate(&self) -> Option<Rate> {
        self.answers.rate
    }

    /// Remembers it.
    pub fn set_rate(&mut self, rate: Rate) -> io::Result<()> {
        self.refresh();
        self.answers.rate = Some(rate);
        self.save()
    }

    /// Another run of the program may have remembered something meanwhile.
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
        tracing::error!(%error, "the remembered answers cannot be understood and are put aside");
        let _ = std::fs::rename(path, path.with_extension("toml.broken"));
        Answers::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_outlive_the_run() {
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
    fn two_runs_do_not_erase_each_others_answers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("choices.toml");
        let (mut one, mut other) = (Preferences::load(&path), Preferences::load(&path));
        one.decline("model").unwrap();
        other.set_consent("localhost", true).unwrap();
        let both = Preferences::load(&path);
        assert_eq!(
            (both.declined("model"), both.consent("localhost")),
            (true, Some(true))
        );
    }

    #[test]
    fn a_file_that_is_not_understood_is_put_aside_whole() {
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
