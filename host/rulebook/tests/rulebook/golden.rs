//! Golden diagnostics: each file in tests/diagnostics is read, and what is said about it compared. `UPDATE=1` blesses.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use crate::names::names;
use rulebook::{Reading, Source, read};

/// A golden file may hold several sources, parted by lines like `#=== second.toml`.
pub(crate) fn sources(name: &str, text: &str) -> Vec<Source> {
    let mut sources = vec![Source {
        name: name.to_owned(),
        text: String::new(),
    }];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("#=== ") {
            Some(next) => sources.push(Source {
                name: next.trim().to_owned(),
                text: String::new(),
            }),
            None => sources.last_mut().unwrap().text.push_str(line),
        }
    }
    sources
}

fn rendered(reading: &Reading) -> String {
    let mut text = String::new();
    for diagnostic in &reading.diagnostics {
        writeln!(text, "{}\n", diagnostic.render(false)).unwrap();
    }
    writeln!(
        text,
        "{}",
        if reading.draft.is_some() {
            "There is a draft."
        } else {
            "There is no draft."
        }
    )
    .unwrap();
    text
}

#[test]
fn everything_wrong_is_said_at_once_and_where() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    assert!(paths.len() >= 75);
    let mut differing = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let reading = read(
            &sources(name, &fs::read_to_string(&path).unwrap()),
            &names(),
        );
        assert!(!reading.diagnostics.is_empty(), "{name} is not bad");
        let told = rendered(&reading);
        let golden = path.with_extension("txt");
        if env::var_os("UPDATE").is_some() {
            fs::write(&golden, &told).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != told {
            differing.push(format!("{name} now says:\n{told}"));
        }
    }
    assert!(
        differing.is_empty(),
        "{}\nUPDATE=1 blesses",
        differing.join("\n")
    );
}
