//! The picker of devices and the check of the microphone.

use super::super::check::{Check, CheckEvent, CheckStage};
use super::super::ctx::Ctx;
use super::super::devices::{DeviceList, DevicePicker, DeviceSelection};
use super::super::effect::{DeviceEffect, Effect};
use super::super::keymap::KeyCommand;
use super::super::turn_id::TurnId;
use super::{Overlay, OverlayOutcome, Overlays};
use crate::interview::Language;

impl Overlays {
    pub(in super::super) fn pick_devices(&mut self, ctx: &mut Ctx) {
        let turn = ctx.fresh_turn();
        self.0
            .push_front(Overlay::Devices(DevicePicker::Loading(turn)));
        ctx.emit(Effect::Device(DeviceEffect::List { turn }));
    }

    /// Begins a check, in which a sentence in `language` is recorded and, if `aloud`, played back.
    pub(in super::super) fn check_microphone(
        &mut self,
        language: Language,
        aloud: bool,
        ctx: &mut Ctx,
    ) {
        let turn = ctx.fresh_turn();
        self.0.push_front(Overlay::Check(Check {
            turn,
            stage: CheckStage::Opening,
        }));
        ctx.emit(Effect::Device(DeviceEffect::Check {
            turn,
            language,
            aloud,
        }));
    }

    /// Fills the picker that waits for this list.
    pub(in super::super) fn devices_listed(
        &mut self,
        turn: TurnId,
        devices: Result<Box<DeviceList>, String>,
    ) {
        let awaited = Overlay::Devices(DevicePicker::Loading(turn));
        if let Some(overlay) = self.0.iter_mut().find(|overlay| **overlay == awaited) {
            *overlay = Overlay::Devices(match devices {
                Ok(list) => DevicePicker::Open(DeviceSelection::new(*list)),
                Err(reason) => DevicePicker::Failed(reason),
            });
        }
    }

    pub(in super::super) fn checked(&mut self, turn: TurnId, event: CheckEvent, now: u64) {
        if let Some(check) = self.check().filter(|check| check.turn == turn) {
            check.update(event, now);
        }
    }

    pub(in super::super) fn set_level(&mut self, loudness: f32) {
        if let Some(Check {
            stage: CheckStage::Recording { level, .. },
            ..
        }) = self.check()
        {
            *level = loudness;
        }
    }

    /// Notes that the recording of a check was played to its end.
    pub(in super::super) fn check_played(&mut self, turn: TurnId) {
        if let Some(check) = self.check().filter(|check| check.turn == turn) {
            check.played();
        }
    }

    /// Notes that the recording of a check cannot be played.
    pub(in super::super) fn check_not_played(&mut self, reason: &str) {
        if let Some(check) = self.check() {
            check.not_played(reason);
        }
    }

    /// Returns the check, of which there is one at most.
    fn check(&mut self) -> Option<&mut Check> {
        self.0.iter_mut().find_map(|overlay| match overlay {
            Overlay::Check(check) => Some(check),
            Overlay::Help(_) | Overlay::Dialog(..) | Overlay::Devices(_) | Overlay::Timings => None,
        })
    }

    pub(super) fn picker_key(
        &mut self,
        command: Option<KeyCommand>,
        ctx: &mut Ctx,
    ) -> OverlayOutcome {
        let Some(Overlay::Devices(picker)) = self.0.front_mut() else {
            return OverlayOutcome::Stay;
        };
        match (command, picker) {
            (Some(KeyCommand::Next), DevicePicker::Open(picking)) => {
                picking.row = picking.row.next(1);
            }
            (Some(KeyCommand::Previous), DevicePicker::Open(picking)) => {
                picking.row = picking.row.next(-1);
            }
            (Some(KeyCommand::More), DevicePicker::Open(picking)) => picking.change(1),
            (Some(KeyCommand::Less), DevicePicker::Open(picking)) => picking.change(-1),
            (Some(KeyCommand::Accept), _) => self.use_picked(ctx),
            (Some(KeyCommand::Check), _) => {
                self.use_picked(ctx);
                return OverlayOutcome::CheckMicrophone;
            }
            (Some(KeyCommand::Cancel | KeyCommand::Devices), _) => drop(self.0.pop_front()),
            _ => {}
        }
        OverlayOutcome::Stay
    }

    fn use_picked(&mut self, ctx: &mut Ctx) {
        if let Some(Overlay::Devices(DevicePicker::Open(picking))) = self.0.pop_front() {
            ctx.emit(Effect::Device(DeviceEffect::Use(picking.audio())));
        }
    }

    pub(super) fn check_key(
        &mut self,
        command: Option<KeyCommand>,
        ctx: &mut Ctx,
    ) -> OverlayOutcome {
        match command {
            Some(KeyCommand::Accept | KeyCommand::Check) => {
                self.end_check(ctx);
                OverlayOutcome::CheckMicrophone
            }
            Some(KeyCommand::Devices) => {
                self.end_check(ctx);
                OverlayOutcome::PickDevices
            }
            Some(KeyCommand::Cancel) => {
                self.end_check(ctx);
                OverlayOutcome::Stay
            }
            _ => OverlayOutcome::Stay,
        }
    }

    fn end_check(&mut self, ctx: &mut Ctx) {
        if let Some(Overlay::Check(check)) = self.0.pop_front() {
            let effect = DeviceEffect::CancelCheck { turn: check.turn };
            ctx.emit(Effect::Device(effect));
        }
    }
}
