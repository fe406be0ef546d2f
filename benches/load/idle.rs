//! Thousands who wait for the rest of a reply.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::response::IntoResponse as _;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::client::Client;
use super::hosted;
use super::site::{Kind, Site};

const STREAMS: usize = 10_000;
/// Files that are open besides.
const OTHER_FILES: usize = 300;
/// Begun at a time.
const AT_ONCE: usize = 200;
/// A turn whose model has said nothing by then.
const GIVEN_UP: Duration = Duration::from_secs(30);
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

    /// `asked` has a permit for each question.
    async fn open(self, words: Words, asked: Arc<Semaphore>) -> String {
        let answer = move || {
            asked.add_permits(1);
            thinking(words)
        };
        match self {
            Self::Http2 => hosted::host(answer).await,
            Self::Http1 => plain(answer).await,
        }
    }

    /// As many as are wanted, or as open files allow.
    fn streams(self) -> usize {
        let files = getrlimit(Resource::Nofile)
            .maximum
            .map_or(usize::MAX, |most| most as usize);
        let each = match self {
            Self::Http2 => 1,
            Self::Http1 => 2,
        };
        STREAMS.min(files.saturating_sub(OTHER_FILES) / each)
    }
}

/// When the model falls silent.
#[derive(Clone, Copy, Debug)]
pub enum Words {
    /// After the first of its reply.
    Some,
    /// Before it.
    None,
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
        let Self {
            streams,
            before,
            after,
        } = self;
        let each = after.saturating_sub(*before) as f64 / *streams as f64;
        write!(
            f,
            "{streams} take {} MB, {each:.1} kB each",
            after * 1024 / 1_000_000
        )
    }
}

/// All are open at once.
pub async fn measure(host: Host, words: Words) -> Memory {
    let (asked, streams) = (Arc::new(Semaphore::new(0)), host.streams());
    let model = host.open(words, asked.clone()).await;
    let site = Site::start(&Kind::Sqlite, 1, Some(&model)).await;
    let users = site.users(streams).await;
    let (before, begun) = (site.memory_now(), Instant::now());
    let open = stream::iter(&users).map(async |user| {
        let mut client = Client::connect(site.address(user.number)).await;
        client.ask_for_events(&user.token).await;
        if let Words::Some = words {
            client.events("event: delta\n").await;
        }
        client
    });
    let mut open: Vec<Client> = open.buffer_unordered(AT_ONCE).collect().await;
    drop(asked.acquire_many(streams as u32).await);
    for client in &mut open {
        client.events("").await;
    }
    let memory = Memory {
        streams: open.len(),
        before,
        after: site.memory_now(),
    };
    assert!(
        begun.elapsed() < GIVEN_UP,
        "this machine is too slow: some streams have ended"
    );
    memory
}

/// Two words or none, and then signs of life for ever.
async fn thinking(words: Words) -> Response<Body> {
    let words = match words {
        Words::Some => vec!["Tell me", " about"],
        Words::None => std::future::pending().await,
    };
    let words = stream::iter(words).map(said);
    let silence = stream::unfold((), async |()| {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        Some((said(""), ()))
    });
    (
        [("content-type", "text/event-stream")],
        Body::from_stream(words.chain(silence).map(Ok::<_, fmt::Error>)),
    )
        .into_response()
}

fn said(words: &str) -> Bytes {
    let event = serde_json::json!({"choices": [{"delta": {"content": words}}]});
    format!("data: {event}\n\n").into()
}

async fn plain<A>(answer: impl Fn() -> A + Clone + Send + 'static) -> String
where
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a socket");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let answer = service_fn(move |_| answer().map(Ok::<_, fmt::Error>));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    format!("http://{address}")
}
