//! TOML values with their places: what a key holds, or why it is of the wrong kind.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::findings::{Findings, Page, Site};
use crate::keys::{EXPECT, GIVEN, Keys, RULE, TEST, WHEN, nearest};
use crate::{codes, limits, spoken};
use model::Language;

/// One key of a table and what it holds.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) key: &'a str,
    spanned_key: (usize, usize),
    pub(crate) value: Value<'a>,
}

/// A value and its place.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) page: &'a Page,
    pub(crate) file: usize,
    value: &'a Spanned<DeValue<'a>>,
}

/// A text and its place.
#[derive(Clone)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: Site,
}

/// The keys of a table in the order of the file.
pub(crate) fn entries<'a>(page: &'a Page, file: usize, table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            Entry {
                key: key.get_ref().as_ref(),
                spanned_key: (span.start, span.end),
                value: Value { page, file, value },
            }
        })
        .collect();
    entries.sort_by_key(|entry| entry.spanned_key);
    entries
}

impl Entry<'_> {
    /// Where the key stands.
    pub(crate) fn at(&self) -> Site {
        Site {
            file: self.value.file,
            span: self.spanned_key.0..self.spanned_key.1,
        }
    }
}

impl<'a> Value<'a> {
    pub(crate) fn at(self) -> Site {
        Site {
            file: self.file,
            span: self.value.span(),
        }
    }

