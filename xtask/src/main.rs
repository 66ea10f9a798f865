//! All automation of this repository: `cargo xtask up`, `test`, `bench`, `torture`, `ci`.
//!
//! Owns: how the project is started for a first look, tested and judged; nothing here ships.
//! Promises: every step says what it does and how long it took; a red step names its command; what was started is ended.
//! Bounds: it builds in seconds (no async runtime, no argument parser), and waits for nothing without a deadline.
#![forbid(unsafe_code)]

mod bench;
mod build;
mod children;
mod ci;
mod dependencies;
mod emulators;
mod failure;
mod graph;
mod languages;
mod licence;
mod limits;
mod output;
mod reference;
mod scan;
mod simulate;
mod test;
mod tools;
mod torture;
mod up;
mod workspace;

use std::process::ExitCode;

use failure::Failure;

const HELP: &str = "\
cargo xtask COMMAND

  up [--port N] [--release]   build everything, start simulator, host and a desk, say what to try; Ctrl-C ends it all
  test [ARGUMENTS…]           set up, then run every test; the arguments go to the test runner
  ci                          all that a change must pass: format, lints, docs, licences, crate graph, tests
  bench sandbox [--json] [--report-only]
                              what a sandboxed turn costs beside the same work without a sandbox
  bench intake [--json] [--report-only]
                              what verifying and parsing a webhook costs beside HMAC and bare structs
  bench webhook [--json] [--report-only]
                              how long a webhook waits for its 200 from the whole host, at a thousand a second
  bench rules [--json] [--report-only]
                              what finding a rule costs among ten thousand beside ten, and what the index takes
  torture [--kills N] [--seconds S] [--rate R] [--seed S] [--json]
                              kill the host 200 times under load: nothing lost, nothing sent twice, order kept
  simulate [--seeds N] [--from SEED] [--seed SEED]
                              engine, ledger and network in virtual time: a night's worlds, or one with all that happened
  reference                   render the plugin reference in docs/plugins.md from wit/v1
  help                        this

examples
  cargo xtask up                      console on port 7070, phone on port 7071
  cargo xtask up --port 8080          console on port 8080, phone on port 8081
  cargo xtask test -p gate            the tests of one crate
  cargo xtask test opted_out          the tests whose name has it
";

const COMMANDS: [&str; 8] = [
    "up",
    "test",
    "ci",
    "bench",
    "torture",
    "simulate",
    "reference",
    "help",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{} {failure}", output::red("error:"));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", arguments),
    };
    let asks_for_help = |argument: &String| argument == "--help" || argument == "-h";
    match command {
        "up" | "ci" if rest.iter().any(asks_for_help) => run(&[]),
        "up" => up::up(rest),
        "test" => test::test(rest),
        "ci" => ci::ci(rest),
        "bench" => bench::bench(rest),
        "torture" => torture::torture(rest),
        "simulate" => simulate::simulate(rest),
        "reference" => reference::write(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(unknown(other)),
    }
}

fn unknown(command: &str) -> Failure {
    let nearest = COMMANDS.into_iter().max_by(|one, another| {
        strsim::jaro_winkler(command, one).total_cmp(&strsim::jaro_winkler(command, another))
    });
    let nearest = nearest.filter(|known| strsim::jaro_winkler(command, known) > 0.6);
    let meant = nearest
        .map(|known| format!("; did you mean `cargo xtask {known}`?"))
        .unwrap_or_default();
    Failure::Usage(format!(
        "there is no `cargo xtask {command}`{meant} (`cargo xtask help` lists all)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_is_answered_with_the_nearest() {
        let failure = unknown("tset");
        assert_eq!(failure.exit_code(), 2);
        assert!(
            failure.to_string().contains("`cargo xtask test`"),
            "{failure}"
        );
        assert!(!unknown("zzz").to_string().contains("did you mean"));
    }
}
