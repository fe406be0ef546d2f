//! Reads the body of a streamed reply: bytes become lines, and lines become events.
//!
//! ```text
//! data: {"a":1}      a server-sent event, whose `data` lines end at a blank line
//! : ping             a comment
//! error: {"b":2}     an error as llama.cpp sends it, which no blank line has to end
//! {"c":3}            a JSON value, on one line or on many
//! ```
//!
//! Servers label these bodies with any content type, so that each line is recognised by its first
//! bytes. Invalid UTF-8 is replaced.

use super::json_nesting::JsonNesting;
use super::lenient_json;

/// The longest event in bytes: several times the longest reply, written as one JSON object.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// An event of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The name, `message` by default. A JSON value outside of server-sent events has none.
    pub name: Option<String>,
    pub data: String,
}

/// An event or a line is longer than the reader holds in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTooLong;

/// Turns chunks of a body into events.
#[derive(Debug, Default)]
pub struct EventReader {
    /// The bytes of the unfinished line or JSON value.
    bytes: Vec<u8>,
    /// The state of the unfinished JSON value, if `bytes` hold one.
    value: Option<JsonNesting>,
    after_carriage_return: bool,
    name: Option<String>,
    data: Option<EventData>,
    has_events: bool,
    has_foreign_lines: bool,
}

/// The data of an unfinished event, and whether they are a complete JSON value.
#[derive(Debug, Default)]
struct EventData {
    text: String,
    nesting: JsonNesting,
}

