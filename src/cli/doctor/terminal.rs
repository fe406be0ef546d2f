//! The check of the terminal and the locale. Nothing is asked of the terminal: its replies would end
//! up on the command line.

use rust_i18n::t;

use super::finding::Finding;
use crate::cli::Environment;
use crate::interview::Language;

/// The smallest screen that the interface fits on, in columns and rows.
const SMALLEST: (u16, u16) = (40, 12);

/// Checks what the environment says about the terminal.
pub fn check(environment: &Environment, language: Language) -> Vec<Finding> {
    // A terminal that was never told its size says 0.
    let size = crossterm::terminal::size()
        .ok()
        .filter(|(columns, rows)| *columns > 0 && *rows > 0);
    let mut findings = vec![terminal(environment, size, language)];
    if cfg!(unix) {
        findings.push(locale(environment, language));
    }
    findings
}

fn terminal(environment: &Environment, size: Option<(u16, u16)>, language: Language) -> Finding {
    let locale = language.code();
    let name = environment.variable("TERM").unwrap_or("-");
    if environment.terminal_is_dumb() {
        let summary = t!("doctor.terminal.dumb", locale = locale, name = name);
        let remedy = t!("doctor.terminal.set_term", locale = locale);
        return Finding::warning("terminal", summary, remedy);
    }
    if !environment.stdout_is_terminal {
        return Finding::ok("terminal", t!("doctor.terminal.none", locale = locale));
    }
    let Some((columns, rows)) = size else {
        return Finding::ok("terminal", name);
    };
    let colour = if environment.variable("NO_COLOR").is_some() {
        t!("doctor.terminal.plain", locale = locale)
    } else {
        t!("doctor.terminal.colour", locale = locale)
    };
    let summary = t!(
        "doctor.terminal.is",
        locale = locale,
        name = name,
        columns = columns,
        rows = rows,
        colour = colour
    );
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        let remedy = t!(
            "doctor.terminal.enlarge",
            locale = locale,
            columns = SMALLEST.0,
            rows = SMALLEST.1
        );
        return Finding::warning("terminal", summary, remedy);
    }
    Finding::ok("terminal", summary)
}

/// Checks that the locale's characters are UTF-8, by the POSIX order of precedence.
fn locale(environment: &Environment, language: Language) -> Finding {
    let code = language.code();
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| environment.variable(name));
    let charset = set.map(|set| set.to_uppercase().replace('-', ""));
    let name = set.unwrap_or("C");
    if charset.is_some_and(|charset| charset.contains("UTF8")) {
        return Finding::ok("locale", name);
    }
    Finding::warning(
        "locale",
        t!("doctor.locale.other", locale = code, name = name),
        t!("doctor.locale.remedy", locale = code),
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::finding::Status;
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment {
            variables: variables.collect(),
            stdout_is_terminal: true,
            ..Environment::default()
        }
    }

    #[rstest]
    #[case::utf8(&[("LANG", "ko_KR.UTF-8")], Status::Ok)]
    #[case::without_a_dash(&[("LANG", "C.utf8")], Status::Ok)]
    #[case::another(&[("LANG", "ko_KR.eucKR")], Status::Warning)]
    #[case::the_strongest_counts(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")], Status::Warning)]
    #[case::none(&[], Status::Warning)]
    fn a_locale_that_is_not_utf8_is_warned_of(
        #[case] variables: &[(&str, &str)],
        #[case] expected: Status,
    ) {
        let found = locale(&environment(variables), Language::English);
        assert_eq!(found.status, expected, "{found:?}");
    }

    #[rstest]
    #[case::usual("xterm-256color", Some((80, 24)), Status::Ok)]
    #[case::too_narrow("xterm-256color", Some((39, 24)), Status::Warning)]
    #[case::too_low("xterm-256color", Some((80, 11)), Status::Warning)]
    #[case::no_cursor("dumb", Some((80, 24)), Status::Warning)]
    #[case::an_unknown_size("xterm-256color", None, Status::Ok)]
    fn a_terminal_that_the_interface_does_not_fit_on_is_warned_of(
        #[case] term: &str,
        #[case] size: Option<(u16, u16)>,
        #[case] expected: Status,
    ) {
        let found = terminal(&environment(&[("TERM", term)]), size, Language::English);
        assert_eq!(found.status, expected, "{found:?}");
    }
}
