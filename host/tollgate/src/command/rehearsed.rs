//! How tests went, in words and as data: for `tollgate test` and `tollgate plugin test`.

mod covered;
mod json;
mod junit;
mod words;

use clap::Args;
use engine::rehearsal::{Coverage, Rehearsed};
use engine::{Edition, Refused, rehearsal};

use super::{Failure, is_colourful, say};
use crate::style::Style;

/// How to tell how tests went.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Report {
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as --format json
    #[arg(long, hide = true, conflicts_with = "format")]
    json: bool,
    /// Show every turn, also of tests that pass
    #[arg(long, short)]
    verbose: bool,
    /// Show which rules, languages and turnings no test reaches; with `=fail`, exit with 1 if there is such a rule
    #[arg(long, value_enum, value_name = "fail", num_args = 0..=1, require_equals = true, default_missing_value = "show", hide_possible_values = true)]
    coverage: Option<Covering>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object for each test, in a line of its own
    Json,
    /// `JUnit`'s XML, as build servers read it
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Covering {
    Show,
    Fail,
}

/// The tests that were run: all, or a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All there are.
    All,
    /// Some were chosen: what they leave out says nothing.
    Chosen,
}

impl Report {
    /// The tests as a loop shows them: what is red, and how it went in all.
    pub(super) fn compact(&self, tests: &[Rehearsed], edition: &Edition, extent: Extent) {
        let style = self.style();
        let red: Vec<_> = tests.iter().filter(|test| !test.is_green()).collect();
        let mut text = words::tests(red.iter().copied(), self.verbose, &style);
        text.push_str(&self.summary(tests, edition, extent));
        say(&text);
    }

    /// Tells how these tests went; a failure if one is red, or if rules are unreached that must not be.
    pub(super) fn tell(
        &self,
        tests: &[Rehearsed],
        edition: &Edition,
        extent: Extent,
    ) -> Result<(), Failure> {
        match self.format() {
            Format::Text => {
                let style = self.style();
                let mut text = words::tests(tests, self.verbose, &style);
                text.push_str(&self.summary(tests, edition, extent));
                say(&text);
            }
            Format::Json => {
                say(&json::tests(tests));
                if self.coverage.is_some() {
                    say(&json::coverage(&rehearsal::coverage(edition, tests)));
                }
            }
            Format::Junit => say(&junit::report(tests)),
        }
        self.verdict(tests, edition)
    }

    fn verdict(&self, tests: &[Rehearsed], edition: &Edition) -> Result<(), Failure> {
        if self.coverage == Some(Covering::Fail) {
            let coverage = rehearsal::coverage(edition, tests);
            if let Some(message) = covered::unreached(&coverage) {
                return Err(Failure::found(format!("error: {message}")));
            }
        }
        if tests.iter().all(Rehearsed::is_green) {
            return Ok(());
        }
        // The report said all there is to say.
        Err(Failure::found(""))
    }

    fn summary(&self, tests: &[Rehearsed], edition: &Edition, extent: Extent) -> String {
        let style = self.style();
        let mut text = words::tally(tests, &style);
        let coverage: Vec<Coverage> = match (extent, self.coverage) {
            (Extent::Chosen, None) => return text,
            _ => rehearsal::coverage(edition, tests),
        };
        text.push_str(&covered::summary(
            &coverage,
            self.coverage.is_none(),
            &style,
        ));
        if self.coverage.is_some() {
            text.push_str(&covered::details(&coverage, &style));
        }
        text
    }

    /// For programs, an object in each line.
    pub(super) fn is_json(&self) -> bool {
        self.format() == Format::Json
    }

    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    fn style(&self) -> Style {
        Style {
            colour: is_colourful(&std::io::stdout()),
        }
    }
}

/// Rules or plugins that make no edition.
pub(super) fn refused(refused: &Refused) -> Failure {
    let colour = is_colourful(&std::io::stderr());
    let faults: Vec<String> = refused
        .faults
        .iter()
        .map(|fault| fault.render(colour))
        .collect();
    Failure::found(format!("{}\n{}", faults.join("\n"), refused.tally()))
}
