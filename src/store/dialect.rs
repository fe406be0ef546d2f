//! The SQL that differs between SQLite and PostgreSQL.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Returns an expression that yields all messages of the current row of `interviews` in one
    /// value: the text of a JSON array of arrays `role`, `content`, `asked`, `spoken`. Fetching one
    /// row per message would cost several times as much.
    pub const fn messages_as_json(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "(SELECT json_group_array(json_array(role, content, asked, spoken) ORDER BY position) \
                 FROM messages WHERE interview_id = interviews.id)"
            }
            // PostgreSQL aggregates zero rows to NULL.
            Self::Postgres => {
                "(SELECT COALESCE(CAST(json_agg(json_build_array(role, content, asked, spoken) ORDER BY position) \
                 AS TEXT), '[]') FROM messages WHERE interview_id = interviews.id)"
            }
        }
    }
}
