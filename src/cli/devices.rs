//! `devices`: the microphones and loudspeakers of this machine.

mod check;

use std::io::{self, Write};

use rust_i18n::t;

use super::Context;
use super::options::{
    CommonOptions, InterviewLanguageOption, MicrophoneOptions, Options, RecognitionOptions,
    SpeakerOptions,
};
use crate::interview::Language;
use crate::voice::devices::{self, Device, Devices};

/// The options that only the check uses.
const CHECK_OPTIONS: [&str; 7] = [
    "interview_language",
    "model",
    "speech_language",
    "microphone",
    "mic_file",
    "speaker",
    "speaker_file",
];

/// List microphones and loudspeakers, or check them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer devices
  mock-interviewer devices --check --microphone Headset")]
#[command(mut_args(|arg| if CHECK_OPTIONS.contains(&arg.get_id().as_str()) { arg.requires("check") } else { arg }))]
pub struct DevicesArgs {
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
    /// Record a sentence, play it back, and say how it was heard; 1 when nobody was.
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
}

/// What `--json` writes.
#[derive(serde::Serialize)]
struct Report {
    #[serde(flatten)]
    devices: Devices,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<check::Check>,
}

/// Runs the command.
pub async fn open(args: DevicesArgs, context: &Context) -> anyhow::Result<u8> {
    let devices = tokio::task::spawn_blocking(devices::list).await??;
    let out = &mut io::stdout();
    if !args.json {
        print(&devices, context.language, out)?;
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
            serde_json::to_string(&Report { devices, check })?
        )?;
    } else if let Some(check) = check {
        writeln!(out)?;
        check::print(&check, context.language, out)?;
    }
    Ok(code)
}

fn print(found: &Devices, language: Language, out: &mut impl Write) -> io::Result<()> {
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
        for (device, label) in devices.iter().zip(devices::labels_of(devices)) {
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
        print(&found(), language, &mut out).unwrap();
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
