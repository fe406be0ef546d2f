//! The TLS configuration of every HTTP client. The system's certificates are read once.

use std::error::Error;
use std::io;
use std::sync::OnceLock;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// The supported protocols, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The message that replaces a certificate error on a system without certificates.
const NO_CERTIFICATES: &str =
    "this system has no certificates to check a server with: install ca-certificates";

/// Returns the TLS configuration. A system without certificates, such as a small container, trusts
/// no server, but connections without TLS still work there.
pub(super) fn config() -> ClientConfig {
    system_tls().config.clone()
}

/// Returns the reason a server is not trusted, if the cause is this system.
pub(super) fn distrust_reason(failure: &(dyn Error + 'static)) -> Option<&'static str> {
    (is_distrust(failure) && system_tls().trusts_nobody).then_some(NO_CERTIFICATES)
}

/// Returns whether a certificate was rejected. An I/O error contains this error as a value, not as
/// its source.
fn is_distrust(mut failure: &(dyn Error + 'static)) -> bool {
    while let Some(carried) = failure.downcast_ref().and_then(io::Error::get_ref) {
        failure = carried;
    }
    matches!(
        failure.downcast_ref(),
        Some(rustls::Error::InvalidCertificate(_))
    )
}

struct SystemTls {
    config: ClientConfig,
    trusts_nobody: bool,
}

fn system_tls() -> &'static SystemTls {
    static SHARED: OnceLock<SystemTls> = OnceLock::new();
    SHARED.get_or_init(build)
}

fn build() -> SystemTls {
    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusting = ClientConfig::builder().with_platform_verifier();
    let trusts_nobody = trusting.is_err();
    let trusting = trusting.unwrap_or_else(|error| {
        tracing::warn!(%error, "no server can be trusted");
        ClientConfig::builder().with_root_certificates(RootCertStore::empty())
    });
    let mut config = trusting.with_no_client_auth();
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    SystemTls {
        config,
        trusts_nobody,
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_rejected_certificate_is_recognised_by_its_kind() {
        let refused = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(is_distrust(&io::Error::other(io::Error::new(
            io::ErrorKind::InvalidData,
            refused
        ))));
        assert!(!is_distrust(&io::Error::other(
            rustls::Error::HandshakeNotComplete
        )));
        assert!(!is_distrust(&io::Error::from(
            io::ErrorKind::ConnectionRefused
        )));
    }

    #[test]
    fn servers_may_speak_http_2() {
        assert_eq!(
            config().alpn_protocols,
            [b"h2".to_vec(), b"http/1.1".to_vec()]
        );
    }
}
