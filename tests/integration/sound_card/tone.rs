//! Plays tones into the virtual sound card, and finds them again in what it recorded.

use std::f32::consts::TAU;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A tone that is played on one channel of a sink until it is dropped.
pub struct Tone(Child);

/// A sink and the format in which `pacat` plays to it.
#[derive(Clone, Copy)]
pub struct Sink<'a> {
    pub name: &'a str,
    pub rate: u32,
    pub channels: u16,
}

impl Tone {
    /// Plays a tone at half of full scale on `channel`, counted from 0, of the sink. The other
    /// channels are silent.
    pub fn play(sink: Sink<'_>, hertz: f32, channel: u16) -> Self {
        let Sink {
            name,
            rate,
            channels,
        } = sink;
        let mut command = Command::new("pacat");
        command.args([
            "--raw",
            "--format=float32le",
            "--latency-msec=50",
            "--no-remap",
            "--no-remix",
        ]);
        command
            .arg(format!("--device={name}"))
            .arg(format!("--rate={rate}"))
            .arg(format!("--channels={channels}"));
        let mut player = command
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("pacat is installed");
        let mut pipe = player.stdin.take().unwrap();
        thread::spawn(move || {
            for block in 0.. {
                let frame = |n: u32| {
                    let at = (block * 480 + n) as f32 / rate as f32;
                    let sample = 0.5 * (TAU * (hertz * at).fract()).sin();
                    (0..channels).flat_map(move |of| {
                        (if of == channel { sample } else { 0.0 }).to_le_bytes()
                    })
                };
                // Writing fails when the player is gone.
                if pipe
                    .write_all(&(0..480).flat_map(frame).collect::<Vec<u8>>())
                    .is_err()
                {
                    return;
                }
            }
        });
        Self(player)
    }
}

impl Drop for Tone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Records what a loudspeaker plays.
pub struct Monitor {
    recorder: Child,
    pieces: Receiver<Vec<f32>>,
}

impl Monitor {
    /// Starts recording, and returns once samples arrive, even silent ones.
    pub fn of(speaker: &str) -> Self {
        let mut command = Command::new("parec");
        command.args([
            "--raw",
            "--format=float32le",
            "--rate=16000",
            "--channels=1",
            "--latency-msec=50",
        ]);
        let mut recorder = command
            .arg(format!("--device={speaker}.monitor"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut sound = recorder.stdout.take().unwrap();
        let (sender, pieces) = channel();
        thread::spawn(move || {
            let mut piece = [0; 16_000];
            while sound.read_exact(&mut piece).is_ok() {
                let samples = piece
                    .as_chunks()
                    .0
                    .iter()
                    .map(|bytes| f32::from_le_bytes(*bytes))
                    .collect();
                if sender.send(samples).is_err() {
                    return;
                }
            }
        });
        pieces
            .recv_timeout(Duration::from_secs(20))
            .expect("the loudspeaker's monitor delivers");
        Self { recorder, pieces }
    }

    pub fn wait_for_tone(&self, hertz: f32) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut loudest = 0.0_f32;
        while loudest < 0.4 {
            assert!(
                Instant::now() < deadline,
                "the amplitude at {hertz} Hz is {loudest}"
            );
            loudest = amplitude(
                &self.pieces.recv_timeout(Duration::from_secs(20)).unwrap(),
                hertz,
            );
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}

/// Returns the amplitude of a tone in samples at 16 kHz.
pub fn amplitude(samples: &[f32], hertz: f32) -> f32 {
    let mut sine = 0.0_f64;
    let mut cosine = 0.0_f64;
    for (n, sample) in samples.iter().enumerate() {
        let angle = f64::from(TAU) * f64::from(hertz) * n as f64 / 16_000.0;
        sine += f64::from(*sample) * angle.sin();
        cosine += f64::from(*sample) * angle.cos();
    }
    (2.0 * sine.hypot(cosine) / samples.len() as f64) as f32
}
