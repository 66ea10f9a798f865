//! Records as a table in the terminal: aligned columns, one line each, so that they pipe. A head only where a person reads.

use std::io::IsTerminal;

use model::Moment;
use serde_json::Value;

use super::{is_colourful, say};
use crate::shown::{self, tame};
use crate::style::Style;

/// So wide at most, but for the last column.
const WIDEST: usize = 60;

/// Lines of cells.
pub(super) struct Table {
    head: &'static [&'static str],
    lines: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: &'static [&'static str]) -> Self {
        let lines = Vec::new();
        Self { head, lines }
    }

    /// One more line; what stands in it was written by others, and no terminal obeys it.
    pub(super) fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().map(|cell| match tame(&cell) {
            cell if cell.is_empty() => "-".to_owned(),
            cell => cell,
        });
        self.lines.push(cells.collect());
    }

    /// Shows it, or what it means that there is nothing.
    pub(super) fn show(&self, nothing: &str) {
        let out = std::io::stdout();
        if self.lines.is_empty() {
            // Whoever counts lines counts none.
            if out.is_terminal() {
                say(&format!("{nothing}\n"));
            } else {
                super::complain(nothing);
            }
            return;
        }
        let style = Style {
            colour: is_colourful(&out),
        };
        say(&self.drawn(out.is_terminal(), &style));
    }

    fn drawn(&self, with_head: bool, style: &Style) -> String {
        let head: Vec<String> = self.head.iter().map(|name| (*name).to_owned()).collect();
        let drawn = self.lines.iter().chain(with_head.then_some(&head));
        let mut widths = vec![0; self.head.len()];
        for line in drawn {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count()).min(WIDEST);
            }
        }
        let joined = |line: &[String]| {
            let mut text = String::new();
            let last = line.len().saturating_sub(1);
            for (index, (cell, width)) in line.iter().zip(&widths).enumerate() {
                if index == last {
                    text.push_str(cell);
                } else {
                    text.push_str(&format!("{cell:width$}  "));
                }
            }
            text
        };
        let mut text = String::new();
        if with_head {
            text.push_str(&style.faint(&joined(&head)));
            text.push('\n');
        }
        for line in &self.lines {
            text.push_str(&joined(line));
            text.push('\n');
        }
        text
    }
}

/// A text within a record.
pub(super) fn text<'a>(record: &'a Value, pointer: &str) -> &'a str {
    let found = record.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// A moment within a record, to the second.
pub(super) fn when(record: &Value, pointer: &str) -> String {
    let at = record.pointer(pointer).and_then(Value::as_i64);
    let shown = at.and_then(|at| shown::moment(Moment(at - at.rem_euclid(1000))));
    shown.unwrap_or_default()
}

/// The records that an answer lists.
pub(super) fn records<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    let found = answer.get(name).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_nothing_that_others_wrote_moves_the_cursor() {
        let mut table = Table::new(&["id", "name"]);
        table.line(["c7".into(), "\u{1b}[2JAna".into()]);
        table.line(["c1234".into(), "two\nlines".into()]);
        table.line(["c9".into(), String::new()]);
        let plain = Style { colour: false };
        assert_eq!(
            table.drawn(false, &plain),
            "c7     \\u{1b}[2JAna\nc1234  two lines\nc9     -\n"
        );
        assert!(table.drawn(true, &plain).starts_with("id     name\nc7 "));
    }
}
