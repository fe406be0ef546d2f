//! The checks of the speech model, the microphone and the loudspeaker. An interview does without
//! them, in text, but a model that is broken or a device that is not there is not what was meant.

use std::path::Path;

use rust_i18n::t;

use super::finding::Finding;
use crate::cli::Context;
use crate::interview::Language;
use crate::models::format::megabytes;
use crate::models::{self, ModelEntry};
use crate::paths::shown;
use crate::voice::devices::{self, Device};
use crate::voice::{VoiceError, model_file};

const MODEL: &str = "speech_model";

/// Checks the speech model by its structure and size; `models verify` reads all of it.
pub fn speech_model(context: &Context) -> Finding {
    let locale = context.language.code();
    let recommended = context.recommended_model().model.name;
    let Some(file) = context.speech_model(context.interview_language) else {
        return Finding::warning(
            MODEL,
            t!("doctor.model.none", locale = locale),
            t!("doctor.model.download", locale = locale, name = recommended),
        );
    };
    let entry = installed(context, &file);
    let name = entry
        .as_ref()
        .map_or_else(|| shown(&file), |entry| entry.name.clone());
    if let Err(reason) = model_file::check(&file, models::published_bytes(&file)) {
        let summary = t!(
            "doctor.model.broken",
            locale = locale,
            name = name,
            reason = reason
        );
        let again = entry
            .filter(|entry| entry.published.is_some())
            .map_or(recommended, |entry| entry.name);
        let remedy = t!("doctor.model.again", locale = locale, name = again);
        return Finding::failed(MODEL, summary, remedy);
    }
    let size = std::fs::metadata(&file).map_or(0, |file| file.len());
    let size = megabytes(size);
    let summary = if name == recommended {
        t!(
            "doctor.model.best",
            locale = locale,
            name = name,
            size = size
        )
    } else {
        t!(
            "doctor.model.other",
            locale = locale,
            name = name,
            size = size,
            recommended = recommended
        )
    };
    Finding::ok(MODEL, summary)
}

fn installed(context: &Context, file: &Path) -> Option<ModelEntry> {
    models::list(&context.paths.models())
        .into_iter()
        .find(|entry| entry.file == file)
}

/// Checks that the microphone and the loudspeaker of the settings are there, or any at all.
pub async fn devices(context: &Context) -> [Finding; 2] {
    let look = || Ok::<_, VoiceError>((devices::list()?, devices::system()?));
    let found = tokio::task::spawn_blocking(look).await;
    let found = found.unwrap_or(Err(VoiceError::NoAnswer));
    match found {
        Ok((found, system)) => [
            device(
                "microphone",
                &context.microphone.get().name,
                &found.microphones,
                system,
                context.language,
            ),
            device(
                "loudspeaker",
                &context.loudspeaker.get().name,
                &found.speakers,
                system,
                context.language,
            ),
        ],
        Err(error) => ["microphone", "loudspeaker"].map(|check| {
            let remedy = t!("doctor.device.restart", locale = context.language.code());
            Finding::warning(check, error.message(context.language), remedy)
        }),
    }
}

/// Returns the finding about a device that the settings call `wanted`, or about the default one.
fn device(
    check: &'static str,
    wanted: &str,
    found: &[Device],
    system: &str,
    language: Language,
) -> Finding {
    let locale = language.code();
    let position = match wanted {
        "" => found.iter().position(|device| device.default),
        wanted => devices::position_of(wanted, found),
    };
    let Some(first) = position.or(if found.is_empty() { None } else { Some(0) }) else {
        return Finding::warning(
            check,
            t!("doctor.device.none", locale = locale, system = system),
            t!("doctor.device.connect", locale = locale),
        );
    };
    let name = &devices::labels(found)[first];
    if position.is_none() && !wanted.is_empty() {
        let summary = t!(
            "doctor.device.missing",
            locale = locale,
            wanted = wanted,
            name = name
        );
        let remedy = t!("doctor.device.choose", locale = locale);
        return Finding::warning(check, summary, remedy);
    }
    Finding::ok(
        check,
        t!(
            "doctor.device.is",
            locale = locale,
            name = name,
            system = system
        ),
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::finding::Status;
    use super::*;

    #[rstest]
    #[case::the_default_one("", &["Desk", "Headset"], Status::Ok, "Headset")]
    #[case::the_chosen_one("Desk", &["Desk", "Headset"], Status::Ok, "Desk")]
    #[case::one_that_is_gone("Studio", &["Desk", "Headset"], Status::Warning, "Studio")]
    #[case::none_at_all("", &[], Status::Warning, "ALSA")]
    fn a_device_is_found_by_the_settings(
        #[case] wanted: &str,
        #[case] names: &[&str],
        #[case] status: Status,
        #[case] named: &str,
    ) {
        let device_of = |name: &&str| Device {
            name: (*name).to_owned(),
            default: *name == "Headset",
            channels: 1,
            rates: vec![],
            id: (*name).to_owned(),
        };
        let found: Vec<Device> = names.iter().map(device_of).collect();
        let finding = device("microphone", wanted, &found, "ALSA", Language::English);
        assert_eq!(finding.status, status);
        assert!(finding.summary.contains(named), "{finding:?}");
    }
}
