//! SHA-256 of files of hundreds of megabytes, without holding them in memory.

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::ModelError;

/// Bytes read at once: few trips to the disk, little memory.
const BLOCK: usize = 1 << 20;

/// Hex, of a whole file.
pub(super) async fn of(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).await.map_err(ModelError::reading(path))?;
    let mut hash = Sha256::new();
    rest(&mut file, &mut hash)
        .await
        .map_err(ModelError::reading(path))?;
    Ok(hex::encode(hash.finalize()))
}

/// Adds what follows in `file` to `hash`; gives the number of bytes.
pub(super) async fn rest(file: &mut File, hash: &mut Sha256) -> io::Result<u64> {
    let (mut block, mut read) = (vec![0; BLOCK], 0);
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
