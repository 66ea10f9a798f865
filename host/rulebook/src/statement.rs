//! A file by its statements: the lines that belong to one key or header, as far as that can be told of a file that is not TOML.
//! What is wrong in one of them is looked for there, and does not reach into the next.

use std::ops::Range;

use crate::keys::{EXPECT, FILE, GIVEN, HOURS, Keys, RULE, SECTION, TEMPLATE, TEST, WHEN};

/// One key with its value, or one header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// By their index, from 0.
    pub(crate) lines: Range<usize>,
    /// It is a header, or was meant for one.
    pub(crate) is_header: bool,
}

/// The statements of a file, in order. Blank lines and comments between them belong to none.
pub(crate) fn split(lines: &[&str]) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut next = 0;
    while let Some(line) = lines.get(next) {
        if is_idle(line) {
            next += 1;
            continue;
        }
        let is_header = begins_header(line);
        let end = if is_header {
            next + 1
        } else {
            value_end(lines, next)
        };
        statements.push(Statement {
            lines: next..end,
            is_header,
        });
        next = end;
    }
    statements
}

/// The lines of the table that a line stands in: from its header to the next.
pub(crate) fn block(statements: &[Statement], line: usize) -> Range<usize> {
    let headers = || {
        statements
            .iter()
            .filter(|statement| statement.is_header)
            .map(|statement| statement.lines.start)
    };
    let from = headers()
        .take_while(|start| *start <= line)
        .last()
        .unwrap_or(0);
    let to = headers().find(|start| *start > line).unwrap_or(usize::MAX);
    from..to
}

fn is_idle(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// Where the value that begins in a line ends: where its brackets and quotes are closed, or where something else begins.
fn value_end(lines: &[&str], first: usize) -> usize {
    let mut open = Open::default();
    let mut end = first;
    for (index, line) in lines.iter().enumerate().skip(first) {
        let begins_another = index > first
            && match open.text {
                Some(_) => begins_header(line) || begins_long_text(line),
                None if open.tables > 0 => begins_header(line),
                None if line_is_block(lines.get(first)) && line.starts_with([' ', '\t']) => {
                    begins_header(line)
                }
                None => begins_header(line) || begins_key(line),
            };
        if begins_another {
            return trimmed(lines, first, end);
        }
        open.read(line);
        end = index + 1;
        if open.is_closed() {
            // What goes on without a key of its own belongs to the value before, be it right or wrong.
            let next = lines.get(end);
            let block = line_is_block(lines.get(first))
                && next.is_some_and(|next| next.starts_with([' ', '\t']));
            if next.is_none_or(|next| {
                is_idle(next) || begins_header(next) || (begins_key(next) && !block)
            }) {
                return end;
            }
            open = Open::default();
        }
    }
    trimmed(lines, first, end)
}

/// `reply`, `when:`, alone in its line: what is indented below it was meant to be in it, as in YAML.
fn line_is_block(line: Option<&&str>) -> bool {
    let name = line.map_or("", |line| line.trim().trim_end_matches(':').trim_end());
    matches!(
        name,
        "reply" | "when" | "menu_label" | "with" | "expect" | "given"
    )
}

/// Without the idle lines at the end: they may be the comment of what comes next.
fn trimmed(lines: &[&str], first: usize, end: usize) -> usize {
    let used = lines
        .get(first..end)
        .unwrap_or_default()
        .iter()
        .rposition(|line| !is_idle(line));
    used.map_or(first + 1, |last| first + last + 1)
}

/// What is not closed yet.
#[derive(Default)]
struct Open {
    lists: usize,
    tables: usize,
    /// A text of several lines, by its quotes.
    text: Option<&'static str>,
}

impl Open {
    fn is_closed(&self) -> bool {
        self.lists == 0 && self.tables == 0 && self.text.is_none()
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            if let Some(quotes) = self.text {
                let Some(end) = rest.find(quotes) else { return };
                self.text = None;
                rest = rest.get(end + quotes.len()..).unwrap_or_default();
                continue;
            }
            let long = ["\"\"\"", "'''"]
                .into_iter()
                .find(|quotes| rest.starts_with(quotes));
            if let Some(quotes) = long {
                self.text = Some(quotes);
                rest = rest.get(quotes.len()..).unwrap_or_default();
                continue;
            }
            let mut length = first.len_utf8();
            match first {
                '#' => return,
                '[' => self.lists += 1,
                ']' => self.lists = self.lists.saturating_sub(1),
                '{' => self.tables += 1,
                '}' => self.tables = self.tables.saturating_sub(1),
                '"' | '\'' => match text_end(rest, first) {
                    Some(end) => length = end,
                    // Not closed in its line: what follows stands in it or not, nobody knows.
                    None => return,
                },
                _ => {}
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
}

/// The length of a text of one line, with its quotes.
fn text_end(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return Some(index + 1);
        }
    }
    None
}

/// `[rule]`, `[[rule]]`, `[option.hours`, `rule]]`: a header, or what was meant for one.
pub(crate) fn begins_header(line: &str) -> bool {
    header_name(line).is_some()
}

/// The name in a header, closed or not.
pub(crate) fn header_name(line: &str) -> Option<&str> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let opened = line.starts_with('[');
    let inner = line.trim_start_matches(['[', ' ']);
    // What stands behind it belongs to another line.
    let name = inner.split(']').next().unwrap_or_default().trim();
    let first = name.chars().next()?;
    let is_name = first.is_alphabetic()
        && name.chars().all(|character| {
            character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ' ' | '"' | '\'')
        });
    let root = name.split('.').next().unwrap_or_default().trim();
    let is_quoted = name.contains(['"', '\'']);
    // Without an opening bracket only what can stand in a header is taken for one.
    let meant = if opened {
        !is_quoted || name.contains('.')
    } else {
        line.ends_with(']') && FILE.has(root)
    };
    (is_name && meant).then_some(name)
}

