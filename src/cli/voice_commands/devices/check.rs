//! `devices --check`: records a sentence, plays it back and transcribes it.

use std::io::{self, Write};
use std::sync::Arc;

use rust_i18n::t;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::app::action::Part;
use crate::cli::Context;
use crate::cli::output::print_notice;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Speech};
use crate::voice::{
    DeviceMicrophone, Microphone, MicrophoneReport, MicrophoneVerdict, TranscriberHandle,
    VoiceError, WavMicrophone, check,
};

/// The result of a check. Levels are in dB relative to full scale, at least −120.
#[derive(Debug, Serialize)]
pub struct Check {
    /// The name of the microphone, if one could be opened.
    microphone: Option<String>,
    /// Whether the recording can be used.
    usable: bool,
    verdict: Option<MicrophoneVerdict>,
    seconds: f64,
    level_db: f64,
    peak_db: f64,
    noise_db: f64,
    /// The share of samples at full scale.
    clipped: f64,
    /// The transcript; `None` without a speech model.
    text: Option<String>,
    speaker: Option<String>,
    /// Whether the recording was played back.
    played: bool,
    /// The reasons why a step was left out.
    errors: Vec<String>,
}

impl Context {
    /// Opens the microphone, or the files given instead of it.
    fn microphone(&self) -> Result<Box<dyn Microphone>, VoiceError> {
        if self.mic_files.is_empty() {
            let report = Arc::new(self.device_notice(Part::Microphone));
            return Ok(Box::new(DeviceMicrophone::new(
                self.microphone.clone(),
                report,
            )));
        }
        Ok(Box::new(WavMicrophone::new(self.mic_files.clone())?))
    }
}

/// Records a sentence, plays it back and transcribes it.
pub async fn check(context: &Context) -> anyhow::Result<Check> {
    let mut microphone = context.microphone()?;
    // The model loads while the sentence is recorded.
    let transcriber = context.transcriber();
    let language = context.language;
    let quiet = context.quiet;
    let recorded = tokio::task::spawn_blocking(move || {
        let mut opened = None;
        let begun = |name: String| {
            if !quiet {
                print_notice(&t!(
                    "voice.check.say_into",
                    locale = language.code(),
                    name = name
                ));
            }
            opened = Some(name);
        };
        let samples = check::record(&mut *microphone, begun, |_| (), || true);
        (opened, samples)
    });
    let (opened, samples) = recorded.await?;
    let samples = match samples {
        Ok(samples) => samples,
        Err(error) => return Ok(Check::failed(opened, &error)),
    };
    let mut check = Check::of(opened, &check::measure(&samples));
    if check.verdict != Some(MicrophoneVerdict::Dead) {
        play(context, &samples, &mut check).await;
    }
    match transcriber {
        Ok(transcriber) if check.usable => {
            transcribe(context, transcriber, samples, &mut check).await;
        }
        Ok(_) => check.text = Some(String::new()),
        Err(_) => {}
    }
    Ok(check)
}

impl Check {
    fn of(microphone: Option<String>, measured: &MicrophoneReport) -> Self {
        Self {
            microphone,
            usable: measured.verdict.is_usable(),
            verdict: Some(measured.verdict),
            seconds: rounded(measured.seconds, 1_000.0),
            level_db: rounded(measured.level, 10.0),
            peak_db: rounded(measured.peak, 10.0),
            noise_db: rounded(measured.noise, 10.0),
            clipped: rounded(measured.clipped, 10_000.0),
            text: None,
            speaker: None,
            played: false,
            errors: Vec::new(),
        }
    }

    fn failed(microphone: Option<String>, error: &VoiceError) -> Self {
        let nothing = check::measure(&[]);
        let errors = vec![error.to_string()];
        Self {
            usable: false,
            verdict: None,
            errors,
            ..Self::of(microphone, &nothing)
        }
    }

    /// Returns 1 if the recording cannot be used, else 0.
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.usable)
    }
}

/// Rounds a value to the nearest multiple of `1 / part`, its precision.
fn rounded(value: f32, part: f64) -> f64 {
    (f64::from(value) * part).round() / part
}

