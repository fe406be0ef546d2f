//! What ails a database, in words for people. They are read from the drivers' codes, never from their texts, and hold
//! no SQL.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteError;

/// One clause without a full stop, such as `the disk is full`.
pub(super) fn plainly(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => of_database(error.as_ref()),
        sqlx::Error::Io(error) => format!("it cannot be reached ({error})"),
        sqlx::Error::Tls(error) => format!("no secure connection to it ({error})"),
        sqlx::Error::PoolTimedOut => "it is busy; all connections are in use".to_owned(),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => "it was closed".to_owned(),
        sqlx::Error::Configuration(error) => error.to_string(),
        sqlx::Error::Migrate(error) => of_migration(error),
        _ => "it gave an answer that was not expected".to_owned(),
    }
}

/// The same for a failed migration.
pub(super) fn of_migration(error: &MigrateError) -> String {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
            "it was written by a newer version of this program; please update".to_owned()
        }
        MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => {
            "its tables were made by another build of this program".to_owned()
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => plainly(error),
        other => other.to_string(),
    }
}

fn of_database(error: &dyn DatabaseError) -> String {
    let code = error.code().unwrap_or_default();
    let told = if error.try_downcast_ref::<SqliteError>().is_some() {
        of_sqlite(code.parse().unwrap_or_default())
    } else {
        of_postgres(&code)
    };
    told.map_or_else(|| format!("it refused the request ({code})"), str::to_owned)
}

/// Whether it may be over a moment later. A connection that broke says nothing about the next one.
pub(super) fn passes(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Tls(_)
        );
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        passes_in_sqlite(code.parse().unwrap_or_default())
    } else {
        passes_in_postgres(&code)
    }
}

/// Whether a transaction was undone by the server because of another one: a deadlock, or an order it could not keep.
/// SQLite makes one of them wait instead.
pub(super) fn undone(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error.try_downcast_ref::<SqliteError>().is_none()
        && was_undone(&error.code().unwrap_or_default())
}

fn was_undone(code: &str) -> bool {
    ["40001", "40P01"].contains(&code)
}

const fn passes_in_sqlite(code: i32) -> bool {
    matches!(code & 0xff, 5 | 6)
}

/// A full disk is of class 53 as well, but stays full; and a dropped database of class 57.
fn passes_in_postgres(code: &str) -> bool {
    let stays = ["53100", "57P04"].contains(&code);
    !stays
        && ["08", "40", "53", "55P03", "57"]
            .iter()
            .any(|class| code.starts_with(class))
}

/// The low byte of a result code is its family: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: i32) -> Option<&'static str> {
    Some(match code & 0xff {
        5 | 6 => "it is locked by another program",
        8 => "it is read-only",
        3 | 23 => "access to it is denied",
        // A full disk is reported so as well, when the files beside the database cannot grow.
        10 => "its disk is full, or failed to read or write",
        11 => "the file is damaged",
        13 => "the disk is full",
        14 => "the file cannot be opened",
        19 => "what was written contradicts what is there",
        26 => "the file is not a database",
        _ => return None,
    })
}

/// SQLSTATE classes: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn of_postgres(code: &str) -> Option<&'static str> {
    Some(match code {
        "53100" => "the disk is full",
        "25006" => "it is read-only",
        "3D000" => "no database of this name exists",
        "42501" => "access to it is denied",
        "42P07" => "it holds tables of another program",
        "55P03" => "it is locked by another program",
        "57014" => "it took too long",
        "XX001" | "XX002" => "it is damaged",
        _ if code.starts_with("08") => "the connection to it broke",
        _ if code.starts_with("28") => "user name or password are wrong",
        _ if code.starts_with("53") => "it is overloaded",
        _ if code.starts_with("57P") => "it is starting or stopping",
        _ if code.starts_with("23") => "what was written contradicts what is there",
        _ if code.starts_with("40") => "another program wrote at the same time",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(5, "it is locked by another program")]
    #[case(517, "it is locked by another program")]
    #[case(13, "the disk is full")]
    #[case::log_cannot_grow(4874, "its disk is full, or failed to read or write")]
    #[case(1032, "it is read-only")]
    #[case(11, "the file is damaged")]
    #[case(26, "the file is not a database")]
    fn a_sqlite_fault_is_told_by_its_family(#[case] code: i32, #[case] told: &str) {
        assert_eq!(of_sqlite(code), Some(told));
    }

    #[rstest]
    #[case::busy(5, true)]
    #[case::busy_snapshot(517, true)]
    #[case::full(13, false)]
    fn a_locked_file_passes(#[case] code: i32, #[case] expected: bool) {
        assert_eq!(passes_in_sqlite(code), expected);
    }

    #[rstest]
    #[case::deadlock("40P01", true)]
    #[case::too_many_connections("53300", true)]
    #[case::starting("57P03", true)]
    #[case::stopped_by_its_administrator("57P01", true)]
    #[case::too_slow("57014", true)]
    #[case::connection_lost("08006", true)]
    #[case::dropped("57P04", false)]
    #[case::disk_full("53100", false)]
    #[case::contradiction("23505", false)]
    fn a_busy_server_passes(#[case] code: &str, #[case] expected: bool) {
        assert_eq!(passes_in_postgres(code), expected);
    }

    #[rstest]
    #[case::deadlock("40P01", true)]
    #[case::serialisation("40001", true)]
    #[case::nobody_knows("40003", false)]
    #[case::contradiction("23505", false)]
    fn a_transaction_undone_by_another_can_be_tried_again(
        #[case] code: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(was_undone(code), expected);
    }

    #[test]
    fn a_connection_that_broke_passes() {
        assert!(passes(&sqlx::Error::Io(
            std::io::ErrorKind::ConnectionReset.into()
        )));
        assert!(!passes(&sqlx::Error::RowNotFound));
    }

    #[rstest]
    #[case("53100", "the disk is full")]
    #[case("28P01", "user name or password are wrong")]
    #[case("57P03", "it is starting or stopping")]
    fn a_postgres_fault_is_told_by_its_class(#[case] code: &str, #[case] told: &str) {
        assert_eq!(of_postgres(code), Some(told));
    }
}
