//! The keys as a page shows them: the tables of docs/rules.md.

use model::ValuePresence;

use super::file::{HEAD, SECTIONS};
use super::placeholders::{EVERYWHERE, RESTING};
use super::rule::{DOES, HOW};
use super::shape::Shape;
use super::words::{Choice, KINDS};
use super::{
    EXPECT, FILE, FILE_TO_SEND, GIVEN, HOURS, Key, Keys, OPTION, RULE, SECTION, TEMPLATE, TEST,
    TURN, WHEN,
};

/// One key of the language, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// How people call the table that it stands in: `a rule`.
    pub table: &'static str,
    /// The key alone.
    pub key: &'static str,
    /// What it means.
    pub means: String,
    /// An example, as a line of that table; none where only many lines would be one.
    pub example: Option<String>,
    /// The words among which it lets people choose, or which it knows beside others.
    pub words: Vec<&'static str>,
}

/// Every key of the language, table by table.
#[must_use]
pub fn described() -> Vec<Described> {
    let tables = [
        &FILE,
        &RULE,
        &WHEN,
        &FILE_TO_SEND,
        &SECTION,
        &HOURS,
        &OPTION,
        &TEMPLATE,
        &TEST,
        &TURN,
        &GIVEN,
        &EXPECT,
    ];
    let keys = tables
        .into_iter()
        .flat_map(|keys| keys.all().map(move |key| (keys, key)));
    keys.map(|(keys, key)| Described {
        table: keys.table,
        key: key.name,
        means: format!("{}{}", keys.lead, key.means),
        example: (!key.example.is_empty()).then(|| key.line(keys.prefix)),
        words: words(&key.shape),
    })
    .collect()
}

fn words(shape: &Shape) -> Vec<&'static str> {
    match shape {
        Shape::OneOf(choice) | Shape::Offered(choice) => {
            choice.choices().into_iter().map(|(word, _)| word).collect()
        }
        Shape::Either(shapes) => shapes.iter().flat_map(words).collect(),
        Shape::List(of, ..) | Shape::OneOrMany(of, ..) | Shape::ByName(_, _, of) => words(of),
        _ => Vec::new(),
    }
}

/// The tables of docs/rules.md as Markdown, each with its name there.
#[must_use]
pub fn tables() -> Vec<(&'static str, String)> {
    let whole = |head, keys: &'static Keys| table(head, keys.prefix, keys.all());
    vec![
        ("file", table(["key", "what it says", "example"], "", HEAD)),
        (
            "sections",
            table(["key", "what it defines", "example"], "", SECTIONS),
        ),
        ("when", whole(["condition", "holds when", "example"], &WHEN)),
        (
            "kinds",
            rows(
                ["kind", "what it is"],
                KINDS
                    .choices()
                    .into_iter()
                    .map(|(word, means)| [code(word), means.to_owned()]),
            ),
        ),
        (
            "actions",
            table(["key", "what happens", "example"], "", DOES),
        ),
        ("how", table(["key", "what it means", "example"], "", HOW)),
        (
            "media",
            whole(["key", "what it says", "example"], &FILE_TO_SEND),
        ),
        (
            "template",
            whole(["key", "what it says", "example"], &TEMPLATE),
        ),
        ("opt", whole(["key", "what it says", "example"], &SECTION)),
        ("placeholders", placeholders()),
        ("test", whole(["key", "what it says", "example"], &TEST)),
        (
            "turn",
            table(
                ["one thing", "what it is", "example"],
                "",
                TURN.all()
                    .filter(|key| key.name != "text" || !key.example.is_empty()),
            ),
        ),
        (
            "given",
            whole(["key", "what holds before", "example"], &GIVEN),
        ),
        (
            "expect",
            whole(["key", "what is to come of it", "example"], &EXPECT),
        ),
    ]
}

fn table(head: [&str; 3], prefix: &str, keys: impl IntoIterator<Item = &'static Key>) -> String {
    let row = |key: &Key| {
        let example = if key.example.is_empty() {
            String::new()
        } else {
            code(&key.line(prefix))
        };
        [
            code(&format!("{prefix}{}{}", key.name, below(&key.shape))),
            key.means.to_owned(),
            example,
        ]
    };
    rows(head, keys.into_iter().map(row))
}

/// What stands behind a key that is no value by itself.
fn below(shape: &Shape) -> String {
    match shape {
        Shape::ByLanguage(_) => ".LANGUAGE".to_owned(),
        Shape::ByName(name, ..) => format!(".{name}"),
        _ => String::new(),
    }
}

fn placeholders() -> String {
    let everywhere = EVERYWHERE.iter().map(|placeholder| {
        let (default, missing) = match placeholder.presence {
            ValuePresence::Always => ("", "no"),
            ValuePresence::Sometimes => ("|…", "yes"),
        };
        let written = format!("{{{}{default}}}", placeholder.name);
        [
            code(&written),
            placeholder.means.to_owned(),
            missing.to_owned(),
        ]
    });
    let resting = RESTING.iter().map(|(written, means, missing)| {
        [code(written), (*means).to_owned(), (*missing).to_owned()]
    });
    rows(
        ["placeholder", "stands for", "may be missing"],
        everywhere.chain(resting),
    )
}

fn rows<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text.push_str(&format!("|{}\n", "---|".repeat(COLUMNS)));
    for row in rows {
        // A bar within a cell ends it, in code as well.
        text.push_str(&line(&row.map(|cell| cell.replace('|', "\\|"))));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
