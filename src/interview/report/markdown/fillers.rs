//! The fillers of an answer as one line, those that are not certain marked as such.

use rust_i18n::t;

use super::clock;
use crate::interview::delivery::{Confidence, Filler};

/// `None` without fillers. Fillers of one kind stand together, in the order in which the kinds were first heard.
pub fn line(fillers: &[Filler], locale: &str) -> Option<String> {
    let mut kinds: Vec<Vec<&Filler>> = Vec::new();
    for filler in fillers {
        match kinds.iter_mut().find(|kind| is_alike(kind[0], filler)) {
            Some(kind) => kind.push(filler),
            None => kinds.push(vec![filler]),
        }
    }
    let worded: Vec<String> = kinds.iter().map(|kind| worded(kind, locale)).collect();
    let line = || {
        t!(
            "interview.report.fillers",
            locale = locale,
            fillers = worded.join("; ")
        )
        .into_owned()
    };
    (!worded.is_empty()).then(line)
}

fn is_alike(one: &Filler, other: &Filler) -> bool {
    (&one.text, one.confidence) == (&other.text, other.confidence)
}

fn worded(kind: &[&Filler], locale: &str) -> String {
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
