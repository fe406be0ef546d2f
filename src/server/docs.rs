//! The API's description, made from the code: OpenAPI 3.1 for programs, and a page for people.

mod page;

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{RefOr, Required};
use utoipa::{Modify, OpenApi};

use super::responses::ServerFailure;
use super::{account, chat, interviews, media, operation, users};
use crate::api::{AudioEvent, DeltaEvent, ErrorEvent};

/// The page loads one style sheet from here and nothing from anywhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Mock interviewer",
        description = "Mock interviews over HTTP. Every path answers with and without its trailing slash. Errors are JSON: \
            `error` from the application, `detail` from the protocol level. `null`, an empty text and blanks count as absent.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        users::register, users::login, users::logout,
        users::logout_by_get, account::me, account::password, account::delete,
        chat::conversations, chat::turn, media::get,
        interviews::list, interviews::get, interviews::delete, interviews::report,
        super::about, operation::health, operation::metrics, schema, page,
    ),
    components(schemas(DeltaEvent, AudioEvent, ErrorEvent)),
    modifiers(&Security, &EmptyTurn),
    tags(
        (name = "users", description = "Accounts and logins"),
        (name = "chat", description = "The interview under way"),
        (name = "interviews", description = "Past interviews"),
        (name = "operation", description = "About the server"),
    ),
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let how = "`Token <key>`, with the key that a login gives.";
        let token = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Authorization",
            how,
        )));
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("token", token);
    }
}

/// A turn without a body is the interviewer's last message again.
struct EmptyTurn;

impl Modify for EmptyTurn {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let turn = openapi
            .paths
            .paths
            .get_mut("/api/chat/gpt/")
            .and_then(|path| path.post.as_mut());
        if let Some(RefOr::T(body)) = turn.and_then(|turn| turn.request_body.as_mut()) {
            body.required = Some(Required::False);
        }
    }
}

/// `GET /api/schema/`.
#[utoipa::path(get, path = "/api/schema/", summary = "This description", tag = "operation",
    responses((status = 200, description = "This description.", body = Object), ServerFailure))]
pub(super) async fn schema() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}

/// `GET /api/docs/`.
#[utoipa::path(get, path = "/api/docs/", summary = "This description, to be read", tag = "operation",
    responses((status = 200, description = "This description, to be read.", body = String, content_type = "text/html"), ServerFailure))]
pub(super) async fn page() -> impl IntoResponse {
    let description = serde_json::to_value(Description::openapi()).expect("a description is JSON");
    (
        [(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        )],
        Html(page::render(&description)),
    )
}

/// `GET /api/docs/style.css`.
pub(super) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        page::STYLE,
    )
}
