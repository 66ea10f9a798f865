//! One slip, one error: each slip of the table is made at every place of the shipped rules where it can be made, and what is
//! said about it is counted. A few
//! places of each kind in each file, or with `SLIPS=all` every one, and then it shows the numbers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use crate::names::names;
use proptest::prelude::*;
use proptest::sample::Index;
use rulebook::{Diagnostic, Severity, Source, read};

/// A kind of slip: every text that it makes of a file.
type Slip = fn(&str) -> Vec<String>;

const SLIPS: &[(&str, Slip)] = &[
    ("delete a closing quote", |text| {
        quoted(text)
            .into_iter()
            .map(|(_, to)| cut(text, to - 1, to))
            .collect()
    }),
    ("delete an opening quote", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, _)| cut(text, from, from + 1))
            .collect()
    }),
    ("delete both quotes", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, &text[from + 1..to - 1]))
            .collect()
    }),
    ("curly quotes", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, &format!("“{}”", &text[from + 1..to - 1])))
            .collect()
    }),
    ("a curly quote at the end", |text| {
        quoted(text)
            .into_iter()
            .map(|(_, to)| put(text, to - 1, to, "”"))
            .collect()
    }),
    ("a curly quote at the start", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, _)| put(text, from, from + 1, "“"))
            .collect()
    }),
    ("a quote of the other kind at the end", |text| {
        quoted(text)
            .into_iter()
            .map(|(_, to)| put(text, to - 1, to, "'"))
            .collect()
    }),
    ("backticks for quotes", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, &format!("`{}`", &text[from + 1..to - 1])))
            .collect()
    }),
    ("quotes within quotes", |text| {
        let texts = quoted(text)
            .into_iter()
            .filter(|(from, to)| text[*from..*to].contains(' '));
        texts
            .map(|(from, to)| {
                let inner = &text[from + 1..to - 1];
                let (first, rest) = inner.split_once(' ').unwrap();
                put(text, from, to, &format!("\"{first} \"{rest}\"\""))
            })
            .collect()
    }),
    ("a line break within a text", |text| {
        let texts = quoted(text)
            .into_iter()
            .filter(|(from, to)| text[*from..*to].contains(' '));
        texts
            .map(|(from, to)| put(text, from, to, &text[from..to].replacen(' ', "\n", 1)))
            .collect()
    }),
    ("delete the last ] of a header", |text| {
        lines(text, |line| line.starts_with('['))
            .into_iter()
            .map(|(from, line)| {
                let at = from + line.rfind(']').unwrap();
                cut(text, at, at + 1)
            })
            .collect()
    }),
    ("delete both ] of a header", |text| {
        lines(text, |line| line.starts_with('['))
            .into_iter()
            .map(|(from, line)| put(text, from, from + line.len(), &line.replace(']', "")))
            .collect()
    }),
    ("delete the first [ of a header", |text| {
        lines(text, |line| line.starts_with('['))
            .into_iter()
            .map(|(from, _)| cut(text, from, from + 1))
            .collect()
    }),
    ("single brackets", |text| {
        lines(text, |line| line.starts_with("[["))
            .into_iter()
            .map(|(from, line)| put(text, from, from + line.len(), &line[1..line.len() - 1]))
            .collect()
    }),
    ("double brackets", |text| {
        lines(text, |line| {
            line.starts_with('[') && !line.starts_with("[[")
        })
        .into_iter()
        .map(|(from, line)| put(text, from, from + line.len(), &format!("[{line}]")))
        .collect()
    }),
    ("a header in the plural", |text| {
        headers(text, |name| format!("{name}s"))
    }),
    ("a header with a capital", |text| headers(text, capital)),
    ("a header misspelt", |text| {
        headers(text, |name| name[..name.len() - 1].to_owned())
    }),
    ("a header is missing", |text| {
        lines(text, |line| line.starts_with('['))
            .into_iter()
            .map(|(from, line)| cut(text, from, from + line.len()))
            .collect()
    }),
    ("delete a ] that ends a list", |text| {
        marks(text, ']')
            .into_iter()
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    ("delete a [ that begins a list", |text| {
        marks(text, '[')
            .into_iter()
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    ("a list in round brackets", |text| {
        marks(text, '[')
            .into_iter()
            .filter_map(|at| {
                let end = marks(text, ']').into_iter().find(|end| *end > at)?;
                let text = put(text, end, end + 1, ")");
                Some(put(&text, at, at + 1, "("))
            })
            .collect()
    }),
    ("delete a } that ends a table", |text| {
        marks(text, '}')
            .into_iter()
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    ("delete a { that begins a table", |text| {
        marks(text, '{')
            .into_iter()
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    ("delete a comma between entries", |text| {
        marks(text, ',')
            .into_iter()
            .filter(|at| between(text, *at))
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    ("a semicolon between entries", |text| {
        marks(text, ',')
            .into_iter()
            .filter(|at| between(text, *at))
            .map(|at| put(text, at, at + 1, ";"))
            .collect()
    }),
    ("delete =", |text| {
        marks(text, '=')
            .into_iter()
            .map(|at| cut(text, at, at + 1))
            .collect()
    }),
    (": for =", |text| {
        marks(text, '=')
            .into_iter()
            .map(|at| put(text, at, at + 1, ":"))
            .collect()
    }),
    ("== for =", |text| {
        marks(text, '=')
            .into_iter()
            .map(|at| put(text, at, at + 1, "=="))
            .collect()
    }),
    ("a comma after a line", |text| {
        values(text)
            .into_iter()
            .map(|(_, to)| put(text, to, to, ","))
            .collect()
    }),
    ("a semicolon after a line", |text| {
        values(text)
            .into_iter()
            .map(|(_, to)| put(text, to, to, ";"))
            .collect()
    }),
    ("delete a value", |text| {
        values(text)
            .into_iter()
            .map(|(from, to)| cut(text, from, to))
            .collect()
    }),
    ("an empty text", |text| {
        texts(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, "\"\""))
            .collect()
    }),
    ("a number for a text", |text| {
        texts(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, "5"))
            .collect()
    }),
    ("a text for a number", |text| {
        values(text)
            .into_iter()
            .filter(|(from, _)| text[*from..].starts_with(|c: char| c.is_ascii_digit()))
            .filter(|(from, _)| !text[..*from].ends_with("with.max_chars = "))
            .map(|(from, to)| put(text, from, to, &format!("\"{}\"", &text[from..to])))
            .collect()
    }),
    ("true for a text", |text| {
        texts(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, "true"))
            .collect()
    }),
    ("a table for a text", |text| {
        texts(text)
            .into_iter()
            .map(|(from, to)| put(text, from, to, &format!("{{ text = {} }}", &text[from..to])))
            .collect()
    }),
    ("no-break space before =", |text| {
        marks(text, '=')
            .into_iter()
            .filter(|at| text[..*at].ends_with(' '))
            .map(|at| put(text, at - 1, at, "\u{a0}"))
            .collect()
    }),
    ("zero-width space before a key", |text| {
        keys(text)
            .into_iter()
            .map(|(from, _)| put(text, from, from, "\u{200b}"))
            .collect()
    }),
    ("a blank for the dot of a key", |text| {
        dotted(text)
            .into_iter()
            .map(|at| put(text, at, at + 1, " "))
            .collect()
    }),
    ("a comma for the dot of a key", |text| {
        dotted(text)
            .into_iter()
            .map(|at| put(text, at, at + 1, ","))
            .collect()
    }),
    ("two dots in a key", |text| {
        dotted(text)
            .into_iter()
            .map(|at| put(text, at, at + 1, ".."))
            .collect()
    }),
    ("without the first half of a key", |text| {
        dotted(text)
            .into_iter()
            .map(|at| {
                let from = text[..at].rfind('\n').map_or(0, |at| at + 1);
                cut(text, from, at + 1)
            })
            .collect()
    }),
    ("without the second half of a key", |text| {
        dotted(text)
            .into_iter()
            .map(|at| {
                let to = at + text[at..].find([' ', '=']).unwrap();
                cut(text, at, to)
            })
            .collect()
    }),
    ("a key without its last letter", |text| {
        parts(text, |part| part[..part.len() - 1].to_owned())
    }),
    ("a key with a letter too many", |text| {
        parts(text, |part| format!("{part}x"))
    }),
    ("a key with two letters changed round", |text| {
        parts(text, |part| {
            let mut letters: Vec<char> = part.chars().collect();
            let last = letters.len() - 1;
            letters.swap(last - 1, last);
            letters.into_iter().collect()
        })
    }),
    ("a key with a capital", |text| parts(text, capital)),
    ("a - for the _ of a key", |text| {
        parts(text, |part| part.replace('_', "-"))
    }),
    ("a key twice", |text| {
        keys(text)
            .into_iter()
            .map(|(from, _)| {
                let to = statement_end(text, from);
                put(text, to, to, &text[from..to])
            })
            .collect()
    }),
    ("a line deleted", |text| {
        keys(text)
            .into_iter()
            .map(|(from, _)| cut(text, from, statement_end(text, from)))
            .collect()
    }),
    ("two lines joined", |text| {
        values(text)
            .into_iter()
            .filter(|(_, to)| {
                text[*to..].starts_with('\n') && !text[*to + 1..].starts_with(['\n', '[', '#'])
            })
            .filter(|(_, to)| *to + 1 < text.len())
            .map(|(_, to)| put(text, to, to + 1, " "))
            .collect()
    }),
    ("a comment without #", |text| {
        lines(text, |line| {
            line.starts_with("# ") && line.contains(' ') && line.len() > 20
        })
        .into_iter()
        .filter(|(_, line)| line.contains(". ") || line.ends_with('.'))
        .map(|(from, _)| cut(text, from, from + 2))
        .collect()
    }),
    ("a name misspelt", |text| {
        values(text)
            .into_iter()
            .filter(|(from, _)| text[*from..].starts_with('"'))
            .filter(|(from, _)| {
                let line = text[..*from].rfind('\n').map_or(0, |at| at + 1);
                [
                    "hand_to",
                    "if_",
                    "use",
                    "expect.rules",
                    "expect.handed_to",
                    "when.option",
                    "timezone",
                    "lang",
                    "when.kind",
                ]
                .iter()
                .any(|key| text[line..].starts_with(key))
            })
            .map(|(_, to)| put(text, to - 1, to - 1, "x"))
            .collect()
    }),
    ("a placeholder misspelt", |text| {
        found(text, "{contact.first_name")
            .into_iter()
            .map(|at| put(text, at + 1, at + 2, "k"))
            .collect()
    }),
    ("a placeholder not closed", |text| {
        found(text, "{contact.first_name")
            .into_iter()
            .map(|at| {
                let end = at + text[at..].find('}').unwrap();
                cut(text, end, end + 1)
            })
            .collect()
    }),
    ("a placeholder without its default", |text| {
        found(text, "{contact.first_name")
            .into_iter()
            .map(|at| {
                let (bar, end) = (
                    at + text[at..].find('|').unwrap(),
                    at + text[at..].find('}').unwrap(),
                );
                cut(text, bar, end)
            })
            .collect()
    }),
    ("a backslash in a text", |text| {
        quoted(text)
            .into_iter()
            .map(|(from, _)| put(text, from + 1, from + 1, "\\d"))
            .collect()
    }),
    ("a bare accent as a key", |text| {
        lines(text, |line| line.starts_with("[option."))
            .into_iter()
            .map(|(from, _)| put(text, from + 8, from + 8, "é"))
            .collect()
    }),
];

/// Slips that may leave something right: a line that is not needed, a word fewer. No more than one error comes of them, and what is
/// warned of is true. But a rule without its only condition answers everything: then no rule beneath it is reached, and it is said of
/// each.
const MAY_BE_RIGHT: &[&str] = &["a line deleted"];

fn cut(text: &str, from: usize, to: usize) -> String {
    put(text, from, to, "")
}

fn put(text: &str, from: usize, to: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..from], &text[to..])
}

/// The lines without comments, and the places of the quotes in them: enough for files that are known to be right.
fn quoted(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines(text, |line| !line.starts_with('#')) {
        let mut from = None;
        for (index, character) in line.char_indices() {
            match (character, from) {
                ('"', None) => from = Some(index),
                ('"', Some(opened)) => {
                    found.push((start + opened, start + index + 1));
                    from = None;
                }
                ('#', None) => break,
                _ => {}
            }
        }
    }
    found
}

fn lines(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if wanted(bare) {
            found.push((start, bare));
        }
        start += line.len();
    }
    found
}

/// Where a character stands outside of texts, comments and headers.
fn marks(text: &str, mark: char) -> Vec<usize> {
    let texts = quoted(text);
    let mut found = Vec::new();
    for (start, line) in lines(text, |line| !line.starts_with(['#', '['])) {
        let pattern = line
            .find("= '")
            .map_or(0..0, |from| from + 2..line.rfind('\'').unwrap());
        for (index, character) in line.char_indices() {
            let at = start + index;
            let within = pattern.contains(&index)
                || texts.iter().any(|(from, to)| (*from..*to).contains(&at));
            if character == mark && !within {
                found.push(at);
            }
            if character == '#' && !within {
                break;
            }
        }
    }
    found
}

/// A comma that is not the last of a list.
fn between(text: &str, at: usize) -> bool {
    !text[at + 1..].trim_start().starts_with(']')
}

/// The first part of each key, by line.
fn keys(text: &str) -> Vec<(usize, usize)> {
    lines(text, |line| {
        line.starts_with(|first: char| first.is_ascii_alphabetic())
    })
    .into_iter()
    .map(|(from, line)| (from, from + line.find([' ', '=']).unwrap()))
    .collect()
}

fn dotted(text: &str) -> Vec<usize> {
    keys(text)
        .into_iter()
        .filter_map(|(from, to)| text[from..to].find('.').map(|at| from + at))
        .collect()
}

/// Each part of each key, spelt otherwise. Codes of languages are names, and not keys.
fn parts(text: &str, spell: impl Fn(&str) -> String) -> Vec<String> {
    let mut all = Vec::new();
    for (from, to) in keys(text) {
        let mut start = from;
        for part in text[from..to].split('.') {
            let end = start + part.len();
            // What a plugin's settings are called is for the plugin to say.
            let own = text[from..to].starts_with("with.") && start > from;
            if part.len() > 2 && !own && spell(part) != part {
                all.push(put(text, start, end, &spell(part)));
            }
            start = end + 1;
        }
    }
    all
}

fn headers(text: &str, spell: impl Fn(&str) -> String) -> Vec<String> {
    lines(text, |line| line.starts_with('['))
        .into_iter()
        .map(|(from, line)| {
            let name = line.trim_matches(['[', ']']).split('.').next().unwrap();
            put(
                text,
                from,
                from + line.len(),
                &line.replacen(name, &spell(name), 1),
            )
        })
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn statement_end(text: &str, from: usize) -> usize {
    let mut end = from;
    let mut open = 0;
    for line in text[from..].split_inclusive('\n') {
        let comment = marks(line, '#').first().copied().unwrap_or(line.len());
        let bare = &line[..comment];
        let lists = |mark| marks(bare, mark).len();
        open += lists('[');
        open -= lists(']').min(open);
        end += line.len();
        if open == 0 {
            break;
        }
    }
    end
}

/// Texts behind keys that take nothing else. What a customer says may be a table, too, or nothing; what a plugin's settings are is
/// for the plugin to say.
fn texts(text: &str) -> Vec<(usize, usize)> {
    values(text)
        .into_iter()
        .filter(|(from, _)| {
            let line = &text[text[..*from].rfind('\n').map_or(0, |at| at + 1)..];
            text[*from..].starts_with('"')
                && !line.starts_with("says")
                && !line.starts_with("with.")
                && !line.starts_with("given.")
        })
        .collect()
}

/// Where each value that stands on one line begins and ends.
fn values(text: &str) -> Vec<(usize, usize)> {
    keys(text)
        .into_iter()
        .filter_map(|(from, _)| {
            let line = text[from..].lines().next().unwrap();
            let equals = line.find('=')?;
            let start = from + equals + 1 + line[equals + 1..].len()
                - line[equals + 1..].trim_start().len();
            let comment = marks(line, '#').first().copied().unwrap_or(line.len());
            let end = from + line[..comment].trim_end().len();
            let value = &text[start..end];
            let whole = !value.starts_with('[') || value.ends_with(']');
            whole.then_some((start, end))
        })
        .collect()
}

fn found(text: &str, part: &str) -> Vec<usize> {
    quoted(text)
        .into_iter()
        .flat_map(|(from, to)| {
            text[from..to]
                .match_indices(part)
                .map(move |(at, _)| from + at)
                .collect::<Vec<_>>()
        })
        .collect()
}

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
        while let Some((kind, slip)) = SLIPS.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (index, source) in sources.iter().enumerate() {
                for text in spread(slip(&source.text)) {
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

/// A few, evenly from all over the file; or all.
fn spread(texts: Vec<String>) -> Vec<String> {
    const FEW: usize = 2;
    if env::var_os("SLIPS").is_some() || texts.len() <= FEW {
        return texts;
    }
    let step = texts.len().div_ceil(FEW);
    texts.into_iter().step_by(step).collect()
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
