//! TLS for every HTTP client: the system's certificates, read once.

use std::error::Error;
use std::io;
use std::sync::OnceLock;

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// The best liked first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Told instead of a certificate that cannot be checked.
const NO_CERTIFICATES: &str =
    "this system has no certificates to check a server with: install ca-certificates";

/// How connections are protected. A system without certificates, as small containers are, trusts no server; what needs
/// none works there all the same.
pub(super) fn config() -> ClientConfig {
    shared().config.clone()
}

/// Why a server is not trusted, where that is no fault of its own.
pub(super) fn reason(failure: &(dyn Error + 'static)) -> Option<&'static str> {
    (is_distrust(failure) && shared().trusts_nobody).then_some(NO_CERTIFICATES)
}

/// Whether a certificate was refused. An I/O error carries the error that it stands for, and is not caused by it.
fn is_distrust(mut failure: &(dyn Error + 'static)) -> bool {
    while let Some(carried) = failure.downcast_ref().and_then(io::Error::get_ref) {
        failure = carried;
    }
    matches!(
        failure.downcast_ref(),
        Some(rustls::Error::InvalidCertificate(_))
    )
}

struct Shared {
    config: ClientConfig,
    trusts_nobody: bool,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(build)
}

fn build() -> Shared {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusting = ClientConfig::builder().with_platform_verifier();
    let trusts_nobody = trusting.is_err();
    let trusting = trusting.unwrap_or_else(|error| {
        tracing::warn!(%error, "no server can be trusted");
        ClientConfig::builder().with_root_certificates(RootCertStore::empty())
    });
    let mut config = trusting.with_no_client_auth();
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    Shared {
        config,
        trusts_nobody,
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_refused_certificate_is_known_by_its_kind() {
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
