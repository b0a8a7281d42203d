//! Removal of what hosts left behind whose test and janitor were both killed.

use std::fs;

use crate::command::command;

/// What the names of the hosts' control groups begin with; the owner's pid, its start time and a number follow.
pub(super) const PREFIX: &str = "virtcontainer-test-";

/// Removes the control groups, and the processes in them, of hosts whose test process is gone.
pub(super) fn remove(janitor: &str) {
    for name in control_groups() {
        if !owner_lives(&name) {
            // Another test may be removing the same one just now.
            let _ = command("sh").args(["-c", janitor, "janitor", "remove", &name]).output();
        }
    }
}

fn control_groups() -> Vec<String> {
    let Ok(mounts) = fs::read_to_string("/proc/self/mountinfo") else { return Vec::new() };
    let mut names: Vec<_> = mounts
        .lines()
        .filter(|line| line.contains(" - cgroup ") || line.contains(" - cgroup2 "))
        .filter_map(|line| fs::read_dir(line.split(' ').nth(4)?).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(PREFIX))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn owner_lives(name: &str) -> bool {
    let mut parts = name.trim_start_matches(PREFIX).split('-');
    let pid = parts.next().and_then(|pid| pid.parse().ok());
    let started = parts.next().and_then(|time| time.parse().ok());
    pid.is_some_and(|pid| start_time(pid) == started && started.is_some())
}

/// Start time of a process, in clock ticks since boot (field 22 of /proc/PID/stat).
pub(super) fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(19)?.parse().ok()
}
