//! The addresses of model servers: presets by name, and addresses as people write them.

use serde::de::{Deserialize, Deserializer};
use url::{Host, Url};

/// A model server known by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name in the settings.
    pub name: &'static str,
    /// The name that people know it by.
    pub title: &'static str,
    /// The base address, such as `https://api.openai.com/v1`.
    pub address: &'static str,
    /// The environment variable of its key; servers on this machine need none.
    pub key_variable: Option<&'static str>,
}

/// The variable of the key for Azure, whose address differs for each resource.
const AZURE_KEY: &str = "AZURE_OPENAI_API_KEY";

/// The domains under which Azure serves models.
const AZURE_DOMAINS: [&str; 3] = [
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".services.ai.azure.com",
];

/// The path of the version of Azure's API that is compatible with `OpenAI`'s.
const AZURE_PATH: &str = "/openai/v1";

/// The endpoints of the API. An address that ends with one of them is the base address before it.
const ENDPOINTS: [&str; 7] = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/embeddings",
    "/models",
    "/audio/speech",
    "/audio/transcriptions",
];

const fn hosted(
    name: &'static str,
    title: &'static str,
    address: &'static str,
    key_variable: &'static str,
) -> Preset {
    Preset {
        name,
        title,
        address,
        key_variable: Some(key_variable),
    }
}

const fn local(name: &'static str, title: &'static str, address: &'static str) -> Preset {
    Preset {
        name,
        title,
        address,
        key_variable: None,
    }
}

/// The presets, apart from `azure`, which needs the address of a resource.
pub const PRESETS: [Preset; 10] = [
    hosted(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
    ),
    local("ollama", "Ollama", "http://127.0.0.1:11434/v1"),
    local("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1"),
    local("llama-server", "llama.cpp", "http://127.0.0.1:8080/v1"),
    local("vllm", "vLLM", "http://127.0.0.1:8000/v1"),
    hosted(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
    ),
    hosted(
        "gemini",
        "Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
    ),
    hosted(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
    ),
    hosted(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
    ),
    hosted(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
    ),
];

/// Returns the preset of a name, whatever its case.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS
        .iter()
        .find(|preset| preset.name.eq_ignore_ascii_case(name))
}

/// Returns the preset that is served at the host and port of `address`.
pub fn preset_at(address: &Url) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| {
        let known = parsed(preset.address);
        known.host_str() == address.host_str()
            && known.port_or_known_default() == address.port_or_known_default()
    })
}

/// Returns the name of a model for people. llama.cpp names a model after its file, path included.
pub fn model_title(id: &str) -> &str {
    let file = id.strip_suffix(".gguf").unwrap_or(id);
    let is_path = file.len() < id.len() || id.starts_with('/');
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    if is_path && !name.is_empty() {
        name
    } else {
        id
    }
}

/// Returns whether Azure serves `address`. Azure reads the key from a header of its own.
pub fn is_azure(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    AZURE_DOMAINS.iter().any(|domain| host.ends_with(domain))
}

/// Returns the environment variable that holds the key of the server at `address`.
pub fn key_variable(address: &Url) -> Option<&'static str> {
    if is_azure(address) {
        return Some(AZURE_KEY);
    }
    let preset = preset_at(address).filter(|_| address.scheme() == "https");
    preset.and_then(|preset| preset.key_variable)
}

/// Returns the base address that `text` means: a preset, or an address that may lack its scheme or
/// name one endpoint of the API. Returns `None` if it means none.
pub fn base_address(text: &str) -> Option<Url> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    if let Some(preset) = preset(text) {
        return Some(parsed(preset.address));
    }
    let url = super::values::http_url(&with_scheme(text)?)?;
    Some(with_api_path(without_endpoint(with_loopback(url))))
}

/// Adds the scheme to an address without one: http for this machine and for addresses in numbers,
/// else https. A single word is no address.
fn with_scheme(text: &str) -> Option<String> {
    if text.contains("://") {
        return Some(text.to_owned());
    }
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let is_name = match url.host()? {
        Host::Domain("localhost") => return Some(url.into()),
        Host::Ipv4(_) | Host::Ipv6(_) => return text.contains(['.', ':']).then(|| url.into()),
        Host::Domain(name) => name.contains('.') || url.port().is_some(),
    };
    is_name.then(|| format!("https://{text}"))
}

/// Replaces the address that a server listens on everywhere with the one it is reached at.
fn with_loopback(mut url: Url) -> Url {
    let reached_at = match url.host() {
        Some(Host::Ipv4(address)) if address.is_unspecified() => "127.0.0.1",
        Some(Host::Ipv6(address)) if address.is_unspecified() => "[::1]",
        _ => return url,
    };
    url.set_host(Some(reached_at))
        .expect("http addresses have a host");
    url
}

/// Removes slashes and an endpoint from the end of the path, and a doubled version.
fn without_endpoint(mut url: Url) -> Url {
    url.set_fragment(None);
    let mut path = url.path().trim_end_matches('/').to_owned();
    while let Some(rest) = ENDPOINTS.iter().find_map(|end| path.strip_suffix(end)) {
        path = rest.trim_end_matches('/').to_owned();
    }
    while let Some(rest) = path.strip_suffix("/v1/v1") {
        path = format!("{rest}/v1");
    }
    url.set_path(&path);
    url
}

