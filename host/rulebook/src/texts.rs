//! Texts for contacts, by language, and the placeholders in them.

use std::collections::BTreeMap;

use model::{Language, ValuePresence};

use crate::codes;
use crate::findings::{Findings, Site};
use crate::head::{self, Head};
use crate::keys::{Keys, suggestion};
use crate::value::{Entry, Text, Value, misplaced};

/// What placeholders can name, and whether it is always there.
pub(crate) const VALUES: &[(&str, ValuePresence)] = &[
    ("contact.name", ValuePresence::Sometimes),
    ("contact.first_name", ValuePresence::Sometimes),
    ("contact.phone", ValuePresence::Sometimes),
    ("message.text", ValuePresence::Sometimes),
    ("number.name", ValuePresence::Always),
    ("today", ValuePresence::Always),
    ("now", ValuePresence::Always),
];

/// A text in several languages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(crate) by_language: BTreeMap<Language, (String, Site)>,
}

impl Texts {
    /// As plugins take it: a table of texts by language.
    pub(crate) fn json(&self) -> serde_json::Value {
        self.by_language
            .iter()
            .map(|(language, (text, _))| (language.to_string(), text.as_str().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// Where texts are read: what they are called, how long they may be.
pub(crate) struct Reader<'a> {
    /// The key, `reply`.
    pub(crate) key: &'a str,
    /// The table it stands in, as a header would name it.
    pub(crate) table: &'a str,
    /// The keys of that table: under a header they are a sign of TOML's trap.
    pub(crate) above: &'a Keys,
    pub(crate) head: &'a Head,
    pub(crate) most_chars: usize,
    /// What makes that the limit.
    pub(crate) because: &'a str,
}

impl Reader<'_> {
    pub(crate) fn read(&self, value: Value<'_>, findings: &mut Findings) -> Option<Texts> {
        let key = self.key;
        if value.as_text().is_some() {
            let first = self.head.languages.first().map_or("en", Language::as_str);
            let message = format!("`{key}` takes a text for each language");
            findings
                .error(&value.at(), codes::WRONG_TYPE, message)
                .help(format!("write {key}.{first} = {}", value.raw()));
            return None;
        }
        let mut texts = Texts::default();
        for entry in value.table(findings)? {
            if let Some((language, text)) = self.entry(&entry, value.is_under_header(), findings) {
                texts
                    .by_language
                    .insert(language, (text.text.to_owned(), text.at));
            }
        }
        Some(texts)
    }

    fn entry<'a>(
        &self,
        entry: &Entry<'a>,
        under_header: bool,
        findings: &mut Findings,
    ) -> Option<(Language, Text<'a>)> {
        if self.above.has(entry.key) {
            let header = format!("{}.{}", self.table, self.key);
            if under_header {
                misplaced(entry, &header, self.above.table, findings);
            } else {
                let message = format!(
                    "`{}` is a key of {}, not a language of `{}`",
                    entry.key, self.above.table, self.key
                );
                findings
                    .error(&entry.at(), codes::MISPLACED, message)
                    .help(format!("write it without `{}.` in front", self.key));
            }
            return None;
        }
        let code = Text {
            text: entry.key,
            at: entry.at(),
        };
        let language = head::parse_among(
            &code,
            &self.head.languages,
            "the file's languages",
            findings,
        );
        let text = entry.value.text(findings)?;
        if text.text.trim().is_empty() {
            findings
                .error(&text.at, codes::BAD_VALUE, "the text is empty")
                .help("write one, or leave the language out");
            return None;
        }
        let literal = check_placeholders(&text, entry.value.raw(), self.head, findings);
        too_long(&text.at, literal, self.most_chars, self.because, findings);
        Some((language?, text))
    }
}

/// Reports a text past its limit.
pub(crate) fn too_long(
    at: &Site,
    chars: usize,
    most: usize,
    because: &str,
    findings: &mut Findings,
) {
    if chars > most {
        let message = format!("{chars} characters, and {because} has at most {most}");
        findings
            .error(at, codes::TOO_LONG, message)
            .help(format!("shorten it by {}", chars - most));
    }
}

/// Which texts are missing, of those that people will want.
pub(crate) fn missing(
    texts: &Texts,
    wanted: &[Language],
    what: &str,
    at: &Site,
    findings: &mut Findings,
) {
    let Some((first, others)) = wanted.split_first() else {
        return;
    };
    if !texts.by_language.contains_key(first) {
        let message = format!("{what} has no text in `{first}`, the fallback");
        findings
            .error(at, codes::MISSING, message)
            .help(format!(
                "add one: {first} is what is sent where a language has no text of its own"
            ))
            .absence();
    }
    for language in others
        .iter()
        .filter(|language| !texts.by_language.contains_key(language))
    {
        let message = format!("{what} has no text in `{language}`");
        findings
            .warning(at, codes::NO_TEXT, message)
            .help(format!(
                "people who write in `{language}` will get the text in `{first}`"
            ))
            .absence();
    }
}

/// Checks the placeholders of a text; returns how many characters it has without them.
pub(crate) fn check_placeholders(
    text: &Text<'_>,
    raw: &str,
    head: &Head,
    findings: &mut Findings,
) -> usize {
    let mut literal = 0;
    let mut rest = text.text;
    // Where to look on for the next placeholder as it stands in the file.
    let mut seen_raw = 0;
    while let Some(open) = rest.find('{') {
        literal += rest.get(..open).map_or(0, |before| before.chars().count());
        let inside = rest.get(open + 1..).unwrap_or_default();
        if let Some(after) = inside.strip_prefix('{') {
            literal += 1;
            rest = after;
            seen_raw += raw
                .get(seen_raw..)
                .and_then(|raw| raw.find("{{"))
                .map_or(0, |index| index + 2);
            continue;
        }
        let length = inside.find(['}', '{', '\n']);
        let closed = length.filter(|length| {
            inside
                .get(*length..)
                .is_some_and(|tail| tail.starts_with('}'))
        });
        let body = inside
            .get(..length.unwrap_or(inside.len()))
            .unwrap_or_default();
        let at = place(text, raw, &mut seen_raw, body);
        let Some(length) = closed else {
            let finding = findings.error(
                &at,
                codes::PLACEHOLDER,
                "a placeholder begins here and does not end",
            );
            finding.help("close it with }, or write {{ if a brace is meant");
            return literal + inside.chars().count();
        };
        check_placeholder(body, &at, head, findings);
        rest = inside.get(length + 1..).unwrap_or_default();
    }
    literal + rest.chars().count()
}

/// The place of `{body` in the file; the whole text's if escapes hide it.
fn place(text: &Text<'_>, raw: &str, seen_raw: &mut usize, body: &str) -> Site {
    let wanted = format!("{{{body}");
    let found = raw
        .get(*seen_raw..)
        .and_then(|tail| tail.find(&wanted))
        .map(|index| index + *seen_raw);
    let Some(start) = found else {
        return text.at.clone();
    };
    *seen_raw = start + wanted.len();
    let closing = usize::from(
        raw.get(*seen_raw..)
            .is_some_and(|tail| tail.starts_with('}')),
    );
    let start = text.at.span.start + start;
    Site {
        file: text.at.file,
        span: start..start + wanted.len() + closing,
    }
}

fn check_placeholder(body: &str, at: &Site, head: &Head, findings: &mut Findings) {
    let (name, default) = body
        .split_once('|')
        .map_or((body, None), |(name, default)| (name, Some(default)));
    if name.starts_with("hours.") || name.starts_with("match.") {
        let key = if name.starts_with("hours.") {
            "[hours.…]"
        } else {
            "when.pattern"
        };
        findings
            .error(
                at,
                codes::NOT_YET,
                format!("`{{{name}}}` is not spoken by this version yet"),
            )
            .help(format!("it comes with {key}: take it out for now"));
        return;
    }
    let Some((_, presence)) = VALUES.iter().find(|(known, _)| *known == name) else {
        let finding = findings.error(
            at,
            codes::PLACEHOLDER,
            format!("unknown placeholder `{{{name}}}`"),
        );
        finding.help(format!(
            "{} (write {{{{ if a brace is meant)",
            suggestion(name, VALUES.iter().map(|(known, _)| *known))
        ));
        return;
    };
    if *presence == ValuePresence::Sometimes && default.is_none() {
        findings
            .error(at, codes::DEFAULT, format!("`{{{name}}}` may be missing"))
            .help(format!("say what stands there then: {{{name}|…}}"));
    }
    if matches!(name, "today" | "now") && head.timezone.is_none() {
        let finding = findings
            .error(
                at,
                codes::MISSING,
                format!("`{{{name}}}` needs the file's timezone"),
            )
            .absence();
        finding.help("write at the top: timezone = \"America/Sao_Paulo\", or where you are");
    }
}
