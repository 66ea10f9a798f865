//! Findings while reading, and the pages they point into.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::codes::{self, Code};
use crate::statement::begins_header;
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
    absence: Absence,
    /// What it is about, if the same is wrong wherever that shows.
    once: Option<String>,
}

/// What a finding says is not there: what could not be read may well be it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Absence {
    No,
    /// From the table that it points into.
    Here,
    /// Likewise, and a key there that nobody knows may have been meant for it.
    Text,
    /// A rule of this name.
    Rule(String),
    /// Whatever bears this name, wherever.
    Of(String),
}

/// A part that could not be read.
#[derive(Debug)]
struct Dark {
    file: usize,
    /// From 0; none if it is only about what it says.
    lines: Range<usize>,
    text: String,
}

impl Finding {
    /// Which line fixes it.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// It says that something is missing from the table it points into. Where that could not be read in full, it may well be
    /// there: then this is not reported.
    pub(crate) fn absence(&mut self) -> &mut Self {
        self.absence = Absence::Here;
        self
    }

    /// It says that a text is missing. A key there that nobody knows may have been meant for it, too.
    pub(crate) fn absence_of_text(&mut self) -> &mut Self {
        self.absence = Absence::Text;
        self
    }

    /// It is about something that bears a name, and told in the first place where it shows.
    pub(crate) fn once_if(&mut self, is_named: bool) -> &mut Self {
        self.once = is_named.then(|| self.message.clone());
        self
    }

    /// It is about the timezone that its file does not have, and told in the first place that needs it.
    pub(crate) fn once_for_timezone(&mut self) -> &mut Self {
        self.once = Some(format!("timezone of {}", self.at.file));
        self
    }

    /// It says that there is no rule of this name. Where a rule's name could not be read, this is not reported.
    pub(crate) fn absence_of_rule(&mut self, name: &str) -> &mut Self {
        self.absence = Absence::Rule(name.to_owned());
        self
    }

    /// It says that nobody defines or uses a name. Where that name stands in what could not be read, this is not reported.
    pub(crate) fn absence_of(&mut self, name: &str) -> &mut Self {
        self.absence = Absence::Of(name.to_owned());
        self
    }
}

