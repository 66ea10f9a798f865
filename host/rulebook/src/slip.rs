//! TOML's own traps, told in words that name the fix.

use std::ops::Range;

use crate::findings::Page;
use crate::keys::DAYS;

/// Where, what, and which line fixes it.
pub(crate) type Told = (Range<usize>, String, Option<String>);

/// An error of the parser.
pub(crate) struct Slip<'a> {
    pub(crate) page: &'a Page,
    pub(crate) message: &'a str,
    pub(crate) span: Range<usize>,
}

impl<'a> Slip<'a> {
    pub(crate) fn tell(self) -> Told {
        let cause = self.message.split(", expected").next().unwrap_or_default();
        if let Some(told) = self.in_sight(cause) {
            return (self.span, told.0, told.1);
        }
        match cause {
            "string values must be quoted" => self.bare_value(),
            "invalid unquoted key" => self.bare_key(),
            "missing escaped value" => self.escape(),
            "duplicate key" => self.twice(),
            "unclosed table" if self.header_in_two_words().is_some() => {
                let help = self
                    .header_in_two_words()
                    .map(|header| format!("write {header}"));
                self.say("the name in a header follows a dot, not a blank", help)
            }
            "invalid multi-line basic string" if self.raw_line_has("\"\"\"\"") => self.say(
                "quotes within the text are doubled here, as spreadsheets do",
                Some(
                    "write \\\" for each quote within a text, and one \" in front and behind"
                        .to_owned(),
                ),
            ),
            "unexpected key or value" if self.stands_behind_a_header() => self.say(
                "a header stands alone in its line",
                Some("put a key into the line below, and take a comma or semicolon out; a # begins a comment".to_owned()),
            ),
            "missing comma between key-value pairs" if self.begins_its_line() => {
                let above = self.page.text.get(..self.span.start).unwrap_or_default();
                let end = above.trim_end().len();
                let help = Some("put } at the end of this line".to_owned());
                (
                    end..end,
                    "this table is not closed: } is missing".to_owned(),
                    help,
                )
            }
            "key with no value" => self.no_value(),
            "invalid boolean" if matches!(self.raw().to_lowercase().as_str(), "true" | "false") => {
                let help = Some(format!("write {}", self.raw().to_lowercase()));
                self.say("true and false are written in small letters", help)
            }
            // `opening-hours`, `nothing`, `2h`: what begins like a number or true, and is neither.
            _ if self.begins_like_another() => self.bare_value(),
            _ => {
                let (message, help) = plain(cause).map_or_else(
                    || (format!("not valid TOML: {}", self.message), None),
                    |(message, help)| (message.to_owned(), help.map(str::to_owned)),
                );
                self.say(message, help)
            }
        }
    }

