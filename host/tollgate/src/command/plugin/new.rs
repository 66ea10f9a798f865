//! `tollgate plugin new`: a folder that builds and passes its own test at once.

use std::path::{Path, PathBuf};

use clap::Args;

use super::project::Language;
use super::vendor;
use crate::command::{Failure, say};

/// Begin a plugin: a folder with code, a rule that uses it, and a test. Nothing of it needs the network but its packages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin new stock-check                  in Rust
  tollgate plugin new stock-check --lang python
  cd stock-check && tollgate plugin dev            build, test and reload at every change")]
pub(super) struct New {
    /// What the plugin is called: small letters, digits and hyphens
    name: String,
    /// What it is written in
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,
    /// Where the folder is made
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    r#in: PathBuf,
}

impl New {
    pub(super) fn run(self) -> Result<(), Failure> {
        let name = model::PluginName::new(self.name.as_str()).map_err(|error| {
            Failure::usage(format!(
                "error: {:?} is no name for a plugin: {error}",
                self.name
            ))
        })?;
        if TAKEN.contains(&name.as_str())
            || !name
                .as_str()
                .starts_with(|first: char| first.is_ascii_alphabetic())
        {
            return Err(Failure::usage(format!(
                "error: a plugin cannot be called {name}: the tools that build it mean something else by that\n  help: begin with a letter, and say what it does, like stock-check"
            )));
        }
        let folder = self.r#in.join(name.as_str());
        if folder.exists() {
            return Err(Failure::usage(format!(
                "error: {} is there already\n  help: choose another name, or another place with --in",
                folder.display()
            )));
        }
        // Whole or not at all: half a folder would be in the way of the next try.
        let written = write(&folder, name.as_str(), self.lang);
        if let Err(error) = written {
            let _ = std::fs::remove_dir_all(&folder);
            return Err(Failure::found(format!(
                "error: {}: {error}",
                folder.display()
            )));
        }
        say(&format!(
            "{} is made\n  cd {} && tollgate plugin dev --once    builds it and runs its test\n",
            folder.display(),
            folder.display()
        ));
        Ok(())
    }
}

/// What compilers, cargo and the sdk have names for already.
const TAKEN: [&str; 56] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "harness",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "sdk",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "use",
    "virtual",
    "where",
];

fn write(folder: &Path, name: &str, language: Language) -> std::io::Result<()> {
    let template = match language {
        Language::Rust => vendor::RUST,
        Language::Js => vendor::JS,
        Language::Python => vendor::PYTHON,
    };
    for (path, text) in template {
        put(&folder.join(path), &filled(text, name))?;
    }
    // Rust's sdk looks for the contract where it lies in Tollgate's own tree; the others keep it at hand.
    let contract = match language {
        Language::Rust => "vendor/wit/v1",
        Language::Js | Language::Python => "wit/deps/tollgate-plugin",
    };
    for (file, text) in vendor::WIT {
        put(&folder.join(contract).join(file), text)?;
    }
    if language == Language::Rust {
        for (path, text) in vendor::SDK {
            put(&folder.join("vendor/plugins").join(path), text)?;
        }
    }
    Ok(())
}

fn filled(text: &str, name: &str) -> String {
    let type_name: String = name
        .split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect();
    text.replace("{{name}}", name)
        .replace("{{Name}}", &type_name)
        .replace("{{name_}}", &name.replace('-', "_"))
}

fn put(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_type_and_a_file() {
        assert_eq!(
            filled("{{name}} {{Name}} {{name_}}", "stock-check-2"),
            "stock-check-2 StockCheck2 stock_check_2"
        );
    }

    #[test]
    fn no_template_leaves_a_place_unfilled() {
        for template in [vendor::RUST, vendor::JS, vendor::PYTHON] {
            for (path, text) in template {
                let text = filled(text, "stock-check");
                assert!(
                    !text.contains("{{name") && !text.contains("{{Name"),
                    "{path}"
                );
            }
        }
    }
}
