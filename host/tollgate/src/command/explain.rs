//! `tollgate explain`: what a code of a finding means, with rules that have it and the same rules mended.

use clap::Args;
use rulebook::{Explanation, Severity, explanations};
use serde_json::{Value, json};

use super::{Failure, is_colourful, say};
use crate::style::Style;

/// Show what a code that `tollgate check` prints means, with a wrong and a right example; without a code, list all.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate explain                 all codes with their titles
  tollgate explain R012            also r012, or 12
  tollgate explain R012 R103       several
  tollgate explain --format json   for scripts, one object a line")]
pub(super) struct Explain {
    /// Codes, as findings show them in brackets
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Full,
    /// One JSON object each
    Json,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Failure> {
        let style = Style {
            colour: is_colourful(&std::io::stdout()),
        };
        if self.codes.is_empty() {
            for one in explanations() {
                say(&match self.format {
                    Format::Full => format!("{}  {}\n", style.strong(one.code), one.title),
                    Format::Json => format!("{}\n", as_json(one)),
                });
            }
            return Ok(());
        }
        let found: Result<Vec<_>, _> = self.codes.iter().map(|code| find(code)).collect();
        let shown: Vec<_> = found
            .map_err(Failure::usage)?
            .into_iter()
            .map(|one| match self.format {
                Format::Full => full(one, &style),
                Format::Json => format!("{}\n", as_json(one)),
            })
            .collect();
        let between = if self.format == Format::Full {
            "\n"
        } else {
            ""
        };
        say(&shown.join(between));
        Ok(())
    }
}

/// `R012`, `r012`, `12`.
fn find(code: &str) -> Result<&'static Explanation, String> {
    let digits = code.trim().trim_start_matches(['r', 'R']);
    let Ok(number) = digits.parse::<u16>() else {
        return Err(format!(
            "error: \"{code}\" is no code\n  help: a code looks like R012; `tollgate explain` lists all"
        ));
    };
    let own = |one: &&Explanation| one.code.trim_start_matches('R').parse::<u16>();
    if let Some(found) = explanations().find(|one| own(one) == Ok(number)) {
        return Ok(found);
    }
    let near =
        explanations().min_by_key(|one| own(one).map_or(u16::MAX, |own| own.abs_diff(number)));
    let near = near.map_or_else(String::new, |near| {
        format!("the nearest is {}, {}; ", near.code, near.title)
    });
    Err(format!(
        "error: there is no code R{number:03}\n  help: {near}`tollgate explain` lists all"
    ))
}

fn full(one: &Explanation, style: &Style) -> String {
    let severity = match one.severity {
        Severity::Error => style.bad("error"),
        Severity::Warning => style.strong("warning"),
    };
    let given = one
        .given
        .map_or_else(String::new, |given| format!(" ({given})"));
    format!(
        "{} {}\n{}, {}\n\n{}{}\n{}\n{}\n\n{}",
        style.strong(one.code),
        style.strong(one.title),
        severity,
        style.faint(match one.severity {
            Severity::Error => "these rules are not used until it is mended",
            Severity::Warning => "these rules are used, and probably not as meant",
        }),
        wrapped(one.about),
        format_args!("\n{}{given}\n", style.bad("Wrong:")),
        indented(one.wrong),
        style.good("Right:"),
        indented(one.right),
    )
}

fn indented(example: &str) -> String {
    example
        .lines()
        .map(|line| format!("  {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// In lines that fit a terminal.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 90;
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines.push('\n');
    lines
}

fn as_json(one: &Explanation) -> Value {
    json!({
        "code": one.code,
        "severity": one.severity.to_string(),
        "title": one.title,
        "about": one.about,
        "wrong": one.wrong,
        "right": one.right,
        "given": one.given,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for written in ["R012", "r012", "12", " R12 "] {
            assert_eq!(find(written).map(|one| one.code), Ok("R012"), "{written}");
        }
    }

    #[test]
    fn of_an_unknown_code_the_nearest_is_named() {
        let told = find("R119").unwrap_err();
        assert!(
            told.contains("no code R119") && told.contains("the nearest is R112"),
            "{told}"
        );
        assert!(
            find("buttons")
                .unwrap_err()
                .contains("a code looks like R012")
        );
    }

    #[test]
    fn no_line_of_an_explanation_is_wider_than_a_terminal() {
        let plain = Style { colour: false };
        for one in explanations() {
            let shown = full(one, &plain);
            assert!(shown.contains(one.title) && !shown.contains('\u{1b}'));
            assert!(
                wrapped(one.about)
                    .lines()
                    .all(|line| line.chars().count() <= 90),
                "{shown}"
            );
        }
    }
}
