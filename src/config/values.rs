//! The settings that allow only some values of their type. Errors name the allowed values.

use std::fmt;

use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use url::Url;

use crate::interview::MOST_QUESTIONS;

/// Deserializes a number of questions.
pub(super) fn questions<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    from.deserialize_i64(Whole {
        least: 1,
        most: MOST_QUESTIONS,
    })
}

/// Deserializes a number of anything.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    from.deserialize_i64(Whole {
        least: 0,
        most: u32::MAX,
    })
}

/// Deserializes the address of a server.
pub(super) fn http<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    check(http_url(&text).is_some(), text, HTTP)
}

/// Deserializes the address of a server, or an empty text.
pub(super) fn http_or_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    check(text.is_empty() || http_url(&text).is_some(), text, HTTP)
}

/// Deserializes an address to listen on.
pub(super) fn listen<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    listen_address(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// Returns `text` if it is an address and a port to listen on.
pub fn listen_address(text: &str) -> Result<String, String> {
    let has_both = text
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if has_both {
        Ok(text.to_owned())
    } else {
        Err(error_message(
            text,
            "an address and a port, such as 127.0.0.1:8000",
        ))
    }
}

/// Deserializes a time zone; an empty text is the system's.
pub(super) fn time_zone<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    check(zone(&text).is_some(), text, ZONE)
}

pub(super) const ZONE: &str = "the name of a time zone known to this system, such as Asia/Seoul";

pub(super) fn zone(text: &str) -> Option<TimeZone> {
    if text.is_empty() {
        Some(TimeZone::system())
    } else {
        TimeZone::get(text).ok()
    }
}

pub(super) const HTTP: &str = "an http:// or https:// address";

pub(super) fn http_url(text: &str) -> Option<Url> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

pub(super) fn check<E: Error>(good: bool, text: String, allowed: &str) -> Result<String, E> {
    if good {
        Ok(text)
    } else {
        Err(E::custom(error_message(&text, allowed)))
    }
}

fn error_message(text: &str, allowed: &str) -> String {
    format!("{text:?} cannot be used; allowed: {allowed}")
}

/// A whole number between two bounds, both allowed.
struct Whole {
    least: u32,
    most: u32,
}

impl Visitor<'_> for Whole {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.least, self.most)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u32, E> {
        let within = u32::try_from(number)
            .ok()
            .filter(|number| (self.least..=self.most).contains(number));
        within.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }
}
