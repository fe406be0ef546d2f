//! The memory of this process.

use std::process::Command;

use anyhow::Context as _;

/// Returns the resident memory in megabytes of a million bytes.
pub fn resident() -> anyhow::Result<f64> {
    let kibibytes = from_proc().map_or_else(from_ps, Ok)?;
    Ok((kibibytes * 1_024.0 / 1e5).round() / 10.0)
}

fn from_proc() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim_end_matches("kB").trim().parse().ok()
}

/// Asks `ps`, for systems without `/proc`.
fn from_ps() -> anyhow::Result<f64> {
    let process = std::process::id().to_string();
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &process])
        .output()
        .context("cannot run `ps` to read the memory of this process")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("`ps` printed {text:?} as the memory of this process"))
}
