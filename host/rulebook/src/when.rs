//! Reads `when.…`.

use jiff::civil::Date;
use model::{Channel, RuleName, Span};

use crate::condition::{Ad, Condition, First};
use crate::countries;
use crate::findings::{Findings, Site};
use crate::fold::{Folded, fold};
use crate::head::{self, Head};
use crate::keys::words::{CHANNELS, FIRST, KINDS, Words};
use crate::keys::{RULE, WHEN};
use crate::rule::Tenant;
use crate::value::{Entry, Text, Value, refuse};
use crate::{codes, hours, limits, pattern, spoken};

/// What stands below `when`.
#[derive(Default)]
pub(crate) struct When {
    /// Those that could not be read are reported and left out.
    pub(crate) conditions: Vec<Condition>,
    /// The words and phrases to listen for, each with its place.
    pub(crate) heard: Vec<(Folded, Site)>,
    /// The rules that `after` names, which may stand further down.
    pub(crate) after: Vec<(String, Site)>,
    /// Hours stand there, readable or not.
    pub(crate) names_hours: bool,
}

impl When {
    /// A rule without conditions.
    pub(crate) fn nothing() -> Self {
        Self {
            conditions: vec![Condition::Loud],
            ..Self::default()
        }
    }
}

/// The conditions of a rule.
pub(crate) fn read(
    value: Value<'_>,
    head: &Head,
    tenant: &Tenant<'_>,
    findings: &mut Findings,
) -> When {
    let under_header = value.is_under_header().then_some(("rule.when", &RULE));
    let mut conditions = Vec::new();
    let mut heard = Vec::new();
    let mut words = (None, None);
    let entries = if value.as_text().is_some() || value.is_list() {
        let message =
            "it is not said what has to be so: `when` is followed by a dot and a condition";
        findings
            .error(&value.at(), codes::WRONG_TYPE, message)
            .help(format!("write when.words = {}", value.raw()));
        findings.refused(&value.at());
        Vec::new()
    } else {
        value.table(findings).unwrap_or_else(|| {
            findings.refused(&value.at());
            Vec::new()
        })
    };
    let names_hours = entries
        .iter()
        .any(|entry| matches!(entry.key, "hours" | "outside"));
    let entries_name_kind = entries.iter().any(|entry| entry.key == "kind");
    let place = |key: &str| {
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map_or_else(|| value.at(), |entry| entry.value.at())
    };
    let (until_at, most_at) = (place("until"), place("max_words"));
    let (last, after) = last_rule(&entries, findings);
    conditions.extend(last);
    for entry in entries {
        let before = findings.errors();
        let value = entry.value;
        let condition = match entry.key {
            "words" => listened(value, &mut heard, findings).map(Condition::Words),
            "says" => listened(value, &mut heard, findings).map(Condition::Says),
            "starts" => listened(value, &mut heard, findings).map(Condition::Starts),
            "pattern" => names(value, findings, pattern::read).map(Condition::Pattern),
            "from" => date(value, head, findings).map(Condition::From),
            "until" => date(value, head, findings).map(Condition::Until),
            "channel" => names(value, findings, |text, findings| {
                known(text, &CHANNELS, "channel", findings)
            })
            .map(|names| Condition::Channel(names.into_iter().map(Channel::from).collect())),
            "kind" => names(value, findings, |text, findings| {
                known(text, &KINDS, "kind of message", findings)
            })
            .map(Condition::Kind),
            "option" => names(value, findings, |text, findings| {
                tenant.option(text, findings)
            })
            .map(Condition::Option),
            "language" => names(value, findings, |text, findings| {
                head::parse_among(
                    text,
                    &tenant.languages,
                    "the languages of all files",
                    findings,
                )
            })
            .map(Condition::Language),
            "tags" => names(value, findings, tag).map(Condition::Tags),
            "not_tags" => names(value, findings, tag).map(Condition::NotTags),
            "number" => names(value, findings, |text, findings| {
                tenant.number(text, findings)
            })
            .map(Condition::Number),
            "first" => first(value, head, findings).map(Condition::First),
            "hours" => names(value, findings, |text, findings| {
                hours::named(text, tenant.hours, findings)
            })
            .map(Condition::Hours),
            "outside" => names(value, findings, |text, findings| {
                hours::named(text, tenant.hours, findings)
            })
            .map(Condition::Outside),
            "country" => names(value, findings, country).map(Condition::Country),
            "ad" => ad(value, findings).map(Condition::Ad),
            // Read together, above.
            "after" | "within" => None,
            "only" => {
                findings
                    .error(
                        &entry.at(),
                        codes::MISPLACED,
                        "`only` is a key of the rule itself",
                    )
                    .help("write it without `when.` in front: only = \"called\"");
                None
            }
            "quoting" => value.truth(findings).map(Condition::Quoting),
            "min_words" => {
                words.0 = least_words(value, findings);
                words.0.map(Condition::MinWords)
            }
            "max_words" => {
                words.1 = value.count(findings);
                words.1.map(Condition::MaxWords)
            }
            _ => {
                refuse(&entry, &WHEN, under_header, findings);
                None
            }
        };
        // A condition that could not be read may be what something else rests on.
        if condition.is_none() && findings.errors() > before {
            findings.refused(&entry.at());
        }
        conditions.extend(condition);
    }
    if !entries_name_kind {
        conditions.push(Condition::Loud);
    }
    campaign(&conditions, &until_at, findings);
    if let (Some(least), Some(most)) = words
        && least > most
    {
        let message = format!("no text has at least {least} words and at most {most}");
        findings
            .error(&most_at, codes::TOGETHER, message)
            .help("min_words is the smaller of the two");
    }
    When {
        conditions,
        heard,
        after,
        names_hours,
    }
}