    /// As written.
    pub(crate) fn raw(self) -> &'a str {
        self.page.raw(&self.value.span())
    }

    /// All that is written in it, for what is not read.
    pub(crate) fn words(self) -> String {
        let mut words = String::new();
        let mut ahead = vec![self];
        while let Some(value) = ahead.pop() {
            words.push_str(value.value.get_ref().as_str().unwrap_or_default());
            words.push('\n');
            for entry in value.as_table().unwrap_or_default() {
                words.push_str(entry.key);
                words.push('\n');
                ahead.push(entry.value);
            }
            ahead.extend(value.as_list().unwrap_or_default());
        }
        words
    }

    /// A table under a header of its own, `[like.this]`.
    pub(crate) fn is_under_header(self) -> bool {
        self.value.get_ref().is_table() && self.raw().starts_with('[')
    }

    pub(crate) fn as_text(self) -> Option<Text<'a>> {
        self.value.get_ref().as_str().map(|text| Text {
            text,
            at: self.at(),
        })
    }

    pub(crate) fn as_truth(self) -> Option<bool> {
        self.value.get_ref().as_bool()
    }

    pub(crate) fn is_list(self) -> bool {
        self.value.get_ref().is_array()
    }

    pub(crate) fn as_table(self) -> Option<Vec<Entry<'a>>> {
        self.value
            .get_ref()
            .as_table()
            .map(|table| entries(self.page, self.file, table))
    }

    pub(crate) fn as_list(self) -> Option<Vec<Value<'a>>> {
        self.value
            .get_ref()
            .as_array()
            .map(|array| array.iter().map(|value| Value { value, ..self }).collect())
    }

    pub(crate) fn text(self, findings: &mut Findings) -> Option<Text<'a>> {
        self.as_text()
            .or_else(|| self.wrong("a text in quotes", findings))
    }

    pub(crate) fn truth(self, findings: &mut Findings) -> Option<bool> {
        self.value
            .get_ref()
            .as_bool()
            .or_else(|| self.wrong("true or false", findings))
    }

    pub(crate) fn table(self, findings: &mut Findings) -> Option<Vec<Entry<'a>>> {
        self.as_table().or_else(|| self.wrong("a table", findings))
    }

    pub(crate) fn count(self, findings: &mut Findings) -> Option<usize> {
        let Some(integer) = self.value.get_ref().as_integer() else {
            return self.wrong("a number", findings);
        };
        let count = i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| usize::try_from(number).ok());
        if count.is_none() {
            findings.error(
                &self.at(),
                codes::BAD_VALUE,
                format!("`{}` is no count", self.raw()),
            );
        }
        count
    }

    pub(crate) fn span_of_time(self, findings: &mut Findings) -> Option<model::Span> {
        const UNITS: &str = "write \"{}h\" for hours, \"{}m\" for minutes or \"{}d\" for days";
        let text = self
            .as_text()
            .or_else(|| self.wrong_number("a text in quotes", UNITS, findings))?;
        match text.text.parse::<model::Span>() {
            Ok(span) if span == model::Span::default() => {
                findings
                    .error(&text.at, codes::SPAN, "a span of no time at all")
                    .help("leave the key out");
                None
            }
            Ok(span) => Some(span),
            Err(_) => {
                let message = format!("\"{}\" is no span of time", text.text);
                findings.error(&text.at, codes::SPAN, message).help(
                    spoken::span(text.text).map_or_else(
                        || {
                            "write it like \"90s\", \"15m\", \"12h\", \"7d\" or \"1h 30m\""
                                .to_owned()
                        },
                        |span| format!("write \"{span}\""),
                    ),
                );
                None
            }
        }
    }

    /// One text or a list of them; an empty list would never hold and is an error.
    pub(crate) fn texts(self, findings: &mut Findings) -> Option<Vec<Text<'a>>> {
        if let Some(text) = self.as_text() {
            return Some(vec![text]);
        }
        let Some(list) = self.as_list() else {
            return self.wrong("a text in quotes, or a list of them", findings);
        };
        if list.is_empty() {
            findings
                .error(&self.at(), codes::BAD_VALUE, "the list is empty")
                .help("put something in, or leave the key out");
            return None;
        }
        if list.len() > limits::LIST_ENTRIES {
            let message = format!(
                "the list has {} entries, {} are read",
                list.len(),
                limits::LIST_ENTRIES
            );
            findings
                .error(&self.at(), codes::TOO_MUCH, message)
                .help("split the rule into several");
            return None;
        }
        list.into_iter()
            .map(|value| value.text(findings))
            .collect::<Vec<_>>()
            .into_iter()
            .collect()
    }

    /// A text as the list that was meant: with one entry, or with those that commas part.
    pub(crate) fn as_list_of_it(self) -> String {
        let text = self.as_text().map_or("", |text| text.text);
        let is_plain = text.contains(',') && !text.contains(['"', '\\', '\n', '\'']);
        if !is_plain {
            return format!("[{}]", self.raw());
        }
        let entries: Vec<_> = text
            .split(',')
            .map(|entry| format!("\"{}\"", entry.trim()))
            .collect();
        format!("[{}]", entries.join(", "))
    }

    /// Likewise; of a number it is said what is to stand beside it, with `{}` for the number.
    pub(crate) fn wrong_number<T>(
        self,
        expected: &str,
        beside: &str,
        findings: &mut Findings,
    ) -> Option<T> {
        if !self.value.get_ref().is_integer() {
            return self.wrong(expected, findings);
        }
        findings.dark_name(&self.words());
        findings
            .error(
                &self.at(),
                codes::WRONG_TYPE,
                format!("this takes {expected}, and a number stands here"),
            )
            .help(beside.replace("{}", self.raw()));
        None
    }

    /// Says that the value is of the wrong kind, and which slip it probably was.
    pub(crate) fn wrong<T>(self, expected: &str, findings: &mut Findings) -> Option<T> {
        let raw = self.raw();
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or a time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        findings.dark_name(&self.words());
        if expected == "a table" && raw.starts_with("[[") {
            let single = raw.trim_matches(['[', ']']);
            findings
                .error(
                    &self.at(),
                    codes::WRONG_TYPE,
                    format!("[[{single}]] stands in double brackets, and only rules and tests do"),
                )
                .help(format!("write [{single}]"));
            return None;
        }
        let wants_text = expected.contains("text");
        let help = match self.value.get_ref() {
            DeValue::Integer(_) if wants_text && raw.starts_with('+') => Some(format!(
                "write \"{raw}\": without quotes it is a number, and the plus is lost"
            )),
            DeValue::Datetime(_) if wants_text => Some(format!(
                "write \"{raw}\": without quotes it is a date or a time"
            )),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) if wants_text => {
                Some(format!("write \"{raw}\""))
            }
            DeValue::String(text) if expected == "true or false" => {
                match text.to_lowercase().as_str() {
                    "true" | "yes" | "on" | "sim" | "si" | "sí" => {
                        Some("write true, without quotes".into())
                    }
                    "false" | "no" | "off" | "não" | "nao" => {
                        Some("write false, without quotes".into())
                    }
                    _ => None,
                }
            }
            DeValue::String(text) if expected == "a number" && text.parse::<u32>().is_ok() => {
                Some(format!("write {text}, without quotes"))
            }
            DeValue::String(_) if expected.starts_with("a list") => {
                Some(format!("write {}", self.as_list_of_it()))
            }
            DeValue::Array(list) if list.len() == 1 && expected != "a table" => {
                Some("take the [ ] away".into())
            }
            DeValue::Array(_) if expected == "a text in quotes" => {
                Some("keep one of them, or put all of it into one text".into())
            }
            _ => None,
        };
        let finding = findings.error(
            &self.at(),
            codes::WRONG_TYPE,
            format!("this takes {expected}, and {found} stands here"),
        );
        if let Some(help) = help {
            finding.help(help);
        }
        None
    }

    /// As JSON, for a plugin's settings; the place of each part is noted by its path.
    pub(crate) fn json(
        self,
        path: &str,
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Option<serde_json::Value> {
        sites.push((path.to_owned(), self.at()));
        let below = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        Some(match self.value.get_ref() {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(truth) => (*truth).into(),
            DeValue::Datetime(moment) => moment.to_string().into(),
            DeValue::Integer(integer) => {
                match i64::from_str_radix(integer.as_str(), integer.radix()) {
                    Ok(number) => number.into(),
                    Err(_) => return self.wrong("a smaller number", findings),
                }
            }
            DeValue::Float(float) => match float
                .as_str()
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
            {
                Some(number) => number.into(),
                None => return self.wrong("a finite number", findings),
            },
            DeValue::Array(_) => {
                let list = self.as_list()?;
                let parts = list
                    .into_iter()
                    .enumerate()
                    .map(|(index, value)| value.json(&below(&index.to_string()), sites, findings));
                parts
                    .collect::<Vec<_>>()
                    .into_iter()
                    .collect::<Option<Vec<_>>>()?
                    .into()
            }
            DeValue::Table(_) => {
                let parts = self.as_table()?.into_iter().map(|entry| {
                    Some((
                        entry.key.to_owned(),
                        entry.value.json(&below(entry.key), sites, findings)?,
                    ))
                });
                parts
                    .collect::<Vec<_>>()
                    .into_iter()
                    .collect::<Option<serde_json::Map<_, _>>>()?
                    .into()
            }
        })
    }
}

