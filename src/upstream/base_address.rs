//! The base address of a model server, which people often give without its `/v1`.

use std::sync::{Arc, OnceLock};

use url::Url;

use super::join_path;

/// A base address, with `/v1` added once a server turned out to want it. Clones share that.
#[derive(Clone, Debug)]
pub(super) struct BaseAddress {
    given: Arc<Url>,
    versioned: Arc<OnceLock<Url>>,
}

impl BaseAddress {
    pub fn new(given: Url) -> Self {
        Self {
            given: Arc::new(given),
            versioned: Arc::default(),
        }
    }

    /// Returns the address in use.
    pub fn url(&self) -> &Url {
        self.versioned.get().unwrap_or(&self.given)
    }

    /// Returns the address with `/v1`, or `None` if it names a version or was completed before.
    pub fn with_version(&self) -> Option<Url> {
        let names_version = self.given.path_segments().is_some_and(|mut segments| {
            segments.any(|segment| {
                let number = segment.strip_prefix('v');
                number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            })
        });
        (!names_version && self.versioned.get().is_none()).then(|| join_path(&self.given, &["v1"]))
    }

    /// Uses `address` from now on.
    pub fn complete(&self, address: Url) {
        // Another request may have found the same at the same time.
        let _ = self.versioned.set(address);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://a.example", Some("http://a.example/v1"))]
    #[case("http://a.example/llm/", Some("http://a.example/llm/v1"))]
    #[case("http://a.example/v", Some("http://a.example/v/v1"))]
    #[case("http://a.example/v1", None)]
    #[case("http://a.example/v1beta/openai", None)]
    #[case("http://a.example/v3/", None)]
    fn a_version_is_added_where_none_is_named(#[case] given: &str, #[case] expected: Option<&str>) {
        let base = BaseAddress::new(given.parse().unwrap());
        assert_eq!(base.with_version().as_ref().map(Url::as_str), expected);
    }
}
