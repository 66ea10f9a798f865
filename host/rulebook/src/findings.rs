//! Findings while reading, and the pages they point into.

use std::ops::Range;
use std::sync::Arc;

use crate::codes::{self, Code};
use crate::{Diagnostic, Severity, Source, limits};

/// A place in one of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) file: usize,
    pub(crate) span: Range<usize>,
}

impl Site {
    /// The start of a file, for what is missing from it.
    pub(crate) fn start_of(file: usize) -> Self {
        Self { file, span: 0..0 }
    }
}

/// One finding.
#[derive(Debug)]
pub(crate) struct Finding {
    at: Site,
    severity: Severity,
    code: Code,
    message: String,
    help: Option<String>,
    absence: bool,
}

impl Finding {
    /// Which line fixes it.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// It says that something is not there. If a file could not be read in full, it may well be: then this is not reported.
    pub(crate) fn absence(&mut self) -> &mut Self {
        self.absence = true;
        self
    }
}

/// All findings of one reading.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    swallowed: Vec<Site>,
}

impl Findings {
    pub(crate) fn error(
        &mut self,
        at: &Site,
        code: Code,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(at, Severity::Error, code, message.into())
    }

    pub(crate) fn warning(
        &mut self,
        at: &Site,
        code: Code,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(at, Severity::Warning, code, message.into())
    }

    fn push(&mut self, at: &Site, severity: Severity, code: Code, message: String) -> &mut Finding {
        self.list.push(Finding {
            at: at.clone(),
            severity,
            code,
            message,
            help: None,
            absence: false,
        });
        let last = self.list.len() - 1;
        // The entry was pushed in the line above.
        #[allow(
            clippy::indexing_slicing,
            reason = "`last` is the index of what was just pushed"
        )]
        &mut self.list[last]
    }

    /// How many errors there are so far: a reader compares before and after to know whether what it read is whole.
    pub(crate) fn errors(&self) -> usize {
        self.list
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }

    /// From here on the file was taken for something else: what is found there is an echo.
    pub(crate) fn swallow(&mut self, from: Site) {
        self.swallowed.push(from);
    }

    /// Whether TOML itself could not be read somewhere.
    pub(crate) fn any_syntax(&self) -> bool {
        self.list
            .iter()
            .any(|finding| finding.code == codes::SYNTAX)
    }

    /// In the order of files and places, without echoes of syntax errors.
    pub(crate) fn into_diagnostics(mut self, pages: &[Page]) -> Vec<Diagnostic> {
        let line_of = |at: &Site| {
            (
                at.file,
                pages
                    .get(at.file)
                    .map_or(0, |page| page.line(at.span.start)),
            )
        };
        let broken: Vec<_> = self
            .list
            .iter()
            .filter(|finding| finding.code == codes::SYNTAX)
            .map(|finding| line_of(&finding.at))
            .collect();
        if !broken.is_empty() {
            self.list.retain(|finding| {
                let echo = |from: &Site| {
                    finding.at.file == from.file && finding.at.span.start >= from.span.start
                };
                let aside = finding.absence
                    || broken.contains(&line_of(&finding.at))
                    || self.swallowed.iter().any(echo);
                finding.code == codes::SYNTAX || !aside
            });
        }
        self.list
            .sort_by_key(|finding| (finding.at.file, finding.at.span.start, finding.at.span.end));
        let left_out = self.list.len().saturating_sub(limits::DIAGNOSTICS);
        // Past the limit errors go first: a draft exists only without any.
        if left_out > 0 {
            self.list
                .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        }
        let place_of_the_rest = self
            .list
            .get(limits::DIAGNOSTICS)
            .map(|finding| (finding.at.clone(), finding.severity));
        let mut diagnostics: Vec<_> = self
            .list
            .into_iter()
            .take(limits::DIAGNOSTICS)
            .filter_map(|finding| {
                pages
                    .get(finding.at.file)
                    .map(|page| page.diagnose(finding))
            })
            .collect();
        diagnostics.dedup();
        if let Some((at, severity)) = place_of_the_rest {
            let message = format!("{left_out} more findings are not shown: mend these first");
            let finding = Finding {
                at,
                severity,
                code: codes::TOO_MUCH,
                message,
                help: None,
                absence: false,
            };
            diagnostics.extend(
                pages
                    .get(finding.at.file)
                    .map(|page| page.diagnose(finding)),
            );
        }
        diagnostics
    }
}

/// A source and where its lines begin.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
    starts: Vec<usize>,
}

impl Page {
    pub(crate) fn new(source: &Source) -> Self {
        let breaks = source
            .text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(index, _)| index + 1);
        Self {
            name: source.name.as_str().into(),
            text: source.text.as_str().into(),
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// As written at a place.
    pub(crate) fn raw(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// What turned out to be wrong after reading, at a place of this page.
    pub(crate) fn complaint(
        &self,
        code: Code,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        let at = Site { file: 0, span };
        self.diagnose(Finding {
            at,
            severity: Severity::Error,
            code,
            message,
            help,
            absence: false,
        })
    }

    fn diagnose(&self, finding: Finding) -> Diagnostic {
        let start = self
            .text
            .floor_char_boundary(finding.at.span.start.min(self.text.len()));
        let line = self.line(start);
        let line_start = self.starts.get(line - 1).copied().unwrap_or(0);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let source_line = rest.lines().next().unwrap_or_default();
        let line_end = line_start + source_line.len();
        let end = self
            .text
            .floor_char_boundary(finding.at.span.end.min(line_end).max(start));
        let characters = |from: usize, to: usize| {
            self.text
                .get(from..to)
                .map_or(0, |part| part.chars().count())
        };
        Diagnostic {
            severity: finding.severity,
            code: finding.code.0,
            file: self.name.to_string(),
            line,
            column: characters(line_start, start) + 1,
            message: finding.message,
            help: finding.help,
            source_line: source_line.to_owned(),
            length: characters(start, end).max(1),
        }
    }
}
