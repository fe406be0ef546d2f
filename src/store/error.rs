//! The errors of the store.

use super::error_text;
pub use super::error_text::Outage;
use super::fault::Fault;

/// The reason why a database operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or created. Nothing in it was changed.
    #[error("cannot open the database {url}: {reason}")]
    Open {
        /// The address without a password.
        url: String,
        /// The reason in plain words: locked, not a database, written by a newer version, disk
        /// full…
        reason: Fault,
    },
    /// A statement failed.
    #[error("the database failed while {action}: {}", error_text::describe(cause))]
    Query {
        action: &'static str,
        /// Described in our own words: the driver's may quote what was to be written.
        cause: sqlx::Error,
    },
    /// A row holds a value that this version cannot read.
    #[error("the database holds a {what} that this version cannot read")]
    Unreadable {
        /// The kind of value; never the value itself, which is private to the user.
        what: &'static str,
    },
    /// Another process wrote to the same interview in the meantime.
    #[error("another turn of this interview was taken at the same time")]
    Conflict,
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("the user name looks like another one")]
    UsernameLooksTaken,
    #[error("the email address is taken")]
    EmailTaken,
    #[error("the invitation is unknown, used or expired")]
    NotInvited,
    #[error("the daily limit of turns is reached")]
    LimitReached,
}

impl StoreError {
    /// Returns a function for `map_err` that says which action failed.
    pub(super) fn query(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |cause| Self::Query { action, cause }
    }

    /// Returns whether the same operation may succeed a moment later, because the database is busy
    /// or temporarily unreachable.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Query { cause, .. } if error_text::is_transient(cause))
    }

    /// Returns what is wrong with the database, if something is.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Query { cause, .. } => Some(error_text::describe(cause)),
            _ => None,
        }
    }

    /// Returns the outage that the error is a sign of: the database cannot do its work for some time,
    /// whatever is asked of it.
    pub fn outage(&self) -> Option<Outage> {
        match self {
            Self::Query { cause, .. } => error_text::outage(cause),
            _ => None,
        }
    }

    /// Returns whether the database rolled the whole transaction back because of another one, so
    /// that it can be attempted again at once.
    pub(super) fn is_rolled_back(&self) -> bool {
        matches!(self, Self::Query { cause, .. } if error_text::is_rolled_back(cause))
    }
}
