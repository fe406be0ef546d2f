//! Built without voice: there are no voice_input, and nothing to open.

use std::convert::Infallible;
use std::path::PathBuf;

use super::SpeechOutput;
use crate::app::action::TurnId;
use crate::config::SpeechLanguage;
use crate::interview::Language;
use crate::preferences::SelectedDevices;

/// VoiceInput that cannot exist in this build.
pub struct VoiceInput(Infallible);

impl VoiceInput {
    /// Never called.
    pub fn load(&mut self, _model: PathBuf) {
        match self.0 {}
    }

    /// Never called.
    pub fn open(&mut self) {
        match self.0 {}
    }

    /// Never called.
    pub fn close(&mut self) {
        match self.0 {}
    }

    /// Never called.
    pub fn recognise(&mut self, _language: SpeechLanguage) {
        match self.0 {}
    }

    /// Never called.
    pub fn press(&self, _turn: TurnId) {
        match self.0 {}
    }

    /// Never called.
    pub fn release(&self, _turn: TurnId) {
        match self.0 {}
    }

    /// Never called.
    pub fn cancel(&self, _turn: TurnId) {
        match self.0 {}
    }

    /// Never called.
    pub fn list(&self, _turn: TurnId) {
        match self.0 {}
    }

    /// Never called.
    pub fn use_devices(&self, _audio: &SelectedDevices) {
        match self.0 {}
    }

    /// Never called.
    pub fn check(&mut self, _turn: TurnId, _language: Language, _mouth: Option<SpeechOutput>) {
        match self.0 {}
    }

    /// Never called.
    pub fn cancel_check(&self) {
        match self.0 {}
    }

    /// Never called.
    pub fn expect(&mut self, _language: Language) {
        match self.0 {}
    }

    /// Never called.
    pub fn level(&self) -> f32 {
        match self.0 {}
    }
}
