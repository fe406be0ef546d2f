//! The comparison of a body with the one that the table shows.

use std::collections::BTreeMap;

use serde_json::Value;

/// Compares a body with a pattern and captures the texts that the pattern names. The pattern is
/// JSON, except that `...` allows more keys.
pub fn matches(
    pattern: &str,
    body: &[u8],
    captured: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let found: Value =
        serde_json::from_slice(body).map_err(|_| "the body is not JSON".to_owned())?;
    let pattern = pattern.replace("...", r#""...": "...""#);
    let pattern: Value =
        serde_json::from_str(&pattern).map_err(|error| format!("bad pattern: {error}"))?;
    compare("", &pattern, &found, captured)
}

fn compare(
    at: &str,
    pattern: &Value,
    found: &Value,
    captured: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let fits = match (pattern, found) {
        (Value::Object(wanted), Value::Object(there)) => {
            if let Some(more) = there.keys().find(|key| !wanted.contains_key(*key))
                && !wanted.contains_key("...")
            {
                return Err(format!("{at}.{more} is too much"));
            }
            for (key, pattern) in wanted.iter().filter(|(key, _)| *key != "...") {
                let found = there
                    .get(key)
                    .ok_or_else(|| format!("{at}.{key} is missing"))?;
                compare(&format!("{at}.{key}"), pattern, found, captured)?;
            }
            true
        }
        (Value::Array(wanted), Value::Array(there)) => {
            for (i, (pattern, found)) in wanted.iter().zip(there).enumerate() {
                compare(&format!("{at}[{i}]"), pattern, found, captured)?;
            }
            wanted.len() == there.len()
        }
        (Value::String(pattern), found) if pattern.starts_with('<') => {
            fits(pattern, found, captured)
        }
        (Value::String(start), Value::String(text)) if start.ends_with('…') => {
            text.starts_with(start.trim_end_matches('…'))
        }
        (pattern, found) => pattern == found,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{at} is {found} and not {pattern}"))
    }
}

fn fits(pattern: &str, found: &Value, captured: &mut BTreeMap<String, String>) -> bool {
    let is_text = found.as_str().is_some_and(|text| !text.trim().is_empty());
    match pattern {
        "<any>" => true,
        "<text>" => is_text,
        "<number>" => found.is_u64(),
        "<url?>" => found.is_null() || found.as_str().is_some_and(|url| url.starts_with("http")),
        _ => match (
            pattern.trim_matches(['<', '>']).split_once(' '),
            found.as_str(),
        ) {
            (Some(("text", name)), Some(text)) if is_text => {
                captured.insert(name.to_owned(), text.to_owned());
                true
            }
            _ => false,
        },
    }
}

#[test]
fn a_body_fits_its_pattern_or_the_difference_is_named() {
    let check = |pattern: &str, body: &str| matches(pattern, body.as_bytes(), &mut BTreeMap::new());
    assert_eq!(
        check(
            r#"{"a": 1, "b": "<text>", ...}"#,
            r#"{"b": "x", "a": 1, "c": []}"#
        ),
        Ok(())
    );
    assert_eq!(
        check(
            r#"{"a": "JSON parse error - …"}"#,
            r#"{"a": "JSON parse error - x"}"#
        ),
        Ok(())
    );
    assert_eq!(
        check(r#"{"a": 1}"#, r#"{"a": 1, "c": 2}"#),
        Err(".c is too much".into())
    );
    assert_eq!(
        check(r#"{"a": [1]}"#, r#"{"a": [2]}"#),
        Err(".a[0] is 2 and not 1".into())
    );
    assert_eq!(
        check(r#"{"a": "<text>"}"#, r#"{"a": " "}"#),
        Err(".a is \" \" and not \"<text>\"".into())
    );
    let mut captured = BTreeMap::new();
    assert_eq!(
        matches(r#"{"id": "<text id>"}"#, br#"{"id": "7"}"#, &mut captured),
        Ok(())
    );
    assert_eq!(captured["id"], "7");
}
