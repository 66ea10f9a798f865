//! A plugin's folder: which language it is written in, what it is called, and how its component is made.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sandbox::symbols;
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::super::Failure;

/// The target that Rust plugins are built for: there, a component with std imports nothing of the machine's.
const TARGET: &str = "wasm32-unknown-unknown";

/// A plugin's folder.
#[derive(Debug, Clone)]
pub(super) struct Project {
    pub(super) root: PathBuf,
    pub(super) name: String,
    pub(super) language: Language,
}

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Language {
    /// Rust
    Rust,
    /// JavaScript
    Js,
    /// Python
    Python,
}

impl Language {
    /// The file that shows it.
    fn mark(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Js => "package.json",
            Self::Python => "requirements.txt",
        }
    }
}

impl Project {
    /// The plugin in this folder.
    pub(super) fn find(folder: &Path) -> Result<Self, Failure> {
        let root = folder
            .canonicalize()
            .map_err(|error| Failure::usage(format!("error: {}: {error}", folder.display())))?;
        let languages = [Language::Rust, Language::Js, Language::Python];
        let language = languages
            .into_iter()
            .find(|language| root.join(language.mark()).is_file())
            .ok_or_else(|| {
                Failure::usage(format!(
                    "error: {} holds no plugin: there is neither Cargo.toml, package.json nor requirements.txt\n  \
                     help: go to a plugin's folder, or begin one with `tollgate plugin new NAME`",
                    root.display()
                ))
            })?;
        let name = name(&root, language)?;
        Ok(Self {
            root,
            name,
            language,
        })
    }

    /// Where the component is put.
    pub(super) fn component(&self) -> PathBuf {
        self.root.join("dist").join(format!("{}.wasm", self.name))
    }

    /// The rule files with its tests, as seen from here: their lines are shown to people.
    pub(super) fn rules(&self) -> PathBuf {
        let rules = self.root.join("rules");
        let here = std::env::current_dir().unwrap_or_default();
        match rules.strip_prefix(&here) {
            Ok(from_here) => from_here.to_owned(),
            Err(_) => rules,
        }
    }

    /// What a change must be watched in: never what a build writes.
    pub(super) fn sources(&self) -> Vec<PathBuf> {
        let names: &[&str] = match self.language {
            Language::Rust => &["src", "Cargo.toml", "rules", "settings.schema.json"],
            Language::Js => &["src", "package.json", "rules", "wit"],
            Language::Python => &["app.py", "src", "requirements.txt", "rules", "wit"],
        };
        let paths = names.iter().map(|name| self.root.join(name));
        paths.filter(|path| path.exists()).collect()
    }

    /// Makes the component, showing the compiler's own words as they come.
    pub(super) async fn build(&self) -> Result<PathBuf, Failure> {
        match self.language {
            Language::Rust => self.build_rust().await?,
            Language::Js => self.build_js().await?,
            Language::Python => self.build_python().await?,
        }
        let component = self.component();
        if component.is_file() {
            return Ok(component);
        }
        Err(Failure::found(format!(
            "error: the build ended well and left no {}\n  help: let it write the component there",
            component.display()
        )))
    }

