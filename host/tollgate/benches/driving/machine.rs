//! What processes have used, as Linux tells it; 0 where it does not.
#![allow(dead_code, reason = "each benchmark asks for a part of it")]

use std::path::Path;
use std::time::Duration;

/// Processor time of all threads of a process so far, to the system's hundredth of a second.
pub fn processor_of(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The program's name stands in brackets, and may hold anything.
    let rest = stat
        .rsplit_once(") ")
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    let ticks: u64 = rest
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// The same of this process.
pub fn processor() -> Duration {
    processor_of(std::process::id())
}

/// What a process keeps in memory, in MB.
pub fn resident_mb(process: u32) -> u64 {
    named(&format!("/proc/{process}/status"), "VmRSS:") / 1024
}

/// Bytes that a process has handed to the disk so far.
pub fn written_by(process: u32) -> u64 {
    named(&format!("/proc/{process}/io"), "write_bytes:")
}

/// The load average of the last minute.
pub fn load_average() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("?").to_owned()
}

/// Bytes in a folder's files.
pub fn bytes_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

fn named(file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
