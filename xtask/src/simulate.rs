//! `cargo xtask simulate`: engine, ledger and network in virtual time, many worlds for a night or one to look at.

use std::process::Command;

use crate::bench::WITHOUT_LTO;
use crate::failure::Failure;
use crate::workspace;

const HELP: &str = "\
cargo xtask simulate [--seeds N] [--from SEED] [--seed SEED]

  Lets worlds run from seeds, each with crashes, lost replies, late statuses and much else, and judges each of them by the
  invariants. It ends with 1 at the first world that breaks one, and says how to see it again.

  --seeds N     so many worlds (100000: a night's run)
  --from SEED   beginning with this one (0)
  --seed SEED   this one alone, with everything that happened in it
";

/// The nightly run.
const SEEDS: u64 = 100_000;

/// What is to be run.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Help,
    Many { seeds: u64, from: u64 },
    One(u64),
}

/// Runs the simulation as it is asked to.
pub(crate) fn simulate(arguments: &[String]) -> Result<(), Failure> {
    let wish = wish(arguments)?;
    if wish == Wish::Help {
        print!("{HELP}");
        return Ok(());
    }
    workspace::ensure_wasm_target()?;
    workspace::run(command(&wish))
}

fn wish(arguments: &[String]) -> Result<Wish, Failure> {
    let (mut seeds, mut from) = (SEEDS, 0);
    let mut arguments = arguments.iter();
    while let Some(option) = arguments.next() {
        if option == "--help" || option == "-h" {
            return Ok(Wish::Help);
        }
        let number = arguments.next().and_then(|text| text.parse().ok());
        match (option.as_str(), number) {
            ("--seeds", Some(number)) => seeds = number,
            ("--from", Some(number)) => from = number,
            ("--seed", Some(number)) => return Ok(Wish::One(number)),
            ("--seeds" | "--from" | "--seed", None) => {
                return Err(Failure::Usage(format!(
                    "`cargo xtask simulate {option}` needs a number: {option} 12345"
                )));
            }
            (other, _) => {
                return Err(Failure::Usage(format!(
                    "`cargo xtask simulate` knows --seeds, --from and --seed, and {other:?} was given"
                )));
            }
        }
    }
    Ok(Wish::Many { seeds, from })
}

/// Cargo, asked to run the test binary: optimised for many worlds, as it is for one.
fn command(wish: &Wish) -> Command {
    let mut command = workspace::cargo();
    command.args(["test", "--package", "engine", "--test", "simulation"]);
    match wish {
        Wish::Help => {}
        Wish::Many { seeds, from } => {
            // What benchmarks are built with, so that both share what they need.
            command.args(["--profile", "bench", "--config", WITHOUT_LTO]);
            command.args(["--", "i01_to_i14_hold_in_every_world"]);
            command.env("TOLLGATE_SEEDS", seeds.to_string());
            command.env("TOLLGATE_SEEDS_FROM", from.to_string());
        }
        Wish::One(seed) => {
            command.args(["--", "replay", "--nocapture"]);
            command.env("TOLLGATE_SEED", seed.to_string());
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wished(words: &[&str]) -> Result<Wish, Failure> {
        let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        wish(&words)
    }

    #[test]
    fn options_say_which_worlds() {
        let night = Wish::Many {
            seeds: SEEDS,
            from: 0,
        };
        assert_eq!(wished(&[]).unwrap(), night);
        let some = Wish::Many { seeds: 5, from: 70 };
        assert_eq!(wished(&["--seeds", "5", "--from", "70"]).unwrap(), some);
        assert_eq!(wished(&["--seed", "12345"]).unwrap(), Wish::One(12345));
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        for words in [&["--seed"][..], &["--seeds", "many"], &["--world", "1"]] {
            let failure = wished(words).unwrap_err();
            assert_eq!(failure.exit_code(), 2, "{words:?}");
            assert!(failure.to_string().contains("--seed"), "{failure}");
        }
    }
}