impl EventReader {
    /// Reads the next bytes. Returns the events that they complete.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<Event>, EventTooLong> {
        let mut events = Vec::new();
        for &byte in chunk {
            events.extend(self.read(byte));
            let unfinished = self.data.as_ref().map_or(0, |data| data.text.len());
            if self.bytes.len() + unfinished > MAX_EVENT_BYTES {
                return Err(EventTooLong);
            }
        }
        self.has_events |= !events.is_empty();
        Ok(events)
    }

    /// Returns the events that the end of the body completes: the last blank line may be missing.
    pub fn finish(&mut self) -> Vec<Event> {
        let last = match self.value.take() {
            Some(_) => Some(self.finish_value()),
            None => self.end_line(),
        };
        let events: Vec<Event> = last.into_iter().chain(self.dispatch()).collect();
        self.has_events |= !events.is_empty();
        events
    }

    /// Returns whether the body is something else, such as a web page or plain text.
    pub fn is_foreign(&self) -> bool {
        self.has_foreign_lines && !self.has_events
    }

    fn read(&mut self, byte: u8) -> Option<Event> {
        let after_carriage_return =
            std::mem::replace(&mut self.after_carriage_return, byte == b'\r');
        if byte == b'\n' && after_carriage_return {
            return None;
        }
        if self.value.is_some() {
            return self.read_value(byte);
        }
        match byte {
            b'\n' | b'\r' => self.end_line(),
            // Indentation and the byte order mark are no part of a line.
            b' ' | b'\t' | 0xEF | 0xBB | 0xBF if self.bytes.is_empty() => None,
            b'{' | b'[' if self.bytes.is_empty() => self.read_value(byte),
            _ => {
                self.bytes.push(byte);
                None
            }
        }
    }

    fn read_value(&mut self, byte: u8) -> Option<Event> {
        self.bytes.push(byte);
        let value = self.value.get_or_insert_default();
        value.read(byte);
        if !value.is_complete() {
            return None;
        }
        self.value = None;
        Some(self.finish_value())
    }

    fn finish_value(&mut self) -> Event {
        Event {
            name: None,
            data: self.take_text(),
        }
    }

    fn take_text(&mut self) -> String {
        let bytes = std::mem::take(&mut self.bytes);
        lenient_json::replace_lone_surrogates(&String::from_utf8_lossy(&bytes)).into_owned()
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = self.take_text();
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => return self.add_data(value),
            "event" => self.name = Some(value.to_owned()),
            "error" => {
                return Some(Event {
                    name: Some("error".to_owned()),
                    data: value.to_owned(),
                });
            }
            "" | "id" | "retry" => {}
            _ => self.has_foreign_lines = true,
        }
        None
    }

    /// Adds a line to the data. Some servers leave out the blank line between events: a JSON value
    /// that follows a complete one begins another event.
    fn add_data(&mut self, line: &str) -> Option<Event> {
        let begins_value = line.starts_with(['{', '[']);
        let is_complete = |data: &EventData| data.nesting.is_complete();
        let earlier = if begins_value && self.data.as_ref().is_some_and(is_complete) {
            self.dispatch()
        } else {
            None
        };
        match &mut self.data {
            Some(data) => data.text.push('\n'),
            None => self.data = Some(EventData::default()),
        }
        let data = self.data.get_or_insert_default();
        data.text.push_str(line);
        data.nesting.read_all(line.as_bytes());
        earlier
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = self.name.take().filter(|name| !name.is_empty());
        self.data.take().map(|data| Event {
            name: name.or_else(|| Some("message".to_owned())),
            data: data.text,
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const BOTH: [(Option<&str>, &str); 2] =
        [(Some("message"), r#"{"a":1}"#), (Some("message"), "[DONE]")];

    /// Reads `body` in chunks of `size` bytes.
    fn read_in_chunks(body: &[u8], size: usize) -> Vec<Event> {
        let mut reader = EventReader::default();
        let mut events: Vec<Event> = body
            .chunks(size)
            .flat_map(|chunk| reader.push(chunk).unwrap())
            .collect();
        events.extend(reader.finish());
        events
    }

    fn event((name, data): (Option<&str>, &str)) -> Event {
        Event {
            name: name.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    #[rstest]
    #[case::line_feeds(b"data: {\"a\":1}\n\ndata: [DONE]\n\n", &BOTH)]
    #[case::carriage_returns(b"data: {\"a\":1}\r\rdata: [DONE]\r\r", &BOTH)]
    #[case::both(b"data: {\"a\":1}\r\n\r\ndata: [DONE]\r\n\r\n", &BOTH)]
    #[case::mixed(b"data: {\"a\":1}\r\n\ndata: [DONE]\r\r\n", &BOTH)]
    #[case::byte_order_mark(b"\xef\xbb\xbfdata: {\"a\":1}\n\ndata: [DONE]\n\n", &BOTH)]
    #[case::no_space(b"data:{\"a\":1}\n\ndata:[DONE]\n\n", &BOTH)]
    #[case::comments(b": ping\n\n:\ndata: {\"a\":1}\n: ping\n\n\n\ndata: [DONE]\n\n", &BOTH)]
    #[case::no_last_blank_line(b"data: {\"a\":1}\n\ndata: [DONE]", &BOTH)]
    #[case::no_blank_lines(b"data: {\"a\":1}\ndata: [DONE]\n", &BOTH)]
    #[case::other_fields(b"id: 1\nretry: 3\nx: y\nz\ndata: {\"a\":1}\n\ndata: [DONE]\n\n", &BOTH)]
    #[case::blank_beginning(b"\r\n \n\ndata: {\"a\":1}\n\ndata: [DONE]\n\n", &BOTH)]
    #[case::several_lines(b"data: {\ndata:  \"a\": [\ndata: [1]]}\n\n", &[(Some("message"), "{\n \"a\": [\n[1]]}")])]
    #[case::empty_data(b"data\n\ndata:\ndata:\n\n", &[(Some("message"), ""), (Some("message"), "\n")])]
    #[case::named(b"event: delta\ndata: x\n\nevent: y\n\ndata: z\n\n", &[(Some("delta"), "x"), (Some("message"), "z")])]
    #[case::error_line(b"error: {\"code\":400}\n\n", &[(Some("error"), r#"{"code":400}"#)])]
    #[case::invalid_utf8(b"data: a\xffb\xed\xa0\x80\n\n", &[(Some("message"), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}")])]
    #[case::lone_surrogate(br#"{"a":"\ud83d"}"#, &[(None, r#"{"a":"\ufffd"}"#)])]
    #[case::object(b"{\"a\":1}", &[(None, r#"{"a":1}"#)])]
    #[case::blanks_and_object(b"\xef\xbb\xbf \r\n\t{\"a\":\"}\\\"\"} ", &[(None, r#"{"a":"}\""}"#)])]
    #[case::pretty_object(b"{\n  \"a\": [\n    1\n  ]\n}\n", &[(None, "{\n  \"a\": [\n    1\n  ]\n}")])]
    #[case::object_a_line(b"{\"a\":1}\n{\"a\":2}\r\n[DONE]\n", &[(None, r#"{"a":1}"#), (None, r#"{"a":2}"#), (None, "[DONE]")])]
    #[case::object_after_comments(b": ping\n\n{\"a\":1}", &[(None, r#"{"a":1}"#)])]
    #[case::object_cut_off(b"{\"a\":[1", &[(None, r#"{"a":[1"#)])]
    #[case::page(b"<html>\n<p>Sign in.</p>\n\n", &[])]
    #[case::nothing(b"", &[])]
    fn events_are_read_however_they_are_cut_into_chunks(
        #[case] body: &[u8],
        #[case] expected: &[(Option<&str>, &str)],
    ) {
        let expected: Vec<Event> = expected.iter().copied().map(event).collect();
        for size in [1, 2, 3, 7, body.len().max(1)] {
            let read = read_in_chunks(body, size);
            // An event without data is none, and a name belongs to one event alone.
            assert_eq!(read, expected, "in chunks of {size}");
        }
    }

    #[rstest]
    #[case::line(b"x")]
    #[case::comment(b": ")]
    #[case::value(b"[")]
    #[case::data(b"data: x\n")]
    fn an_endless_event_is_not_kept_in_memory(#[case] repeated: &[u8]) {
        let mut reader = EventReader::default();
        let endless = repeated.repeat(2 * MAX_EVENT_BYTES / repeated.len());
        // Each data line leaves its value and a line break.
        let outcome = endless
            .chunks(64 * 1024)
            .cycle()
            .take(256)
            .find_map(|chunk| reader.push(chunk).err());
        assert_eq!(outcome, Some(EventTooLong));
    }

    #[rstest]
    #[case(b"<html><p>Sign in.</p></html>", true)]
    #[case(b"Not found", true)]
    #[case(b": ping\n\n", false)]
    #[case(b"", false)]
    #[case(b"x: y\ndata: z", false)]
    fn a_body_of_another_kind_is_noticed(#[case] body: &[u8], #[case] expected: bool) {
        let mut reader = EventReader::default();
        reader.push(body).unwrap();
        reader.finish();
        assert_eq!(reader.is_foreign(), expected);
    }
}
