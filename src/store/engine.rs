//! What SQLite and PostgreSQL do each in its own way.

use super::scribe::Scribe;
use super::turnstile::Turnstile;

/// Whose SQL is spoken, and by whose means turns are written in order.
#[derive(Clone, Debug)]
pub(super) enum Engine {
    /// One task writes the turns of this process.
    Sqlite(Scribe),
    /// Each turn has a transaction of its own, and waits at the turnstile before.
    Postgres(Turnstile),
}

impl Engine {
    /// Statements of one kind that are worth having under way at once. Those of SQLite share its file's locks, and a
    /// processor with all else; PostgreSQL works them out elsewhere.
    pub const fn at_once(&self) -> usize {
        match self {
            Self::Sqlite(_) => 2,
            Self::Postgres(_) => 4,
        }
    }

    /// The messages of the row of `interviews` at hand, in one value: the text of a JSON array of arrays `role`,
    /// `content`, `asked`, `spoken`. A row for each would cost several times as much.
    pub const fn messages(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => {
                "(SELECT json_group_array(json_array(role, content, asked, spoken) ORDER BY position) \
                 FROM messages WHERE interview_id = interviews.id)"
            }
            // Of no rows PostgreSQL makes NULL.
            Self::Postgres(_) => {
                "(SELECT COALESCE(CAST(json_agg(json_build_array(role, content, asked, spoken) ORDER BY position) \
                 AS TEXT), '[]') FROM messages WHERE interview_id = interviews.id)"
            }
        }
    }
}
