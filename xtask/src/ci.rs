//! `cargo xtask ci`: all that a change must pass, what is quick first, the tests last.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::Failure;
use crate::{dependencies, graph, licence, output, reference, scan, test, workspace};

type Step = (&'static str, fn() -> Result<(), Failure>);

const STEPS: &[Step] = &[
    ("format", format),
    (
        "no registry and no path of one machine is named",
        scan::scan,
    ),
    ("crate graph", graph::check),
    ("every dependency has its reason", dependencies::check),
    ("licences and sources", licences),
    ("the plugin reference is current", reference::check),
    ("lints", lints),
    ("documentation", documentation),
    ("generated pages are current", generated),
];

/// Runs every step, also after a red one, and names those that were red.
pub(crate) fn ci(arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        return Err(Failure::Usage(format!(
            "`cargo xtask ci` takes no arguments, and {argument:?} was given"
        )));
    }
    workspace::ensure_wasm_target()?;
    let mut red = Vec::new();
    for (name, step) in STEPS {
        let began = Instant::now();
        let outcome = step();
        let time = output::elapsed(began.elapsed());
        match outcome {
            Ok(()) => eprintln!("{} {name} ({time})", output::green("ok ")),
            Err(failure) => {
                eprintln!("{} {name} ({time}): {failure}", output::red("red"));
                red.push(*name);
            }
        }
    }
    eprintln!("{} tests", output::bold("run"));
    let began = Instant::now();
    if let Err(failure) = test::test(&[]) {
        eprintln!(
            "{} tests ({}): {failure}",
            output::red("red"),
            output::elapsed(began.elapsed())
        );
        red.push("tests");
    }
    if red.is_empty() {
        Ok(())
    } else {
        Err(Failure::Finding(format!("red: {}", red.join("; "))))
    }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(arguments);
    command
}

fn format() -> Result<(), Failure> {
    workspace::run(cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> Result<(), Failure> {
    workspace::run(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

fn documentation() -> Result<(), Failure> {
    let mut command = cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    workspace::run(command)
}

/// What is made of the code and kept beside it: the reference of the configuration with its sample, the tables of docs/rules.md,
/// the page of codes, the schema for editors. A test that compares such a page stands in a module called `generated`.
fn generated() -> Result<(), Failure> {
    const TESTS: &[&str] = &[
        "test",
        "--quiet",
        "-p",
        "rulebook",
        "-p",
        "tollgate",
        "--lib",
        "--test",
        "rulebook",
        "--test",
        "docs",
        "--",
        "generated::",
        "config::reference",
    ];
    workspace::run(cargo(TESTS)).map_err(|failure| {
        Failure::Finding(format!(
            "{failure}; `UPDATE=1 cargo {}` writes them anew",
            TESTS.join(" ")
        ))
    })
}

fn licences() -> Result<(), Failure> {
    let mut present = cargo(&["deny", "--version"]);
    present.stdout(Stdio::null()).stderr(Stdio::null());
    if present.status().is_ok_and(|status| status.success()) {
        workspace::run(cargo(&[
            "deny",
            "--offline",
            "check",
            "licenses",
            "bans",
            "sources",
        ]))
    } else {
        licence::check()
    }
}
