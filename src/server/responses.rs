//! The error responses that the API's description names. They are only described here;
//! [`super::error::ApiError`] makes them.

use utoipa::IntoResponses;

use crate::api::ErrorResponse;

/// The errors of a request whose body cannot be used.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) enum InvalidBody {
    /// The body is malformed, or a field is outside the limits that the error names.
    #[response(status = 400)]
    Invalid(ErrorResponse),
    /// The body did not arrive in time.
    #[response(status = 408)]
    Slow(ErrorResponse),
    /// The body is larger than 64 KiB.
    #[response(status = 413)]
    Large(ErrorResponse),
    /// The body is neither JSON nor a form.
    #[response(status = 415)]
    Unsupported(ErrorResponse),
}

#[derive(IntoResponses)]
#[response(
    status = 400,
    description = "A parameter is outside the limits that the error names."
)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct InvalidQuery(ErrorResponse);

#[derive(IntoResponses)]
#[response(status = 401, description = "The token is missing, malformed, unknown or has expired, or its user is disabled.",
    headers(("WWW-Authenticate" = String, description = "`Token`")))]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct Unauthorized(ErrorResponse);

#[derive(IntoResponses)]
#[response(
    status = 401,
    description = "The username is unknown or the password is wrong."
)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct InvalidCredentials(ErrorResponse);

#[derive(IntoResponses)]
#[response(status = 403, description = "The password is wrong.")]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct WrongPassword(ErrorResponse);

#[derive(IntoResponses)]
#[response(status = 404, description = "The user has no interview with this id.")]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct InterviewNotFound(ErrorResponse);

#[derive(IntoResponses)]
#[response(
    status = 409,
    description = "The username or the email address is taken."
)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct UsernameTaken(ErrorResponse);

/// The reasons for which an account is not created although the request is right.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) enum RegistrationRefused {
    /// Registration is closed, or needs an invitation that was not used and has not expired.
    #[response(status = 403)]
    NotInvited(ErrorResponse),
    /// Too many accounts were created from the client's address.
    #[response(status = 429, headers(("Retry-After" = u64, description = "Seconds until the next account may be created.")))]
    TooMany(ErrorResponse),
}

#[derive(IntoResponses)]
#[response(status = 429, description = "There were too many failed logins for this username and client address, or from this address.",
    headers(("Retry-After" = u64, description = "Seconds until the next attempt is allowed.")))]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) struct TooManyFailures(ErrorResponse);

/// The reasons for which a turn is refused or fails. Nothing is stored or counted then.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) enum TurnRefused {
    /// The user has no interview with this id.
    #[response(status = 404)]
    InterviewNotFound(ErrorResponse),
    /// The interview is over.
    #[response(status = 409)]
    Finished(ErrorResponse),
    /// The idempotency key was used for another request.
    #[response(status = 422)]
    IdempotencyMismatch(ErrorResponse),
    /// The turns of this day are used up.
    #[response(status = 429, headers(("Retry-After" = u64, description = "Seconds until the next day begins.")))]
    LimitReached(ErrorResponse),
    /// The interviewer's engine failed.
    #[response(status = 502)]
    Failed(ErrorResponse),
    /// The interviewer's engine did not answer in time.
    #[response(status = 504)]
    TimedOut(ErrorResponse),
}

/// Failures of the server itself.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, never constructed")]
pub(super) enum ServerFailure {
    /// Something failed inside the server.
    #[response(status = 500)]
    Internal(ErrorResponse),
    /// The server is overloaded, its database does not answer, or its disk is full.
    #[response(status = 503, headers(("Retry-After" = u64, description = "Seconds until the next attempt is worthwhile.")))]
    Overloaded(ErrorResponse),
}
