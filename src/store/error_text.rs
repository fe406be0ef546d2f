//! Descriptions of database errors in plain words. They are derived from the error codes, never
//! from the drivers' messages, and contain no SQL.

use super::fault::Fault;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteError;

/// Describes an error in one clause without a full stop, such as `the disk is full`.
pub(super) fn describe(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(error) => describe_database(error.as_ref()),
        sqlx::Error::Io(error) => Fault::Unreached(error.kind(), error.to_string()),
        sqlx::Error::Tls(error) => Fault::Insecure(error.to_string()),
        sqlx::Error::PoolTimedOut => Fault::Busy,
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Fault::Closed,
        sqlx::Error::Configuration(error) => Fault::Other(error.to_string()),
        sqlx::Error::Migrate(error) => describe_migration(error),
        _ => Fault::Unexpected,
    }
}

/// Describes a failed migration in one clause.
pub(super) fn describe_migration(error: &MigrateError) -> Fault {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Fault::Newer,
        MigrateError::VersionMismatch(_) | MigrateError::Dirty(_) => Fault::OtherBuild,
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => describe(error),
        other => Fault::Other(other.to_string()),
    }
}

fn describe_database(error: &dyn DatabaseError) -> Fault {
    let code = error.code().unwrap_or_default();
    let fault = if error.try_downcast_ref::<SqliteError>().is_some() {
        sqlite_fault(code.parse().unwrap_or_default())
    } else {
        postgres_fault(&code)
    };
    fault.unwrap_or_else(|| Fault::Code(code.into_owned()))
}

/// Returns whether the same operation may succeed a moment later. A connection that broke says
/// nothing about the next one.
pub(super) fn is_transient(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Tls(_)
        );
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        is_transient_sqlite(code.parse().unwrap_or_default())
    } else {
        is_transient_postgres(&code)
    }
}

/// The ways in which a database is out of order for some time, whatever is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It is busy or was just restarted; the same operation may succeed a moment later.
    Busy,
    /// It is stopped, starting, or no longer there.
    Away,
    /// Its disk is full.
    Full,
    /// It can be read but not written, or its disk fails.
    Unwritable,
}

/// Returns the outage that an error is a sign of, if any.
pub(super) fn outage(error: &sqlx::Error) -> Option<Outage> {
    if is_transient(error) {
        return Some(Outage::Busy);
    }
    let sqlx::Error::Database(error) = error else {
        let closed = matches!(
            error,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_)
        );
        return closed.then_some(Outage::Away);
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        sqlite_outage(code.parse().unwrap_or_default())
    } else {
        postgres_outage(&code)
    }
}

/// Besides the full disk: no permission, read-only, a failure to read or write, no file.
const fn sqlite_outage(code: i32) -> Option<Outage> {
    match code & 0xff {
        13 => Some(Outage::Full),
        3 | 8 | 10 | 14 => Some(Outage::Unwritable),
        _ => None,
    }
}

/// Besides the full disk: a standby or a read-only database, an I/O error of the server, and a
/// database or a role that is gone.
fn postgres_outage(code: &str) -> Option<Outage> {
    match code {
        "53100" => Some(Outage::Full),
        "25006" | "58030" => Some(Outage::Unwritable),
        "57P04" | "3D000" => Some(Outage::Away),
        _ if code.starts_with("28") => Some(Outage::Away),
        _ => None,
    }
}

/// Returns whether the server rolled a transaction back because of another one: a deadlock or a
/// serialization failure. SQLite makes one of the two wait instead.
pub(super) fn is_rolled_back(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error.try_downcast_ref::<SqliteError>().is_none()
        && is_rollback_code(&error.code().unwrap_or_default())
}

fn is_rollback_code(code: &str) -> bool {
    ["40001", "40P01"].contains(&code)
}

const fn is_transient_sqlite(code: i32) -> bool {
    matches!(code & 0xff, 5 | 6)
}

/// A full disk has class 53 too, but stays full; a dropped database has class 57, but stays
/// dropped.
fn is_transient_postgres(code: &str) -> bool {
    let permanent = ["53100", "57P04"].contains(&code);
    !permanent
        && ["08", "40", "53", "55P03", "57"]
            .iter()
            .any(|class| code.starts_with(class))
}

/// Describes a result code by its low byte, the primary code:
/// <https://www.sqlite.org/rescode.html>.
fn sqlite_fault(code: i32) -> Option<Fault> {
    Some(match code & 0xff {
        5 | 6 => Fault::Locked,
        8 => Fault::ReadOnly,
        3 | 23 => Fault::Denied,
        // Also reported when the disk is full and the files beside the database cannot grow.
        10 => Fault::DiskFailed,
        11 => Fault::FileDamaged,
        13 => Fault::DiskFull,
        14 => Fault::CannotOpen,
        19 => Fault::Contradiction,
        26 => Fault::NotADatabase,
        _ => return None,
    })
}

