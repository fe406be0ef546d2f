//! The list of a server's models: `GET {base_url}/models`, in the forms that servers give it.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::time::timeout;

use super::model_endpoint::ModelEndpoint;
use super::{Flaw, UpstreamError};

/// The time that a list is waited for.
pub const LIST_TIMEOUT: Duration = Duration::from_secs(8);

/// The fields in which servers announce the end of a model.
const END_FIELDS: [&str; 4] = [
    "shutdown_date",
    "deprecation_date",
    "deprecation",
    "expiration_date",
];

/// A model that a server lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// The name by which it is asked for.
    pub id: String,
    /// The announced last day.
    pub shutdown: Option<Date>,
    /// Whether the server says that it cannot hold a conversation.
    pub no_chat: bool,
}

impl ListedModel {
    /// Creates a model of which only the name is known.
    pub fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            shutdown: None,
            no_chat: false,
        }
    }
}

/// Returns the models of the server, within `wait`.
pub async fn fetch(
    endpoint: &ModelEndpoint,
    wait: Duration,
) -> Result<Vec<ListedModel>, UpstreamError> {
    let body: Bytes = timeout(wait, endpoint.get(&["models"]))
        .await
        .map_err(|_| UpstreamError::TimedOut)??;
    parse(&body).ok_or(UpstreamError::Unusable(Flaw::NoList))
}

/// Parses a list: an array, or an object with the array in `data` or `models`.
pub fn parse(body: &[u8]) -> Option<Vec<ListedModel>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let entries = value
        .as_array()
        .or_else(|| value.get("data")?.as_array())
        .or_else(|| value.get("models")?.as_array())?;
    Some(entries.iter().filter_map(model).collect())
}

fn model(entry: &Value) -> Option<ListedModel> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let id = text("id").or(text("name")).or(text("model"))?;
    Some(ListedModel {
        // Gemini's list names its models like files.
        id: id.strip_prefix("models/").unwrap_or(id).to_owned(),
        shutdown: END_FIELDS.iter().find_map(|field| day(entry.get(field)?)),
        no_chat: is_no_chat(entry),
    })
}

/// Returns whether an entry says that its model does not chat, in one of the providers' ways.
fn is_no_chat(entry: &Value) -> bool {
    let at = |pointer: &str| entry.pointer(pointer);
    let other_kind = entry
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| {
            [
                "embedding",
                "embeddings",
                "image",
                "audio",
                "rerank",
                "moderation",
                "transcribe",
            ]
            .contains(&kind)
        });
    let inactive = entry.get("active") == Some(&Value::Bool(false));
    let completes = at("/capabilities/completion_chat") == Some(&Value::Bool(false));
    let writes = at("/architecture/output_modalities")
        .and_then(Value::as_array)
        .is_some_and(|kinds| !kinds.contains(&Value::from("text")));
    other_kind || inactive || completes || writes
}

/// Reads a day: `2027-01-14`, a time of that day, or seconds since 1970.
fn day(value: &Value) -> Option<Date> {
    if let Some(seconds) = value.as_i64() {
        let time = Timestamp::from_second(seconds).ok()?;
        return Some(time.to_zoned(TimeZone::UTC).date());
    }
    value.as_str()?.trim().get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::openai(r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#)]
    #[case::array(r#"[{"id":"a"},{"id":"b"}]"#)]
    #[case::native(r#"{"models":[{"name":"a"},{"model":"b"}]}"#)]
    #[case::files(r#"{"data":[{"id":"models/a"},{"id":"models/b"}]}"#)]
    #[case::strange(r#"{"data":[{"id":"a"},{"id":7},null,"c",{"id":"b","shutdown_date":"soon"}]}"#)]
    fn the_forms_of_a_list_are_read(#[case] body: &str) {
        let expected = vec![ListedModel::named("a"), ListedModel::named("b")];
        assert_eq!(parse(body.as_bytes()), Some(expected));
    }

    #[rstest]
    #[case("")]
    #[case("<html>web ui</html>")]
    #[case(r#"{"error":"no"}"#)]
    fn what_is_no_list_is_none(#[case] body: &str) {
        assert_eq!(parse(body.as_bytes()), None);
    }

    #[rstest]
    #[case(r#"{"id":"a","shutdown_date":"2027-01-14"}"#)]
    #[case(r#"{"id":"a","shutdown_date":"2027-01-14T00:00:00Z"}"#)]
    #[case(r#"{"id":"a","shutdown_date":1799884800}"#)]
    #[case(r#"{"id":"a","shutdown_date":null,"deprecation":"2027-01-14T12:00:00Z"}"#)]
    fn the_end_of_a_model_is_read(#[case] entry: &str) {
        let list = parse(format!("[{entry}]").as_bytes()).unwrap();
        assert_eq!(list[0].shutdown, Some(date(2027, 1, 14)));
    }

    #[rstest]
    #[case(r#"{"id":"a","type":"embedding"}"#, true)]
    #[case(r#"{"id":"a","type":"chat"}"#, false)]
    #[case(r#"{"id":"a","type":"model"}"#, false)]
    #[case(r#"{"id":"a","active":false}"#, true)]
    #[case(r#"{"id":"a","capabilities":{"completion_chat":false}}"#, true)]
    #[case(r#"{"id":"a","architecture":{"output_modalities":["image"]}}"#, true)]
    #[case(r#"{"id":"a","architecture":{"output_modalities":["text"]}}"#, false)]
    fn a_server_says_which_models_do_not_chat(#[case] entry: &str, #[case] expected: bool) {
        let list = parse(format!("[{entry}]").as_bytes()).unwrap();
        assert_eq!(list[0].no_chat, expected);
    }
}
