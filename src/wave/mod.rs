//! Reads WAV data as recorders and speech programs really write it.
//!
//! Programs that cannot seek back invent the lengths in the header, others never fill them in,
//! break a chunk or write several files one after another. So the samples are found by the chunks
//! that are there, and no length is believed that the file itself contradicts. Neither `hound` nor
//! `symphonia` does so: both refuse a chunk that seems to exceed its parent, know no RF64, and stop
//! at the end of the first of several files.

mod encoding;
mod format;
mod reader;
mod writer;

pub use encoding::Encoding;
pub use format::WaveFormat;
pub use reader::WaveReader;
pub use writer::{HEADER_BYTES, header};

/// The reason a WAV file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaveError {
    #[error("its WAV has no format chunk")]
    NoFormat,
    #[error("its header names a rate of 0 Hz")]
    ZeroRate,
    #[error("its header names 0 channels")]
    NoChannels,
    #[error("its WAV is compressed with {0}")]
    Compressed(String),
    #[error("{0}")]
    Io(String),
}

impl From<std::io::Error> for WaveError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

#[cfg(test)]
mod tests;