/// `name =`, `reply.pt:`, `name "x"`: a key, or what was meant for one.
fn begins_key(line: &str) -> bool {
    let line = line.trim_end().trim_start_matches(|character: char| {
        character.is_whitespace() || character == '\u{200b}' || character == '\u{feff}'
    });
    if line.starts_with(['[', '{', ',', ']', '}']) {
        return false;
    }
    let end = line
        .find(['=', ':', '"', '\'', '“', '[', '{', ',', '#'])
        .unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let root = key
        .split(['.', ' ', '\t', '\u{a0}'])
        .next()
        .unwrap_or_default();
    if root.is_empty() {
        // "horário" = …
        return rest.starts_with(['"', '\'', '“']) && quoted_key(rest);
    }
    let one_word = !key
        .trim()
        .contains(|character: char| character.is_whitespace());
    match rest.chars().next() {
        Some('=') if one_word => true,
        Some('=') | None => is_known(root),
        Some(':') => one_word && is_known(root),
        // `name "x"`, `reply,pt = "x"`: without the `=` in its place.
        Some(_) => {
            let apart = key.ends_with(|character: char| character.is_whitespace());
            is_known(root) && (rest.contains('=') || (apart && rest.len() > 2))
        }
    }
}

fn quoted_key(line: &str) -> bool {
    let mut parts = line.splitn(3, ['"', '\'', '“', '”']);
    let (_, _, rest) = (parts.next(), parts.next(), parts.next());
    rest.is_some_and(|rest| rest.trim_start().starts_with(['=', ':']))
}

/// `"""` right after a key.
fn begins_long_text(line: &str) -> bool {
    let value = line.split_once('=').map(|(_, value)| value.trim_start());
    begins_key(line)
        && value.is_some_and(|value| value.starts_with("\"\"\"") || value.starts_with("'''"))
}

fn is_known(root: &str) -> bool {
    const ALL: &[&Keys] = &[
        &FILE, &RULE, &WHEN, &SECTION, &HOURS, &TEMPLATE, &TEST, &GIVEN, &EXPECT,
    ];
    ALL.iter().any(|keys| keys.has(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        split(&lines)
            .into_iter()
            .map(|statement| {
                lines
                    .get(statement.lines)
                    .unwrap()
                    .concat()
                    .trim()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn a_value_goes_on_until_it_is_closed() {
        assert_eq!(
            parts(
                "# c\n[[rule]]\nname = \"a\" # c\nwhen.words = [\n  \"x = 1\",\n  [\"y\"],\n]\nreply.pt = \"\"\"\nOi\ntotal = 5\n\"\"\"\n"
            ),
            [
                "[[rule]]",
                "name = \"a\" # c",
                "when.words = [\n  \"x = 1\",\n  [\"y\"],\n]",
                "reply.pt = \"\"\"\nOi\ntotal = 5\n\"\"\"",
            ]
        );
    }

    #[test]
    fn what_is_not_closed_ends_where_something_else_begins() {
        assert_eq!(
            parts(
                "when.words = [\"a\",\n \"b\"\n\n# c\nreply.pt = \"x\"\nsays = [\n  \"a\"\n[[test]\nname = \"\"\"a\nreply.en = \"\"\"b\"\"\"\n"
            ),
            [
                "when.words = [\"a\",\n \"b\"",
                "reply.pt = \"x\"",
                "says = [\n  \"a\"",
                "[[test]",
                "name = \"\"\"a",
                "reply.en = \"\"\"b\"\"\"",
            ]
        );
    }

    #[test]
    fn what_is_indented_below_a_name_belongs_to_it() {
        assert_eq!(
            parts("when.words = [\"a\"]\nreply\n  en = \"x\"\n  pt = \"y\"\nhand_to = \"z\"\n"),
            [
                "when.words = [\"a\"]",
                "reply\n  en = \"x\"\n  pt = \"y\"",
                "hand_to = \"z\"",
            ]
        );
    }

    #[test]
    fn a_broken_line_belongs_to_the_value_before_it() {
        assert_eq!(
            parts("reply.pt = \"one\ntwo three\"\nname: \"x\"\nrule]]\n"),
            ["reply.pt = \"one\ntwo three\"", "name: \"x\"", "rule]]"]
        );
    }
}
