//! What travels in the binary, so that a plugin can be begun anywhere: templates, the contract, the sdk with its harness.

/// Files of one folder of this repository, each by its path there.
macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../../", $folder, "/", $path)))),+]
    };
}

/// Files of a template: where each goes, and where it lies. Some lie under names that mean nothing to cargo, git and npm here.
macro_rules! template {
    ($language:literal: $($to:literal <- $from:literal),+ $(,)?) => {
        &[$(($to, include_str!(concat!("../../../templates/", $language, "/", $from)))),+]
    };
}

type Files = &'static [(&'static str, &'static str)];

/// The contract.
pub(super) const WIT: Files = files!("wit/v1":
    "consent.wit",
    "desk.wit",
    "gate.wit",
    "knowledge.wit",
    "log.wit",
    "lookup.wit",
    "memory.wit",
    "plugin.wit",
    "types.wit",
);

/// The sdk and the harness, as they lie under `plugins`.
pub(super) const SDK: Files = files!("plugins":
    "sdk/Cargo.toml",
    "sdk/src/allocator.rs",
    "sdk/src/bindings.rs",
    "sdk/src/consent.rs",
    "sdk/src/desk.rs",
    "sdk/src/emoji.rs",
    "sdk/src/gate.rs",
    "sdk/src/knowledge.rs",
    "sdk/src/lib.rs",
    "sdk/src/limits.rs",
    "sdk/src/log.rs",
    "sdk/src/lookup.rs",
    "sdk/src/memory.rs",
    "sdk/src/outgoing.rs",
    "sdk/src/placeholder.rs",
    "sdk/src/plugin.rs",
    "sdk/src/problems.rs",
    "sdk/src/refusal.rs",
    "sdk/src/reply.rs",
    "sdk/src/seeded.rs",
    "sdk/src/settings.rs",
    "sdk/src/settings/tree.rs",
    "sdk/src/shared_memory.rs",
    "sdk/src/span.rs",
    "sdk/src/spelling.rs",
    "sdk/src/testing.rs",
    "sdk/src/testing/host.rs",
    "sdk/src/testing/record.rs",
    "sdk/src/testing/schema.rs",
    "sdk/src/texts.rs",
    "sdk/src/turn.rs",
    "harness/Cargo.toml",
    "harness/src/lib.rs",
);

pub(super) const RUST: Files = template!("rust":
    ".cargo/config.toml" <- ".cargo/config.toml",
    ".gitignore" <- "gitignore",
    "Cargo.toml" <- "manifest.toml",
    "README.md" <- "README.md",
    "rules/rules.toml" <- "rules/rules.toml",
    "settings.schema.json" <- "settings.schema.json",
    "src/lib.rs" <- "src/lib.rs",
    "tests/rules.rs" <- "tests/rules.rs",
);

pub(super) const JS: Files = template!("js":
    ".gitignore" <- "gitignore",
    ".npmrc" <- "npmrc",
    "README.md" <- "README.md",
    "build.mjs" <- "build.mjs",
    "package-lock.json" <- "package-lock.json",
    "package.json" <- "package.json",
    "rules/rules.toml" <- "rules/rules.toml",
    "src/plugin.js" <- "src/plugin.js",
    "wit/plugin.wit" <- "wit/plugin.wit",
);

pub(super) const PYTHON: Files = template!("python":
    ".gitignore" <- "gitignore",
    "README.md" <- "README.md",
    "build.py" <- "build.py",
    "requirements.txt" <- "requirements.txt",
    "rules/rules.toml" <- "rules/rules.toml",
    "src/app.py" <- "src/app.py",
    "wit/plugin.wit" <- "wit/plugin.wit",
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    /// All files below a folder, by their path in it.
    fn below(folder: &Path, within: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, within, found);
            } else {
                found.insert(path.strip_prefix(within).unwrap().to_owned());
            }
        }
    }

    #[test]
    fn nothing_of_the_sdk_and_the_contract_is_left_behind() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (files, within, folders) in [
            (SDK, "plugins", &["sdk", "harness"][..]),
            (WIT, "wit/v1", &["."]),
        ] {
            let within = root.join(within);
            let mut there = BTreeSet::new();
            for folder in folders {
                below(&within.join(folder), &within, &mut there);
            }
            let there: BTreeSet<String> = there
                .into_iter()
                .map(|path| path.to_string_lossy().trim_start_matches("./").to_owned())
                .collect();
            let here: BTreeSet<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
            assert_eq!(here, there, "list them in vendor.rs");
        }
    }
}
