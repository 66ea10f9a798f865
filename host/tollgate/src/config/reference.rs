//! `docs/configuration.md` and the sample file, from the declarations in `keys.rs`.

use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::EMBEDDED;
use super::keys::Config;
use super::section::{Key, Section, Shape};
use super::value::Value;

const PREFACE: &str = "\
# Configuration: `tollgate.toml`

Written by `UPDATE=1 cargo test -p tollgate config` from `host/tollgate/src/config/keys.rs`: change it there.

`tollgate run --config FILE` reads it; without a file the embedded defaults hold, a shop on the simulator
(`examples/shop/tollgate.toml` is the same, with every key and its meaning). `--listen` and `--data` outrank the file, and
`TOLLGATE_DRY_RUN=1` in the environment outranks every `mode = \"live\"`.

- Relative paths are resolved against the folder of the file.
- A **secret** is never written down here. It is `\"env:NAME\"`, a variable of the environment, or `\"file:PATH\"`, a file.
- A **span of time** is written `\"90s\"`, `\"15m\"`, `\"6h\"`, `\"7d\"`, or combined, `\"1h 30m\"`.
- A **size in bytes** is written `\"256KiB\"`, `\"8MiB\"`, `\"1GiB\"`, or as a whole number.
- A **NAME** in a header is yours: lower-case letters, digits, `-` and `_`. A tenant's name does not begin with `_`.
- An unknown key is an error. Every problem is reported at once, with its place and the line that fixes it.
";

/// The text of `docs/configuration.md`: every key with type, default, meaning and example.
#[must_use]
pub fn reference() -> String {
    let mut page = PREFACE.to_owned();
    if let Shape::Table(root) = Config::SHAPE {
        for key in root.keys {
            describe(key, "", &mut page);
        }
    }
    page
}

fn describe(key: &Key, parent: &str, page: &mut String) {
    let (section, path) = match key.shape {
        Shape::Scalar { .. } => return,
        Shape::Table(section) => (section, format!("{parent}{}", key.name)),
        Shape::Tables(section) => (section, format!("{parent}{}.NAME", key.name)),
    };
    let _ = writeln!(page, "\n## `[{path}]`\n\n{}\n", prose(section.about));
    page.push_str("| key | type | default | meaning | example |\n|---|---|---|---|---|\n");
    for key in section.keys {
        if let Shape::Scalar { kind, .. } = key.shape {
            let default = match (key.default, key.otherwise) {
                (Some(default), _) => format!("`{default}`"),
                (None, Some(otherwise)) => format!("none: {otherwise}"),
                (None, None) => "**required**".to_owned(),
            };
            let _ = writeln!(
                page,
                "| `{}` | {kind} | {default} | {} | `{}` |",
                key.name,
                prose(key.about),
                key.like
            );
        }
    }
    for key in section.keys {
        describe(key, &format!("{path}."), page);
    }
}

fn prose(lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| line.trim())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The sample file: the embedded defaults with every key explained. What they leave alone is commented out.
#[must_use]
pub fn sample() -> String {
    let mut page = "\
# tollgate.toml: the embedded defaults, with every key and its meaning. Copy it beside your folder of rules and change what you
# need; a line that is commented out shows the default, or an example. `tollgate run --config tollgate.toml` reads it.
"
    .to_owned();
    let root = DeTable::parse(EMBEDDED)
        .map(toml::Spanned::into_inner)
        .unwrap_or_default();
    if let Shape::Table(section) = Config::SHAPE {
        for key in section.keys {
            tables(key, "", Some(&root), &mut page);
        }
    }
    page
}

/// The tables under a key: those of the embedded defaults, or one as an example, commented out.
fn tables(key: &Key, parent: &str, written: Option<&DeTable<'_>>, page: &mut String) {
    let value = written
        .and_then(|table| table.get(key.name))
        .and_then(|value| value.get_ref().as_table());
    match key.shape {
        Shape::Scalar { .. } => {}
        Shape::Table(section) => table(section, &format!("{parent}{}", key.name), value, page),
        Shape::Tables(section) => match value {
            Some(named) => {
                for (name, value) in named {
                    table(
                        section,
                        &format!("{parent}{}.{}", key.name, name.get_ref()),
                        value.get_ref().as_table(),
                        page,
                    );
                }
            }
            None => {
                let name = match key.name {
                    "topic" | "queue" => "events",
                    "knowledge" => "help",
                    "endpoint" => "orders",
                    _ => "stock-check",
                };
                table(section, &format!("{parent}{}.{name}", key.name), None, page);
            }
        },
    }
}

fn table(section: &Section, path: &str, written: Option<&DeTable<'_>>, page: &mut String) {
    page.push('\n');
    for line in section.about {
        let _ = writeln!(page, "# {}", line.trim());
    }
    let mark = if written.is_some() { "" } else { "# " };
    let _ = writeln!(page, "{mark}[{path}]");
    for key in section.keys {
        if !matches!(key.shape, Shape::Scalar { .. }) {
            continue;
        }
        for line in key.about {
            let _ = writeln!(page, "# {}", line.trim());
        }
        let _ = match written.and_then(|table| table.get(key.name)) {
            Some(value) => writeln!(page, "{} = {}", key.name, plain(value.get_ref())),
            None => writeln!(page, "# {} = {}", key.name, key.default.unwrap_or(key.like)),
        };
    }
    for key in section.keys {
        tables(key, &format!("{path}."), written, page);
    }
}

fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => toml::Value::from(text.as_ref()).to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        // The embedded defaults hold texts and truths alone.
        other => format!("{other:?}"),
    }
}

/// Defaults and examples that their own parser refuses.
#[cfg(test)]
pub(super) fn unreadable() -> Vec<String> {
    fn look(section: &Section, found: &mut Vec<String>) {
        for key in section.keys {
            match key.shape {
                Shape::Scalar { .. } => {
                    let texts = key.default.into_iter().chain([key.like]);
                    found.extend(
                        texts
                            .filter(|text| !(key.reads)(text))
                            .map(|text| format!("{} = {text}", key.name)),
                    );
                }
                Shape::Table(inner) | Shape::Tables(inner) => look(inner, found),
            }
        }
    }
    let mut found = Vec::new();
    if let Shape::Table(root) = Config::SHAPE {
        look(root, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::config::tests::check_file;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn the_reference_is_current() {
        check_file(&root().join("docs/configuration.md"), &reference());
    }

    #[test]
    fn the_sample_is_current_and_means_the_embedded_defaults() {
        check_file(&root().join("examples/shop/tollgate.toml"), &sample());
        assert_eq!(
            Config::parse("sample", &sample(), Path::new("")).unwrap(),
            Config::embedded()
        );
    }

    #[test]
    fn the_sample_names_every_section_and_key() {
        let sample = sample();
        for header in [
            "[host]",
            "[meta_app.",
            "[topic.events]",
            "[queue.events]",
            "[carrier.",
            "[tenant.shop]",
            "[tenant.shop.number.",
            "[tenant.shop.desk.",
            "[tenant.shop.knowledge.",
            "[tenant.shop.endpoint.",
            "[plugin.stock-check]",
            "[plugin.stock-check.limits]",
        ] {
            assert!(sample.contains(header), "{header}");
        }
        for line in reference()
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
        {
            let key = line.split('`').next().unwrap();
            assert!(
                sample.lines().any(|line| line
                    .trim_start_matches("# ")
                    .starts_with(&format!("{key} = "))),
                "{key}"
            );
        }
    }
}
