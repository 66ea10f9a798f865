//! What is told, and what is judged.

use std::time::Duration;

use serde_json::{Value, json};

use super::load::{Measured, Pace};
use super::{TARGET, crowd};

/// No answer comes later at half of the target.
const LATEST: Duration = Duration::from_secs(1);
/// A host that has nothing to do.
const IDLE_MB: u64 = 60;
/// The same with a million contacts on its disk.
const CROWDED_MB: u64 = 120;

/// A host that has nothing to do.
pub struct Idle {
    /// From its start until it was ready.
    pub ready: Duration,
    pub at_start_mb: u64,
    /// When the tests beside its rules had run.
    pub calm_mb: u64,
}

/// Everything that was measured.
pub struct Found {
    /// With the sample shop that is embedded.
    pub shipped: Idle,
    /// With the rules of this benchmark, on an empty ledger.
    pub fresh: Idle,
    /// How long it took to fill the ledger, and the host on it.
    pub crowded: Option<(Duration, Idle)>,
    pub rows: Vec<Measured>,
    pub steady: Vec<Measured>,
    pub wrong: u64,
    pub double: u64,
    pub lost: u64,
    pub named: Vec<String>,
    pub complaints: u64,
}

impl Found {
    /// With one message in each webhook and no statuses.
    fn reached(&self) -> f64 {
        self.rows[1].answered_per_second
    }

    fn latest(&self) -> Duration {
        let [.., latest] = self.steady[0].to_answer;
        latest
    }

    /// Each target, what was found, and whether it is met.
    fn targets(&self) -> Vec<(String, String, bool)> {
        let half = match self.steady[0].plan.pace {
            Pace::Open(rate) => rate,
            Pace::Closed => 0.0,
        };
        let idle = self.shipped.calm_mb.max(self.shipped.at_start_mb);
        let mut targets = vec![
            (
                format!("{TARGET:.0} answered a second"),
                format!("{:.0}", self.reached()),
                self.reached() >= TARGET,
            ),
            (
                format!(
                    "no answer later than {} s at {half:.0} a second",
                    LATEST.as_secs()
                ),
                format!("{:.0} ms", milliseconds(self.latest())),
                self.latest() <= LATEST,
            ),
            (
                "every answer right and once".to_owned(),
                format!(
                    "{} wrong, {} double, {} lost",
                    self.wrong, self.double, self.lost
                ),
                self.wrong + self.double + self.lost == 0,
            ),
            (
                format!("{IDLE_MB} MB resident idle"),
                format!("{idle} MB"),
                idle <= IDLE_MB,
            ),
        ];
        if let Some((_, crowded)) = &self.crowded {
            let most = crowded.calm_mb.max(crowded.at_start_mb);
            targets.push((
                format!("{CROWDED_MB} MB resident with {} contacts", crowd::CONTACTS),
                format!("{most} MB"),
                most <= CROWDED_MB,
            ));
        }
        targets
    }
}

