//! One slip, one error: each slip of the table is made at every place of the shipped rules where it can be made, and what is
//! said about it is counted. One place of each kind in each file, or with `SLIPS=all` every one, and then it shows the numbers.

mod made;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use crate::names::names;
use made::SLIPS;
use proptest::prelude::*;
use proptest::sample::Index;
use rulebook::{Diagnostic, Severity, Source, read};

/// Slips that may leave something right: a line that is not needed, a word fewer. No more than one error comes of them, and what is
/// warned of is true. But a rule without its only condition answers everything: then no rule beneath it is reached, and it is said of
/// each.
const MAY_BE_RIGHT: &[&str] = &["a line deleted"];

fn shipped() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut sources: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| Source {
            name: path.file_name().unwrap().to_str().unwrap().to_owned(),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect();
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    sources
}

fn errors(found: &[Diagnostic]) -> usize {
    found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count()
}

pub(crate) fn lies_within(found: &Diagnostic, sources: &[Source]) -> bool {
    let Some(source) = sources.iter().find(|source| source.name == found.file) else {
        return false;
    };
    let line = source.text.split('\n').nth(found.line - 1);
    line.is_some_and(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line == found.source_line && found.column <= line.chars().count() + 1
    })
}

/// What is wrong with what is said of a slip, if anything.
fn judge(kind: &str, sources: &[Source], index: usize, text: String) -> (usize, Option<String>) {
    let mut slipped = sources.to_vec();
    slipped[index].text = text;
    let reading = read(&slipped, &names());
    for found in &reading.diagnostics {
        assert!(lies_within(found, &slipped), "{kind}: {found}");
    }
    let count = errors(&reading.diagnostics);
    let warnings = reading.diagnostics.len() - count;
    let unreached = reading
        .diagnostics
        .iter()
        .filter(|found| found.code == "R021");
    let right = if MAY_BE_RIGHT.contains(&kind) {
        count <= 1 || count == unreached.count()
    } else {
        count == 1 && warnings == 0
    };
    let told = (!right).then(|| {
        let difference = first_difference(&sources[index].text, &slipped[index].text);
        let told: Vec<_> = reading
            .diagnostics
            .iter()
            .map(ToString::to_string)
            .collect();
        format!(
            "{kind} ({count}): {}:{difference}\n    {}",
            sources[index].name,
            told.join("\n    ")
        )
    });
    (count, told)
}

#[test]
fn one_slip_is_told_once() {
    let sources = shipped();
    let next = AtomicUsize::new(0);
    let results = Mutex::new((BTreeMap::<&str, [usize; 3]>::new(), Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((kind, slip)) = SLIPS.get(number) else {
                return;
            };
            for (index, source) in sources.iter().enumerate() {
                for text in spread(slip(&source.text), number) {
                    let (count, wrong) = judge(kind, &sources, index, text);
                    let mut results = results.lock().unwrap();
                    results.0.entry(kind).or_default()[count.min(2)] += 1;
                    results.1.extend(wrong);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (tally, wrong) = results.into_inner().unwrap();
    if env::var_os("SLIPS").is_some() {
        for (kind, [none, one, many]) in &tally {
            println!("{kind}: none {none}, one {one}, more {many}");
        }
    }
    assert_eq!(tally.len(), SLIPS.len(), "a slip that is made nowhere");
    assert!(
        wrong.is_empty(),
        "{} slips of {}:\n{}",
        wrong.len(),
        tally.values().flatten().sum::<usize>(),
        wrong.join("\n")
    );
}

/// One, elsewhere in the file for each kind; or all.
fn spread(mut texts: Vec<String>, number: usize) -> Vec<String> {
    if env::var_os("SLIPS").is_some() || texts.is_empty() {
        return texts;
    }
    vec![texts.swap_remove(number % texts.len())]
}

fn first_difference(one: &str, other: &str) -> String {
    let line = one
        .lines()
        .zip(other.lines())
        .position(|(one, other)| one != other);
    let line = line.unwrap_or_else(|| one.lines().count().min(other.lines().count()));
    format!(
        "{}: {}",
        line + 1,
        other
            .lines()
            .nth(line)
            .unwrap_or_default()
            .chars()
            .take(100)
            .collect::<String>()
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_a_file_it_is_read_without_a_panic_and_every_place_is_in_it(
        edits in proptest::collection::vec((any::<Index>(), any::<Index>(), 0..12_usize, piece()), 1..6),
        which in any::<Index>(),
    ) {
        let mut sources = shipped();
        let index = which.index(sources.len());
        for (at, other, length, piece) in &edits {
            let text = &mut sources[index].text;
            let from = text.floor_char_boundary(at.index(text.len() + 1));
            let to = text.floor_char_boundary((from + length).min(text.len()));
            // Something else, or something from elsewhere.
            let moved = text.floor_char_boundary(other.index(text.len() + 1));
            let moved = text[moved..].chars().take(*length).collect::<String>();
            text.replace_range(from..to, if piece.is_empty() { &moved } else { piece });
        }
        for found in read(&sources, &names()).diagnostics {
            prop_assert!(lies_within(&found, &sources), "{found}");
            let _ = found.render(true);
        }
    }

    #[test]
    fn whatever_a_file_holds_it_is_read_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        lines in proptest::collection::vec(piece(), 0..40),
    ) {
        for text in [String::from_utf8_lossy(&bytes).into_owned(), lines.concat(), lines.join("\n")] {
            let sources = [Source { name: "a.toml".into(), text }];
            for found in read(&sources, &names()).diagnostics {
                prop_assert!(lies_within(&found, &sources), "{found}");
                let _ = found.render(true);
            }
        }
    }
}

/// What TOML is made of, and what people paste into it.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "",
        "\"",
        "\"\"\"",
        "'",
        "'''",
        "[",
        "]",
        "[[",
        "]]",
        "[[rule]]",
        "[rule]",
        "[[test]]",
        "[option.x]",
        "[opt_out]",
        "[hours.shop]",
        "{",
        "}",
        "=",
        ":",
        ",",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "#",
        ".",
        "“",
        "”",
        "\u{a0}",
        "\u{200b}",
        "\u{feff}",
        "\\",
        "\\d",
        "é",
        "🙏",
        "name = \"a\"",
        "name",
        "when.words = [",
        "reply.pt = ",
        "reply = \"x\"",
        "rules_version = 1",
        "languages = [\"pt\"]",
        "timezone = \"America/Sao_Paulo\"",
        "{contact.first_name",
        "|",
        "1",
        "true",
        "2026-01-01",
        "09:00",
        "\0",
    ];
    prop_oneof![
        prop::sample::select(PIECES).prop_map(str::to_owned),
        ".{0,6}"
    ]
}