/// Says of an entry that its key does not belong here. Under a header, a key of the table above was probably meant for it.
pub(crate) fn refuse(
    entry: &Entry<'_>,
    keys: &Keys,
    under_header: Option<(&str, &Keys)>,
    findings: &mut Findings,
) {
    findings.dark_name(&entry.value.words());
    findings.refused(&entry.at());
    if let Some((message, help)) = half_a_key(entry, keys) {
        findings
            .error(&entry.at(), codes::MISPLACED, message)
            .help(help);
        return;
    }
    let is_named_header = matches!(keys.table, table if table == RULE.table || table == TEST.table)
        && entry.value.is_under_header();
    if is_named_header && !keys.has(entry.key) && nearest(entry.key, keys.names()).is_none() {
        let what = if keys.table == RULE.table {
            "rule"
        } else {
            "test"
        };
        let message = format!("a {what} has no name in its header");
        findings
            .error(&entry.at(), codes::UNKNOWN_KEY, message)
            .help(format!(
                "write [[{what}]], and beneath it name = \"{}\"",
                entry.key
            ));
        return;
    }
    match under_header {
        Some((header, above)) if above.has(entry.key) && !keys.has(entry.key) => {
            misplaced(entry, header, above.table, findings);
        }
        _ => keys.refuse(entry.key, &entry.at(), findings),
    }
}

/// The second half of a key, where the first is missing: `words = …` in a rule, `pt = …`, `reply_has = …` in a test.
fn half_a_key(entry: &Entry<'_>, keys: &Keys) -> Option<(String, String)> {
    let key = entry.key;
    let halves: &[(&str, &Keys)] = match keys.table {
        table if table == RULE.table => &[("when", &WHEN)],
        table if table == TEST.table => &[("expect", &EXPECT), ("given", &GIVEN)],
        _ => &[],
    };
    if keys.has(key) {
        return None;
    }
    if let Some((first, _)) = halves.iter().find(|(_, below)| below.has(key)) {
        let message = format!("`{key}` stands in {} only behind `{first}.`", keys.table);
        return Some((message, format!("write {first}.{key} = …")));
    }
    // `reply_en`, `menu_label-pt`
    let parts = key
        .rsplit_once(['_', '-'])
        .filter(|(first, _)| matches!(*first, "reply" | "menu_label" | "note" | "description"));
    if let Some((first, language)) = parts.filter(|(first, _)| keys.has(first))
        && Language::new(language).is_ok_and(|language| crate::language::exists(&language))
    {
        let message = format!("a dot stands between `{first}` and the language");
        return Some((message, format!("write {first}.{language} = …")));
    }
    let is_language = Language::new(key).is_ok_and(|language| crate::language::exists(&language));
    (is_language && keys.has("reply")).then(|| {
        let message = format!("`{key}` is a language, and it is not said what is in it");
        (message, format!("write reply.{key} = …"))
    })
}

/// A header like `[rule.reply]` took in a key that was meant for the table above it.
pub(crate) fn misplaced(entry: &Entry<'_>, header: &str, above: &str, findings: &mut Findings) {
    let last = header.rsplit('.').next().unwrap_or(header);
    findings
        .error(&entry.at(), codes::MISPLACED, format!("`{}` belongs to {above}, but the header [{header}] above takes in every line after it", entry.key))
        .help(format!("delete the line [{header}] and write `{last}.… = …` as lines of the table itself"));
}
