//! `devices`: the microphones and loudspeakers of this machine.

mod check;

use std::io::{self, Write};

use rust_i18n::t;

use crate::cli::options::{
    CommonOptions, InterviewLanguageOption, MicrophoneOptions, Options, RecognitionOptions,
    SpeakerOptions,
};
use crate::cli::{CommandError, Context, output};
use crate::interview::Language;
use crate::printable::printable_json;
use crate::voice::devices::{self, Device, Devices};

/// List microphones and loudspeakers, or check them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer devices
  mock-interviewer devices --check --microphone Headset")]
pub struct DevicesArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Record a sentence, play it back and rate it; exits with 1 if there was no usable sound
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    interview_language: InterviewLanguageOption,
    #[command(flatten)]
    recognition: RecognitionOptions,
    #[command(flatten)]
    microphone: MicrophoneOptions,
    #[command(flatten)]
    speaker: SpeakerOptions,
    #[command(flatten)]
    common: CommonOptions,
}

impl DevicesArgs {
    pub fn options(&self) -> Options {
        Options {
            interview_language: self.interview_language.clone(),
            recognition: self.recognition.clone(),
            microphone: self.microphone.clone(),
            speaker: self.speaker.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }

    /// Returns an option that only the check uses, if one was given.
    fn check_option(&self) -> Option<String> {
        let mut options = self.options();
        options.common = CommonOptions::default();
        let settings = options.settings().into_iter();
        let files = [
            (!self.microphone.mic_file.is_empty()).then(|| "--mic-file".to_owned()),
            self.speaker
                .speaker_file
                .as_ref()
                .map(|_| "--speaker-file".to_owned()),
        ];
        settings
            .map(|setting| setting.origin)
            .chain(files.into_iter().flatten())
            .next()
    }
}

/// The output of `--json`.
#[derive(serde::Serialize)]
struct Report {
    #[serde(flatten)]
    devices: Devices,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<check::Check>,
}

/// Runs the command.
pub async fn open(args: DevicesArgs, context: &Context) -> anyhow::Result<u8> {
    if let Some(option) = args.check_option().filter(|_| !args.check) {
        let message = format!("{option} is used by --check alone");
        return Err(CommandError::Usage(message).into());
    }
    let devices = tokio::task::spawn_blocking(devices::list).await??;
    let out = &mut output::stdout();
    if !args.json {
        print_devices(&devices, context.language, out)?;
    }
    let check = if args.check {
        Some(check::check(context).await?)
    } else {
        None
    };
    let code = check.as_ref().map_or(0, check::Check::exit_code);
    if args.json {
        writeln!(
            out,
            "{}",
            printable_json(&serde_json::to_string(&Report { devices, check })?)
        )?;
    } else if let Some(check) = check {
        writeln!(out)?;
        check::print_check(&check, context.language, out)?;
    }
    Ok(code)
}

fn print_devices(found: &Devices, language: Language, out: &mut impl Write) -> io::Result<()> {
    let locale = language.code();
    let lists = [
        (
            t!("voice.devices.microphones", locale = locale),
            &found.microphones,
        ),
        (
            t!("voice.devices.speakers", locale = locale),
            &found.speakers,
        ),
    ];
    for (title, devices) in lists {
        writeln!(out, "{title}")?;
        if devices.is_empty() {
            writeln!(out, "    {}", t!("voice.devices.none", locale = locale))?;
        }
        for (device, label) in devices.iter().zip(devices::labels(devices)) {
            print_device(device, &label, locale, out)?;
        }
    }
    Ok(())
}

fn print_device(
    device: &Device,
    label: &str,
    locale: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let mark = if device.default { "*" } else { " " };
    let rates = device
        .rates
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let about = t!(
        "voice.devices.about",
        locale = locale,
        channels = device.channels,
        rates = rates
    );
    writeln!(out, "  {mark} {label}  ({about})")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn found() -> Devices {
        let rates = vec![44_100, 48_000];
        let microphone = Device {
            name: "Desk".into(),
            default: true,
            channels: 2,
            rates,
            id: "usb-1".into(),
        };
        Devices {
            microphones: vec![microphone],
            speakers: vec![],
        }
    }

    #[rstest]
    #[case(
        Language::English,
        "Microphones\n  * Desk  (channels: 2, Hz: 44100, 48000)\nSpeakers\n    none found\n"
    )]
    #[case(
        Language::Korean,
        "마이크\n  * Desk  (채널: 2, Hz: 44100, 48000)\n스피커\n    찾지 못했습니다\n"
    )]
    fn devices_are_listed_with_the_default_marked(
        #[case] language: Language,
        #[case] expected: &str,
    ) {
        let mut out = Vec::new();
        print_devices(&found(), language, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_has_the_promised_keys() {
        let expected = r#"{"microphones":[{"name":"Desk","default":true,"channels":2,"rates":[44100,48000],"id":"usb-1"}],"speakers":[]}"#;
        let report = Report {
            devices: found(),
            check: None,
        };
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
    }
}
