//! The routes of the API.

use std::sync::Arc;
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use axum::{BoxError, Router, middleware};
use tower::ServiceBuilder;

use super::error::ApiError;
use super::state::{AppState, Service};
use super::{account, auth, chat, docs, interviews, layers, media, operation, users};

/// The longest time for an answer once the request is there. A login that waits for its turn and a
/// lock of SQLite both take less.
const MAX_HANDLING_TIME: Duration = Duration::from_secs(30);

/// Returns the whole API.
///
/// The order in which a request is checked (404, 401, 405, 413, 415, 400) follows from the nesting:
/// the router knows the path, `auth::require_token` wraps every method of a path, and
/// `body::Fields` reads the body last.
pub fn router(service: Service) -> Router {
    let state = Arc::new(AppState::new(service));
    let require_token = middleware::from_fn_with_state(state.clone(), auth::require_token);
    // The body may use up its own time first.
    let time_limit = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(handling_timed_out))
        .timeout(state.settings().client_timeout + MAX_HANDLING_TIME);

    let public = Router::new()
        .both("/api", get(operation::about))
        .both("/api/user/register", post(users::register))
        .both("/api/user/login", post(users::login))
        .both("/api/schema", get(docs::schema))
        .both("/api/docs", get(docs::page))
        .route("/api/docs/style.css", get(docs::style))
        .both("/healthz", get(operation::health))
        .both("/metrics", get(operation::metrics))
        .route("/media/{name}", get(media::get))
        .route_layer(time_limit.clone())
        .method_not_allowed_fallback(method_not_allowed);

    let logout = get(users::logout_by_get)
        .head(users::refuse_logout)
        .post(users::logout)
        .fallback(users::refuse_logout);
    let signed_in = Router::new()
        .both("/api/user/logout", logout)
        .both("/api/user/me", get(account::me).delete(account::delete))
        .both("/api/user/password", post(account::change_password))
        .both("/api/chat/gpt", get(chat::conversations))
        .both("/api/interviews", get(interviews::list))
        .both(
            "/api/interviews/{id}",
            get(interviews::get).delete(interviews::delete),
        )
        .both("/api/interviews/{id}/report", get(interviews::report))
        .route_layer(time_limit)
        // A turn takes as long as its model, and limits its own steps.
        .both("/api/chat/gpt", post(chat::turn))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(require_token);

    let router = public
        .merge(signed_in)
        .fallback(async || ApiError::not_found());
    layers::wrap(router, &state).with_state(state)
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::method_not_allowed(&method)
}

async fn handling_timed_out(_: BoxError) -> ApiError {
    tracing::error!("an answer took too long: the database does not answer");
    ApiError::overloaded("The server is overloaded.", 5)
}

/// Adds a path with and without its trailing slash, since neither form may redirect.
trait BothForms {
    fn both(self, path: &str, methods: MethodRouter<Arc<AppState>>) -> Self;
}

impl BothForms for Router<Arc<AppState>> {
    fn both(self, path: &str, methods: MethodRouter<Arc<AppState>>) -> Self {
        self.route(path, methods.clone())
            .route(&format!("{path}/"), methods)
    }
}
