//! TOML with its places, and TOML's own traps told in words that name the fix.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::codes;
use crate::findings::{Findings, Page, Site};

/// Parses one page; what cannot be read is reported, what can be is returned.
pub(crate) fn parse<'a>(
    page: &'a Page,
    file: usize,
    findings: &mut Findings,
) -> Spanned<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(&page.text);
    let mut slips: Vec<_> = errors
        .iter()
        .map(|error| Slip::new(page, error.message(), error.span()))
        .collect();
    slips.sort_by_key(|slip| slip.span.start);
    let mut last_line = 0;
    // Under a header that stands for the second time its keys do, too.
    let mut second_table = None;
    for slip in slips {
        let line = page.line(slip.span.start);
        // The first slip of a line is the cause, the others follow from it.
        if line == last_line {
            continue;
        }
        last_line = line;
        if slip.message.starts_with("duplicate key") {
            let header = slip.header_line();
            if header == Some(line) {
                second_table = header;
            } else if header.is_some() && header == second_table {
                continue;
            }
        }
        let swallows_the_rest = slip.message.starts_with("missing comma between array");
        let (span, message, help) = slip.tell();
        let start = span.start;
        let finding = findings.error(&Site { file, span }, codes::SYNTAX, message);
        if let Some(help) = help {
            finding.help(help);
        }
        // A list that is not closed takes in all that follows, and everything further is its echo.
        if swallows_the_rest
            && errors
                .iter()
                .any(|error| error.message().starts_with("unclosed array"))
        {
            findings.swallow(Site {
                file,
                span: start..start,
            });
            break;
        }
    }
    table
}

type Told = (Range<usize>, String, Option<String>);

/// An error of the parser.
struct Slip<'a> {
    page: &'a Page,
    message: &'a str,
    span: Range<usize>,
}

impl<'a> Slip<'a> {
    fn new(page: &'a Page, message: &'a str, span: Option<Range<usize>>) -> Self {
        Self {
            page,
            message,
            span: span.unwrap_or(0..0),
        }
    }

    fn tell(self) -> Told {
        let cause = self.message.split(", expected").next().unwrap_or_default();
        match cause {
            "string values must be quoted" => self.bare_value(),
            "invalid unquoted key" => self.bare_key(),
            "missing escaped value" => self.escape(),
            "duplicate key" => self.twice(),
            "key with no value" => self.no_value(),
            "invalid boolean" => {
                let lower = self.raw().to_lowercase();
                self.say("true and false are written in small letters", Some(format!("write {lower}")))
            }
            "invalid basic string" | "invalid literal string" => self.say(
                "this text is not closed: a quote is missing at its end",
                Some("close it on the same line; a text of several lines stands between \"\"\" and \"\"\"".into()),
            ),
            "invalid multi-line basic string" | "invalid multi-line literal string" => {
                self.say("this text is not closed: three quotes are missing at its end", None)
            }
            "missing comma between array elements" => {
                self.say("this list goes on without a comma, or is not closed", Some("put a comma between the entries and ] at the end".into()))
            }
            "unclosed array" => self.say("this list is not closed: ] is missing", None),
            "unclosed table" => self.say("this header is not closed: ] is missing", None),
            "unclosed array table" => self.say("this header is not closed: ]] is missing", None),
            "unexpected key or value" => {
                self.say("the line goes on after its value", Some("each key has a line of its own; a # begins a comment".into()))
            }
            _ => {
                let message = format!("not valid TOML: {}", self.message);
                self.say(message, None)
            }
        }
    }

    fn say(self, message: impl Into<String>, help: Option<String>) -> Told {
        (self.span, message.into(), help)
    }

    /// The line of the header it stands under, or in.
    fn header_line(&self) -> Option<usize> {
        let line = self.page.line(self.span.start);
        self.page
            .text
            .lines()
            .take(line)
            .enumerate()
            .filter(|(_, text)| text.trim_start().starts_with('['))
            .last()
            .map(|(index, _)| index + 1)
    }