/// Plays the recording back and waits for its end.
async fn play(context: &Context, samples: &[f32], check: &mut Check) {
    let speech = Speech {
        bytes: check::encode_wav(samples),
        format: AudioFormat::Wav,
    };
    let (ended, end) = oneshot::channel();
    let outcome = match context.speaker(context.device_notice(Part::Speaker)) {
        Ok(mut speaker) => {
            check.speaker = Some(speaker.name());
            // The receiver is gone if the command was interrupted.
            let played = speaker.play(speech, Box::new(move |outcome| drop(ended.send(outcome))));
            match played {
                // Dropping the playback would silence the recording.
                Ok(_playback) => end
                    .await
                    .unwrap_or(Err(VoiceError::NoSpeaker))
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        }
        Err(error) => Err(format!("{error:#}")),
    };
    check.played = outcome.is_ok();
    check.errors.extend(outcome.err());
}

async fn transcribe(
    context: &Context,
    transcriber: TranscriberHandle,
    samples: Vec<f32>,
    check: &mut Check,
) {
    let (sender, receiver) = oneshot::channel();
    let spoken = context.spoken_in(context.interview_language);
    transcriber.transcribe_recording(samples, spoken, move |outcome| drop(sender.send(outcome)));
    let stopped = || {
        Err(VoiceError::Transcription(
            "the transcriber has stopped".into(),
        ))
    };
    match receiver.await.unwrap_or_else(|_| stopped()) {
        Ok(transcript) => check.text = Some(transcript.text),
        Err(error) => check.errors.push(error.to_string()),
    }
}

/// Prints the result in words.
pub fn print_check(check: &Check, language: Language, out: &mut impl Write) -> io::Result<()> {
    let locale = language.code();
    let microphone = check.microphone.as_deref().unwrap_or("–");
    writeln!(
        out,
        "{}",
        t!("voice.check.title", locale = locale, name = microphone)
    )?;
    if let Some(verdict) = check.verdict {
        writeln!(out, "    {}", t!(verdict.key(), locale = locale))?;
        writeln!(out, "    {}", measured(check, locale))?;
    }
    match &check.text {
        Some(text) if !text.is_empty() => {
            writeln!(
                out,
                "    {}",
                t!("voice.check.words", locale = locale, words = text)
            )?;
        }
        Some(_) if check.usable => {
            writeln!(out, "    {}", t!("voice.check.no_words", locale = locale))?;
        }
        None if check.usable && check.errors.is_empty() => {
            writeln!(out, "    {}", t!("voice.check.no_model", locale = locale))?;
        }
        _ => {}
    }
    if let (true, Some(speaker)) = (check.played, &check.speaker) {
        writeln!(
            out,
            "    {}",
            t!("voice.check.played", locale = locale, name = speaker)
        )?;
    }
    check
        .errors
        .iter()
        .try_for_each(|error| writeln!(out, "    {error}"))
}

fn measured(check: &Check, locale: &str) -> String {
    let decibels = |level: f64| format!("{level:.0}").replace('-', "−");
    t!(
        "voice.check.level",
        locale = locale,
        level = decibels(check.level_db),
        peak = decibels(check.peak_db),
        noise = decibels(check.noise_db),
        clipped = format!("{:.1}", check.clipped * 100.0)
    )
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked() -> Check {
        let measured = MicrophoneReport {
            seconds: 3.0,
            level: -23.4,
            peak: -6.0,
            noise: -58.25,
            clipped: 0.0,
            verdict: MicrophoneVerdict::Good,
        };
        let check = Check::of(Some("Desk".into()), &measured);
        Check {
            text: Some("Hello.".into()),
            speaker: Some("Headset".into()),
            played: true,
            ..check
        }
    }

    #[test]
    fn the_result_of_a_check_is_printed_in_words() {
        let mut out = Vec::new();
        print_check(&checked(), Language::English, &mut out).unwrap();
        let expected = "Microphone check: Desk\n    You can be heard well.\n    level −23 dB, peak −6 dB, noise −58 dB, \
                        clipping 0.0 %\n    “Hello.”\n    Played back through Headset.\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_has_the_promised_keys() {
        let expected = r#"{"microphone":"Desk","usable":true,"verdict":"good","seconds":3.0,"level_db":-23.4,"peak_db":-6.0,"noise_db":-58.3,"clipped":0.0,"text":"Hello.","speaker":"Headset","played":true,"errors":[]}"#;
        assert_eq!(serde_json::to_string(&checked()).unwrap(), expected);
    }

    #[test]
    fn a_microphone_that_cannot_be_opened_is_a_failure_with_the_reason() {
        let check = Check::failed(None, &VoiceError::NoMicrophone);
        let mut out = Vec::new();
        print_check(&check, Language::English, &mut out).unwrap();
        let expected = "Microphone check: –\n    no microphone was found\n";
        assert_eq!(
            (check.exit_code(), String::from_utf8(out).unwrap().as_str()),
            (1, expected)
        );
    }
}
