//! `cargo xtask bench`: what things cost, measured side by side on this machine.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace;

const HELP: &str = "\
cargo xtask bench sandbox|intake|webhook|rules [--json] [--report-only]

  sandbox   Builds an optimised sandbox and measures one turn natively, in a reused instance, in a fresh one (ours) and in
            a fresh one with the standard allocator, on one and on two threads, and what loading costs.
  intake    Builds an optimised intake and measures verifying and parsing a webhook beside HMAC and serde_json into bare
            structs, and a body of a thousand messages.
  webhook   Builds the optimised host, starts it on loopback, posts a thousand signed webhooks a second for twenty seconds
            and measures how long each waited for its 200.
  rules     Builds an optimised rulebook and measures finding the rule that applies among 10, 100, 1,000 and 10,000 rules, and
            building the index that makes it cheap.

  Each ends with 1 if a target is missed.

  --json          figures for programs, on standard output
  --report-only   ends well though a target is missed
";

/// As the release but for optimisation across crates, which takes minutes for the engine and hardly shows.
const WITHOUT_LTO: &str = "profile.bench.lto=false";

/// What can be measured: its name, and what cargo is asked for.
const BENCHES: [(&str, &[&str]); 4] = [
    ("sandbox", &["--package", "sandbox", "--features", "bench"]),
    ("intake", &["--package", "intake"]),
    ("webhook", &["--package", "tollgate"]),
    ("rules", &["--package", "rulebook", "--features", "bench"]),
];

/// Measures what it is asked to.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    let Some((what, options)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    if ["--help", "-h"].contains(&what.as_str()) {
        return bench(&[]);
    }
    let Some((name, package)) = BENCHES.iter().find(|(name, _)| name == what) else {
        let names = BENCHES.map(|(name, _)| format!("`cargo xtask bench {name}`"));
        return Err(Failure::Usage(format!(
            "there is nothing called {what:?} to measure; there are {}",
            names.join(", ")
        )));
    };
    demand_known(name, options)?;
    workspace::ensure_wasm_target()?;
    workspace::run(command(name, package, options))
}

/// A wrong word is found before minutes are spent on a build.
fn demand_known(what: &str, options: &[String]) -> Result<(), Failure> {
    let known = ["--json", "--report-only"];
    match options
        .iter()
        .find(|option| !known.contains(&option.as_str()))
    {
        None => Ok(()),
        Some(other) => Err(Failure::Usage(format!(
            "`cargo xtask bench {what}` knows {}, and {other:?} was given",
            known.join(" and ")
        ))),
    }
}

fn command(name: &str, package: &[&str], options: &[String]) -> Command {
    let mut command = workspace::cargo();
    command.arg("bench").args(package);
    command.args(["--bench", name, "--config", WITHOUT_LTO, "--"]);
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
        for arguments in [
            &["sandbix"][..],
            &["sandbox", "--jsn"],
            &["intake", "--jsn"],
            &["webhook", "--rate"],
            &["rules", "--rate"],
        ] {
            let failure = refused(arguments);
            assert_eq!(failure.exit_code(), 2);
            assert!(failure.to_string().contains(arguments[arguments.len() - 1]));
        }
    }

    #[test]
    fn options_reach_the_benchmark() {
        for (name, package) in BENCHES {
            let typed = workspace::typed(&command(name, package, &["--json".to_owned()]));
            assert!(typed.contains(&format!("--bench {name}")), "{typed}");
            assert!(typed.ends_with("-- --json"), "{typed}");
        }
    }
}
