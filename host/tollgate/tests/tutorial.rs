//! The tutorial of docs/rules.md, followed to the letter on the rulebook that ships: what it quotes stands there, what it changes
//! and adds is green at each step, and what the program says is what the page says.
//!
//! A block that begins with `# rules/FILE` quotes that file, one that begins with `# add to rules/FILE` goes to its end. In a
//! `diff` the first line names the file, `-` stands there and `+` takes its place. A block that begins with `$ tollgate check`
//! is what is said of the change before it, which is then taken back; `UPDATE=1` writes it anew.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the page tells to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told<'p> {
    Quoted { file: &'p str, text: &'p str },
    Added { file: &'p str, text: &'p str },
    Changed { file: &'p str, lines: &'p str },
    Said(&'p str),
}

#[test]
fn the_tutorial_can_be_followed_to_the_letter() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/rules.md");
    let page = fs::read_to_string(&path).unwrap();
    let tutorial = &page[..page.find("\n# Reference\n").unwrap()];
    let shop = Shop::open(&root);
    let told = told(tutorial);
    let mut files = BTreeSet::new();
    let mut current = page.clone();
    for (index, (line, what)) in told.iter().enumerate() {
        let place = format!("docs/rules.md:{line}");
        match *what {
            Told::Quoted { file, text } => {
                files.insert(file);
                let written = shop.read(file);
                assert!(written.contains(text), "{place}: {file} does not say so");
            }
            Told::Added { file, text } => {
                shop.write(file, &format!("{}\n{text}", shop.read(file)));
                shop.expect_green(&place);
            }
            Told::Changed { file, lines } => {
                let before = shop.read(file);
                shop.write(file, &changed(&before, lines, &place));
                if let Some((_, Told::Said(said))) = told.get(index + 1) {
                    assert_eq!(page.matches(said).count(), 1, "{place}: said twice");
                    current = current.replace(said, &shop.check());
                    shop.write(file, &before);
                } else {
                    shop.expect_green(&place);
                }
            }
            Told::Said(_) => assert!(
                matches!(told[index - 1].1, Told::Changed { .. }),
                "{place}: of no change"
            ),
        }
    }
    assert!(files.len() >= 4, "the tutorial shows little: {files:?}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    } else {
        assert_eq!(page, current, "`tollgate check` says else");
    }
}

/// The blocks that tell something, each with the line it begins on.
fn told(page: &str) -> Vec<(usize, Told<'_>)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(open) = rest.find("```") {
        let block = &rest[open + 3..];
        let (kind, body) = block.split_once('\n').unwrap();
        let body = &body[..body.find("```").unwrap()];
        let start = page.len() - rest.len() + open;
        let line = page[..start].lines().count() + 1;
        rest = &block[kind.len() + 1 + body.len() + 3..];
        let (first, text) = body.split_once('\n').unwrap_or((body, ""));
        let what = match (kind, first) {
            ("diff", file) => Told::Changed {
                file: file.trim(),
                lines: text,
            },
            ("text", "$ tollgate check") => Told::Said(text),
            ("toml", first) => match (
                first.strip_prefix("# add to "),
                first.strip_prefix("# rules/"),
            ) {
                (Some(file), _) => Told::Added { file, text },
                (_, Some(_)) => Told::Quoted {
                    file: first.trim_start_matches("# "),
                    text,
                },
                _ => panic!("docs/rules.md:{line}: of which file is this?"),
            },
            _ => continue,
        };
        found.push((line, what));
    }
    found
}

/// A file with what the diff puts in place of what it takes out.
fn changed(text: &str, diff: &str, place: &str) -> String {
    let lines = |sign: char| {
        let lines = diff.lines().filter_map(|line| line.strip_prefix(sign));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let (old, new) = (lines('-'), lines('+'));
    assert_eq!(text.matches(&old).count(), 1, "{place}: where is\n{old}");
    text.replace(&old, &new)
}

/// The rules and the documents that ship, to be changed.
struct Shop(tempfile::TempDir);

impl Shop {
    fn open(root: &Path) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        for folder in ["rules", "knowledge"] {
            fs::create_dir(shop.path(folder)).unwrap();
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap();
                fs::copy(&path, shop.path(folder).join(name)).unwrap();
            }
        }
        // What is compiled is kept below the data folder, if that is there.
        fs::create_dir(shop.path("data")).unwrap();
        shop
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// All that `tollgate check` says.
    fn check(&self) -> String {
        let output = binary::run_in(self.0.path(), &["check"]);
        [output.stdout, output.stderr]
            .map(|said| String::from_utf8(said).unwrap())
            .concat()
    }

    fn expect_green(&self, place: &str) {
        let said = self.check();
        let is_green = said.starts_with("fine: ") && said.contains("no warnings");
        assert!(is_green, "{place}:\n{said}");
    }
}
