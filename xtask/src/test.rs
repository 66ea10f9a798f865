//! `cargo xtask test`: set-up, then every test. The last lines are the runner's own.

use std::process::{Command, Stdio};

use crate::emulators::{self, Emulators};
use crate::failure::Failure;
use crate::languages::{self, Languages};
use crate::{output, workspace};

/// Runs all tests, or those that the arguments choose.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    workspace::ensure_wasm_target()?;
    let chosen = !arguments.is_empty();
    let documented = if chosen {
        eprintln!(
            "examples in doc comments are left out: `cargo xtask test` without arguments runs them too"
        );
        Ok(())
    } else {
        workspace::run(documentation())
    };
    let languages = languages(arguments)?;
    let emulators = emulators(arguments)?;
    let mut runner = runner(arguments);
    if let Some(languages) = &languages {
        runner.envs(languages.environment());
    }
    runner.envs(emulators.iter().flat_map(Emulators::environment));
    let tested = workspace::run(runner);
    let skipped = languages.iter().flat_map(Languages::skipped);
    let missing: Vec<&str> = emulators.iter().flat_map(Emulators::skipped).collect();
    for reason in skipped.chain(missing.iter().copied()) {
        eprintln!("{} {reason}", output::red("skipped:"));
    }
    tested.and(documented).and(complete(missing.len(), in_ci()))
}

/// CI says of itself that it is.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|said| !said.is_empty() && said != "false")
}

/// Without a stand-in for AWS its tests pass and say nothing: where nobody reads the lines above, that is a failure.
fn complete(skipped: usize, in_ci: bool) -> Result<(), Failure> {
    match skipped {
        1.. if in_ci => Err(Failure::Finding(format!(
            "{skipped} of AWS's stand-ins were skipped, and CI runs all tests: see the lines above"
        ))),
        _ => Ok(()),
    }
}

/// Plugins in other languages, for the tests that run them: all of the tests, or those of the binary.
fn languages(arguments: &[String]) -> Result<Option<Languages>, Failure> {
    if !chosen(arguments, &["tollgate"]) {
        return Ok(None);
    }
    languages::build(workspace::root(), &workspace::target_folder()?).map(Some)
}

/// Stand-ins for AWS, for the tests that call it.
fn emulators(arguments: &[String]) -> Result<Option<Emulators>, Failure> {
    if !chosen(arguments, &["aws", "tollgate"]) {
        return Ok(None);
    }
    emulators::fetch(workspace::root(), &workspace::target_folder()?).map(Some)
}

/// Whether all tests were chosen, or those of one of these crates.
fn chosen(arguments: &[String], crates: &[&str]) -> bool {
    let names_one = |argument: &String| crates.contains(&argument.as_str());
    arguments.is_empty() || arguments.iter().any(names_one)
}

/// Examples in doc comments: nextest does not run them. They come first, so that the summary of the tests is last.
fn documentation() -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--doc", "--workspace", "--quiet"]);
    command
}

fn runner(arguments: &[String]) -> Command {
    let mut command = workspace::cargo();
    if nextest_is_present() {
        command.args(["nextest", "run"]);
    } else {
        command.args(["test", "--all-targets"]);
    }
    let names_a_package =
        |argument: &String| argument.starts_with("-p") || argument.starts_with("--package");
    if !arguments.iter().any(names_a_package) {
        command.arg("--workspace");
    }
    command.args(arguments);
    command
}

fn nextest_is_present() -> bool {
    let mut command = workspace::cargo();
    command
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_skipped_fails_in_ci_alone() {
        assert!(complete(0, true).is_ok() && complete(1, false).is_ok());
        assert!(complete(1, true).is_err());
    }

    #[test]
    fn arguments_reach_the_runner_and_a_package_narrows_it() {
        assert!(workspace::typed(&runner(&[])).ends_with("--workspace"));
        let narrowed = workspace::typed(&runner(&["-p".to_owned(), "gate".to_owned()]));
        assert!(
            narrowed.ends_with("-p gate") && !narrowed.contains("--workspace"),
            "{narrowed}"
        );
        assert!(
            workspace::typed(&runner(&["opted_out".to_owned()])).ends_with("--workspace opted_out")
        );
    }
}
