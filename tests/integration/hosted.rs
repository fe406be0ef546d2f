//! A model server reached like hosted ones: over TLS and HTTP/2.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The number of requests the server takes at a time on one connection.
pub const MAX_CONCURRENT_STREAMS: u32 = 100;

/// Returns the certificate that a client must trust.
pub fn certificate() -> PathBuf {
    fixture("localhost.pem")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

/// Starts a server that responds to every POST with `answer` and finds nothing else, and returns its
/// address.
pub async fn start_server<A>(answer: impl Fn() -> A + Clone + Send + 'static) -> String
where
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = CertificateDer::from_pem_file(certificate()).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("localhost.key")).unwrap();
    let mut tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(acceptor.clone(), stream, answer.clone()));
        }
    });
    format!("https://localhost:{port}")
}

async fn serve_connection<A>(acceptor: TlsAcceptor, stream: TcpStream, answer: impl Fn() -> A)
where
    A: Future<Output = Response<Body>> + Send + 'static,
{
    // A client that does not trust the certificate closes the connection.
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = (request.method() == Method::POST).then(&answer);
        async {
            let not_found = || Response::builder().status(404).body(Body::empty());
            Ok::<_, Infallible>(match answer {
                Some(answer) => answer.await,
                None => not_found().expect("it is a response"),
            })
        }
    });
    let mut server = http2::Builder::new(TokioExecutor::new());
    // The end of the client also ends the connection, with an error.
    let _ = server
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}
