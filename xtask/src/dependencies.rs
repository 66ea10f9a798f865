//! Every dependency has its reason, in `docs/dependencies.md`.

use std::collections::BTreeSet;

use crate::failure::Failure;
use crate::workspace;

/// Compares the root `Cargo.toml` with `docs/dependencies.md`.
pub(crate) fn check() -> Result<(), Failure> {
    let read = |name: &str| {
        std::fs::read_to_string(workspace::root().join(name))
            .map_err(|error| Failure::Finding(format!("cannot read {name}: {error}")))
    };
    let declared = declared(&read("Cargo.toml")?)?;
    let explained = explained(&read("docs/dependencies.md")?);
    let missing = declared.difference(&explained).map(|name| {
        format!(
            "docs/dependencies.md has no line for `{name}`: what for, why this one, its licence"
        )
    });
    let stale = explained.difference(&declared).map(|name| format!("docs/dependencies.md explains `{name}`, which Cargo.toml does not have: take the line out"));
    let findings: Vec<String> = missing.chain(stale).collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Finding(findings.join("\n")))
    }
}

/// What the workspace depends on and is not its own.
fn declared(manifest: &str) -> Result<BTreeSet<String>, Failure> {
    let manifest: toml::Table = manifest
        .parse()
        .map_err(|error| Failure::Finding(format!("Cargo.toml: {error}")))?;
    let dependencies = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(toml::Value::as_table);
    let foreign = dependencies
        .into_iter()
        .flatten()
        .filter(|(_, dependency)| dependency.get("path").is_none());
    Ok(foreign.map(|(name, _)| name.clone()).collect())
}

/// The names in the first column of the page's table.
fn explained(page: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    page.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_manifest_and_page() {
        let manifest = "[workspace.dependencies]\nmodel = { path = \"host/model\" }\nserde = \"1\"\nhex = { version = \"0.4\" }\n";
        let names = BTreeSet::from(["serde".to_owned(), "hex".to_owned()]);
        assert_eq!(declared(manifest).unwrap(), names);
        assert_eq!(
            explained("# page\n| crate | for |\n|---|---|\n| `serde` | x |\n| `hex` | y |\n"),
            names
        );
    }

    #[test]
    fn every_dependency_of_the_workspace_has_its_line() {
        check().unwrap();
    }
}
