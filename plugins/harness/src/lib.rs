//! Runs a plugin's component in the real sandbox, from the plugin's own `cargo test`.
//!
//! Owns: nothing but the call of `tollgate plugin test`, which builds the component, loads it as a host would and runs the
//! `[[test]]`s of the plugin's rule files. So a plugin's tests compile in a moment, and what runs is the very sandbox, gate and
//! ledger of production.
//! Promises: a test that fails shows all that differed, with file and line; a missing `tollgate` says how to name it.
//! Bounds: those of `tollgate plugin test`.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;

/// Builds the plugin in this folder and runs the tests of its rule files; panics with what differed.
///
/// ```no_run
/// harness::test(env!("CARGO_MANIFEST_DIR"));
/// ```
///
/// # Panics
///
/// If a test fails, the plugin does not build, or there is no `tollgate`.
pub fn test(folder: impl AsRef<Path>) {
    if let Err(said) = run(folder.as_ref()) {
        panic!("{said}");
    }
}

fn run(folder: &Path) -> Result<(), String> {
    let tollgate = std::env::var_os("TOLLGATE").unwrap_or_else(|| "tollgate".into());
    let output = Command::new(&tollgate)
        .args(["plugin", "test"])
        .arg(folder)
        // Cargo tells its tests about the outer build; the plugin's is another.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .map_err(|error| {
            format!(
                "{} cannot be run: {error}\nput `tollgate` on the path, or name it: TOLLGATE=/path/to/tollgate cargo test",
                tollgate.display()
            )
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tollgate_says_of_a_folder_without_a_plugin_is_shown() {
        // Any program that fails with words stands for it: here the one that there always is.
        let said = run(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(!said.is_empty());
    }
}