    async fn build_rust(&self) -> Result<(), Failure> {
        let mut cargo = self.command("cargo");
        cargo.args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ]);
        // Names and lines are taken off afterwards: two builds, one of them stripped, are not the same code.
        cargo.env("CARGO_PROFILE_RELEASE_STRIP", "none");
        cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only");
        cargo.stdout(Stdio::piped());
        let said = self
            .run(
                cargo,
                "install Rust, then `rustup target add wasm32-unknown-unknown`",
            )
            .await?;
        let built = artifact(&said, &self.root).ok_or_else(|| {
            Failure::found(
                "error: cargo made no component\n  help: Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
            )
        })?;
        let unstripped = std::fs::read(&built)
            .map_err(|error| Failure::found(format!("error: {}: {error}", built.display())))?;
        let component = symbols::stripped(&unstripped)
            .map_err(|error| Failure::found(format!("error: {}: {error}", built.display())))?;
        self.put(&component, &unstripped).map_err(|error| {
            Failure::found(format!("error: {}: {error}", self.component().display()))
        })
    }

    /// The component, and beside it the names and lines of its traps, under its digest.
    fn put(&self, component: &[u8], unstripped: &[u8]) -> std::io::Result<()> {
        let dist = self.root.join("dist");
        let beside = dist.join(symbols::FOLDER);
        // Those of the builds before are of no use any more, and large.
        match std::fs::remove_dir_all(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => std::fs::create_dir_all(&beside)?,
        }
        let digest = hex::encode(Sha256::digest(component));
        std::fs::write(beside.join(format!("{digest}.wasm")), unstripped)?;
        // Last, and whole at once: a running host takes the component up as it appears.
        let unfinished = dist.join(format!(".{}.new", self.name));
        std::fs::write(&unfinished, component)?;
        std::fs::rename(&unfinished, self.component())
    }

    async fn build_js(&self) -> Result<(), Failure> {
        const HELP: &str = "install Node.js 20 or newer, with npm";
        if !self.root.join("node_modules").is_dir() {
            let mut npm = self.command("npm");
            npm.args(["install", "--no-audit", "--no-fund"]);
            self.run(npm, HELP).await?;
        }
        let mut npm = self.command("npm");
        npm.args(["run", "--silent", "build"]);
        self.run(npm, HELP).await.map(drop)
    }

    async fn build_python(&self) -> Result<(), Failure> {
        const HELP: &str = "install Python 3.10 or newer, with venv";
        let python = self.root.join(".venv/bin/python");
        if !python.is_file() {
            let mut venv = self.command("python3");
            venv.args(["-m", "venv", ".venv"]);
            self.run(venv, HELP).await?;
            let mut pip = self.command(&python.to_string_lossy());
            pip.args(["-m", "pip", "install", "--quiet", "-r", "requirements.txt"]);
            if let Err(failure) = self.run(pip, HELP).await {
                // Half an environment would be taken for a whole one the next time.
                let _ = std::fs::remove_dir_all(self.root.join(".venv"));
                return Err(failure);
            }
        }
        let mut build = self.command(&python.to_string_lossy());
        build.arg("build.py");
        self.run(build, HELP).await.map(drop)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).kill_on_drop(true);
        command
    }

    /// Runs a program to its end; its complaints go where ours go.
    async fn run(&self, mut command: Command, help: &str) -> Result<Vec<u8>, Failure> {
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    Failure::found(format!("error: {program} is not installed\n  help: {help}"))
                }
                _ => Failure::found(format!("error: {program}: {error}")),
            })?
            .wait_with_output()
            .await
            .map_err(|error| Failure::found(format!("error: {program}: {error}")))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Failure::found(format!(
            "error: the plugin {} was not built: {program} ended with {}",
            self.name, output.status
        )))
    }
}

/// What the manifest calls the plugin.
fn name(root: &Path, language: Language) -> Result<String, Failure> {
    let path = root.join(language.mark());
    let wrong = |why: String| Failure::usage(format!("error: {}: {why}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    let found = match language {
        Language::Rust => {
            let manifest: toml::Table =
                toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            let name = manifest
                .get("package")
                .and_then(|package| package.get("name"));
            name.and_then(toml::Value::as_str).map(str::to_owned)
        }
        Language::Js => {
            let manifest: serde_json::Value =
                serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            manifest
                .get("name")
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
        }
        // Python has no manifest that names it: the folder does.
        Language::Python => root
            .file_name()
            .map(|name| name.to_string_lossy().into_owned()),
    };
    let name = found.ok_or_else(|| wrong("it names no plugin".to_owned()))?;
    match model::PluginName::new(name.as_str()) {
        Ok(_) => Ok(name),
        Err(error) => Err(wrong(format!("{name:?} is no name for a plugin: {error}"))),
    }
}

/// The component among what cargo says it made: the one of the package in this folder.
fn artifact(said: &[u8], root: &Path) -> Option<PathBuf> {
    let manifest = root.join("Cargo.toml");
    String::from_utf8_lossy(said)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| {
            message
                .get("manifest_path")
                .and_then(serde_json::Value::as_str)
                .map(Path::new)
                == Some(&manifest)
        })
        .filter_map(|message| {
            let files = message.get("filenames")?.as_array()?.clone();
            files
                .iter()
                .filter_map(serde_json::Value::as_str)
                .find(|name| name.ends_with(".wasm"))
                .map(PathBuf::from)
        })
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_has_its_names_and_lines_beside_it_and_those_of_the_build_before_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project {
            root: folder.path().to_owned(),
            name: "stock-check".to_owned(),
            language: Language::Rust,
        };
        project.put(b"old code", b"old code and names").unwrap();
        project.put(b"code", b"code and names").unwrap();

        assert_eq!(std::fs::read(project.component()).unwrap(), b"code");
        let symbols = std::fs::read_dir(folder.path().join("dist/symbols")).unwrap();
        let symbols: Vec<PathBuf> = symbols.map(|entry| entry.unwrap().path()).collect();
        let digest = hex::encode(Sha256::digest(b"code"));
        let [only] = symbols.as_slice() else {
            panic!("{symbols:?}");
        };
        assert!(only.ends_with(format!("{digest}.wasm")), "{only:?}");
        assert_eq!(std::fs::read(only).unwrap(), b"code and names");
        // Nothing unfinished stays.
        assert_eq!(
            std::fs::read_dir(folder.path().join("dist"))
                .unwrap()
                .count(),
            2
        );
    }
}
