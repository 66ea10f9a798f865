//! Nothing that is kept names a package registry (whoever builds has one configured) or a path of one machine.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace;

/// In pieces, so that this file passes its own scan.
const NAMED_NOWHERE: &[&[&str]] = &[
    &["crates", ".io"],
    &["npmjs", ".org"],
    &["npmjs", ".com"],
    &["yarnpkg", ".com"],
    &["pypi", ".org"],
    &["pythonhosted", ".org"],
    &["proxy.golang", ".org"],
    &["rubygems", ".org"],
    &["repo1.maven", ".org"],
    &["../", "shared"],
];

/// Looks through every file that git knows or would take.
pub(crate) fn scan() -> Result<(), Failure> {
    let mut git = Command::new("git");
    git.current_dir(workspace::root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = workspace::printed(git)?;
    let mut findings = Vec::new();
    // Cargo writes its lock file itself, with the registry in it.
    for name in listed
        .split('\0')
        .filter(|name| !name.is_empty() && !name.ends_with("Cargo.lock"))
    {
        let path = workspace::root().join(name);
        // What is listed and gone was deleted and not committed yet; what is no text is no address.
        let Ok(text) =
            std::fs::read(&path).map(|bytes| String::from_utf8(bytes).unwrap_or_default())
        else {
            continue;
        };
        findings.extend(named_in(&text).map(|(line, what)| format!("{name}:{line}: names {what}")));
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Finding(findings.join("\n")))
    }
}

fn named_in(text: &str) -> impl Iterator<Item = (usize, String)> {
    let needles: Vec<String> = NAMED_NOWHERE.iter().map(|pieces| pieces.concat()).collect();
    text.lines().enumerate().flat_map(move |(index, line)| {
        let found: Vec<String> = needles
            .iter()
            .filter(|needle| line.contains(needle.as_str()))
            .cloned()
            .collect();
        found.into_iter().map(move |needle| (index + 1, needle))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_found_with_its_line() {
        let text = format!("fine\nregistry = \"https://index.crates{}\"\n", ".io");
        let found: Vec<usize> = named_in(&text).map(|(line, _)| line).collect();
        assert_eq!(found, [2]);
        assert_eq!(named_in("host/shared and the crates of it").count(), 0);
    }

    #[test]
    fn nothing_that_is_kept_names_one() {
        scan().unwrap();
    }
}
