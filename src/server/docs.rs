//! The API's description, generated from the code: OpenAPI 3.1 for programs, and an HTML page for
//! people.

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

/// Lets the page load its style sheet from this server, and nothing else from anywhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Mock interviewer",
        description = "Mock interviews over HTTP. Every path answers with and without its trailing slash. Errors are JSON: \
            `error` comes from the application, `detail` from the protocol level. `null`, an empty string and blanks count as absent.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        users::register, users::login, users::logout,
        users::logout_by_get, account::me, account::change_password, account::delete,
        chat::conversations, chat::turn, media::get,
        interviews::list, interviews::get, interviews::delete, interviews::report,
        operation::about, operation::health, operation::metrics, schema, page,
    ),
    components(schemas(DeltaEvent, AudioEvent, ErrorEvent)),
    modifiers(&TokenSecurity, &OptionalTurnBody),
    tags(
        (name = "users", description = "Accounts and logins"),
        (name = "chat", description = "The current interview"),
        (name = "interviews", description = "Past interviews"),
        (name = "operation", description = "The server itself"),
    ),
)]
struct ApiDescription;

/// Declares the token that most calls need.
struct TokenSecurity;

impl Modify for TokenSecurity {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let format = "`Token <key>`, with the key that a login returns.";
        let token = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
            "Authorization",
            format,
        )));
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("token", token);
    }
}

/// Makes the body of a turn optional: a turn without one repeats the interviewer's last message.
struct OptionalTurnBody;

impl Modify for OptionalTurnBody {
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

/// Describes every call as OpenAPI 3.1.
#[utoipa::path(get, path = "/api/schema/", summary = "This description as OpenAPI", tag = "operation",
    responses((status = 200, description = "The description.", body = Object), ServerFailure))]
pub(super) async fn schema() -> Json<utoipa::openapi::OpenApi> {
    Json(ApiDescription::openapi())
}

/// Shows the same description as an HTML page.
#[utoipa::path(get, path = "/api/docs/", summary = "This description as a page", tag = "operation",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), ServerFailure))]
pub(super) async fn page() -> impl IntoResponse {
    let description = serde_json::to_value(ApiDescription::openapi())
        .expect("an OpenAPI description serializes to JSON");
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    (
        [(header::CONTENT_SECURITY_POLICY, policy)],
        Html(page::render(&description)),
    )
}

/// Returns the style sheet of the page.
pub(super) async fn style() -> impl IntoResponse {
    let content_type = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (content_type, page::STYLE)
}
