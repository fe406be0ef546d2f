//! The processors and the memory of this computer.

use std::collections::HashSet;
use std::thread::{self, available_parallelism};
use std::time::Duration;

/// The resources that decide which speech model is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The number of physical cores, from [`cores`].
    pub cores: usize,
    /// The memory in bytes that this process may use; `None` if it is unknown.
    pub memory: Option<u64>,
}

impl Machine {
    /// Returns the resources of this computer.
    pub fn here() -> Self {
        Self {
            cores: cores(),
            memory: memory(),
        }
    }
}

/// Returns the number of physical cores: threads that share a core slow each other down in speech
/// recognition.
pub fn cores() -> usize {
    let allowed = available_parallelism().map_or(1, usize::from);
    // A CPU that is switched off has no list of siblings, but those after it count.
    let cores: HashSet<String> = (0..1024)
        .filter_map(|cpu| {
            std::fs::read_to_string(format!(
                "/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
            ))
            .ok()
        })
        .collect();
    if cores.is_empty() {
        allowed
    } else {
        cores.len().min(allowed)
    }
}

/// The number of samples: a core counts as busy only if it is in all of them.
const SAMPLES: usize = 3;
/// The time between two samples: threads that run for less do not count.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(1);

/// Returns the number of idle [`cores`], at least one, or all if it is unknown. This takes 2 ms unless
/// every core is idle.
pub fn free_cores() -> usize {
    let most = cores();
    let mut free = 1;
    for sample in 0..SAMPLES {
        if sample > 0 {
            thread::sleep(SAMPLE_INTERVAL);
        }
        free = free.max(free_now(most));
        if free == most {
            break;
        }
    }
    free
}

fn free_now(most: usize) -> usize {
    std::fs::read_to_string("/proc/stat")
        .ok()
        .and_then(|stat| free_of(&stat, most))
        .unwrap_or(most)
}

/// Returns the number of idle cores by `/proc/stat` of Linux. The thread that reads it counts as
/// running, too.
fn free_of(stat: &str, most: usize) -> Option<usize> {
    let is_cpu = |line: &&str| {
        line.strip_prefix("cpu")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let cpus = stat.lines().filter(is_cpu).count();
    let running: usize = stat
        .lines()
        .find_map(|line| line.strip_prefix("procs_running "))?
        .trim()
        .parse()
        .ok()?;
    Some(
        cpus.saturating_sub(running.saturating_sub(1))
            .clamp(1, most.max(1)),
    )
}

/// Returns the memory of the computer, or the limit of the container.
#[cfg(target_os = "linux")]
fn memory() -> Option<u64> {
    let system = rustix::system::sysinfo();
    #[allow(
        clippy::useless_conversion,
        reason = "these fields are narrower on 32-bit machines"
    )]
    let all = u64::from(system.totalram).checked_mul(u64::from(system.mem_unit))?;
    // The file holds "max" if there is no limit; it exists only in version 2 of control groups.
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max")
        .ok()
        .and_then(|text| text.trim().parse().ok());
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
    fn busy_cores_are_not_free() {
        let stat = |running: usize| {
            format!(
                "cpu  1 2\ncpu0 1 2\ncpu1 1 2\ncpu2 1 2\ncpu3 1 2\nctxt 5\nprocs_running {running}\n"
            )
        };
        let free = |running, most| free_of(&stat(running), most);
        // The thread that reads the file is running, too.
        assert_eq!(
            (free(1, 4), free(2, 4), free(9, 4)),
            (Some(4), Some(3), Some(1))
        );
        assert_eq!(free(2, 2), Some(2), "two CPUs share a core");
        assert_eq!(free_of("nonsense", 4), None);
    }

    #[test]
    fn a_machine_that_runs_tests_has_a_core_and_some_memory() {
        let here = Machine::here();
        assert!(here.cores >= 1);
        assert!(
            here.memory.is_none_or(|memory| memory > 100_000_000),
            "{here:?}"
        );
    }
}