    /// What the eye does not see or takes for something else, and what of it is in the line.
    fn in_sight(&self, cause: &str) -> Option<(String, Option<String>)> {
        let line = self.page.line(self.span.start) - 1;
        let start = self.page.start_of(line);
        let line = self.page.raw(&(start..self.page.start_of(line + 1)));
        let at = line
            .get(self.span.start.saturating_sub(start)..)
            .unwrap_or_default();
        if let Some((character, name)) = at.chars().next().and_then(invisible) {
            let code = u32::from(character);
            return Some((
                format!(
                    "{name} stands here (U+{code:04X}): it came in with a copied text, and TOML does not take it"
                ),
                Some("delete what looks like a blank here, and type one".to_owned()),
            ));
        }
        let before = line
            .get(..self.span.start.saturating_sub(start))
            .unwrap_or_default();
        let goes_on = matches!(
            cause,
            "missing comma between array elements" | "unexpected key or value"
        );
        let in_a_word = at.starts_with(char::is_alphanumeric);
        if goes_on && in_a_word && before.ends_with('\'') {
            return Some((
                "an apostrophe ends a text that stands in single quotes".to_owned(),
                Some("put the text in double quotes: \"…\"".to_owned()),
            ));
        }
        if goes_on && at.starts_with(';') && cause != "unexpected key or value" {
            return Some((
                "the entries of a list are parted by commas".to_owned(),
                Some("write , for ;".to_owned()),
            ));
        }
        if at.starts_with('(') {
            return Some((
                "a list stands in square brackets".to_owned(),
                Some("write [ ] for ( )".to_owned()),
            ));
        }
        if at.starts_with("```") || line.trim_start().starts_with("```") {
            return Some((
                "this line belongs to the page that the rules were copied from".to_owned(),
                Some("delete it".to_owned()),
            ));
        }
        let is_odd = straight_quotes(line) % 2 == 1;
        let is_about_quotes = matches!(
            cause,
            "missing comma between array elements"
                | "unexpected key or value"
                | "invalid basic string"
                | "string values must be quoted"
        );
        if is_about_quotes && is_odd && straight_quotes(line) > 1 {
            let count = straight_quotes(line);
            return Some((
                format!("a quote is missing in this line, or one is too many: there are {count}"),
                Some(
                    "each text has one in front and one behind; within a text write \\\" for one"
                        .to_owned(),
                ),
            ));
        }
        if goes_on && in_a_word && before.ends_with('"') {
            return Some((
                "the text ends here, and the line goes on".to_owned(),
                Some(
                    "a quote within a text is written \\\", or as \u{201c} and \u{201d}".to_owned(),
                ),
            ));
        }
        None
    }

