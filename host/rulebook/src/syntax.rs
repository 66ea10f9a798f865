//! TOML with its places. What cannot be read is told once, and set aside, so that the rest of the file is read as it was meant.

use std::borrow::Cow;
use std::ops::Range;

use model::Language;
use toml::Spanned;
use toml::de::DeTable;

use crate::findings::{Findings, Page, Site};
use crate::keys::{DAYS, FILE, RULE, SECTION, TEST};
use crate::slip::Slip;
use crate::statement::{self, Statement};
use crate::{codes, language, limits};

/// The page as it can be read: what is no TOML is reported, and stands there no more.
pub(crate) fn mend(page: Page, file: usize, findings: &mut Findings) -> Page {
    let is_toml = DeTable::parse(&page.text).is_ok();
    let mut mending = Mending::new(&page);
    mending.headers_that_are_missing();
    if is_toml && mending.dark.is_empty() {
        return page;
    }
    if !is_toml {
        mending.each_by_itself();
    }
    mending.all_together();
    mending.finish(file, findings)
}

/// Parses one page that was mended.
pub(crate) fn parse<'a>(page: &'a Page) -> Spanned<DeTable<'a>> {
    DeTable::parse_recoverable(&page.text).0
}

/// A file on its way to be read.
struct Mending<'a> {
    page: &'a Page,
    /// Each with its line break.
    lines: Vec<Cow<'a, str>>,
    statements: Vec<Statement>,
    told: Vec<Told>,
    /// The lines that were set aside.
    dark: Vec<Range<usize>>,
    /// A header is missing, and with it a name.
    headless: bool,
}

/// Which header is missing above a key, beneath this header.
fn missing_header(header: Option<&str>, root: &str) -> Option<&'static str> {
    let above = header.map(|header| header.split('.').next().unwrap_or_default());
    let (rule, test) = (RULE.has(root), TEST.has(root));
    match above {
        None if FILE.has(root) => None,
        None if SECTION.has(root) && root != "reply" => Some("[opt_out]"),
        None if rule => Some("[[rule]]"),
        None if test => Some("[[test]]"),
        None if is_day(root) => Some("[hours.NAME]"),
        None => is_language(root).then_some("[option.NAME]"),
        Some("option" | "hours") if rule && root != "use" => Some("[[rule]]"),
        Some("opt_out" | "opt_in") if SECTION.has(root) => None,
        Some("opt_out" | "opt_in" | "option" | "hours") if rule => Some("[[rule]]"),
        Some("opt_out" | "opt_in" | "option" | "hours") if test => Some("[[test]]"),
        _ => None,
    }
}

fn is_day(key: &str) -> bool {
    key == "closed" || DAYS.contains(&key.split('-').next().unwrap_or_default())
}

fn is_language(key: &str) -> bool {
    Language::new(key).is_ok_and(|code| language::exists(&code))
}

/// A slip by its line, which stays what it is whatever is set aside.
struct Told {
    line: usize,
    /// Bytes of the line.
    within: Range<usize>,
    code: codes::Code,
    message: String,
    help: Option<String>,
}

impl<'a> Mending<'a> {
    fn new(page: &'a Page) -> Self {
        let lines: Vec<&str> = page.text.split_inclusive('\n').collect();
        Self {
            page,
            statements: statement::split(&lines),
            lines: lines.into_iter().map(Cow::Borrowed).collect(),
            told: Vec::new(),
            dark: Vec::new(),
            headless: false,
        }
    }

