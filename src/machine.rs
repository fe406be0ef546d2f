//! What this machine can calculate with.

use std::collections::HashSet;
use std::thread::available_parallelism;

/// What a speech model is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// See [`cores`].
    pub cores: usize,
    /// Bytes this process may fill; `None` where the system does not say.
    pub memory: Option<u64>,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        Self { cores: cores(), memory: memory() }
    }
}

/// Cores that calculate at the same time: threads sharing a core slow each other down in speech recognition.
pub fn cores() -> usize {
    let allowed = available_parallelism().map_or(1, usize::from);
    // A CPU that is switched off names no siblings, and those after it count.
    let cores: HashSet<String> = (0..1024)
        .filter_map(|cpu| {
            std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")).ok()
        })
        .collect();
    if cores.is_empty() { allowed } else { cores.len().min(allowed) }
}

/// The machine's memory, or what a container is allowed of it.
#[cfg(target_os = "linux")]
fn memory() -> Option<u64> {
    let system = rustix::system::sysinfo();
    #[allow(clippy::useless_conversion, reason = "these fields are narrower on 32-bit machines")]
    let all = u64::from(system.totalram).checked_mul(u64::from(system.mem_unit))?;
    // "max" where there is no limit, no such file outside of version 2 of control groups.
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(limit.map_or(all, |limit: u64| limit.min(all)))
}

#[cfg(not(target_os = "linux"))]
fn memory() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_runs_tests_has_a_core_and_some_memory() {
        let here = Machine::here();
        assert!(here.cores >= 1);
        assert!(here.memory.is_none_or(|memory| memory > 100_000_000), "{here:?}");
    }
}
