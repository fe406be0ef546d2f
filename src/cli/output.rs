//! The only way to standard output and standard error. What a model, a server, a file or its name
//! says loses everything a terminal would act on.

use std::io::{self, Stdout, Write};

use crate::printable::{PrintableWriter, printable, printable_json};

/// Writes a result to standard output. A reader that has gone away is an error, not a panic.
pub fn print(text: &str) -> io::Result<()> {
    write_all(&printable(text))
}

/// Writes JSON to standard output. What a terminal would act on is escaped, so that the value stays
/// the same.
pub fn print_json(json: &str) -> io::Result<()> {
    write_all(&printable_json(json))
}

/// Writes a notice to standard error, whose reader may be gone without harm.
pub fn print_notice(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Returns standard output.
pub fn stdout() -> PrintableWriter<Stdout> {
    PrintableWriter::new(io::stdout())
}

/// Returns the standard error that the process was started with.
pub fn stderr() -> PrintableWriter<Box<dyn Write>> {
    PrintableWriter::new(crate::stderr::writer())
}

fn write_all(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