    fn raw(&self) -> &'a str {
        self.page.raw(&self.span)
    }

    /// `x = yes`, `x = “hi”`, `x = 12h`, `x =`.
    fn bare_value(self) -> Told {
        let raw = self.raw().trim();
        if raw.is_empty() {
            return self.say("a value is missing after `=`", None);
        }
        if raw.contains(is_curly) {
            return self.curly();
        }
        let lower = raw.to_lowercase();
        let truth = match lower.as_str() {
            "yes" | "on" | "sim" | "sí" | "si" => Some(true),
            "no" | "off" | "não" | "nao" => Some(false),
            _ => None,
        };
        if let Some(truth) = truth {
            return self.say(
                format!("`{raw}` is no value"),
                Some(format!("write {truth}, or \"{raw}\" if a text is meant")),
            );
        }
        let help = format!("write \"{}\"", raw.trim_matches(['"', '\'']));
        self.say(
            format!("a text stands in quotes: `{raw}` does not"),
            Some(help),
        )
    }

    /// `horário = …`, `[option.horário]`, `“name” = …`.
    fn bare_key(self) -> Told {
        if self.raw().contains(is_curly) {
            return self.curly();
        }
        if self.raw() == ":" {
            return self.say(
                "a key is followed by `=`, not by `:`",
                Some("write key = \"value\"".into()),
            );
        }
        let text = &self.page.text;
        let part_of_key =
            |character: char| character.is_alphanumeric() || character == '-' || character == '_';
        let before = text.get(..self.span.start).unwrap_or_default();
        let after = text.get(self.span.start..).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| part_of_key(*c))
            .last()
            .map_or(self.span.start, |(index, _)| index);
        let length: usize = after
            .chars()
            .take_while(|c| part_of_key(*c))
            .map(char::len_utf8)
            .sum();
        let span = start..(self.span.start + length).max(self.span.end);
        let key = self.page.raw(&span);
        let message = format!("a bare key takes a-z, 0-9, `-` and `_` only: `{key}` has more");
        let help = format!("put the key in quotes: \"{key}\"");
        (span, message, Some(help))
    }

    /// `"\d"`.
    fn escape(self) -> Told {
        let span = self.span.start.saturating_sub(1)..self.span.end.max(self.span.start + 1);
        let message = "in double quotes a backslash begins an escape, and this is none".to_owned();
        (
            span,
            message,
            Some("put the text in single quotes, '…': there a backslash is a backslash".into()),
        )
    }

    /// A key or a header for the second time.
    fn twice(self) -> Told {
        let raw = self.raw().to_owned();
        let header = self.header_line().unwrap_or(0);
        let line = self.page.line(self.span.start);
        let lines: Vec<_> = self.page.text.lines().take(line).collect();
        let Some((this, above)) = lines.split_last() else {
            return self.say("defined twice", None);
        };
        let this = this.trim();
        let earlier = |same: &dyn Fn(&str) -> bool| {
            above
                .iter()
                .rposition(|line| same(line.trim()))
                .map(|index| index + 1)
        };
        if this.starts_with('[') {
            let single = this.replace("[[", "[").replace("]]", "]");
            if this.starts_with("[[")
                && let Some(first) = earlier(&|line| line == single)
            {
                let help = format!("line {first} has {single}: write {this} there too");
                return self.say(
                    format!("{this} and {single} cannot both stand in a file"),
                    Some(help),
                );
            }
            if let Some(first) = earlier(&|line| line == this) {
                let help = format!("put these lines under line {first} and delete this header");
                return self.say(
                    format!("the table {this} is defined twice, first in line {first}"),
                    Some(help),
                );
            }
            let help = format!(
                "write {raw}.… = \"…\" as lines of the table itself and delete this header"
            );
            return self.say(
                format!("{this} comes on top of `{raw}`, which is defined already"),
                Some(help),
            );
        }
        let same_key = |line: &str| {
            line.split('=')
                .next()
                .is_some_and(|key| Some(key.trim()) == this.split('=').next().map(str::trim))
        };
        match earlier(&same_key).filter(|first| *first > header) {
            Some(first) => self.say(
                format!("`{raw}` is defined twice, first in line {first}"),
                Some("delete one of the two, or put both into a list".into()),
            ),
            None => self.say(
                format!("`{raw}` is defined twice"),
                Some("delete one of the two".into()),
            ),
        }
    }

    /// `name: "x"`, `reply pt = "x"`.
    fn no_value(self) -> Told {
        let rest = self
            .page
            .text
            .get(self.span.start..)
            .unwrap_or_default()
            .trim_start();
        let before = self
            .page
            .text
            .get(..self.span.start)
            .unwrap_or_default()
            .trim_end();
        if rest.starts_with(':') || before.ends_with(':') {
            return self.say(
                "a key is followed by `=`, not by `:`",
                Some("write key = \"value\"".into()),
            );
        }
        self.say(
            "a key is followed by `=` and a value",
            Some("a key has no blanks in it: write reply.pt = \"…\", not reply pt".into()),
        )
    }

    fn curly(self) -> Told {
        self.say(
            "curly quotes are no quotes to TOML",
            Some("write straight ones: \"…\"".into()),
        )
    }
}

fn is_curly(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»')
}
