//! The table against a server.

use std::collections::BTreeMap;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use super::expected;
use super::parse::{Answer, Orig, Row, Scenario};
use crate::api_server::{PASSWORD, answer};

/// A server, and whether it is the plain original.
pub struct Target {
    http: Client,
    base: String,
    original: bool,
}

/// What a scenario has brought about so far.
#[derive(Default)]
struct Story {
    /// What `$` names stand for.
    words: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
}

impl Target {
    pub async fn reach(http: Client, base: String) -> Self {
        let original = answer(http.get(format!("{base}/api/"))).await.status == 404;
        Self {
            http,
            base,
            original,
        }
    }

    /// `Err`: which row does not hold, and why.
    pub async fn holds(&self, scenario: &Scenario) -> Result<(), String> {
        let mut story = Story::default();
        story.words.insert("password".into(), PASSWORD.into());
        for row in &scenario.rows {
            if self.original && matches!(row.orig, Some(Orig::Skip)) {
                continue;
            }
            self.row(&mut story, row)
                .await
                .map_err(|why| format!("  {}: {why}", row.place))?;
        }
        Ok(())
    }

    async fn row(&self, story: &mut Story, row: &Row) -> Result<(), String> {
        if let Some(who) = &row.who {
            self.sign_in(story, who).await?;
        }
        story
            .words
            .entry("key".into())
            .or_insert_with(|| Uuid::new_v4().to_string());
        let url = format!("{}{}", self.base, story.filled(&row.path));
        let mut request = self.http.request(row.method.clone(), url);
        let token = row.who.as_ref().map(|who| {
            (
                "Authorization".to_owned(),
                format!("Token {}", story.tokens[who]),
            )
        });
        let typed = (!row.body.is_empty())
            .then(|| ("Content-Type".to_owned(), "application/json".to_owned()));
        let mut headers: BTreeMap<String, String> = token.into_iter().chain(typed).collect();
        headers.extend(
            row.headers
                .iter()
                .map(|(name, value)| (name.clone(), story.filled(value))),
        );
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        let found = answer(request.body(story.filled(&row.body))).await;
        match &row.orig {
            Some(Orig::Answers { status, body }) if self.original => {
                let instead = Answer {
                    status: *status,
                    body: body.clone(),
                    ..Answer::default()
                };
                check(&instead, &found, story)
            }
            _ => check(&row.answer, &found, story),
        }
    }

    /// Registers a user of this scenario when they are first named.
    async fn sign_in(&self, story: &mut Story, who: &str) -> Result<(), String> {
        if story.tokens.contains_key(who) {
            return Ok(());
        }
        let name = story.filled(&format!("${who}"));
        let email = format!("{name}@example.com");
        let new =
            json!({"username": name, "email": email, "password": PASSWORD, "password2": PASSWORD});
        // Whoever registered in the scenario itself is there already.
        self.post("/api/user/register/", &new).await;
        let reply = self
            .post(
                "/api/user/login/",
                &json!({"username": name, "password": PASSWORD}),
            )
            .await;
        let token = reply["Token"]
            .as_str()
            .ok_or_else(|| format!("{who} cannot sign in: {reply}"))?;
        story.tokens.insert(who.to_owned(), token.to_owned());
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self
            .http
            .request(Method::POST, format!("{}{path}", self.base))
            .json(body);
        serde_json::from_slice(&answer(request).await.bytes).unwrap_or_default()
    }
}

impl Story {
    /// The text with every `$word` replaced: what is not known yet is a name made up now, a number that many letters.
    fn filled(&mut self, text: &str) -> String {
        let mut pieces = text.split('$');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(piece.len());
            let (word, rest) = piece.split_at(end);
            filled += &self.word(word);
            filled += rest;
        }
        filled
    }

    fn word(&mut self, word: &str) -> String {
        if let Ok(length) = word.parse() {
            return "x".repeat(length);
        }
        let made_up = || format!("{word}-{}", Uuid::new_v4().simple());
        self.words
            .entry(word.to_owned())
            .or_insert_with(made_up)
            .clone()
    }
}

fn check(
    wanted: &Answer,
    found: &crate::api_server::Answer,
    story: &mut Story,
) -> Result<(), String> {
    let body = String::from_utf8_lossy(&found.bytes)
        .chars()
        .take(500)
        .collect::<String>();
    let wrong = |why: String| Err(format!("{why}\n    {} {body}", found.status));
    if found.status.as_u16() != wanted.status {
        return wrong(format!("{} expected", wanted.status));
    }
    if !wanted.body.is_empty() {
        let pattern = story.filled(&wanted.body);
        if let Err(why) = expected::matches(&pattern, &found.bytes, &mut story.words) {
            return wrong(why);
        }
    }
    for (name, value) in &wanted.headers {
        let (there, value) = (found.header(name), story.filled(value));
        let holds = match (value.as_str(), there) {
            ("<none>", there) => there.is_none(),
            ("<text>", there) => there.is_some(),
            (value, there) => there == Some(value),
        };
        if !holds {
            return wrong(format!("{name} is {there:?} and not {value}"));
        }
    }
    match wanted
        .contains
        .iter()
        .find(|text| !String::from_utf8_lossy(&found.bytes).contains(text.as_str()))
    {
        Some(missing) => wrong(format!("{missing} is not in it")),
        None => Ok(()),
    }
}
