//! Speech models: downloads from servers of every kind, imports, and the command line.

mod at_once;
mod commands;
mod download;
mod import;
mod leftovers;
pub mod server;
