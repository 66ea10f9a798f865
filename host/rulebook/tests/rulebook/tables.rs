//! The tables of docs/rules.md: made of the language's own, and true.

use rulebook::{Severity, Source, described, read};

use crate::scaffold::{file, names};

mod generated {
    use std::fs;

    use rulebook::tables;

    use crate::pages::check_file;
    use crate::schema::root;

    /// Without these the page says less than the language has.
    const DEMANDED: [&str; 8] = [
        "when",
        "kinds",
        "actions",
        "how",
        "placeholders",
        "test",
        "given",
        "expect",
    ];

    #[test]
    fn the_tables_of_the_page_are_current() {
        let path = root().join("docs/rules.md");
        let mut page = fs::read_to_string(&path).unwrap();
        for (name, table) in tables() {
            let begin = format!("<!-- table: {name} -->\n");
            let Some(start) = page.find(&begin).map(|at| at + begin.len()) else {
                assert!(
                    !DEMANDED.contains(&name),
                    "docs/rules.md has no line {begin:?}, where the table of that name belongs"
                );
                continue;
            };
            let length = page[start..]
                .find("<!-- end -->")
                .unwrap_or_else(|| panic!("docs/rules.md: the table {name} does not end"));
            page.replace_range(start..start + length, &format!("\n{table}\n"));
        }
        check_file(&path, &page);
    }
}

#[test]
fn every_example_is_read_as_it_stands() {
    let mut told = Vec::new();
    for key in described() {
        let Some(line) = &key.example else { continue };
        let text = file(key.table, key.key, line);
        let reading = read(
            &[Source {
                name: key.key.to_owned(),
                text,
            }],
            &names(),
        );
        let errors = reading
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        told.extend(errors.map(|found| found.render(false)));
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn every_word_is_read_where_it_is_offered() {
    let mut told = Vec::new();
    for key in described() {
        for word in &key.words {
            let value = format!("\"{word}\"");
            let line = match (key.table, key.key) {
                ("`when`", name) => format!("when.{name} = {value}"),
                ("`given`", "lookup") => format!("given.lookup.orders = {value}"),
                ("`given`", name) => format!("given.{name} = {value}"),
                ("`expect`", name) => format!("expect.{name} = {value}"),
                (_, name) => format!("{name} = {value}"),
            };
            // `filename` goes with documents alone, and text beneath no sticker: neither is there.
            let text = file(key.table, key.key, &line);
            let reading = read(
                &[Source {
                    name: key.key.to_owned(),
                    text,
                }],
                &names(),
            );
            let errors = reading
                .diagnostics
                .iter()
                .filter(|found| found.severity == Severity::Error);
            told.extend(errors.map(|found| found.render(false)));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
