//! Where things are, and what cargo knows of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::Failure;

/// The folder of the root `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// The cargo that runs this, at the root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A command as people would type it.
pub(crate) fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={:?} ",
            name.to_string_lossy(),
            value?.to_string_lossy()
        ))
    });
    variables.collect::<String>()
        + &words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
}

/// Runs a command whose output people see.
pub(crate) fn run(mut command: Command) -> Result<(), Failure> {
    let line = typed(&command);
    let status = command
        .status()
        .map_err(|error| Failure::start(&line, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Finding(format!("`{line}` failed ({status})")))
    }
}

/// Runs a command for what it prints.
pub(crate) fn printed(mut command: Command) -> Result<String, Failure> {
    let line = typed(&command);
    let output = command
        .output()
        .map_err(|error| Failure::start(&line, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Finding(format!(
            "`{line}` failed ({}): {}",
            output.status,
            said.trim()
        )));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Failure::Finding(format!("`{line}` printed no text")))
}

/// What `cargo metadata` says.
pub(crate) fn metadata(arguments: &[&str]) -> Result<Value, Failure> {
    let mut command = cargo();
    command
        .args(["metadata", "--format-version", "1", "--quiet"])
        .args(arguments);
    let text = printed(command)?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Finding(format!("cargo metadata printed no JSON: {error}")))
}

/// Where cargo builds.
pub(crate) fn target_folder() -> Result<PathBuf, Failure> {
    let metadata = metadata(&["--no-deps"])?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    folder
        .map(PathBuf::from)
        .ok_or_else(|| Failure::Finding("cargo metadata names no target directory".to_owned()))
}

const WASM: &str = "wasm32-unknown-unknown";

/// Plugins are built for this target; rustup adds it where it is missing.
pub(crate) fn ensure_wasm_target() -> Result<(), Failure> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root()).args(["--print", "sysroot"]);
    let sysroot = printed(rustc)?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    eprintln!("adding the target that plugins are built for: rustup target add {WASM}");
    let mut rustup = Command::new("rustup");
    rustup.current_dir(root()).args(["target", "add", WASM]);
    run(rustup).map_err(|failure| {
        Failure::Finding(format!("plugins need the Rust target {WASM}, and it could not be added: {failure}. Add it by hand, then run this again"))
    })
}