    /// Lines of a rule or a section at the top of a file, or beneath a header that has nothing to do with them.
    fn headers_that_are_missing(&mut self) {
        let mut header: Option<String> = None;
        let mut told_in = None;
        for index in 0..self.statements.len() {
            let Some(statement) = self.statements.get(index).cloned() else {
                continue;
            };
            let line = self
                .lines
                .get(statement.lines.start)
                .cloned()
                .unwrap_or_default();
            if statement.is_header {
                header = statement::header_name(&line).map(str::to_owned);
                told_in = None;
                continue;
            }
            let key = self.key(&statement);
            let root = key.split('.').next().unwrap_or_default();
            // What comes after it belongs to it, too: only the head of a file stands where it is meant to.
            let stray = told_in.filter(|_| header.is_some() || !FILE.has(root));
            let Some(missing) = stray.or_else(|| missing_header(header.as_deref(), root)) else {
                continue;
            };
            if told_in.is_none() {
                let start = self.page.start_of(statement.lines.start);
                let indent = line.len() - line.trim_start().len();
                let span = start + indent..start + indent + root.len();
                let stands = match &header {
                    None => "at the top of the file".to_owned(),
                    Some(header) => format!("beneath [{header}]"),
                };
                let message = format!(
                    "`{root}` stands {stands}, where it means nothing: a header is missing above it"
                );
                let help = Some(format!("put a line {missing} above"));
                self.tell(self.page, &span, codes::MISPLACED, message, help);
                told_in = Some(missing);
                self.headless = true;
            }
            self.blank(&statement.lines);
        }
    }

    /// What is wrong in a statement whatever stands around it.
    fn each_by_itself(&mut self) {
        let many = self.many();
        for index in 0..self.statements.len() {
            let Some(statement) = self.statements.get(index).cloned() else {
                continue;
            };
            let offset = self.page.start_of(statement.lines.start);
            let end = self.page.start_of(statement.lines.end);
            let Some(text) = self.page.text.get(offset..end) else {
                continue;
            };
            let errors = DeTable::parse_recoverable(text).1;
            let first = errors
                .iter()
                .min_by_key(|error| error.span().map_or(0, |span| span.start));
            if let Some(error) = first {
                let mut span = error.span().unwrap_or(0..0);
                if error.message().starts_with("invalid multi-line") {
                    // It ends nowhere: it is shown where it begins.
                    let begins = text.find("\"\"\"").or_else(|| text.find("'''"));
                    span = begins.map_or(span, |start| start..start + 3);
                }
                let slip = Slip {
                    page: self.page,
                    message: error.message(),
                    span: span.start + offset..span.end + offset,
                };
                let (span, message, help) = slip.tell();
                self.tell(self.page, &span, codes::SYNTAX, message, help);
                self.set_aside(&statement);
            } else if many.contains(&text.split('#').next().unwrap_or_default().trim()) {
                let line = statement.lines.start;
                let name = statement::header_name(text).unwrap_or_default().to_owned();
                let indent = text.len() - text.trim_start().len();
                let span = offset + indent..offset + text.trim_end().len();
                let message =
                    format!("a {name} begins with double brackets: there are many of them");
                self.tell(
                    self.page,
                    &span,
                    codes::WRONG_TYPE,
                    message,
                    Some(format!("write [[{name}]]")),
                );
                if let Some(header) = self.lines.get_mut(line) {
                    *header = Cow::Owned(format!("[[{name}]]\n"));
                }
            }
        }
    }

