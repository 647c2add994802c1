//! CPU and memory of process trees, from `/proc`.

use std::{collections::HashMap, fs};

/// Ticks per second in `/proc/*/stat` (USER_HZ, the same on every Linux).
const TICKS: f64 = 100.0;

struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        ended_children: number(13)? + number(14)?,
    })
}

/// CPU milliseconds that a process and everything below it have used so far, children that ended included.
pub fn tree_ms(root: u32) -> f64 {
    let stats: HashMap<u32, Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, stat(pid)?))
        })
        .collect();
    let below = |mut pid: u32| {
        while let Some(stat) = stats.get(&pid) {
            if pid == root {
                return true;
            }
            pid = stat.parent;
        }
        false
    };
    let ticks: u64 = stats
        .iter()
        .filter(|(pid, _)| below(**pid))
        .map(|(_, stat)| stat.own + stat.ended_children)
        .sum();
    ticks as f64 * 1_000.0 / TICKS
}

/// CPU milliseconds of the thread that asks, to the nanosecond.
pub fn own_thread_ms() -> f64 {
    fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .map_or(0.0, |ns| ns / 1_000_000.0)
}

/// CPU milliseconds of children of ours that have ended and were waited for.
pub fn ended_children_ms() -> f64 {
    stat(std::process::id()).map_or(0.0, |s| s.ended_children as f64 * 1_000.0 / TICKS)
}

/// Proportional set size of one process in MB.
pub fn pss_mb(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find(|l| l.starts_with("Pss:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}
