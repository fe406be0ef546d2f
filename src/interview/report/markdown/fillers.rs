//! Renders the fillers of an answer as one line and marks the uncertain ones.

use rust_i18n::t;

use super::clock;
use crate::interview::delivery::{Confidence, Filler};

/// Returns the line, or `None` without fillers. Fillers of one kind stand together, in the order in
/// which each kind first occurred.
pub fn line(fillers: &[Filler], locale: &str) -> Option<String> {
    let mut kinds: Vec<Vec<&Filler>> = Vec::new();
    for filler in fillers {
        match kinds.iter_mut().find(|kind| is_alike(kind[0], filler)) {
            Some(kind) => kind.push(filler),
            None => kinds.push(vec![filler]),
        }
    }
    let describe: Vec<String> = kinds.iter().map(|kind| describe(kind, locale)).collect();
    let line = || {
        t!(
            "interview.report.fillers",
            locale = locale,
            fillers = describe.join("; ")
        )
        .into_owned()
    };
    (!describe.is_empty()).then(line)
}

fn is_alike(one: &Filler, other: &Filler) -> bool {
    (&one.text, one.confidence) == (&other.text, other.confidence)
}

fn describe(kind: &[&Filler], locale: &str) -> String {
    let times = kind
        .iter()
        .map(|filler| clock(filler.start))
        .collect::<Vec<_>>()
        .join(", ");
    let Some(text) = &kind[0].text else {
        return t!(
            "interview.report.filler_without_words",
            locale = locale,
            times = times
        )
        .into_owned();
    };
    let key = match kind[0].confidence {
        Confidence::Certain => "interview.report.filler_certain",
        Confidence::Likely => "interview.report.filler_likely",
        Confidence::Possible => "interview.report.filler_possible",
    };
    t!(key, locale = locale, text = text, times = times).into_owned()
}
