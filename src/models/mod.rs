//! Speech models: the catalogue, which one suits, what is installed, download and import.
//!
//! ```text
//! catalogue (assets/whisper-models.tsv) ─► choice (language, machine) ─► download ─┐
//!                        a file of the user's own ─► import ───────────────────────┴► folder ─► installed, verify
//! ```

mod catalogue;
mod choice;
mod digest;
mod download;
mod error;
mod import;
mod installed;
mod meter;
pub mod words;

pub use catalogue::{Model, catalogue, file, named, published_bytes};
pub use choice::{Choice, recommended};
pub use download::{Arrival, Download, Patience, Step};
pub use error::{ModelError, Refusal, Sum};
pub use import::{Imported, import};
pub use installed::{Entry, State, Verdict, begun, entry, installed, list};
pub use meter::Progress;