fn least_words(value: Value<'_>, findings: &mut Findings) -> Option<usize> {
    let (at, most) = (value.at(), limits::WORDS_ASKED);
    let least = value.count(findings)?;
    if least > most {
        let message = format!("{least} words are more than any message is asked for");
        findings
            .error(&at, codes::BAD_VALUE, message)
            .help(format!("write a number up to {most}"));
        return None;
    }
    Some(least)
}

/// The first day of a campaign, or the last.
fn date(value: Value<'_>, head: &Head, findings: &mut Findings) -> Option<Date> {
    let text = value.text(findings)?;
    // One way to write it, as in `closed`.
    let Some(date) = text
        .text
        .parse::<Date>()
        .ok()
        .filter(|_| text.text.len() == 10)
    else {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" is no date", text.text),
            )
            .help(spoken::help_with_date(text.text));
        return None;
    };
    if head.timezone.is_none() {
        findings
            .error(&text.at, codes::MISSING, "a date needs the file's timezone")
            .help("write at the top: timezone = \"America/Sao_Paulo\", or where you are")
            .absence_of("timezone")
            .once_for_timezone();
    }
    Some(date)
}

/// It ends after it has begun.
fn campaign(conditions: &[Condition], at: &Site, findings: &mut Findings) {
    let from = conditions.iter().find_map(|condition| match condition {
        Condition::From(date) => Some(*date),
        _ => None,
    });
    let until = conditions.iter().find_map(|condition| match condition {
        Condition::Until(date) => Some(*date),
        _ => None,
    });
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        let message = format!("it ends on {until}, before it begins on {from}");
        findings
            .error(at, codes::TOGETHER, message)
            .help("when.from is the first day, when.until the last");
    }
}

