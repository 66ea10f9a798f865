//! What stands in braces: which values there are, and whether each is always there.

use std::collections::BTreeMap;

use model::ValuePresence::{self, Always, Sometimes};

use crate::codes;
use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::hours::AllHours;
use crate::keys::placeholders::EVERYWHERE;
use crate::keys::suggestion;
use crate::opening::Hours;
use crate::value::Text;

/// What can be named in a rule with hours: when those open next, when they close.
const OWN: [&str; 2] = ["hours.opens_next", "hours.closes_at"];

/// Values by their name.
pub(crate) type Presences = BTreeMap<String, ValuePresence>;

/// What texts of one place can name.
pub(crate) struct Nameable<'a> {
    pub(crate) head: &'a Head,
    /// Of the tenant: they can be named everywhere.
    pub(crate) common: &'a Presences,
    /// Of the rule alone.
    pub(crate) own: Presences,
}

impl<'a> Nameable<'a> {
    /// What can be named outside of rules.
    pub(crate) fn everywhere(head: &'a Head, common: &'a Presences) -> Self {
        Self {
            head,
            common,
            own: Presences::new(),
        }
    }

    fn presence(&self, name: &str) -> Option<ValuePresence> {
        self.own
            .get(name)
            .or_else(|| self.common.get(name))
            .copied()
    }
}

/// What can be named everywhere, with these hours.
pub(crate) fn common(hours: &AllHours) -> Presences {
    let named = hours.values().flat_map(|(hours, _)| {
        [
            (format!("hours.{}.open", hours.name), Always),
            (
                format!("hours.{}.opens_next", hours.name),
                hours.presence_of_opening(),
            ),
            (format!("hours.{}.closes_at", hours.name), Sometimes),
        ]
    });
    EVERYWHERE
        .iter()
        .map(|value| (value.name.to_owned(), value.presence))
        .chain(named)
        .collect()
}

/// What can be named in a rule with these conditions: its own hours. Where hours were named and none of them could be read,
/// nothing further is said of them.
pub(crate) fn own(conditions: &[Condition], names_hours: bool) -> Presences {
    let mut own = own_hours(conditions, names_hours);
    own.extend(caught(conditions));
    own
}

/// What the patterns of a rule catch: a value is always there if each of them always catches it, and never nothing.
fn caught(conditions: &[Condition]) -> Presences {
    let patterns: Vec<_> = conditions
        .iter()
        .filter_map(|condition| match condition {
            Condition::Pattern(patterns) => Some(patterns),
            _ => None,
        })
        .flatten()
        .collect();
    let always: Vec<_> = patterns
        .iter()
        .map(|pattern| pattern.always_caught())
        .collect();
    let is_always = |name: &String| always.iter().all(|caught| caught.contains(name));
    patterns
        .iter()
        .flat_map(|pattern| pattern.names())
        .map(|name| {
            let presence = if is_always(&name) { Always } else { Sometimes };
            (name, presence)
        })
        .collect()
}

fn own_hours(conditions: &[Condition], names_hours: bool) -> Presences {
    let inside = conditions.iter().find_map(|condition| match condition {
        Condition::Hours(hours) => Some(hours),
        _ => None,
    });
    let outside = conditions.iter().find_map(|condition| match condition {
        Condition::Outside(hours) => Some(hours),
        _ => None,
    });
    let Some(hours) = inside.or(outside) else {
        return if names_hours {
            OWN.map(|name| (name.to_owned(), Always)).into()
        } else {
            Presences::new()
        };
    };
    let least = |of: fn(&Hours) -> ValuePresence| {
        if hours.iter().all(|hours| of(hours) == Always) {
            Always
        } else {
            Sometimes
        }
    };
    let opening = least(Hours::presence_of_opening);
    let closing = if inside.is_some() {
        least(Hours::presence_of_closing)
    } else {
        Sometimes
    };
    let [opens_next, closes_at] = OWN.map(str::to_owned);
    [(opens_next, opening), (closes_at, closing)].into()
}

/// Checks the placeholders of a text; returns how many characters it has without them.
pub(crate) fn check(
    text: &Text<'_>,
    raw: &str,
    nameable: &Nameable<'_>,
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
            let doubled = after.split_once("}}").map(|(name, _)| name);
            if let Some(name) = doubled.filter(|name| is_meant(name.trim(), nameable)) {
                let may_miss =
                    !name.contains('|') && nameable.presence(name.trim()) == Some(Sometimes);
                let default = if may_miss { "|…" } else { "" };
                doubled_braces((name, default), text, raw, seen_raw, findings);
            }
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
        check_one(body, &at, nameable, findings);
        rest = inside.get(length + 1..).unwrap_or_default();
    }
    literal + rest.chars().count()
}

