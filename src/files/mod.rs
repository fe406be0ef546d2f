//! Files: what they are, and atomic writes.

mod atomic;
pub mod kind;
pub mod reason;
pub mod scan;
mod space;

pub use atomic::replace;
pub use kind::FileKind;
pub use space::free_space;
