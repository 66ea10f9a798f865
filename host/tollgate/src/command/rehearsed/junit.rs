//! Tests as `JUnit` writes them, for build servers: a suite for each file, a case for each test.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use engine::rehearsal::Rehearsed;

use super::words;
use crate::style::Style;

/// The whole document.
pub(super) fn report(tests: &[Rehearsed]) -> String {
    // In the order of the files: each has the place of its first test.
    let mut places = BTreeMap::new();
    for test in tests {
        let next = places.len();
        places.entry((&test.tenant, &test.file)).or_insert(next);
    }
    let mut suites: Vec<_> = places.into_iter().collect();
    suites.sort_by_key(|(_, place)| *place);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"tollgate\" {}>",
        counts(tests.iter())
    );
    for ((tenant, file), _) in suites {
        let ours = || {
            tests
                .iter()
                .filter(|test| (&test.tenant, &test.file) == (tenant, file))
        };
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" hostname=\"{}\" skipped=\"0\" {}>",
            escaped(file),
            escaped(tenant.as_str()),
            counts(ours())
        );
        for test in ours() {
            case(test, &mut text);
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts<'a>(tests: impl Iterator<Item = &'a Rehearsed> + Clone) -> String {
    let stuck = tests.clone().filter(|test| test.is_stuck).count();
    let red = tests.clone().filter(|test| !test.is_green()).count();
    let time = tests.clone().map(|test| test.took).sum();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{stuck}\" time=\"{}\"",
        tests.count(),
        red - stuck,
        seconds(time)
    )
}

fn case(test: &Rehearsed, text: &mut String) {
    let _ = write!(
        text,
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
        escaped(&test.name),
        escaped(&test.file),
        escaped(&test.file),
        test.line,
        seconds(test.took)
    );
    if test.is_green() {
        text.push_str("/>\n");
        return;
    }
    text.push_str(">\n");
    let messages: Vec<_> = test
        .red
        .iter()
        .map(|red| red.diagnostic.message.as_str())
        .collect();
    let plain = Style { colour: false };
    let (element, kind) = match test.is_stuck {
        true => ("error", "host"),
        false => ("failure", "expectation"),
    };
    let _ = writeln!(
        text,
        "      <{element} message=\"{}\" type=\"{kind}\">{}</{element}>",
        escaped(&messages.join("; ")),
        escaped(&words::tests([test], false, &plain)).replace("&#10;", "\n")
    );
    text.push_str("    </testcase>\n");
}

fn seconds(span: Duration) -> String {
    format!("{:.3}", span.as_secs_f64())
}

/// Text as it may stand in an attribute and in an element. XML has no way to write most control characters: a replacement
/// character stands for each.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Written out, or a reader makes a space of it in an attribute.
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                escaped.push(character);
            }
            _ => escaped.push('\u{fffd}'),
        }
    }
    escaped
}
