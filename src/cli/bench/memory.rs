//! What of this process is in memory.

use std::process::Command;

use anyhow::Context as _;

/// Resident, in megabytes of a million bytes.
pub fn resident() -> anyhow::Result<f64> {
    let kibibytes = of_proc().map_or_else(of_ps, Ok)?;
    Ok((kibibytes * 1_024.0 / 1e5).round() / 10.0)
}

/// Linux tells it in a file.
fn of_proc() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// Other systems tell it to a program.
fn of_ps() -> anyhow::Result<f64> {
    let process = std::process::id().to_string();
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &process])
        .output();
    let output = output.context("cannot ask `ps` for the memory of this process")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("`ps` says {text:?} of the memory of this process"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_takes_some_memory() {
        assert!(resident().unwrap() > 1.0);
    }
}