/// `after` and `within`.
fn last_rule(
    entries: &[Entry<'_>],
    findings: &mut Findings,
) -> (Option<Condition>, Vec<(String, Site)>) {
    let get = |key: &str| entries.iter().find(|entry| entry.key == key);
    let within = get("within").map(|entry| (entry.at(), entry.value.span_of_time(findings)));
    let Some(after) = get("after") else {
        if let Some((at, _)) = within {
            findings
                .error(&at, codes::TOGETHER, "`within` says how long ago the rule of `after` answered, and `after` is missing")
                .help("add when.after = \"…\", the name of a rule")
                .absence_of_text();
        }
        return (None, Vec::new());
    };
    let within = within.map_or(Some(limits::WITHIN), |(_, span)| span);
    let texts = after.value.texts(findings).unwrap_or_default();
    // What no rule can be called is wrong here; what none is called, where all rules are seen.
    let mut rules = Vec::new();
    for text in &texts {
        match RuleName::new(text.text) {
            Ok(name) => rules.push(name),
            Err(error) => {
                findings.error(&text.at, codes::BAD_VALUE, error.to_string());
            }
        }
    }
    let named = texts
        .into_iter()
        .filter(|text| RuleName::new(text.text).is_ok())
        .map(|text| (text.text.to_owned(), text.at))
        .collect();
    let within = within.filter(|_| !rules.is_empty());
    (within.map(|span| Condition::After(rules, span)), named)
}

/// A country by its ISO code.
fn country(text: &Text<'_>, findings: &mut Findings) -> Option<String> {
    if countries::exists(text.text) {
        return Some(text.text.to_owned());
    }
    let finding = findings.error(
        &text.at,
        codes::BAD_VALUE,
        format!("unknown country \"{}\"", text.text),
    );
    let upper = text.text.to_uppercase();
    match upper.as_str() {
        "UK" => finding.help("did you mean \"GB\"?"),
        code if countries::exists(code) => finding.help(format!("did you mean \"{code}\"?")),
        _ => finding.help("write the two capital letters of its ISO code: \"BR\", \"PT\", \"US\""),
    };
    None
}

/// True, false, or the ids of ads.
fn ad(value: Value<'_>, findings: &mut Findings) -> Option<Ad> {
    match value.as_truth() {
        Some(wanted) => Some(Ad::Any(wanted)),
        None if value.as_text().is_some() || value.is_list() => {
            names(value, findings, |text, findings| {
                let is_id = !text.text.trim().is_empty();
                if !is_id {
                    findings
                    .error(&text.at, codes::BAD_VALUE, "this is no id of an ad")
                    .help("write when.ad = true for all ads, or the id that the ads manager shows");
                }
                is_id.then(|| text.text.to_owned())
            })
            .map(Ad::Ids)
        }
        None => value.wrong("true, or ids of ads as texts in quotes", findings),
    }
}

/// A list of which every entry is parsed; none if any is wrong.
fn names<T>(
    value: Value<'_>,
    findings: &mut Findings,
    mut parse: impl FnMut(&Text<'_>, &mut Findings) -> Option<T>,
) -> Option<Vec<T>> {
    let parsed: Vec<_> = value
        .texts(findings)?
        .iter()
        .map(|text| parse(text, findings))
        .collect();
    parsed.into_iter().collect()
}

/// Words and phrases to listen for, with their places.
fn listened(
    value: Value<'_>,
    heard: &mut Vec<(Folded, Site)>,
    findings: &mut Findings,
) -> Option<Vec<Folded>> {
    names(value, findings, |text, findings| {
        looks_like_a_list(text, value, findings);
        let folded = phrase(text, findings)?;
        heard.push((folded.clone(), text.at.clone()));
        Some(folded)
    })
}

/// `"open, opening hours, closed"`, and `["open”, “closed"]`.
fn looks_like_a_list(text: &Text<'_>, value: Value<'_>, findings: &mut Findings) {
    let parts: Vec<_> = text
        .text
        .split(',')
        .map(|part| part.trim().trim_matches(['"', '“', '”', '„', '\'']))
        .collect();
    let by_quotes = text.text.contains("”,") || text.text.contains("\",");
    let by_commas = !value.is_list() && parts.len() > 2;
    if by_quotes || by_commas {
        let shown: Vec<_> = parts
            .iter()
            .take(3)
            .map(|part| format!("\"{part}\""))
            .collect();
        let more = if parts.len() > 3 { ", …" } else { "" };
        findings
            .warning(
                &text.at,
                codes::LISTED,
                "this is one text, and looked for as a whole",
            )
            .help(format!(
                "if a list is meant, write [{}{more}]",
                shown.join(", ")
            ));
    }
}

/// One word or phrase to listen for.
pub(crate) fn phrase(text: &Text<'_>, findings: &mut Findings) -> Option<Folded> {
    let chars = text.text.chars().count();
    if chars > limits::PHRASE_CHARS {
        let message = format!(
            "{chars} characters, and a phrase to listen for has at most {}",
            limits::PHRASE_CHARS
        );
        findings
            .error(&text.at, codes::TOO_LONG, message)
            .help("listen for the words that matter");
        return None;
    }
    let folded = fold(text.text);
    if folded.is_empty() {
        let message = format!("nothing of \"{}\" is left to listen for", text.text);
        findings
            .error(&text.at, codes::NOTHING_LEFT, message)
            .help("punctuation and spaces do not count: put words, numbers or emoji");
        return None;
    }
    Some(folded)
}

fn known(
    text: &Text<'_>,
    among: &Words<()>,
    what: &str,
    findings: &mut Findings,
) -> Option<String> {
    if among.parse(text.text).is_some() {
        return Some(text.text.to_owned());
    }
    let finding = findings.error(
        &text.at,
        codes::BAD_VALUE,
        format!("unknown {what} \"{}\"", text.text),
    );
    finding.help(among.suggestion(text.text));
    None
}

/// A tag, as rules and desks put it on contacts.
pub(crate) fn tag(text: &Text<'_>, findings: &mut Findings) -> Option<String> {
    let chars = text.text.chars().count();
    if text.text.trim() != text.text
        || text.text.is_empty()
        || chars > limits::TAG_CHARS
        || text.text.chars().any(char::is_control)
    {
        let message = format!("\"{}\" is no tag", text.text);
        findings
            .error(&text.at, codes::BAD_VALUE, message)
            .help(format!(
                "a tag is a word or two, at most {} characters, without spaces around it",
                limits::TAG_CHARS
            ));
        return None;
    }
    Some(text.text.to_owned())
}

fn first(value: Value<'_>, head: &Head, findings: &mut Findings) -> Option<First> {
    let text = value.text(findings)?;
    match FIRST.parse(text.text) {
        Some(First::Today) => {
            if head.timezone.is_none() {
                let finding = findings
                    .error(
                        &text.at,
                        codes::MISSING,
                        "`when.first = \"today\"` needs the file's timezone",
                    )
                    .absence_of("timezone")
                    .once_for_timezone();
                finding
                    .help("write at the top: timezone = \"America/Sao_Paulo\", or where you are");
            }
            Some(First::Today)
        }
        Some(first) => Some(*first),
        None => match text.text.parse::<Span>() {
            Ok(span) if span > Span::default() => Some(First::Since(span)),
            _ => {
                let finding = findings.error(
                    &text.at,
                    codes::SPAN,
                    format!(
                        "\"{}\" is neither \"ever\" nor \"today\" nor a span of time",
                        text.text
                    ),
                );
                finding.help("write \"ever\", \"today\" or a span like \"7d\"");
                None
            }
        },
    }
}