    fn begins_like_another(&self) -> bool {
        let raw = self.raw().trim();
        let is_number = raw
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '_' | ':'));
        let is_of_scalar = [
            "invalid float",
            "invalid integer",
            "invalid boolean",
            "invalid string",
            "invalid offset",
            "invalid date",
            "unexpected sign",
            "invalid mantissa",
            "invalid exponent",
            "invalid fraction",
        ]
        .iter()
        .any(|cause| self.message.starts_with(cause));
        if self.message.starts_with("invalid datetime") {
            return true;
        }
        let is_truth = matches!(raw.to_lowercase().as_str(), "true" | "false");
        is_of_scalar && !raw.is_empty() && !is_number && !is_truth && !raw.starts_with(['"', '\''])
    }

    /// `[option voucher]`, as it was meant.
    fn header_in_two_words(&self) -> Option<String> {
        let line = self.page.line(self.span.start) - 1;
        let line = (self.page).raw(&(self.page.start_of(line)..self.page.start_of(line + 1)));
        let (inner, _) = line.trim().strip_prefix('[')?.split_once(']')?;
        let words: Vec<_> = inner.split_whitespace().collect();
        (words.len() > 1).then(|| format!("[{}]", words.join(".")))
    }

    fn raw_line_has(&self, what: &str) -> bool {
        let line = self.page.line(self.span.start) - 1;
        let line = self.page.start_of(line)..self.page.start_of(line + 1);
        self.page.raw(&line).contains(what)
    }

    /// `[[rule]] name = "…"`
    fn stands_behind_a_header(&self) -> bool {
        let start = self.page.start_of(self.page.line(self.span.start) - 1);
        let before = self.page.raw(&(start..self.span.start)).trim();
        before.starts_with('[') && before.ends_with(']') && self.raw().trim() != "]"
    }

    /// Nothing stands before it in its line.
    fn begins_its_line(&self) -> bool {
        let start = self.page.start_of(self.page.line(self.span.start) - 1);
        self.page.raw(&(start..self.span.start)).trim().is_empty()
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
            let help = self.list_with_dashes();
            return self.say("a value is missing after `=`", Some(help));
        }
        if matches!(raw.chars().next(), Some('|' | '>')) {
            return self.say(
                format!("`{raw}` begins a text of several lines in YAML, and not here"),
                Some("put it between \"\"\" and \"\"\"".to_owned()),
            );
        }
        if raw.contains(is_curly) {
            return self.curly();
        }
        if raw.starts_with('`') {
            return self.say(
                "backticks are no quotes to TOML",
                Some(format!("write \"{}\"", raw.trim_matches('`'))),
            );
        }
        if raw.contains("&quot;") || raw.starts_with('<') {
            return self.say(
                "this was copied from a web page, with its marks",
                Some("write the text alone, in straight quotes: \"…\"".into()),
            );
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

    /// What to write where nothing stands behind `=`: the entries below it, if they stand there as YAML has them.
    fn list_with_dashes(&self) -> String {
        let rest = self.page.text.get(self.span.start..).unwrap_or_default();
        let entries: Vec<_> = rest
            .lines()
            .skip(1)
            .map_while(|line| line.trim_start().strip_prefix("- "))
            .map(|entry| format!("\"{}\"", entry.trim().trim_matches(['"', '\''])))
            .collect();
        if entries.is_empty() {
            "write one behind it: a text stands in quotes, \"…\", a list in [ ]".to_owned()
        } else {
            format!("a list stands in [ ]: write [{}]", entries.join(", "))
        }
    }

    /// `horário = …`, `[option.horário]`, `“name” = …`.
    fn bare_key(self) -> Told {
        if self.raw().contains(is_curly) {
            return self.curly();
        }
        if self.raw() == "+" {
            return self.say(
                "this line came with the + that marks a new line on the page it was copied from",
                Some("delete the +".into()),
            );
        }
        if self.raw().starts_with("//") {
            return self.say(
                "a # begins a comment, not //",
                Some("write # for //".into()),
            );
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
                Some(one_of_two(&raw)),
            ),
            None => self.say(format!("`{raw}` is defined twice"), Some(one_of_two(&raw))),
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
        let line = self.page.line(self.span.start) - 1;
        let line = self
            .page
            .raw(&(self.page.start_of(line)..self.page.start_of(line + 1)));
        if rest.starts_with('＝') {
            return self.say("this is a wide `＝`, and no `=`", Some("write =".into()));
        }
        if line.trim_start().starts_with("--") {
            return self.say(
                "a # begins a comment, not --",
                Some("write # for --".into()),
            );
        }
        if line.trim_start().starts_with(['"', '\'']) && rest.starts_with(',') {
            return self.say(
                "these are entries of a list, and no list begins above them",
                Some("write the list's key and [ in front of them: when.words = [".into()),
            );
        }
        let help = match line.split_once('=') {
            // `mon, tue = …`
            Some((key, _)) if key.contains(',') && key.split(',').all(|day| DAYS.contains(&day.trim())) => {
                "give each day a line of its own, or write days in a row as mon-fri".to_owned()
            }
            // `20 | name = …`
            Some((key, _)) if key.contains('|') => {
                "delete what stands in front of the key: it came with the page that this was copied from".to_owned()
            }
            // `reply pt = …`
            Some((key, _)) if !key.contains(['"', '\'', '[']) => {
                let key: Vec<_> = key
                    .split([' ', '\t', ','])
                    .filter(|part| !part.is_empty())
                    .collect();
                format!("a key has no blanks in it: write {} = …", key.join("."))
            }
            _ if matches!(line.trim(), "reply" | "menu_label") => {
                format!("write {0}.en = \"…\" in one line, and so for each language", line.trim())
            }
            _ if line.trim() == "when" => "write when.words = [\"…\"] in one line, and so for each condition".to_owned(),
            _ => "write key = \"value\"".to_owned(),
        };
        self.say("a key is followed by `=` and a value", Some(help))
    }

    fn curly(self) -> Told {
        self.say(
            "curly quotes are no quotes to TOML",
            Some("write straight ones: \"…\"".into()),
        )
    }
}

/// What to do about a key that stands there twice.
fn one_of_two(key: &str) -> String {
    match key {
        "name" => "put a line [[rule]] or [[test]] above if another one begins here, or delete one of the two".into(),
        "words" | "says" | "starts" | "tags" => "put all of it into one list, and delete one of the two".into(),
        _ => "delete one of the two".into(),
    }
}

