//! Licences and sources of everything that is linked, for machines without cargo-deny: the same `deny.toml`, the same answer.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::failure::Failure;
use crate::workspace;

/// Judges every package of `cargo metadata` by `deny.toml`.
pub(crate) fn check() -> Result<(), Failure> {
    let path = workspace::root().join("deny.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::Finding(format!("cannot read deny.toml: {error}")))?;
    let policy =
        Policy::parse(&text).map_err(|reason| Failure::Finding(format!("deny.toml: {reason}")))?;
    let metadata = workspace::metadata(&["--offline"]).or_else(|_| workspace::metadata(&[]))?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let findings: Vec<String> = packages
        .filter_map(|package| policy.finding(package))
        .collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Finding(findings.join("\n")))
    }
}

/// What `deny.toml` says.
struct Policy {
    allowed: BTreeSet<String>,
    banned: BTreeSet<String>,
}

impl Policy {
    fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| error.to_string())?;
        let list = |section: &str, key: &str| {
            let list = table
                .get(section)
                .and_then(|section| section.get(key))
                .and_then(toml::Value::as_array);
            list.cloned()
                .ok_or_else(|| format!("[{section}] has no list `{key}`"))
        };
        let name = |entry: toml::Value| {
            entry
                .as_str()
                .or_else(|| entry.get("crate")?.as_str())
                .map(str::to_owned)
        };
        Ok(Self {
            allowed: list("licenses", "allow")?
                .into_iter()
                .filter_map(name)
                .collect(),
            banned: list("bans", "deny")?.into_iter().filter_map(name).collect(),
        })
    }

    fn finding(&self, package: &Value) -> Option<String> {
        let field = |key: &str| package.get(key).and_then(Value::as_str);
        let name = field("name").unwrap_or("a package without name");
        if self.banned.contains(name) {
            return Some(format!("{name} is banned in deny.toml, which says why"));
        }
        // What has no source is a path of ours; anything else comes from the registry, never from a repository's branch.
        if field("source").is_some_and(|source| !source.starts_with("registry+")) {
            return Some(format!("{name} does not come from the registry"));
        }
        let Some(licence) = field("license") else {
            return Some(format!("{name} names no licence"));
        };
        match Expression::parse(licence) {
            Err(reason) => Some(format!("{name}: licence {licence:?}: {reason}")),
            Ok(expression) if expression.is_met_by(&self.allowed) => None,
            Ok(_) => Some(format!(
                "{name}: licence {licence:?} is not allowed by deny.toml"
            )),
        }
    }
}

/// An SPDX licence expression.
#[derive(Debug, PartialEq, Eq)]
enum Expression {
    /// A licence, with its exception if it has one: `Apache-2.0 WITH LLVM-exception`.
    Licence(String),
    /// All of these hold together.
    All(Vec<Expression>),
    /// One of these may be chosen.
    Any(Vec<Expression>),
}

impl Expression {
    /// Parses an expression; `/` is the old way to write OR.
    fn parse(text: &str) -> Result<Self, String> {
        let spaced = text
            .replace('/', " OR ")
            .replace('(', " ( ")
            .replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let expression = Self::any(&mut rest)?;
        match rest.first() {
            None => Ok(expression),
            Some(word) => Err(format!("unexpected {word:?}")),
        }
    }

    fn any(words: &mut &[&str]) -> Result<Self, String> {
        Self::joined(words, "OR", Self::all, Self::Any)
    }

    /// AND binds closer than OR.
    fn all(words: &mut &[&str]) -> Result<Self, String> {
        Self::joined(words, "AND", Self::one, Self::All)
    }

    fn joined(
        words: &mut &[&str],
        operator: &str,
        part: fn(&mut &[&str]) -> Result<Self, String>,
        join: fn(Vec<Self>) -> Self,
    ) -> Result<Self, String> {
        let first = part(words)?;
        let mut parts = vec![first];
        while let Some((_, rest)) = words.split_first().filter(|(word, _)| **word == operator) {
            *words = rest;
            parts.push(part(words)?);
        }
        if parts.len() > 1 {
            Ok(join(parts))
        } else {
            parts.pop().ok_or_else(|| "it is empty".to_owned())
        }
    }

    fn one(words: &mut &[&str]) -> Result<Self, String> {
        let (word, rest) = words.split_first().ok_or("it ends too early")?;
        *words = rest;
        match *word {
            "(" => {
                let inner = Self::any(words)?;
                match words.split_first() {
                    Some((&")", rest)) => *words = rest,
                    _ => return Err("a bracket is not closed".to_owned()),
                }
                Ok(inner)
            }
            ")" | "AND" | "OR" | "WITH" => Err(format!("unexpected {word:?}")),
            licence => match words {
                ["WITH", exception, rest @ ..] => {
                    *words = rest;
                    Ok(Self::Licence(format!("{licence} WITH {exception}")))
                }
                _ => Ok(Self::Licence(licence.to_owned())),
            },
        }
    }

    fn is_met_by(&self, allowed: &BTreeSet<String>) -> bool {
        match self {
            Self::Licence(licence) => allowed.contains(licence),
            Self::All(parts) => parts.iter().all(|part| part.is_met_by(allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met_by(allowed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_met(text: &str, allowed: &[&str]) -> bool {
        Expression::parse(text).unwrap().is_met_by(
            &allowed
                .iter()
                .map(|licence| (*licence).to_owned())
                .collect(),
        )
    }

    #[test]
    fn expressions_mean_what_spdx_says() {
        let table = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT/Apache-2.0", true),
            ("Apache-2.0 / GPL-3.0-only", true),
            ("GPL-3.0-only OR MIT AND Apache-2.0", true),
            ("MIT OR GPL-3.0-only AND LGPL-2.1-only", true),
            ("(MIT OR GPL-3.0-only) AND LGPL-2.1-only", false),
            ("(MIT OR Apache-2.0) AND (Apache-2.0 OR ISC)", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0 WITH Other-exception", false),
            ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", true),
        ];
        for (text, expected) in table {
            assert_eq!(
                is_met(
                    text,
                    &["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
                ),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "",
            "MIT OR",
            "AND MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "MIT WITH",
            "()",
        ] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_package_is_judged_by_licence_source_and_bans() {
        let policy = Policy::parse(
            "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"openssl-sys\" }]\n",
        )
        .unwrap();
        let finding = |name: &str, source: &str, licence: Option<&str>| {
            policy.finding(&json!({"name": name, "source": source, "license": licence}))
        };
        assert_eq!(finding("fine", "registry+x", Some("MIT")), None);
        assert!(
            finding("openssl-sys", "registry+x", Some("MIT"))
                .unwrap()
                .contains("banned")
        );
        assert!(
            finding("branch", "git+x", Some("MIT"))
                .unwrap()
                .contains("registry")
        );
        assert!(
            finding("silent", "registry+x", None)
                .unwrap()
                .contains("no licence")
        );
        assert!(
            finding("copyleft", "registry+x", Some("GPL-3.0-only"))
                .unwrap()
                .contains("not allowed")
        );
    }

    #[test]
    fn everything_linked_here_is_allowed() {
        check().unwrap();
    }
}
