//! Speech models: the catalogue, the recommended model, the installed ones, download and import.
//!
//! ```text
//! catalogue (assets/whisper-models.tsv) ─► recommendation ────────── ─► download ─┐
//!                        a file of the user's own ─► import ───────────────────────┴► folder ─► installed, verify
//! ```

mod catalogue;
mod digest;
mod download;
mod error;
pub mod format;
mod import;
mod installed;
mod progress;
mod recommendation;

pub use catalogue::{Model, catalogue, path_in, published, published_bytes};
pub use download::{Download, DownloadOutcome, DownloadStep, DownloadTimeouts};
pub use error::{DownloadFailure, Fingerprint, ModelError};
pub use import::{Imported, import};
pub use installed::{
    ModelEntry, ModelStatus, Verification, best_installed, find, list, unfinished,
};
pub use progress::TransferProgress;
pub use recommendation::{Recommendation, recommended};
