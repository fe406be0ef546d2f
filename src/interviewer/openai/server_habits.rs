//! What a model and its server turned out to do differently from others. It is remembered while the
//! program runs, so that only the first request is sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::upstream::unsupported::Unsupported;

/// The habits of one model at one endpoint. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct ServerHabits(Arc<Habits>);

#[derive(Debug, Default)]
struct Habits {
    refuses_system_role: AtomicBool,
    refuses_streaming: AtomicBool,
    thinks_aloud: AtomicBool,
}

impl ServerHabits {
    /// Remembers that the server refuses `what`.
    pub(super) fn learn(&self, what: Unsupported) {
        self.flag(what).store(true, Ordering::Relaxed);
    }

    /// Returns what the server is known to refuse.
    pub(super) fn refused(&self) -> Vec<Unsupported> {
        let parts = [Unsupported::SystemRole, Unsupported::Streaming];
        let is_refused = |what: &Unsupported| self.flag(*what).load(Ordering::Relaxed);
        parts.into_iter().filter(is_refused).collect()
    }

    /// Returns whether a reply of this model closed its thinking without opening it.
    pub(super) fn thinks_aloud(&self) -> bool {
        self.0.thinks_aloud.load(Ordering::Relaxed)
    }

    pub(super) fn learn_thinking_aloud(&self) {
        self.0.thinks_aloud.store(true, Ordering::Relaxed);
    }

    fn flag(&self, what: Unsupported) -> &AtomicBool {
        match what {
            Unsupported::SystemRole => &self.0.refuses_system_role,
            Unsupported::Streaming => &self.0.refuses_streaming,
        }
    }
}

/// Returns `request` without what the server refuses.
pub(super) fn without(request: &Bytes, refused: &[Unsupported]) -> Bytes {
    if refused.is_empty() {
        return request.clone();
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(request) else {
        return request.clone();
    };
    for what in refused {
        match what {
            Unsupported::SystemRole => merge_system_messages(&mut body),
            Unsupported::Streaming => body["stream"] = json!(false),
        }
    }
    Bytes::from(body.to_string())
}

/// Puts the text of the system messages before the first message of the candidate.
fn merge_system_messages(body: &mut Value) {
    let Some(messages) = body["messages"].as_array_mut() else {
        return;
    };
    let is_system = |message: &Value| message["role"] == "system";
    let text = |message: &Value| message["content"].as_str().unwrap_or_default().to_owned();
    let system: Vec<String> = messages.iter().filter(|m| is_system(m)).map(text).collect();
    messages.retain(|message| !is_system(message));
    let first = messages
        .iter_mut()
        .find(|message| message["role"] == "user");
    match first {
        Some(first) => {
            let merged = [system, vec![text(first)]].concat().join("\n\n");
            first["content"] = json!(merged);
        }
        None => messages.insert(0, json!({"role": "user", "content": system.join("\n\n")})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_left_out_from_then_on() {
        let request = json!({"model": "m", "stream": true, "messages": [
            {"role": "system", "content": "Interview."}, {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Why?"}, {"role": "user", "content": "So."}]});
        let request = Bytes::from(request.to_string());
        let habits = ServerHabits::default();
        assert_eq!(without(&request, &habits.refused()), request);
        habits.clone().learn(Unsupported::SystemRole);
        habits.learn(Unsupported::Streaming);
        let expected = json!({"model": "m", "stream": false, "messages": [
            {"role": "user", "content": "Interview.\n\nHello"},
            {"role": "assistant", "content": "Why?"}, {"role": "user", "content": "So."}]});
        let adapted: Value = serde_json::from_slice(&without(&request, &habits.refused())).unwrap();
        assert_eq!(adapted, expected);
    }
}