/// Completes the path of a server that is known.
fn with_api_path(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    if is_azure(&url) && (path.is_empty() || path == "/openai") {
        url.set_path(AZURE_PATH);
    }
    let Some(preset) = preset_at(&url) else {
        return url;
    };
    let complete = parsed(preset.address).path().to_owned();
    let begins = complete
        .strip_prefix(&path)
        .is_some_and(|rest| rest.starts_with('/'));
    // Ollama's own API lies under `/api`.
    let is_native = preset.name == "ollama" && (path == "/api" || path.starts_with("/api/"));
    if begins || is_native {
        url.set_path(&complete);
    }
    url
}

fn parsed(address: &str) -> Url {
    Url::parse(address).expect("the presets are addresses")
}

/// Deserializes a model server: the name of a preset, an address, or an empty text.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let good = text.is_empty() || base_address(&text).is_some();
    super::values::check(good, text, &allowed())
}

/// Returns what a model server can be, for errors.
pub(super) fn allowed() -> String {
    let names = PRESETS.map(|preset| preset.name).join(", ");
    format!(
        "{names}, or an address such as https://host/v1 (Azure: https://RESOURCE.openai.azure.com)"
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("openai", "https://api.openai.com/v1")]
    #[case("Ollama", "http://127.0.0.1:11434/v1")]
    #[case("lmstudio", "http://127.0.0.1:1234/v1")]
    #[case("llama-server", "http://127.0.0.1:8080/v1")]
    #[case("vllm", "http://127.0.0.1:8000/v1")]
    #[case(" openrouter\n", "https://openrouter.ai/api/v1")]
    #[case("gemini", "https://generativelanguage.googleapis.com/v1beta/openai")]
    #[case("anthropic", "https://api.anthropic.com/v1")]
    #[case("groq", "https://api.groq.com/openai/v1")]
    #[case("mistral", "https://api.mistral.ai/v1")]
    fn a_preset_is_named(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(base_address(name).unwrap().as_str(), expected);
    }

    #[rstest]
    #[case::slash("https://a.example/v1/", "https://a.example/v1")]
    #[case::quotes("\"https://a.example/v1\"", "https://a.example/v1")]
    #[case::endpoint("https://a.example/v1/chat/completions", "https://a.example/v1")]
    #[case::endpoint_and_slash("https://a.example/v1/chat/completions/", "https://a.example/v1")]
    #[case::doubled(
        "https://a.example/v1/chat/completions/chat/completions",
        "https://a.example/v1"
    )]
    #[case::list("https://a.example/v1/models", "https://a.example/v1")]
    #[case::doubled_version("https://a.example/v1/v1", "https://a.example/v1")]
    #[case::own_path("https://a.example/llm/v3", "https://a.example/llm/v3")]
    #[case::query(
        "https://a.example/v1/chat/completions?api-version=1",
        "https://a.example/v1?api-version=1"
    )]
    #[case::localhost("localhost:11434", "http://localhost:11434/")]
    #[case::port("127.0.0.1:11434", "http://127.0.0.1:11434/v1")]
    #[case::everywhere("0.0.0.0:9000/v1", "http://127.0.0.1:9000/v1")]
    #[case::everywhere_in_ipv6("http://[::]:9000", "http://[::1]:9000/")]
    #[case::name("models.example/v1", "https://models.example/v1")]
    #[case::known_host("https://api.openai.com", "https://api.openai.com/v1")]
    #[case::known_host_in_part("openrouter.ai/api", "https://openrouter.ai/api/v1")]
    #[case::known_port("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1")]
    #[case::native_api("http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434/v1")]
    #[case::azure(
        "https://me.openai.azure.com/",
        "https://me.openai.azure.com/openai/v1"
    )]
    #[case::azure_deployment(
        "https://me.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
        "https://me.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21"
    )]
    fn an_address_is_mended(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(base_address(text).unwrap().as_str(), expected);
    }

    #[rstest]
    #[case("")]
    #[case("olama")]
    #[case("azure")]
    #[case("ftp://a.example")]
    #[case("http://")]
    #[case("two words")]
    #[case("8080")]
    fn what_means_no_address_is_refused(#[case] text: &str) {
        assert_eq!(base_address(text), None);
    }

    #[rstest]
    #[case("https://api.openai.com/v1", Some("OPENAI_API_KEY"))]
    #[case("https://openrouter.ai/api/v1", Some("OPENROUTER_API_KEY"))]
    #[case("https://me.openai.azure.com/openai/v1", Some("AZURE_OPENAI_API_KEY"))]
    #[case("http://api.openai.com/v1", None)]
    #[case("https://api.openai.com:8443/v1", None)]
    #[case("https://api.openai.com.example/v1", None)]
    #[case("https://openai.azure.com.example/v1", None)]
    #[case("http://127.0.0.1:11434/v1", None)]
    fn a_server_has_a_variable_for_its_key(#[case] base: &str, #[case] expected: Option<&str>) {
        assert_eq!(key_variable(&base.parse().unwrap()), expected);
    }

    #[rstest]
    #[case(
        "/models/SmolLM2-135M-Instruct.Q4_1.gguf",
        "SmolLM2-135M-Instruct.Q4_1"
    )]
    #[case("C:\\models\\qwen3.gguf", "qwen3")]
    #[case("/models/mistral", "mistral")]
    #[case("openai/gpt-oss-20b", "openai/gpt-oss-20b")]
    #[case("qwen3:4b", "qwen3:4b")]
    #[case("/", "/")]
    fn a_model_is_called_by_the_name_of_its_file(#[case] id: &str, #[case] expected: &str) {
        assert_eq!(model_title(id), expected);
    }
}
