//! What is wrong with a configuration: where, what was expected, and the line that fixes it.

use std::fmt;
use std::ops::Range;

use rulebook::{Diagnostic, Severity};

use super::limits;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) at: Option<Range<usize>>,
    pub(super) what: String,
    pub(super) expected: Option<String>,
    pub(super) fix: Option<String>,
    /// Something is not there; it may be there in a line that could not be read.
    pub(super) from_absence: bool,
}

impl Problem {
    pub(super) fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            at: Some(at),
            what: what.into(),
            expected: None,
            fix: None,
            from_absence: false,
        }
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(super) fn marked_absent(mut self) -> Self {
        self.from_absence = true;
        self
    }

    /// What is wrong, without its place.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

/// Everything that is wrong with one file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    file: String,
    /// The source with its secrets blotted out.
    text: String,
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(file: &str, text: String, mut list: Vec<Problem>) -> Self {
        list.sort_by_key(|problem| problem.at.as_ref().map_or(0, |at| at.start));
        Self {
            file: file.to_owned(),
            text,
            list,
        }
    }

    pub(super) fn of_file(file: &str, what: String) -> Self {
        let problem = Problem {
            at: None,
            what,
            expected: None,
            fix: None,
            from_absence: false,
        };
        Self {
            file: file.to_owned(),
            text: String::new(),
            list: vec![problem],
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// The place in the source as people count, for the excerpt that rule files have too.
    fn place(&self, problem: &Problem, at: &Range<usize>) -> Diagnostic {
        let start = floor(&self.text, at.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let source_line = self
            .text
            .get(line_start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let end = floor(&self.text, at.end).min(line_start + source_line.len());
        Diagnostic {
            severity: Severity::Error,
            code: "",
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: problem.what.clone(),
            help: problem.fix.clone(),
            source_line: source_line.to_owned(),
            length: self
                .text
                .get(start..end)
                .unwrap_or_default()
                .chars()
                .count()
                .max(1),
        }
    }

    fn show(&self, problem: &Problem, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(at) = &problem.at else {
            return writeln!(f, "{}: error: {}", self.file, problem.what);
        };
        let place = self.place(problem, at);
        writeln!(
            f,
            "{}:{}:{}: error: {}",
            place.file, place.line, place.column, place.message
        )?;
        let gutter = place.line.to_string().len().max(3);
        if !place.source_line.trim().is_empty() {
            let (source, carets) = place.excerpt();
            writeln!(f, "{:>gutter$} | {source}", place.line)?;
            writeln!(f, "{:>gutter$} | {carets}", "")?;
        }
        if let Some(expected) = &problem.expected {
            writeln!(f, "{:>gutter$} = expected: {expected}", "")?;
        }
        if let Some(fix) = &problem.fix {
            writeln!(f, "{:>gutter$} = fix: {fix}", "")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.list.iter().take(limits::PROBLEMS_SHOWN) {
            self.show(problem, f)?;
        }
        let hidden = self.list.len().saturating_sub(limits::PROBLEMS_SHOWN);
        if hidden > 0 {
            writeln!(f, "{}: {hidden} more errors", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