    /// Which of `[rule]` and `[test]` there are several of, with double brackets or without: TOML itself stumbles over them.
    fn many(&self) -> Vec<&'static str> {
        let headers = self
            .statements
            .iter()
            .filter(|statement| statement.is_header);
        let written: Vec<_> = headers
            .filter_map(|statement| self.lines.get(statement.lines.start))
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .collect();
        let count = |header: &str| written.iter().filter(|line| **line == header).count();
        [("[rule]", "[[rule]]"), ("[test]", "[[test]]")]
            .into_iter()
            .filter(|(single, double)| count(single) + count(double) > 1)
            .map(|(single, _)| single)
            .collect()
    }

    /// What is wrong because of something else in the file: a key or a table for the second time.
    fn all_together(&mut self) {
        for _ in 0..limits::REPAIRS {
            let text = self.lines.concat();
            let page = Page::of(&self.page.name, &text);
            let errors = DeTable::parse_recoverable(&page.text).1;
            let first = errors
                .iter()
                .min_by_key(|error| error.span().map_or(0, |span| span.start));
            let Some(error) = first else { return };
            let span = error.span().unwrap_or(0..0);
            let line = page.line(span.start) - 1;
            let is_bare =
                |line: &Cow<'_, str>| line.bytes().all(|byte| matches!(byte, b' ' | b'\n'));
            if self.lines.get(line).is_none_or(is_bare) {
                break;
            }
            let found = self
                .statements
                .iter()
                .position(|statement| statement.lines.contains(&line));
            let Some((index, statement)) =
                found.and_then(|index| Some((index, self.statements.get(index)?.clone())))
            else {
                // A comment, or nothing that anybody sees.
                let slip = Slip {
                    page: &page,
                    message: error.message(),
                    span,
                };
                let (span, message, help) = slip.tell();
                self.tell(&page, &span, codes::SYNTAX, message, help);
                self.blank(&(line..line + 1));
                continue;
            };
            let is_twice = error.message().starts_with("duplicate key");
            let slip = Slip {
                page: &page,
                message: error.message(),
                span,
            };
            if let Some(earlier) = self.value_above(index) {
                self.tell_value_above(&page, &earlier, &statement);
                continue;
            }
            let (span, message, help) = slip.tell();
            self.tell(&page, &span, codes::SYNTAX, message, help);
            if statement.is_header {
                self.set_block_aside(line);
            } else if is_twice {
                self.set_twice_aside(index);
            } else {
                self.blank(&statement.lines);
            }
        }
        // More than is worth to be told: nothing more is read of this file.
        let text = self.lines.concat();
        if let Err(error) = DeTable::parse(&text) {
            let page = Page::of(&self.page.name, &text);
            let span = error.span().unwrap_or(0..0);
            let message = "more is wrong from here on: mend what stands above first".to_owned();
            self.tell(&page, &span, codes::SYNTAX, message, None);
            self.blank(&(0..self.lines.len()));
        }
    }

    /// `reply = "…"` above `reply.en = "…"`.
    fn value_above(&self, index: usize) -> Option<Statement> {
        let statement = self
            .statements
            .get(index)
            .filter(|statement| !statement.is_header)?;
        let block = statement::block(&self.statements, statement.lines.start);
        let own = self.key(statement);
        let holds = |other: &&Statement| {
            let key = self.key(other);
            let below = |key: &str, own: &str| {
                own.strip_prefix(key)
                    .is_some_and(|rest| rest.starts_with('.'))
            };
            !other.is_header
                && !key.is_empty()
                && block.contains(&other.lines.start)
                && (below(&key, &own) || below(&own, &key))
        };
        // Of the two the one that has no dots is the slip.
        if self
            .statements
            .iter()
            .any(|other| holds(&other) && self.key(other).len() > own.len())
        {
            return Some(statement.clone());
        }
        self.statements.iter().find(holds).cloned()
    }

    fn tell_value_above(&mut self, page: &Page, earlier: &Statement, statement: &Statement) {
        let key = self.key(earlier);
        let start = page.start_of(earlier.lines.start);
        let other = if earlier == statement {
            self.statements
                .iter()
                .map(|other| self.key(other))
                .find(|other| other.starts_with(&format!("{key}.")))
                .unwrap_or_default()
        } else {
            self.key(statement)
        };
        let message = format!("`{key}` is a text here, and beside it stands `{other}`");
        let help = format!("write {key}.… here too, with a dot and a language or a key behind it");
        self.tell(
            page,
            &(start..start + key.len()),
            codes::SYNTAX,
            message,
            Some(help),
        );
        self.blank(&earlier.lines);
    }

    /// A key for the second time, and what comes of the same slip: where a header is missing, the keys beneath it follow.
    fn set_twice_aside(&mut self, index: usize) {
        let Some(statement) = self.statements.get(index).cloned() else {
            return;
        };
        let block = statement::block(&self.statements, statement.lines.start);
        let key = |statement: &Statement| self.key(statement);
        let own = key(&statement);
        let above: Vec<String> = self
            .statements
            .iter()
            .take(index)
            .filter(|other| !other.is_header && block.contains(&other.lines.start))
            .map(key)
            .collect();
        let root = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
        let is_plain = above.contains(&own);
        let mut echo = own == "name" && is_plain;
        let mut aside = vec![statement.lines];
        let mut chain = true;
        for other in self
            .statements
            .iter()
            .skip(index + 1)
            .take_while(|other| !other.is_header)
        {
            let other_key = key(other);
            chain = chain && is_plain && above.contains(&other_key) && other_key != own;
            echo = echo || (chain && aside.len() == 1);
            if echo || (!is_plain && root(&other_key) == root(&own)) {
                aside.push(other.lines.clone());
            }
        }
        self.headless |= echo;
        for lines in aside {
            self.blank(&lines);
        }
    }

    fn key(&self, statement: &Statement) -> String {
        let line = self.lines.get(statement.lines.start);
        line.map_or_else(String::new, |line| {
            line.split('=').next().unwrap_or_default().trim().to_owned()
        })
    }

    /// A header is put right, so that what stands beneath it is read; anything else is left out.
    fn set_aside(&mut self, statement: &Statement) {
        let line = statement.lines.start;
        let written = self.lines.get(line).cloned().unwrap_or_default();
        if !statement.is_header {
            return self.blank(&statement.lines);
        }
        let name = statement::header_name(&written).unwrap_or_default();
        let is_many = matches!(name, "rule" | "test")
            || (!name.contains('.') && (written.contains("[[") || written.contains("]]")));
        let header = if is_many {
            format!("[[{name}]]\n")
        } else {
            format!("[{name}]\n")
        };
        if DeTable::parse(&header).is_err() {
            return self.set_block_aside(line);
        }
        // What stood behind it is set aside: it may be the name.
        if written.trim_end().len() > header.trim_end().len() + 2 && written.contains('=') {
            self.dark.push(statement.lines.clone());
        }
        if let Some(line) = self.lines.get_mut(line) {
            // As long as it was, so that what is told of its end has a place.
            let width = line.trim_end_matches('\n').len();
            *line = Cow::Owned(format!("{:width$}\n", header.trim_end()));
        }
    }

    fn set_block_aside(&mut self, line: usize) {
        let block = statement::block(&self.statements, line);
        self.blank(&(block.start..block.end.min(self.lines.len())));
    }

    /// Blanks keep their place: what stands after them does not move.
    fn blank(&mut self, lines: &Range<usize>) {
        for line in self.lines.get_mut(lines.clone()).into_iter().flatten() {
            let blank = line
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
            *line = Cow::Owned(blank.collect());
        }
        self.dark.push(lines.clone());
    }

    fn tell(
        &mut self,
        page: &Page,
        span: &Range<usize>,
        code: codes::Code,
        message: String,
        help: Option<String>,
    ) {
        let line = page.line(span.start);
        let start = page.start_of(line - 1);
        self.told.push(Told {
            line: line - 1,
            within: span.start - start..span.end.max(span.start) - start,
            code,
            message,
            help,
        });
    }

    fn finish(self, file: usize, findings: &mut Findings) -> Page {
        let mended = self.page.mended(&self.lines.concat());
        for told in self.told {
            let start = mended.start_of(told.line);
            // The end of the line is a place in it, the start of the next is not.
            let last = mended.end_of(told.line);
            let place = |within: usize| (start + within).min(last);
            let span = place(told.within.start)..place(told.within.end);
            let finding = findings.error(&Site { file, span }, told.code, told.message);
            if let Some(help) = told.help {
                finding.help(help);
            }
        }
        if self.headless {
            findings.headless();
        }
        for lines in self.dark {
            let text = self
                .page
                .raw(&(self.page.start_of(lines.start)..self.page.start_of(lines.end)));
            findings.dark(file, lines, text);
        }
        mended
    }
}