/// Whether what stands in double braces was meant for a value: as `{{contact.first_name}}`, or `{{1}}`, as templates have it elsewhere.
fn is_meant(body: &str, nameable: &Nameable<'_>) -> bool {
    let name = body.split('|').next().unwrap_or_default().trim();
    let is_numbered =
        !name.is_empty() && name.len() < 3 && name.bytes().all(|byte| byte.is_ascii_digit());
    is_numbered || nameable.presence(name).is_some()
}

fn doubled_braces(
    (name, default): (&str, &str),
    text: &Text<'_>,
    raw: &str,
    seen_raw: usize,
    findings: &mut Findings,
) {
    let wanted = format!("{{{{{name}}}}}");
    let found = raw.get(seen_raw..).and_then(|tail| tail.find(&wanted));
    let at = found.map_or_else(
        || text.at.clone(),
        |index| {
            let start = text.at.span.start + seen_raw + index;
            Site {
                file: text.at.file,
                span: start..start + wanted.len(),
            }
        },
    );
    let body = name.trim();
    let help = if body.bytes().all(|byte| byte.is_ascii_digit()) {
        "name what is to stand there, like {contact.first_name|…}".to_owned()
    } else {
        format!("write it with one brace on each side: {{{body}{default}}}")
    };
    findings
        .error(
            &at,
            codes::PLACEHOLDER,
            format!("in double braces nothing is filled in: people would read {{{body}}}"),
        )
        .help(help);
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

fn check_one(body: &str, at: &Site, nameable: &Nameable<'_>, findings: &mut Findings) {
    let (name, default) = body
        .split_once('|')
        .map_or((body, None), |(name, default)| (name, Some(default)));
    let Some(presence) = nameable.presence(name) else {
        refuse(name, at, nameable, findings);
        return;
    };
    if presence == Sometimes && default.is_none() {
        findings
            .error(at, codes::DEFAULT, format!("`{{{name}}}` may be missing"))
            .help(format!("say what stands there then: {{{name}|…}}"));
    }
    if matches!(name, "today" | "now") && nameable.head.timezone.is_none() {
        let finding = findings
            .error(
                at,
                codes::MISSING,
                format!("`{{{name}}}` needs the file's timezone"),
            )
            .absence_of("timezone")
            .once_for_timezone();
        finding.help("write at the top: timezone = \"America/Sao_Paulo\", or where you are");
    }
}

fn refuse(name: &str, at: &Site, nameable: &Nameable<'_>, findings: &mut Findings) {
    if OWN.contains(&name) {
        let part = name.rsplit('.').next().unwrap_or_default();
        findings
            .error(
                at,
                codes::PLACEHOLDER,
                format!("`{{{name}}}` means the hours of `when.hours` or `when.outside`, and there is neither"),
            )
            .help(format!("say which hours: {{hours.NAME.{part}}}"))
            .absence_of_text()
            .once_if(true);
        return;
    }
    let catches = nameable.own.keys().any(|own| own.starts_with("match."));
    if name.starts_with("match.") && !catches {
        findings
            .error(
                at,
                codes::PLACEHOLDER,
                format!("`{{{name}}}` is what a pattern caught, and no `when.pattern` stands here"),
            )
            .help("add when.pattern = '…': {match.1} is what its first ( ) catches, {match.name} what (?<name>…) does")
            .absence_of_text()
            .once_if(true);
        return;
    }
    let names = nameable.common.keys().chain(nameable.own.keys());
    // `{first_name}` for `{contact.first_name}`.
    let whole = names
        .clone()
        .find(|known| known.rsplit('.').next() == Some(name) && known.as_str() != name);
    if let Some(whole) = whole {
        findings
            .error(
                at,
                codes::PLACEHOLDER,
                format!("unknown placeholder `{{{name}}}`"),
            )
            .help(format!("did you mean `{whole}`?"));
        return;
    }
    findings
        .error(
            at,
            codes::PLACEHOLDER,
            format!("unknown placeholder `{{{name}}}`"),
        )
        .help(format!(
            "{} (write {{{{ if a brace is meant)",
            suggestion(name, names.map(String::as_str))
        ));
}
