//! The figures as a table and as JSON.

use serde_json::{Value, json};

use crate::Fault;
use crate::figures::{Figures, Measured, count};

/// For people.
pub(crate) fn table(figures: &Figures) -> Result<String, Fault> {
    let mut lines = vec![format!(
        "{:>7}{:>11}{:>9}{:>9}{:>8}{:>8}{:>12}{:>11}{:>11}{:>12}{:>9}",
        "rules",
        "ns/message",
        "p99",
        "folding",
        "looks",
        "allocs",
        "no index",
        "index, ms",
        "index, KB",
        "reading, ms",
        "text, KB"
    )];
    for measured in &figures.sizes {
        let (median, p99) = measured.search_ns()?;
        lines.push(format!(
            "{:>7}{median:>11.0}{p99:>9.0}{:>9.0}{:>8.2}{:>8.2}{:>12.0}{:>11.2}{:>11.0}{:>12.1}{:>9.0}",
            measured.rules,
            measured.fold_ns()?,
            measured.per_message(measured.looks),
            measured.per_message(measured.allocations),
            measured.linear_ns()?,
            measured.build_ms()?,
            kilobytes(measured.index_bytes),
            measured.reading_ms()?,
            kilobytes(measured.source_bytes),
        ));
    }
    lines.push(String::new());
    for target in figures.targets()? {
        let verdict = if target.is_met() { "met" } else { "MISSED" };
        lines.push(format!(
            "{verdict}: {} at most {}: {:.2}",
            target.what, target.at_most, target.found
        ));
    }
    Ok(lines.join("\n"))
}

/// For programs.
pub(crate) fn json(figures: &Figures) -> Result<Value, Fault> {
    let sizes = figures
        .sizes
        .iter()
        .map(size)
        .collect::<Result<Vec<_>, _>>()?;
    let targets = figures.targets()?.map(|target| {
        json!({
            "target": target.what,
            "found": target.found,
            "at_most": target.at_most,
            "met": target.is_met(),
        })
    });
    Ok(json!({ "sizes": sizes, "targets": targets }))
}

fn size(measured: &Measured) -> Result<Value, Fault> {
    let (median, p99) = measured.search_ns()?;
    Ok(json!({
        "rules": measured.rules,
        "search_ns": median,
        "search_p99_ns": p99,
        "fold_ns": measured.fold_ns()?,
        "search_without_index_ns": measured.linear_ns()?,
        "looks_per_message": measured.per_message(measured.looks),
        "allocations_per_message": measured.per_message(measured.allocations),
        "index_ms": measured.build_ms()?,
        "index_bytes": measured.index_bytes,
        "reading_ms": measured.reading_ms()?,
        "source_bytes": measured.source_bytes,
    }))
}

fn kilobytes(bytes: usize) -> f64 {
    count(bytes) / 1024.0
}
