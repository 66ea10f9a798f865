//! The figures as a table and as JSON.

use serde_json::{Value, json};

use crate::figures::{Bound, Cost, Row, Spread, Target};
use crate::loading::Loading;
use crate::workers::Way;

impl Way {
    fn title(self) -> &'static str {
        match self {
            Self::NativeClosure => "native closure, by hand",
            Self::NativePlugin => "native, the plugin's code",
            Self::NativePluginCopied => "  with a turn of its own",
            Self::Reused => "reused instance",
            Self::Fresh => "fresh instance (ours)",
            Self::FreshWithStandardAllocator => "fresh, standard allocator",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::NativeClosure => "native_closure",
            Self::NativePlugin => "native_plugin",
            Self::NativePluginCopied => "native_plugin_copied",
            Self::Reused => "reused",
            Self::Fresh => "fresh",
            Self::FreshWithStandardAllocator => "fresh_with_standard_allocator",
        }
    }
}

/// For people.
pub(crate) fn table(rows: &[Row], loading: &Loading, targets: &[Target]) -> String {
    let mut lines = vec![
        format!(
            "{:<27}{:>9}{:>9}{:>9}   {:>9}{:>9}{:>9}   {:>8}",
            "a turn, in µs", "median", "p99", "cpu", "median", "p99", "cpu", "two/one"
        ),
        format!("{:<27}{:^27}   {:^27}", "", "one thread", "two threads"),
    ];
    for row in rows {
        let scaling = row
            .scaling
            .map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"));
        lines.push(format!(
            "{:<27}{}   {}   {scaling:>8}",
            row.way.title(),
            costs(&row.one),
            costs(&row.two)
        ));
    }
    let counted = rows.iter().map(|row| row.rounds_counted).min().unwrap_or(0);
    lines.push(format!(
        "two/one is throughput, over the rounds in which no other process was in the way ({counted} or more)"
    ));
    lines.push(String::new());
    lines.push(format!(
        "{:<27}{:>9}{:>9}",
        format!("{} bytes, in ms", loading.bytes),
        "median",
        "p99"
    ));
    for (title, spread) in [
        ("load, compiled before", loading.cached),
        ("load, cold", loading.cold),
        ("  compiling it (child)", loading.compiling),
        ("describe", loading.describing),
    ] {
        let Spread { median, p99 } = spread;
        lines.push(format!(
            "{title:<27}{:>9.3}{:>9.3}",
            median / 1e3,
            p99 / 1e3
        ));
    }
    lines.push(String::new());
    lines.extend(targets.iter().map(verdict));
    lines.join("\n")
}

fn costs(cost: &Cost) -> String {
    format!(
        "{:>9.2}{:>9.2}{:>9.2}",
        cost.wall.median, cost.wall.p99, cost.processor
    )
}

fn verdict(target: &Target) -> String {
    let Target { what, unit, .. } = target;
    let demand = match target.bound {
        Bound::AtMost(bound) => format!("at most {bound}{unit}"),
        Bound::AtLeast(bound) => format!("at least {bound}{unit}"),
        Bound::Free => "told, not judged".to_owned(),
    };
    let word = match target.bound {
        Bound::Free => "      ",
        _ if target.is_met() => "met   ",
        _ => "MISSED",
    };
    let found = target.found.map_or_else(
        || "not judged: other processes were in the way in too many rounds".to_owned(),
        |found| format!("{found:.2}{unit}"),
    );
    format!("{word}  {what}: {found} ({demand})")
}

/// For programs. Times in microseconds.
pub(crate) fn json(rows: &[Row], loading: &Loading, targets: &[Target]) -> Value {
    let spread = |Spread { median, p99 }: Spread| json!({"median": median, "p99": p99});
    let cost = |cost: &Cost| json!({"wall": spread(cost.wall), "processor": cost.processor});
    let turns: serde_json::Map<String, Value> = rows
        .iter()
        .map(|row| {
            let figures = json!({
                "one_thread": cost(&row.one),
                "two_threads": cost(&row.two),
                "two_over_one": row.scaling,
                "rounds_counted": row.rounds_counted,
            });
            (row.way.key().to_owned(), figures)
        })
        .collect();
    let targets: Vec<Value> = targets
        .iter()
        .map(|target| {
            let (at_most, at_least) = match target.bound {
                Bound::AtMost(most) => (Some(most), None),
                Bound::AtLeast(least) => (None, Some(least)),
                Bound::Free => (None, None),
            };
            json!({
                "what": target.what,
                "found": target.found,
                "at_most": at_most,
                "at_least": at_least,
                "unit": target.unit.trim(),
                "is_met": target.is_met(),
            })
        })
        .collect();
    json!({
        "turns": turns,
        "loading": {
            "component_bytes": loading.bytes,
            "cached": spread(loading.cached),
            "cold": spread(loading.cold),
            "compiling": spread(loading.compiling),
            "describing": spread(loading.describing),
        },
        "targets": targets,
    })
}
