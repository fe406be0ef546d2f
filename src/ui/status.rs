//! The state in words, with the level meter and the time while the candidate is being listened to.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::inset;
use super::theme::{Theme, Tone};
use super::words;
use crate::app::interview::{Asking, By, End, Focus, Interview, Mouth, Talk, Then};
use crate::app::wrap;
use crate::app::{App, Transcriber};

/// Cells of the level meter.
const METER: usize = 8;

/// Draws the state, then what can be done about it, as much as fits.
pub(super) fn draw(
    app: &App,
    interview: &Interview,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let area = inset(area, 1);
    let (tone, state, hints) = state(app, interview);
    let meter = meter(interview);
    let mut room =
        usize::from(area.width).saturating_sub(wrap::columns(&state) + wrap::columns(&meter));
    let mut spans = vec![Span::styled(
        wrap::shorten(&state, usize::from(area.width)),
        theme.style(tone),
    )];
    for hint in hints {
        let words = format!(" · {}", t!(hint, locale = app.language.code()));
        if wrap::columns(&words) > room {
            break;
        }
        room -= wrap::columns(&words);
        spans.push(Span::styled(words, theme.style(Tone::Faint)));
    }
    spans.push(Span::styled(meter, theme.style(Tone::Listening)));
    frame.render_widget(Line::from(spans), area);
}

/// What goes on, most pressing first.
fn state(app: &App, interview: &Interview) -> (Tone, String, Vec<&'static str>) {
    let locale = app.language.code();
    let say = |key: &str| t!(key, locale = locale).into_owned();
    if let Talk::Listening { since, by, .. } = interview.hearing.talk {
        let time = words::time(app.now.saturating_sub(since));
        let stop = stop(app, by);
        return (
            Tone::Listening,
            t!("ui.status.listening", locale = locale, time = time).into_owned(),
            vec![stop, "ui.status.esc_cancels"],
        );
    }
    if app.is_hearing() {
        let key = match app.voice.transcriber {
            Transcriber::Ready => "ui.status.transcribing",
            Transcriber::Loading => "ui.status.loading",
        };
        let hints = match interview.hearing.then {
            Then::Send => vec!["ui.status.then_send", "ui.status.esc_waits"],
            Then::Finish => vec!["ui.status.then_finish", "ui.status.esc_goes_on"],
            Then::Edit => vec!["ui.status.esc_cancels"],
        };
        return (Tone::Text, say(key), hints);
    }
    if matches!(interview.mouth, Mouth::Speaking { .. }) {
        return (
            Tone::Interviewer,
            say("ui.status.speaking"),
            vec!["ui.status.esc_silences", "ui.status.f5_skips"],
        );
    }
    match &interview.asking {
        Asking::Waiting { since, .. } => {
            let time = words::time(app.now.saturating_sub(*since));
            let words = t!("ui.status.thinking", locale = locale, time = time).into_owned();
            (Tone::Interviewer, words, vec!["ui.status.esc_cancels"])
        }
        Asking::Streaming { .. } => (
            Tone::Interviewer,
            say("ui.status.answering"),
            vec!["ui.status.esc_cancels"],
        ),
        Asking::Idle => idle(app, interview, say),
    }
}

fn idle(
    app: &App,
    interview: &Interview,
    say: impl Fn(&str) -> String,
) -> (Tone, String, Vec<&'static str>) {
    let (key, hints) = match (&interview.end, interview.focus) {
        (End::Writing(_), _) => ("ui.status.writing_report", vec!["ui.status.enter_lobby"]),
        (End::Over(_), _) => ("ui.status.over", vec!["ui.status.enter_lobby"]),
        (End::Open, Focus::Transcript) => ("ui.status.transcript", vec![]),
        (End::Open, Focus::Draft) if !app.composing.draft.is_empty() => {
            let talk = app.voice.can_talk().is_ok().then_some("ui.status.f2_adds");
            ("ui.status.enter_sends", talk.into_iter().collect())
        }
        (End::Open, Focus::Draft) if app.voice.can_talk().is_err() => {
            ("ui.status.type_only", vec![])
        }
        (End::Open, Focus::Draft) if app.voice.is_held() => ("ui.status.hold_space", vec![]),
        (End::Open, Focus::Draft) => ("ui.status.tap_space", vec![]),
    };
    (Tone::Text, say(key), hints)
}

fn stop(app: &App, by: By) -> &'static str {
    match by {
        By::Hold => "ui.status.release_stops",
        By::Tap if app.voice.is_held() => "ui.status.f2_stops",
        By::Tap => "ui.status.space_stops",
    }
}

/// A bar as loud as the microphone; empty when nobody listens.
fn meter(interview: &Interview) -> String {
    let Talk::Listening { level, .. } = interview.hearing.talk else {
        return String::new();
    };
    format!("  {}", bar(level, METER))
}

/// `level` (0…1) as a bar of so many cells.
pub(super) fn bar(level: f32, cells: usize) -> String {
    let eighths = (level * (cells * 8) as f32).round() as usize;
    (0..cells)
        .map(|cell| cell_of(eighths.saturating_sub(cell * 8)))
        .collect()
}

/// One cell of the meter, filled by eighths.
fn cell_of(eighths: usize) -> char {
    ['·', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'][eighths.min(8)]
}
