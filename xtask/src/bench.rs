//! `cargo xtask bench`: what things cost, measured side by side on this machine.

use std::process::Command;

use crate::failure::Failure;
use crate::workspace;

const HELP: &str = "\
cargo xtask bench sandbox|intake|webhook|rules|engine|answered [--json] [--report-only]

  sandbox   Builds an optimised sandbox and measures one turn natively, in a reused instance, in a fresh one (ours) and in
            a fresh one with the standard allocator, on one and on two threads, and what loading costs.
  intake    Builds an optimised intake and measures verifying and parsing a webhook beside HMAC and serde_json into bare
            structs, and a body of a thousand messages.
  webhook   Builds the optimised host, starts it on loopback, posts a thousand signed webhooks a second for twenty seconds
            and measures how long each waited for its 200.
  rules     Builds an optimised rulebook and measures finding the rule that applies among 10, 100, 1,000 and 10,000 rules, and
            building the index that makes it cheap.
  engine    Builds an optimised engine and measures, in one process with the load and on a ledger with fsync, how many messages a
            second it settles from 1, 8, 64 and 256 callers, how long they take, and what becomes of more than it can do.
            Then the same as answered. --quick takes a third of the time; --backlog N instead fills a ledger with N undone messages,
            starts on it and drains it.
  answered  Builds the optimised host, starts it before a stand-in of WhatsApp's network and measures, over HTTP, how many messages a
            second it answers, how long answers take, what a message costs, and what an idle host keeps in memory. --quick takes a
            third of the time, and leaves out the ledger with a million contacts.

  Each ends with 1 if a target is missed.

  --json          figures for programs, on standard output
  --report-only   ends well though a target is missed
";

/// As the release but for optimisation across crates, which takes minutes for the engine and hardly shows.
pub(crate) const WITHOUT_LTO: &str = "profile.bench.lto=false";

/// What can be measured: its name, and what cargo is asked for.
const BENCHES: [(&str, &[&str]); 6] = [
    ("sandbox", &["--package", "sandbox", "--features", "bench"]),
    ("intake", &["--package", "intake"]),
    ("webhook", &["--package", "tollgate"]),
    ("rules", &["--package", "rulebook", "--features", "bench"]),
    ("engine", &["--package", "engine"]),
    ("answered", &["--package", "tollgate"]),
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
    let first = workspace::run(command(name, package, options));
    if *name != "engine" || options.iter().any(|word| word == "--backlog") {
        return first;
    }
    // Accept to settle, then webhook to answer: whoever asks for one wants to know both, whatever comes of the first.
    let second = bench(&[&["answered".to_owned()], options].concat());
    first.and(second)
}

/// A wrong word is found before minutes are spent on a build.
fn demand_known(what: &str, options: &[String]) -> Result<(), Failure> {
    let known: &[&str] = match what {
        "engine" => &["--json", "--report-only", "--quick", "--backlog"],
        "answered" => &["--json", "--report-only", "--quick"],
        _ => &["--json", "--report-only"],
    };
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let is_known = known.contains(&word.as_str())
            && (word != "--backlog"
                || words
                    .next()
                    .is_some_and(|count| count.parse::<u64>().is_ok()));
        if !is_known {
            return Err(Failure::Usage(format!(
                "`cargo xtask bench {what}` knows {}, and {word:?} was given",
                known.join(" and ")
            )));
        }
    }
    Ok(())
}

/// Cargo, asked to build and run one, optimised.
pub(crate) fn command(name: &str, package: &[&str], options: &[String]) -> Command {
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
            &["engine", "--rate"],
            &["answered", "--backlog"],
            &["engine", "--backlog"],
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
