//! The text of the table.

use reqwest::Method;

/// A story with users of its own.
#[derive(Debug)]
pub struct Scenario {
    pub title: String,
    pub rows: Vec<Row>,
}

/// A request and its answer.
#[derive(Debug)]
pub struct Row {
    /// Where it stands.
    pub place: String,
    pub method: Method,
    pub path: String,
    /// Who is signed in.
    pub who: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub answer: Answer,
    pub orig: Option<Orig>,
}

/// What is expected of any server.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Empty: whatever it is.
    pub body: String,
    pub headers: Vec<(String, String)>,
    pub contains: Vec<String>,
}

/// What the plain original does instead.
#[derive(Debug)]
pub enum Orig {
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
        take_line(&mut scenario.rows, line, place);
    }
    scenarios
}

fn take_line(rows: &mut Vec<Row>, line: &str, place: String) {
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

/// `Name: value`; a method has no colon.
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
    let (who, body) = match rest.strip_prefix("as ") {
        Some(rest) => {
            let (who, body) = rest.split_once(' ').unwrap_or((rest, ""));
            (Some(who.to_owned()), body)
        }
        None => (None, rest),
    };
    Row {
        place,
        method,
        path,
        who,
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

fn orig(text: &str, place: &str) -> Orig {
    if text == "skip" {
        return Orig::Skip;
    }
    let (status, body) = status_and_body(text, place);
    Orig::Answers { status, body }
}

fn status_and_body(text: &str, place: &str) -> (u16, String) {
    let (status, body) = text.split_once(' ').unwrap_or((text, ""));
    (
        status.parse().unwrap_or_else(|_| panic!("{place}: {text}")),
        body.trim().to_owned(),
    )
}
