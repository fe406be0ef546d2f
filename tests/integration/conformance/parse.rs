//! The parser of the table.

use reqwest::Method;

/// A sequence of requests with users of its own.
#[derive(Debug)]
pub struct Scenario {
    pub title: String,
    pub rows: Vec<Row>,
}

/// A request and the answer it expects.
#[derive(Debug)]
pub struct Row {
    /// The file and line of the request.
    pub place: String,
    pub method: Method,
    pub path: String,
    /// The user whose token the request carries.
    pub user: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub answer: Answer,
    pub orig: Option<Difference>,
}

/// The answer expected of any server.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// A pattern; empty if any body is fine.
    pub body: String,
    pub headers: Vec<(String, String)>,
    pub contains: Vec<String>,
}

/// A known difference of the plain original.
#[derive(Debug)]
pub enum Difference {
    Skip,
    Answers { status: u16, body: String },
}

pub fn scenarios(name: &str, text: &str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = vec![];
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let place = format!("{name}.txt:{}", number + 1);
        if let Some(title) = line.strip_prefix("# ") {
            scenarios.push(Scenario {
                title: title.to_owned(),
                rows: vec![],
            });
            continue;
        }
        let scenario = scenarios
            .last_mut()
            .unwrap_or_else(|| panic!("{place}: no scenario yet"));
        parse_line(&mut scenario.rows, line, place);
    }
    scenarios
}

fn parse_line(rows: &mut Vec<Row>, line: &str, place: String) {
    let (mark, rest) = line
        .split_once(' ')
        .unwrap_or_else(|| panic!("{place}: {line}"));
    match (mark, rows.last_mut()) {
        (">", Some(row)) if header(rest).is_some() => row.headers.extend(header(rest)),
        (">", _) => rows.push(request(rest, place)),
        ("<", Some(row)) => expect(&mut row.answer, rest, &place),
        ("orig", Some(row)) => row.orig = Some(orig(rest, &place)),
        _ => panic!("{place}: {line}"),
    }
}

/// Parses `Name: value`. A request has no colon in its first word.
fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn request(text: &str, place: String) -> Row {
    let mut words = text.splitn(3, ' ');
    let method = words.next().unwrap().parse().unwrap();
    let path = words
        .next()
        .unwrap_or_else(|| panic!("{place}: no path"))
        .to_owned();
    let rest = words.next().unwrap_or_default();
    let (user, body) = match rest.strip_prefix("as ") {
        Some(rest) => {
            let (user, body) = rest.split_once(' ').unwrap_or((rest, ""));
            (Some(user.to_owned()), body)
        }
        None => (None, rest),
    };
    Row {
        place,
        method,
        path,
        user,
        headers: vec![],
        body: body.to_owned(),
        answer: Answer::default(),
        orig: None,
    }
}

fn expect(answer: &mut Answer, text: &str, place: &str) {
    if let Some(held) = text.strip_prefix("contains ") {
        answer.contains.push(held.to_owned());
    } else if text.starts_with(|c: char| c.is_ascii_digit()) {
        (answer.status, answer.body) = status_and_body(text, place);
    } else {
        answer
            .headers
            .push(header(text).unwrap_or_else(|| panic!("{place}: {text}")));
    }
}

fn orig(text: &str, place: &str) -> Difference {
    if text == "skip" {
        return Difference::Skip;
    }
    let (status, body) = status_and_body(text, place);
    Difference::Answers { status, body }
}

fn status_and_body(text: &str, place: &str) -> (u16, String) {
    let (status, body) = text.split_once(' ').unwrap_or((text, ""));
    (
        status.parse().unwrap_or_else(|_| panic!("{place}: {text}")),
        body.trim().to_owned(),
    )
}
