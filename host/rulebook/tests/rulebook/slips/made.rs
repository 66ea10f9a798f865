//! The slips: each, made of a text at every place where it can be made.

/// A kind of slip: every text that it makes of a file.
pub(super) type Slip = fn(&str) -> Vec<String>;

pub(super) const SLIPS: &[(&str, Slip)] = &[
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
