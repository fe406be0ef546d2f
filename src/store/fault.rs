//! What may be wrong with a database, in plain words without SQL.

use std::io;

/// A fault of a database, in one clause without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("it is locked by another program")]
    Locked,
    #[error("it is read-only")]
    ReadOnly,
    #[error("access to it is denied")]
    Denied,
    #[error("its disk is full, or failed to read or write")]
    DiskFailed,
    #[error("the file is damaged")]
    FileDamaged,
    #[error("it is damaged")]
    Damaged,
    #[error("the disk is full")]
    DiskFull,
    #[error("the file cannot be opened")]
    CannotOpen,
    #[error("what was written contradicts what is there")]
    Contradiction,
    #[error("the file is not a database")]
    NotADatabase,
    #[error("the file belongs to another program")]
    Foreign,
    #[error("it holds tables of another program")]
    ForeignTables,
    #[error("no database of this name exists")]
    NoDatabase,
    #[error("it took too long")]
    Slow,
    #[error("the connection to it broke")]
    Broke,
    #[error("user name or password are wrong")]
    Credentials,
    #[error("it is overloaded")]
    Overloaded,
    #[error("it is starting or stopping")]
    Starting,
    #[error("another program wrote at the same time")]
    Concurrent,
    #[error("it is busy; all connections are in use")]
    Busy,
    #[error("it was closed")]
    Closed,
    #[error("it gave an unexpected answer")]
    Unexpected,
    #[error("it was written by a newer version of this program; please update")]
    Newer,
    #[error("its tables were made by another build of this program")]
    OtherBuild,
    #[error("it needs a file; a database in memory would be empty for each connection")]
    InMemory,
    #[error("its address must begin with sqlite: or postgres:")]
    Address,
    #[error("its encoding is {0}, which cannot hold every script; it has to be UTF8")]
    Encoding(String),
    #[error("its folder cannot be created ({0})")]
    NoFolder(io::Error),
    #[error("it cannot be created ({0})")]
    NotCreated(io::Error),
    /// The system's kind of failure, and its words.
    #[error("it cannot be reached ({1})")]
    Unreached(io::ErrorKind, String),
    #[error("no secure connection to it ({0})")]
    Insecure(String),
    /// The database gave this code.
    #[error("it refused the request ({0})")]
    Code(String),
    /// The words of the driver, which do not quote what was to be written.
    #[error("{0}")]
    Other(String),
}
