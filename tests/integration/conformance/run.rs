//! The execution of the table against a server.

use std::collections::BTreeMap;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use super::expected;
use super::parse::{Answer, Difference, Row, Scenario};
use crate::api_server::{PASSWORD, answer};

/// The server under test.
pub struct Target {
    http: Client,
    base: String,
    original: bool,
}

/// The state of a running scenario.
#[derive(Default)]
struct ScenarioState {
    /// The values of the `$` variables.
    variables: BTreeMap<String, String>,
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

    /// Runs a scenario. The error names the first row that fails and the reason.
    pub async fn run(&self, scenario: &Scenario) -> Result<(), String> {
        let mut story = ScenarioState::default();
        story.variables.insert("password".into(), PASSWORD.into());
        for row in &scenario.rows {
            if self.original && matches!(row.orig, Some(Difference::Skip)) {
                continue;
            }
            self.row(&mut story, row)
                .await
                .map_err(|why| format!("  {}: {why}", row.place))?;
        }
        Ok(())
    }

    async fn row(&self, story: &mut ScenarioState, row: &Row) -> Result<(), String> {
        if let Some(user) = &row.user {
            self.sign_in(story, user).await?;
        }
        story
            .variables
            .entry("key".into())
            .or_insert_with(|| Uuid::new_v4().to_string());
        let url = format!("{}{}", self.base, story.expand(&row.path));
        let mut request = self.http.request(row.method.clone(), url);
        let token = row.user.as_ref().map(|user| {
            (
                "Authorization".to_owned(),
                format!("Token {}", story.tokens[user]),
            )
        });
        let typed = (!row.body.is_empty())
            .then(|| ("Content-Type".to_owned(), "application/json".to_owned()));
        let mut headers: BTreeMap<String, String> = token.into_iter().chain(typed).collect();
        headers.extend(
            row.headers
                .iter()
                .map(|(name, value)| (name.clone(), story.expand(value))),
        );
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        let found = answer(request.body(story.expand(&row.body))).await;
        match &row.orig {
            Some(Difference::Answers { status, body }) if self.original => {
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

    /// Registers a user of this scenario and logs in, when the user is first named.
    async fn sign_in(&self, story: &mut ScenarioState, user: &str) -> Result<(), String> {
        if story.tokens.contains_key(user) {
            return Ok(());
        }
        let name = story.expand(&format!("${user}"));
        let email = format!("{name}@example.com");
        let new =
            json!({"username": name, "email": email, "password": PASSWORD, "password2": PASSWORD});
        // This fails for a user whom the scenario itself has registered.
        self.post("/api/user/register/", &new).await;
        let reply = self
            .post(
                "/api/user/login/",
                &json!({"username": name, "password": PASSWORD}),
            )
            .await;
        let token = reply["Token"]
            .as_str()
            .ok_or_else(|| format!("{user} cannot sign in: {reply}"))?;
        story.tokens.insert(user.to_owned(), token.to_owned());
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

impl ScenarioState {
    /// Replaces every `$word` in a text. An unknown word becomes a new name, and a number that many
    /// letters.
    fn expand(&mut self, text: &str) -> String {
        let mut pieces = text.split('$');
        let mut expanded = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(piece.len());
            let (word, rest) = piece.split_at(end);
            expanded += &self.word(word);
            expanded += rest;
        }
        expanded
    }

    fn word(&mut self, word: &str) -> String {
        if let Ok(length) = word.parse() {
            return "x".repeat(length);
        }
        let new_name = || format!("{word}-{}", Uuid::new_v4().simple());
        self.variables
            .entry(word.to_owned())
            .or_insert_with(new_name)
            .clone()
    }
}

fn check(
    wanted: &Answer,
    found: &crate::api_server::Answer,
    story: &mut ScenarioState,
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
        let pattern = story.expand(&wanted.body);
        if let Err(why) = expected::matches(&pattern, &found.bytes, &mut story.variables) {
            return wrong(why);
        }
    }
    for (name, value) in &wanted.headers {
        let there = found.header(name);
        let value = story.expand(value);
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