/// All findings of one reading.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    errors: usize,
    dark: Vec<Dark>,
    /// The lines of keys that nobody knows.
    refused: Vec<Site>,
    /// There is a rule whose name could not be read.
    nameless: bool,
    /// A header is missing, and nobody knows which name stood in it.
    headless: bool,
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
        self.errors += usize::from(severity == Severity::Error);
        self.list.push(Finding {
            at: at.clone(),
            severity,
            code,
            message,
            help: None,
            absence: Absence::No,
            once: None,
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
        self.errors
    }

    /// These lines could not be read: nothing is concluded from what is not found there.
    pub(crate) fn dark(&mut self, file: usize, lines: Range<usize>, text: &str) {
        self.dark.push(Dark {
            file,
            lines,
            text: text.to_lowercase(),
        });
    }

    /// What is called so could not be read: nobody is told that it does not exist.
    pub(crate) fn dark_name(&mut self, name: &str) {
        self.dark(0, 0..0, name);
    }

    /// A key that nobody knows stands here: it may have been meant for one that is missed.
    pub(crate) fn refused(&mut self, at: &Site) {
        self.refused.push(at.clone());
    }

    /// There is a rule whose name could not be read: any may be it.
    pub(crate) fn nameless(&mut self) {
        self.nameless = true;
    }

    /// A header is missing: any name may have stood in it.
    pub(crate) fn headless(&mut self) {
        self.headless = true;
    }

    /// Whether a part of these lines could not be read.
    pub(crate) fn is_dark(&self, file: usize, lines: &Range<usize>) -> bool {
        self.dark.iter().any(|dark| {
            dark.file == file && dark.lines.start < lines.end && lines.start < dark.lines.end
        })
    }

    /// Whether a part of the table that a place stands in could not be read.
    pub(crate) fn is_dark_around(&self, page: &Page, at: &Site) -> bool {
        self.dark
            .iter()
            .any(|dark| dark.file == at.file && !dark.lines.is_empty())
            && self.is_dark(at.file, &page.block(at.span.start))
    }

    /// Whether TOML itself could not be read somewhere.
    pub(crate) fn any_syntax(&self) -> bool {
        self.list
            .iter()
            .any(|finding| finding.code == codes::SYNTAX)
    }

    fn is_echo(&self, finding: &Finding, pages: &[Page]) -> bool {
        let at = &finding.at;
        let here = || {
            let page = pages.get(at.file);
            page.is_some_and(|page| self.is_dark_around(page, at))
        };
        match &finding.absence {
            Absence::No => false,
            Absence::Here => here(),
            Absence::Text => here() || self.is_refused_around(pages, at),
            Absence::Rule(name) => self.nameless || self.is_in_the_dark(name),
            Absence::Of(name) => self.is_in_the_dark(name),
        }
    }

    fn is_in_the_dark(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.headless || self.dark.iter().any(|dark| dark.text.contains(&name))
    }

    fn is_refused_around(&self, pages: &[Page], at: &Site) -> bool {
        let Some(page) = pages.get(at.file).filter(|_| !self.refused.is_empty()) else {
            return false;
        };
        let block = page.block(at.span.start);
        self.refused.iter().any(|refused| {
            refused.file == at.file && block.contains(&(page.line(refused.span.start) - 1))
        })
    }

    /// What is wrong with something that bears a name, and shows in several places, is told in the first of them.
    fn told_once(&mut self, pages: &[Page]) {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut list: Vec<(Finding, Vec<String>)> = Vec::new();
        for mut finding in std::mem::take(&mut self.list) {
            let is_name = finding.code == codes::UNKNOWN_NAME;
            let about = finding
                .once
                .take()
                .or_else(|| is_name.then(|| finding.message.clone()));
            let Some(about) = about else {
                list.push((finding, Vec::new()));
                continue;
            };
            if let Some((_, others)) = first.get(&about).and_then(|index| list.get_mut(*index)) {
                let line = |page: &Page| page.line(finding.at.span.start);
                let place = pages
                    .get(finding.at.file)
                    .map(|page| format!("{}:{}", page.name, line(page)));
                others.extend(place);
            } else {
                first.insert(about, list.len());
                list.push((finding, Vec::new()));
            }
        }
        for (mut finding, others) in list {
            if let Some((first, rest)) = others.split_first() {
                let more = match rest.len() {
                    0 => String::new(),
                    1 => " and in one more place".to_owned(),
                    several => format!(" and in {several} more places"),
                };
                let help = finding.help.take().unwrap_or_default();
                finding.help = Some(
                    format!("{help}; the same stands in {first}{more}")
                        .trim_start_matches("; ")
                        .to_owned(),
                );
            }
            self.list.push(finding);
        }
    }

    /// In the order of files and places, without echoes of what could not be read.
    pub(crate) fn into_diagnostics(mut self, pages: &[Page]) -> Vec<Diagnostic> {
        let list = std::mem::take(&mut self.list);
        self.list = list
            .into_iter()
            .filter(|finding| !self.is_echo(finding, pages))
            .collect();
        self.list
            .sort_by_key(|finding| (finding.at.file, finding.at.span.start, finding.at.span.end));
        self.told_once(pages);
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
                absence: Absence::No,
                once: None,
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
    /// As it is read: what is no TOML was set aside, line by line.
    pub(crate) text: Arc<str>,
    starts: Vec<usize>,
    /// As people wrote it, if that is something else.
    written: Option<Arc<str>>,
    /// The lines of headers, once somebody asked for them.
    headers: OnceLock<Vec<usize>>,
}

impl Page {
    pub(crate) fn new(source: &Source) -> Self {
        Self::of(&source.name, &source.text)
    }

    pub(crate) fn of(name: &str, text: &str) -> Self {
        let breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(index, _)| index + 1);
        Self {
            name: name.into(),
            text: text.into(),
            starts: std::iter::once(0).chain(breaks).collect(),
            written: None,
            headers: OnceLock::new(),
        }
    }

    /// The same page, to be read as this text: it has the same lines, and says something else in some of them.
    pub(crate) fn mended(&self, text: &str) -> Self {
        Self {
            written: Some(Arc::clone(&self.text)),
            ..Self::of(&self.name, text)
        }
    }

    /// Where a line begins, from 0.
    pub(crate) fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// Where a line ends, from 0, without its break.
    pub(crate) fn end_of(&self, line: usize) -> usize {
        let next = self.starts.get(line + 1);
        next.map_or(self.text.len(), |next| next - 1)
    }

    /// The lines of the table that a place stands in, from 0: from its header to the next.
    pub(crate) fn block(&self, offset: usize) -> Range<usize> {
        let line = self.line(offset) - 1;
        let headers = self.headers.get_or_init(|| {
            let lines = self.text.lines().enumerate();
            lines
                .filter(|(_, text)| begins_header(text))
                .map(|(index, _)| index)
                .collect()
        });
        let next = headers.partition_point(|header| *header <= line);
        let header = |index: usize| headers.get(index).copied();
        let from = next.checked_sub(1).and_then(header).unwrap_or(0);
        from..header(next).unwrap_or(usize::MAX)
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
            absence: Absence::No,
            once: None,
        })
    }

    fn diagnose(&self, finding: Finding) -> Diagnostic {
        let span = finding.at.span;
        let line = self.line(span.start.min(self.text.len()));
        let start = self.start_of(line - 1);
        let written = self.written.as_ref().unwrap_or(&self.text);
        let source_line = written.split('\n').nth(line - 1).unwrap_or_default();
        let source_line = source_line.strip_suffix('\r').unwrap_or(source_line);
        let place = |offset: usize| {
            source_line.floor_char_boundary(offset.saturating_sub(start).min(source_line.len()))
        };
        let (from, to) = (place(span.start), place(span.end.max(span.start)));
        let characters =
            |part: Range<usize>| source_line.get(part).map_or(0, |part| part.chars().count());
        Diagnostic {
            severity: finding.severity,
            code: finding.code.0,
            file: self.name.to_string(),
            line,
            column: characters(0..from) + 1,
            message: finding.message,
            help: finding.help,
            source_line: source_line.to_owned(),
            length: characters(from..to).max(1),
        }
    }
}