/// What is said of a cause that needs no look at the text.
fn plain(cause: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match cause {
        "invalid basic string" | "invalid literal string" => (
            "this text is not closed: a quote is missing at its end",
            Some(
                "close it on the same line; a text of several lines stands between \"\"\" and \"\"\"",
            ),
        ),
        "invalid multi-line basic string" | "invalid multi-line literal string" => (
            "this text is not closed: three quotes are missing at its end",
            Some("end it with \"\"\", as it began"),
        ),
        "missing opening quote" => (
            "a quote is missing at the start of this text",
            Some("put \" in front of it"),
        ),
        "missing comma between array elements" => (
            "this list goes on without a comma, or is not closed",
            Some("put a comma between the entries and ] at the end"),
        ),
        "extra comma in array" => (
            "there is a comma too many in this list",
            Some("take one out"),
        ),
        "unexpected `=` in array" => (
            "this list is not closed before the next key",
            Some("put ] at the end of the list"),
        ),
        "unclosed array" => (
            "this list is not closed: ] is missing",
            Some("put ] behind its last entry"),
        ),
        "missing array opening" | "missing table open" => (
            "this ] closes something that was not opened",
            Some("put [ in front of the list or the header, or take the ] out"),
        ),
        "unclosed table" => (
            "this header is not closed: ] is missing",
            Some("write it like [hours.shop]"),
        ),
        "unclosed array table" => (
            "this header is not closed: ]] is missing",
            Some("write it like [[rule]]"),
        ),
        "unclosed inline table" => (
            "this table is not closed: } is missing",
            Some("put } behind its last entry"),
        ),
        "missing inline table opening" => (
            "this } closes something that was not opened",
            Some("put { in front, or take the } out"),
        ),
        "missing comma between key-value pairs" => (
            "a comma is missing in this table",
            Some("write { option = \"…\", wait = \"…\" }"),
        ),
        "extra comma in inline table" => (
            "there is a comma too many in this table",
            Some("take one out"),
        ),
        "missing key for inline table element"
        | "missing assignment between key-value pairs"
        | "invalid inline table element" => (
            "within { } stand keys with their values",
            Some("write it like { option = \"hours\" }"),
        ),
        "missing value" | "missing value for key" => (
            "a value is missing after `=`",
            Some("a text stands in quotes: \"…\""),
        ),
        "extra `=`" | "extra assignment between key-value pairs" => {
            ("there is one `=` too many", Some("write key = \"value\""))
        }
        "unexpected key or value" => (
            "the line goes on after its value",
            Some(
                "each key has a line of its own, without a comma or semicolon behind it; a # begins a comment",
            ),
        ),
        "unexpected content"
        | "unexpected content between comment and newline"
        | "invalid key-value pair" => (
            "this is neither a key with its value nor a header",
            Some("write key = \"value\"; a # begins a comment"),
        ),
        "cannot extend value of type string with a dotted key" => (
            "this adds to a key that holds a text already",
            Some("write both with a dot: reply.pt = \"…\", reply.en = \"…\""),
        ),
        "unexpected leading zero" | "invalid integer number" => (
            "this is no number",
            Some("a phone number, a time or a code is a text: put it in quotes"),
        ),
        _ => return None,
    })
}

/// Straight double quotes, without those behind a backslash or within single quotes.
fn straight_quotes(line: &str) -> usize {
    let (mut count, mut escaped) = (0, false);
    for character in line.chars() {
        match character {
            '"' if !escaped => count += 1,
            '#' if count % 2 == 0 => break,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    count
}

/// Characters that look like a blank or like nothing, by what people call them.
fn invisible(character: char) -> Option<(char, &'static str)> {
    let name = match character {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => "a no-break space",
        '\u{2000}'..='\u{200a}' | '\u{3000}' => "a wide space",
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => "an invisible character",
        '\u{2028}' | '\u{2029}' => "a line break of another kind",
        '\r' => "a line end without its line feed",
        '\u{7f}' | '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => "a control character",
        _ => return None,
    };
    Some((character, name))
}

fn is_curly(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»')
}
