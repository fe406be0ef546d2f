//! Speech models: downloads from servers that do everything a server may do, imports, and the command line.

mod at_once;
mod commands;
mod download;
mod import;
mod leftovers;
pub mod server;