/// Describes an SQLSTATE code, most of them by class:
/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn postgres_fault(code: &str) -> Option<Fault> {
    Some(match code {
        "53100" => Fault::DiskFull,
        "25006" => Fault::ReadOnly,
        "3D000" => Fault::NoDatabase,
        "42501" => Fault::Denied,
        "42P07" => Fault::ForeignTables,
        "55P03" => Fault::Locked,
        "57014" => Fault::Slow,
        "XX001" | "XX002" => Fault::Damaged,
        _ if code.starts_with("08") => Fault::Broke,
        _ if code.starts_with("28") => Fault::Credentials,
        _ if code.starts_with("53") => Fault::Overloaded,
        _ if code.starts_with("57P") => Fault::Starting,
        _ if code.starts_with("23") => Fault::Contradiction,
        _ if code.starts_with("40") => Fault::Concurrent,
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
    fn a_sqlite_error_is_described_by_its_primary_code(#[case] code: i32, #[case] text: &str) {
        assert_eq!(
            sqlite_fault(code).map(|fault| fault.to_string()).as_deref(),
            Some(text)
        );
    }

    #[rstest]
    #[case::busy(5, true)]
    #[case::busy_snapshot(517, true)]
    #[case::full(13, false)]
    fn a_locked_file_is_a_transient_error(#[case] code: i32, #[case] expected: bool) {
        assert_eq!(is_transient_sqlite(code), expected);
    }

    #[rstest]
    #[case::deadlock("40P01", true)]
    #[case::too_many_connections("53300", true)]
    #[case::starting("57P03", true)]
    #[case::stopped_by_an_administrator("57P01", true)]
    #[case::too_slow("57014", true)]
    #[case::connection_lost("08006", true)]
    #[case::dropped("57P04", false)]
    #[case::disk_full("53100", false)]
    #[case::unique_violation("23505", false)]
    fn a_busy_server_is_a_transient_error(#[case] code: &str, #[case] expected: bool) {
        assert_eq!(is_transient_postgres(code), expected);
    }

    #[rstest]
    #[case::full(13, Some(Outage::Full))]
    #[case::log_cannot_grow(4874, Some(Outage::Unwritable))]
    #[case::read_only_folder(1544, Some(Outage::Unwritable))]
    #[case::cannot_open(14, Some(Outage::Unwritable))]
    #[case::damaged(11, None)]
    #[case::constraint(2067, None)]
    #[case::error(1, None)]
    fn a_file_that_takes_no_writes_is_an_outage(
        #[case] code: i32,
        #[case] expected: Option<Outage>,
    ) {
        assert_eq!(sqlite_outage(code), expected);
    }

    #[rstest]
    #[case::disk_full("53100", Some(Outage::Full))]
    #[case::standby("25006", Some(Outage::Unwritable))]
    #[case::io_error("58030", Some(Outage::Unwritable))]
    #[case::dropped("57P04", Some(Outage::Away))]
    #[case::no_such_database("3D000", Some(Outage::Away))]
    #[case::password_changed("28P01", Some(Outage::Away))]
    #[case::unique_violation("23505", None)]
    #[case::no_such_table("42P01", None)]
    fn a_server_that_takes_no_writes_is_an_outage(
        #[case] code: &str,
        #[case] expected: Option<Outage>,
    ) {
        assert_eq!(postgres_outage(code), expected);
    }

    #[rstest]
    #[case(sqlx::Error::PoolTimedOut, Some(Outage::Busy))]
    #[case(sqlx::Error::PoolClosed, Some(Outage::Away))]
    #[case(sqlx::Error::WorkerCrashed, Some(Outage::Away))]
    #[case(sqlx::Error::RowNotFound, None)]
    fn a_connection_that_is_gone_is_an_outage(
        #[case] error: sqlx::Error,
        #[case] expected: Option<Outage>,
    ) {
        assert_eq!(outage(&error), expected);
    }

    #[rstest]
    #[case::deadlock("40P01", true)]
    #[case::serialization_failure("40001", true)]
    #[case::outcome_unknown("40003", false)]
    #[case::unique_violation("23505", false)]
    fn a_transaction_rolled_back_because_of_another_can_be_attempted_again(
        #[case] code: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(is_rollback_code(code), expected);
    }

    #[test]
    fn a_broken_connection_is_a_transient_error() {
        assert!(is_transient(&sqlx::Error::Io(
            std::io::ErrorKind::ConnectionReset.into()
        )));
        assert!(!is_transient(&sqlx::Error::RowNotFound));
    }

    #[rstest]
    #[case("53100", "the disk is full")]
    #[case("28P01", "user name or password are wrong")]
    #[case("57P03", "it is starting or stopping")]
    fn a_postgres_error_is_described_by_its_class(#[case] code: &str, #[case] text: &str) {
        assert_eq!(
            postgres_fault(code)
                .map(|fault| fault.to_string())
                .as_deref(),
            Some(text)
        );
    }
}
