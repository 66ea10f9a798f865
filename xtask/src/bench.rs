//! `cargo xtask bench`: what things cost, measured side by side on this machine.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace;

const HELP: &str = "\
cargo xtask bench sandbox [--json] [--report-only]

  Builds an optimised sandbox and measures one turn natively, in a reused instance, in a fresh one (ours) and in a fresh
  one with the standard allocator, on one and on two threads, and what loading costs. Ends with 1 if a target is missed.

  --json          figures for programs, on standard output
  --report-only   ends well though a target is missed
";

/// As the release but for optimisation across crates, which takes minutes for the engine and hardly shows.
const WITHOUT_LTO: &str = "profile.bench.lto=false";

/// Measures what it is asked to.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    match arguments.split_first() {
        Some((what, options)) if what == "sandbox" => {
            demand_known(options)?;
            workspace::ensure_wasm_target()?;
            workspace::run(sandbox(options))
        }
        None => {
            print!("{HELP}");
            Ok(())
        }
        Some((help, _)) if ["--help", "-h"].contains(&help.as_str()) => bench(&[]),
        Some((other, _)) => Err(Failure::Usage(format!(
            "there is nothing called {other:?} to measure; there is `cargo xtask bench sandbox`"
        ))),
    }
}

/// A wrong word is found before minutes are spent on a build.
fn demand_known(options: &[String]) -> Result<(), Failure> {
    let known = ["--json", "--report-only"];
    match options
        .iter()
        .find(|option| !known.contains(&option.as_str()))
    {
        None => Ok(()),
        Some(other) => Err(Failure::Usage(format!(
            "`cargo xtask bench sandbox` knows {}, and {other:?} was given",
            known.join(" and ")
        ))),
    }
}

fn sandbox(options: &[String]) -> Command {
    let mut command = workspace::cargo();
    command.args(["bench", "--package", "sandbox", "--features", "bench"]);
    command.args(["--bench", "sandbox", "--config", WITHOUT_LTO, "--"]);
    command.args(options);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> Failure {
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        bench(&arguments).unwrap_err()
    }

    #[test]
    fn a_wrong_word_is_refused_before_anything_is_built() {
        for arguments in [&["sandbix"][..], &["sandbox", "--jsn"]] {
            let failure = refused(arguments);
            assert_eq!(failure.exit_code(), 2);
            assert!(failure.to_string().contains(arguments[arguments.len() - 1]));
        }
    }

    #[test]
    fn options_reach_the_benchmark() {
        let command = sandbox(&["--json".to_owned()]);
        assert!(workspace::typed(&command).ends_with("-- --json"));
    }
}
