//! `cargo xtask torture`: the optimised host is killed again and again under load, and the simulator's record is the judge.

use std::process::Command;

use crate::failure::Failure;
use crate::{bench, workspace};

const HELP: &str = "\
cargo xtask torture [--kills N] [--seconds S] [--rate R] [--seed S] [--json]

  Builds the optimised host, starts it on loopback before a simulator of the WhatsApp network, and lets people write: strangers and
  returning ones, several messages in a row, stops in the middle, webhooks twice at once and again after a restart. The host is
  killed (kill -9) at random moments, while it starts and twice in a row too, while replies and statuses are lost, late and
  doubled, and rules change. Then all comes to rest, and the network's record is held against what was acknowledged.

  Ends with 1 if a message was lost, answered twice or out of order, if anything but its confirmation left after a stop, or if an
  answer came from rules that were not in force; the messages are named.

  --kills N     so many kills at least (200)
  --seconds S   and for so long at least
  --rate R      messages a second (300)
  --seed S      another course of events (1); the moments are the machine's own, so that none is ever quite repeated
  --json        figures for programs, on standard output
";

/// Tortures the host, as it is asked to.
pub(crate) fn torture(arguments: &[String]) -> Result<(), Failure> {
    if arguments
        .iter()
        .any(|word| ["--help", "-h"].contains(&word.as_str()))
    {
        print!("{HELP}");
        return Ok(());
    }
    demand_known(arguments)?;
    workspace::ensure_wasm_target()?;
    workspace::run(command(arguments))
}

/// A wrong word is found before minutes are spent on a build.
fn demand_known(arguments: &[String]) -> Result<(), Failure> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => {}
            "--kills" | "--seconds" | "--rate" | "--seed" => {
                let given = words.next().map_or("nothing", String::as_str);
                if given.parse::<u64>().is_err() {
                    return Err(Failure::Usage(format!(
                        "`cargo xtask torture {word}` takes a whole number, and {given:?} was given"
                    )));
                }
            }
            other => {
                return Err(Failure::Usage(format!(
                    "`cargo xtask torture` knows --kills, --seconds, --rate, --seed and --json, and {other:?} was given"
                )));
            }
        }
    }
    Ok(())
}

/// The driver is built as benchmarks are: the same optimised host serves both.
fn command(arguments: &[String]) -> Command {
    bench::command("torture", &["--package", "tollgate"], arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_wrong_word_is_refused_before_anything_is_built() {
        for wrong in [
            &["--kils", "3"][..],
            &["--kills"],
            &["--kills", "many"],
            &["3"],
        ] {
            let failure = torture(&words(wrong)).unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{failure}");
        }
        let right = words(&["--kills", "12", "--seconds", "30", "--seed", "7", "--json"]);
        assert!(demand_known(&right).is_ok());
    }

    #[test]
    fn options_reach_the_driver() {
        let typed = workspace::typed(&command(&words(&["--kills", "12"])));
        assert!(typed.contains("--bench torture"), "{typed}");
        assert!(typed.ends_with("-- --kills 12"), "{typed}");
    }
}
