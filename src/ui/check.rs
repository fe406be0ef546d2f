//! The microphone is tried out, over the middle of the screen.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::theme::{Theme, Tone};
use super::{dialog, status};
use crate::app::check::{Check, Outcome, Stage, Verdict, Words};
use crate::app::{App, wrap};

/// Cells of the level meter, where there is room.
const METER: usize = 16;

/// Draws how far the check is, or what came of it.
pub(super) fn draw(app: &App, check: &Check, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let width = dialog::width(area);
    let room = dialog::room(width);
    let mut lines = match &check.stage {
        Stage::Opening => dialog::folded(
            &t!("ui.check.opening", locale = locale),
            room,
            theme,
            Tone::Faint,
        ),
        Stage::Hearing {
            microphone,
            since,
            level,
        } => {
            vec![
                named(microphone, room, theme),
                hearing(app, *since, *level, room, theme),
            ]
        }
        Stage::Heard(outcome) => heard(app, outcome, room, usize::from(area.height), theme),
        Stage::Failed(reason) => dialog::folded(
            &t!("ui.check.failed", locale = locale, reason = reason),
            room,
            theme,
            Tone::Bad,
        ),
    };
    if usize::from(area.height) > lines.len() + 3 {
        lines.push(Line::default());
    }
    let over = matches!(check.stage, Stage::Heard(_) | Stage::Failed(_));
    let keys: &[&str] = if over {
        &["close", "retry", "devices"]
    } else {
        &["close"]
    };
    lines.push(dialog::hints(app, keys, room, theme));
    dialog::show(
        &t!("ui.check.title", locale = locale),
        lines,
        width,
        frame,
        area,
        theme,
    );
}

fn named(microphone: &str, room: usize, theme: Theme) -> Line<'static> {
    Line::styled(wrap::shorten(microphone, room), theme.style(Tone::Faint))
}

/// `Say a sentence: ████▌··· 0:02`
fn hearing(app: &App, since: u64, level: f32, room: usize, theme: Theme) -> Line<'static> {
    let say = format!("{} ", t!("ui.check.say", locale = app.language.code()));
    let time = format!(" {}", super::words::time(app.now.saturating_sub(since)));
    let cells = room
        .saturating_sub(wrap::columns(&say) + wrap::columns(&time))
        .min(METER);
    let bar = Span::styled(status::bar(level, cells), theme.style(Tone::Listening));
    Line::from(vec![Span::raw(say), bar, Span::raw(time)])
}

/// What matters most comes first: small screens show no more.
fn heard(
    app: &App,
    outcome: &Outcome,
    room: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let (locale, measured) = (app.language.code(), &outcome.measured);
    let tone = if measured.verdict == Verdict::Good {
        Tone::Good
    } else {
        Tone::Bad
    };
    let mut verdict = t!(measured.verdict.key(), locale = locale).into_owned();
    if !measured.verdict.is_usable() {
        verdict = format!("{verdict} {}", t!("ui.check.other", locale = locale));
    }
    let mut lines = dialog::folded(&verdict, room, theme, tone);
    lines.extend(words(app, outcome, room, theme));
    let clipped = format!("{:.1}", measured.clipped * 100.0);
    let level = t!(
        "voice.check.level",
        locale = locale,
        level = rounded(measured.level),
        peak = rounded(measured.peak),
        noise = rounded(measured.noise),
        clipped = clipped
    );
    lines.extend(dialog::folded(&level, room, theme, Tone::Text));
    let unplayed = outcome
        .unplayed
        .as_ref()
        .map(|reason| t!("ui.check.unplayed", locale = locale, reason = reason));
    let played = unplayed.or_else(|| {
        outcome
            .playing
            .then(|| t!("ui.check.playing", locale = locale))
    });
    lines.extend(
        played
            .iter()
            .flat_map(|played| dialog::folded(played, room, theme, Tone::Faint)),
    );
    if height > lines.len() + 4 {
        lines.insert(0, named(&outcome.microphone, room, theme));
    }
    lines.truncate(height.saturating_sub(3));
    lines
}

fn words(app: &App, outcome: &Outcome, room: usize, theme: Theme) -> Vec<Line<'static>> {
    let locale = app.language.code();
    let usable = outcome.measured.verdict.is_usable();
    let (tone, words) = match &outcome.words {
        _ if !usable => return Vec::new(),
        Words::NoModel => (Tone::Faint, t!("voice.check.no_model", locale = locale)),
        Words::Awaited => (Tone::Faint, t!("ui.check.awaited", locale = locale)),
        Words::Text(text) if text.is_empty() => {
            (Tone::Faint, t!("voice.check.no_words", locale = locale))
        }
        Words::Text(text) => (
            Tone::Candidate,
            t!("voice.check.words", locale = locale, words = text),
        ),
        Words::Failed(reason) => (
            Tone::Bad,
            t!("ui.check.words_failed", locale = locale, reason = reason),
        ),
    };
    dialog::folded(&words, room, theme, tone)
}

/// Whole decibels.
fn rounded(decibels: f32) -> String {
    format!("{decibels:.0}").replace('-', "−")
}
