//! What is told, and what is judged.

use std::time::Duration;

use serde_json::{Value, json};

use crate::load::Measured;
use crate::{OVERLOAD_MB, TARGET};

/// True if every target is met.
pub(crate) fn tell(as_json: bool, rows: &[Measured], overload: Option<&Measured>) -> bool {
    let best = rows
        .iter()
        .map(|row| row.settled_per_second)
        .fold(0.0, f64::max);
    let is_fast = best >= TARGET;
    let grew = overload.map_or(0, |row| {
        let busy = rows.iter().map(|row| row.resident_mb[1]).max().unwrap_or(0);
        row.resident_mb[1].saturating_sub(busy)
    });
    let is_bounded = grew <= OVERLOAD_MB;
    if as_json {
        let all = json!({
            "rows": rows.iter().map(figures).collect::<Vec<_>>(),
            "overload": overload.map(figures),
            "target_per_second": TARGET, "best_per_second": best.round(),
            "overload_grew_mb": grew, "met": is_fast && is_bounded,
        });
        println!("{all}");
        return is_fast && is_bounded;
    }
    println!(
        "accept to settle, with fsync and a fresh instance for each message, in one process with the load:"
    );
    println!(
        "{:>11} {:>9} {:>17} {:>19} {:>7} {:>13} {:>9} {:>6}",
        "connections",
        "settled/s",
        "accept p50/p99 ms",
        "to settle p50/p99 ms",
        "CPU us",
        "bytes (disk)",
        "MB",
        "load"
    );
    for row in rows.iter().chain(overload) {
        println!(
            "{:>11} {:>9.0} {:>8.2} {:>8.2} {:>9.2} {:>9.2} {:>7.1} {:>6.0} {:>6.0} {:>4} {:>4} {:>6}",
            row.load.connections,
            row.settled_per_second,
            milliseconds(row.accept[0]),
            milliseconds(row.accept[1]),
            milliseconds(row.accept_to_settle[0]),
            milliseconds(row.accept_to_settle[1]),
            row.processor_micros,
            row.bytes_kept,
            row.bytes_written,
            row.resident_mb[0],
            row.resident_mb[1],
            row.load_average
        );
    }
    println!(
        "bytes (disk): kept by the ledger for a message, and written for it in all; MB: resident at the beginning and the end"
    );
    if let Some(row) = overload {
        println!(
            "offered more than it takes ({} callers, nobody waiting for settles): {:.0}/s accepted, {} told to come again, {} undone at most, drained in {:.1} s",
            row.load.connections,
            row.accepted_per_second,
            row.refused,
            row.undone_most,
            row.drained.as_secs_f64()
        );
    }
    println!(
        "target: {TARGET:.0} messages settled a second: {best:.0}, {}",
        word(is_fast)
    );
    if overload.is_some() {
        println!(
            "target: overload adds at most {OVERLOAD_MB} MB: {grew} MB, {}",
            word(is_bounded)
        );
    }
    is_fast && is_bounded
}

fn figures(row: &Measured) -> Value {
    let rounded = |figure: f64| (figure * 10.0).round() / 10.0;
    json!({
        "connections": row.load.connections,
        "settled_per_second": row.settled_per_second.round(), "accepted_per_second": row.accepted_per_second.round(),
        "refused": row.refused,
        "accept_p50_ms": milliseconds(row.accept[0]), "accept_p99_ms": milliseconds(row.accept[1]),
        "accept_to_settle_p50_ms": milliseconds(row.accept_to_settle[0]), "accept_to_settle_p99_ms": milliseconds(row.accept_to_settle[1]),
        "cpu_us": rounded(row.processor_micros), "bytes_kept": row.bytes_kept.round(), "bytes_written": row.bytes_written.round(),
        "resident_begin_mb": row.resident_mb[0], "resident_end_mb": row.resident_mb[1],
        "undone_most": row.undone_most, "drained_s": rounded(row.drained.as_secs_f64()), "load_average": row.load_average,
    })
}

fn milliseconds(wait: Duration) -> f64 {
    (wait.as_secs_f64() * 1e5).round() / 100.0
}

fn word(is_met: bool) -> &'static str {
    match is_met {
        true => "met",
        false => "MISSED",
    }
}
