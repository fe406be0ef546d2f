//! TLS for every HTTP client: the system's certificates, read once.

use std::sync::OnceLock;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// The best liked first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How connections are protected. A system without certificates, as small containers are, trusts no server; what needs
/// none works there all the same.
pub(super) fn config() -> ClientConfig {
    static SHARED: OnceLock<ClientConfig> = OnceLock::new();
    SHARED.get_or_init(build).clone()
}

fn build() -> ClientConfig {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusting = ClientConfig::builder().with_platform_verifier().unwrap_or_else(|error| {
        tracing::warn!(%error, "no server can be trusted");
        ClientConfig::builder().with_root_certificates(RootCertStore::empty())
    });
    let mut config = trusting.with_no_client_auth();
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    config
}