/// True if every target is met.
pub fn tell(as_json: bool, found: &Found) -> bool {
    let targets = found.targets();
    let is_met = targets.iter().all(|(_, _, is_met)| *is_met);
    if as_json {
        println!("{}", figures(found, is_met));
        return is_met;
    }
    println!(
        "webhook to answer, over HTTP on loopback, with fsync; the host in a process of its own, load and stand-in in one thread of another:"
    );
    println!(
        "{:>40} {:>10} {:>13} {:>34} {:>13} {:>15} {:>6} {:>6}",
        "load",
        "answered/s",
        "200 p50/p99",
        "to answer p50/p99/p99.9/all ms",
        "CPU us h+l",
        "bytes (disk)",
        "MB",
        "load"
    );
    for row in found.rows.iter().chain(&found.steady) {
        let [half, most, nearly_all, all] = row.to_answer.map(milliseconds);
        println!(
            "{:>40} {:>10.0} {:>6.1} {:>6.1} {:>8.1} {:>8.1} {:>8.1} {:>7.1} {:>6.1} {:>6.1} {:>7.0} {:>7.0} {:>6} {:>6}",
            row.plan.name(),
            row.answered_per_second,
            milliseconds(row.taken[0]),
            milliseconds(row.taken[1]),
            half,
            most,
            nearly_all,
            all,
            row.host_micros,
            row.load_micros,
            row.bytes_kept,
            row.bytes_written,
            row.resident_mb,
            row.load_average,
        );
    }
    println!(
        "CPU us h+l: processor time a message, the host's and the load's; bytes (disk): kept for a message, and written for it in all"
    );
    for row in found.rows.iter().chain(&found.steady) {
        if row.refused > 0 {
            println!(
                "{}: {} webhooks were not taken at once",
                row.plan.name(),
                row.refused
            );
        }
        if row.opened > 1024 {
            println!(
                "{}: the host opened {} connections",
                row.plan.name(),
                row.opened
            );
        }
    }
    let idle = |idle: &Idle| {
        format!(
            "ready after {:.0} ms, {} MB resident then, {} MB when calm",
            milliseconds(idle.ready),
            idle.at_start_mb,
            idle.calm_mb
        )
    };
    println!("idle, as shipped: {}", idle(&found.shipped));
    println!("idle, this benchmark's rules: {}", idle(&found.fresh));
    if let Some((filled, crowded)) = &found.crowded {
        println!(
            "idle, with {} contacts (made in {:.0} s): {}",
            crowd::CONTACTS,
            filled.as_secs_f64(),
            idle(crowded)
        );
    }
    if found.complaints > 0 {
        println!("the host logged {} warnings and errors", found.complaints);
    }
    for what in &found.named {
        println!("WRONG: {what}");
    }
    for (target, reached, is_met) in targets {
        let word = if is_met { "met" } else { "MISSED" };
        println!("target: {target}: {reached}, {word}");
    }
    is_met
}

fn figures(found: &Found, is_met: bool) -> Value {
    let rounded = |figure: f64| (figure * 10.0).round() / 10.0;
    let row = |row: &Measured| {
        let [half, most, nearly_all, all] = row.to_answer.map(milliseconds);
        json!({
            "load": row.plan.name(), "answered_per_second": row.answered_per_second.round(),
            "taken_p50_ms": milliseconds(row.taken[0]), "taken_p99_ms": milliseconds(row.taken[1]),
            "to_answer_p50_ms": half, "to_answer_p99_ms": most, "to_answer_p999_ms": nearly_all, "to_answer_longest_ms": all,
            "host_cpu_us": rounded(row.host_micros), "load_cpu_us": rounded(row.load_micros),
            "bytes_kept": row.bytes_kept.round(), "bytes_written": row.bytes_written.round(), "resident_mb": row.resident_mb,
            "not_taken_at_once": row.refused, "connections_opened": row.opened, "lost": row.lost,
            "rested_s": rounded(row.rested.as_secs_f64()), "load_average": row.load_average,
        })
    };
    let idle = |idle: &Idle| {
        json!({
            "ready_ms": milliseconds(idle.ready), "resident_at_start_mb": idle.at_start_mb, "resident_calm_mb": idle.calm_mb,
        })
    };
    json!({
        "rows": found.rows.iter().map(row).collect::<Vec<_>>(),
        "steady": found.steady.iter().map(row).collect::<Vec<_>>(),
        "idle_as_shipped": idle(&found.shipped), "idle": idle(&found.fresh),
        "idle_with_a_million_contacts": found.crowded.as_ref().map(|(_, crowded)| idle(crowded)),
        "wrong": found.wrong, "double": found.double, "lost": found.lost, "named": found.named, "complaints": found.complaints,
        "met": is_met,
    })
}

fn milliseconds(wait: Duration) -> f64 {
    (wait.as_secs_f64() * 1e5).round() / 100.0
}
