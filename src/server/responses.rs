//! The error responses that the API's description names. They exist for the description only.

use utoipa::IntoResponses;

use crate::api::ErrorBody;

/// What is wrong with a body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, not made")]
pub(super) enum InvalidBody {
    /// Malformed, or out of the bounds that are named.
    #[response(status = 400)]
    Invalid(ErrorBody),
    /// It did not arrive in time.
    #[response(status = 408)]
    Slow(ErrorBody),
    /// It is larger than 64 KiB.
    #[response(status = 413)]
    Large(ErrorBody),
    /// Neither JSON nor a form.
    #[response(status = 415)]
    Unsupported(ErrorBody),
}

/// What is wrong with a query.
#[derive(IntoResponses)]
#[response(status = 400, description = "Out of the bounds that are named.")]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct InvalidQuery(ErrorBody);

/// Who calls without a good token.
#[derive(IntoResponses)]
#[response(status = 401, description = "No token, or none that is good.",
    headers(("WWW-Authenticate" = String, description = "`Token`")))]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct Unauthorized(ErrorBody);

#[derive(IntoResponses)]
#[response(status = 401, description = "Unknown name or wrong password.")]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct WrongCredentials(ErrorBody);

#[derive(IntoResponses)]
#[response(status = 403, description = "The password is wrong.")]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct WrongPassword(ErrorBody);

#[derive(IntoResponses)]
#[response(status = 404, description = "None of the caller's has this key.")]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct UnknownInterview(ErrorBody);

#[derive(IntoResponses)]
#[response(status = 409, description = "The name or the address is taken.")]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct NameTaken(ErrorBody);

#[derive(IntoResponses)]
#[response(status = 429, description = "Too many failures for one name and address.",
    headers(("Retry-After" = u64, description = "Seconds.")))]
#[expect(dead_code, reason = "described, not made")]
pub(super) struct TooManyFailures(ErrorBody);

/// Why a turn was not taken. Nothing was stored or counted.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, not made")]
pub(super) enum TurnRefused {
    /// None of the caller's interviews has this key.
    #[response(status = 404)]
    Unknown(ErrorBody),
    /// The interview is over.
    #[response(status = 409)]
    Over(ErrorBody),
    /// The idempotency key was used for another request.
    #[response(status = 422)]
    OtherRequest(ErrorBody),
    /// The day is used up.
    #[response(status = 429, headers(("Retry-After" = u64, description = "Seconds to the next day.")))]
    UsedUp(ErrorBody),
    /// The interviewer's engine failed.
    #[response(status = 502)]
    Failed(ErrorBody),
    /// The interviewer's engine did not answer in time.
    #[response(status = 504)]
    TimedOut(ErrorBody),
}

/// The server's own troubles.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described, not made")]
pub(super) enum ServerFailure {
    /// Something failed; the log knows what.
    #[response(status = 500)]
    Internal(ErrorBody),
    /// Overloaded.
    #[response(status = 503, headers(("Retry-After" = u64, description = "Seconds.")))]
    Overloaded(ErrorBody),
}
