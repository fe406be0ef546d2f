//! Computes the SHA-256 of files of hundreds of megabytes without holding them in memory.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::ModelError;

/// The bytes read at once: few disk accesses, little memory.
const BLOCK: usize = 1 << 20;

/// Returns the SHA-256 of a whole file in hex.
pub(super) async fn sha256_of(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).await.map_err(ModelError::reading(path))?;
    let mut hash = Sha256::new();
    hash_rest(&mut file, &mut hash)
        .await
        .map_err(ModelError::reading(path))?;
    Ok(hex::encode(hash.finalize()))
}

/// Adds the rest of `file` to `hash` and returns the number of bytes.
pub(super) async fn hash_rest(file: &mut File, hash: &mut Sha256) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    let mut read = 0;
    loop {
        match file.read(&mut block).await? {
            0 => return Ok(read),
            length => {
                hash.update(&block[..length]);
                read += length as u64;
            }
        }
    }
}
