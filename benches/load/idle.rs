//! Thousands who wait for the rest of a reply.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::response::IntoResponse as _;
use futures_util::{StreamExt as _, stream};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;

use super::client::Client;
use super::hosted;
use super::site::{Kind, Site};

const STREAMS: usize = 10_000;
/// Files that are open besides.
const OTHER_FILES: usize = 300;
/// Begun at a time.
const AT_ONCE: usize = 200;
/// A model that thinks shows that it lives, or the turn is given up.
const SIGN_OF_LIFE: Duration = Duration::from_secs(8);

/// How the model is reached.
#[derive(Clone, Copy, Debug)]
pub enum Host {
    /// Over TLS, a hundred streams a connection.
    Http2,
    /// A connection for each.
    Http1,
}

impl Host {
    pub fn name(self) -> &'static str {
        match self {
            Self::Http2 => "HTTP/2",
            Self::Http1 => "HTTP/1",
        }
    }

    async fn open(self) -> String {
        match self {
            Self::Http2 => hosted::host(async || thinking()).await,
            Self::Http1 => plain().await,
        }
    }

    /// As many as are wanted, or as open files allow.
    fn streams(self) -> usize {
        let files = getrlimit(Resource::Nofile).maximum.map_or(usize::MAX, |most| most as usize);
        let each = match self {
            Self::Http2 => 1,
            Self::Http1 => 2,
        };
        STREAMS.min(files.saturating_sub(OTHER_FILES) / each)
    }
}

/// What the server takes for them.
pub struct Memory {
    streams: usize,
    /// In kB.
    before: u64,
    after: u64,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { streams, before, after } = self;
        let each = after.saturating_sub(*before) as f64 / *streams as f64;
        write!(f, "{streams} take {} MB, {each:.1} kB each", after * 1024 / 1_000_000)
    }
}

/// All are open at once.
pub async fn measure(host: Host) -> Memory {
    let (model, streams) = (host.open().await, host.streams());
    let site = Site::start(&Kind::Sqlite, 1, Some(&model)).await;
    let users = site.users(streams).await;
    let before = site.memory_now();
    let open = stream::iter(&users).map(async |user| {
        let mut client = Client::connect(site.address(user.number)).await;
        client.begin_streaming(&user.token).await;
        client
    });
    let open: Vec<Client> = open.buffer_unordered(AT_ONCE).collect().await;
    Memory { streams: open.len(), before, after: site.memory_now() }
}

/// Two words, and then signs of life for ever.
fn thinking() -> Response<Body> {
    let words = stream::iter(["Tell me", " about"].map(said));
    let silence = stream::unfold((), async |()| {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        Some((said(""), ()))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(words.chain(silence).map(Ok::<_, fmt::Error>)))
        .into_response()
}

fn said(words: &str) -> Bytes {
    let event = serde_json::json!({"choices": [{"delta": {"content": words}}]});
    format!("data: {event}\n\n").into()
}

async fn plain() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a socket");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(async |_| Ok::<_, fmt::Error>(thinking()));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    format!("http://{address}")
}
