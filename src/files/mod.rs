//! Files: what they are, and atomic writes.

mod atomic;
pub mod kind;
pub mod scan;

pub use atomic::replace;
pub use kind::FileKind;
