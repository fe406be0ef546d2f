//! Microphone and loudspeaker: picking them, trying them out, and what becomes of them.
use super::super::App;
use super::super::action::{DeviceReport, Missing, Part, TurnId};
use super::super::check::{Check, Stage};
use super::super::devices::{DeviceList, Picker, Picking};
use super::super::effect::{DeviceEffect, Effect};
use super::super::interview::Talk;
use super::super::keymap::Command;
use super::super::notice::Notice;
use super::super::overlay::Overlay;
use crate::voice::DeviceEvent;

impl App {
    pub(super) fn device(&mut self, report: DeviceReport) {
        match report {
            DeviceReport::MicrophoneOpened { name } => self.microphone_opened(name),
            DeviceReport::Changed { part, event } => self.device_changed(part, event),
            DeviceReport::Listed { turn, devices } => self.devices(turn, devices),
            DeviceReport::Check { turn, event } => {
                let now = self.now;
                if let Some(check) = self.check_of(turn) {
                    check.take(event, now);
                }
            }
        }
    }

    fn device_changed(&mut self, part: Part, news: DeviceEvent) {
        // What was lost while nobody talked is no loss.
        if !matches!(news, DeviceEvent::Overrun(_)) || self.is_hearing() {
            self.notice = Some(Notice::Device(part, news));
        }
    }

    fn microphone_opened(&mut self, name: String) {
        let was_missing = self
            .voice
            .missing
            .iter()
            .any(|missing| missing.part == Part::Microphone);
        self.voice.has(Part::Microphone);
        if was_missing {
            self.notice = Some(Notice::Device(
                Part::Microphone,
                DeviceEvent::Returned(name),
            ));
        }
    }

    /// Nothing comes from the microphone that is talked into, or something does again.
    pub(super) fn dead(&mut self, of: TurnId, dead: Option<super::super::action::Dead>) {
        let Some(interview) = self.interview() else {
            return;
        };
        if !matches!(interview.hearing.talk, Talk::Listening { utterance, .. } if utterance == of) {
            return;
        }
        self.forget_dead();
        self.notice = dead.map(Notice::Dead).or(self.notice.take());
    }

    pub(super) fn forget_dead(&mut self) {
        self.notice = self
            .notice
            .take()
            .filter(|notice| !matches!(notice, Notice::Dead(_)));
    }

    /// F7 in the lobby.
    pub(super) fn pick_devices(&mut self) {
        if !self.has_voice() {
            return;
        }
        let turn = self.fresh();
        self.overlays
            .push_front(Overlay::Devices(Picker::Loading(turn)));
        self.emit(Effect::Device(DeviceEffect::List { turn }));
    }

    /// F8 in the lobby.
    pub(super) fn check_microphone(&mut self) {
        if !self.has_voice() {
            return;
        }
        let turn = self.fresh();
        self.overlays.push_front(Overlay::Check(Check {
            turn,
            stage: Stage::Opening,
        }));
        self.emit(Effect::Device(DeviceEffect::Check {
            turn,
            language: self.lobby.language,
            aloud: !self.voice.muted,
        }));
    }

    /// Says so where there is none.
    fn has_voice(&mut self) -> bool {
        let missing = self
            .voice
            .missing
            .iter()
            .find(|missing| missing.part == Part::Voice)
            .cloned();
        self.notice = missing.clone().map(Notice::Missing).or(self.notice.take());
        missing.is_none()
    }

    fn devices(&mut self, of: TurnId, devices: Result<Box<DeviceList>, String>) {
        let awaited = |overlay: &&mut Overlay| **overlay == Overlay::Devices(Picker::Loading(of));
        if let Some(overlay) = self.overlays.iter_mut().find(awaited) {
            *overlay = Overlay::Devices(match devices {
                Ok(list) => Picker::Open(Picking::new(*list)),
                Err(reason) => Picker::Failed(reason),
            });
        }
    }

    pub(super) fn check_of(&mut self, turn: TurnId) -> Option<&mut Check> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Check(check) if check.turn == turn => Some(check),
            _ => None,
        })
    }

    pub(super) fn check(&mut self) -> Option<&mut Check> {
        self.overlays.iter_mut().find_map(|overlay| {
            if let Overlay::Check(check) = overlay {
                Some(check)
            } else {
                None
            }
        })
    }

    pub(super) fn picker_key(&mut self, command: Option<Command>) {
        let Some(Overlay::Devices(picker)) = self.overlays.front_mut() else {
            return;
        };
        match (command, picker) {
            (Some(Command::Next), Picker::Open(picking)) => picking.row = picking.row.next(1),
            (Some(Command::Previous), Picker::Open(picking)) => picking.row = picking.row.next(-1),
            (Some(Command::More), Picker::Open(picking)) => picking.change(1),
            (Some(Command::Less), Picker::Open(picking)) => picking.change(-1),
            (Some(Command::Accept), _) => self.use_picked(),
            (Some(Command::Check), _) => {
                self.use_picked();
                self.check_microphone();
            }
            (Some(Command::Cancel | Command::Devices), _) => drop(self.overlays.pop_front()),
            _ => {}
        }
    }

    fn use_picked(&mut self) {
        if let Some(Overlay::Devices(Picker::Open(picking))) = self.overlays.pop_front() {
            self.emit(Effect::Device(DeviceEffect::Use(picking.audio())));
        }
    }

    pub(super) fn check_key(&mut self, command: Option<Command>) {
        match command {
            Some(Command::Accept | Command::Check) => {
                self.end_check();
                self.check_microphone();
            }
            Some(Command::Devices) => {
                self.end_check();
                self.pick_devices();
            }
            Some(Command::Cancel) => self.end_check(),
            _ => {}
        }
    }

    fn end_check(&mut self) {
        if let Some(Overlay::Check(check)) = self.overlays.pop_front() {
            self.emit(Effect::Device(DeviceEffect::CancelCheck {
                turn: check.turn,
            }));
        }
    }

    /// The recording of a check was heard to its end.
    pub(super) fn check_played(&mut self, turn: TurnId) {
        if let Some(Check {
            stage: Stage::Heard(outcome),
            ..
        }) = self.check_of(turn)
        {
            outcome.playing = false;
        }
    }

    /// The recording of a check could not be played.
    pub(super) fn check_unplayed(&mut self, missing: &Missing) {
        if let Some(Check {
            stage: Stage::Heard(outcome),
            ..
        }) = self.check()
            && outcome.playing
        {
            (outcome.playing, outcome.unplayed) = (false, Some(missing.reason.clone()));
        }
    }
}
