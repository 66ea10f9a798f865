//! Reads `[hours.NAME]`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::keys::{DAYS, HOURS, suggestion};
use crate::opening::{DAY_MINUTES, Hours, Interval};
use crate::value::{Entry, Text, Value};
use crate::{codes, limits, spoken};

/// The named hours of a tenant, each with the place of its name.
pub(crate) type AllHours = BTreeMap<String, (Arc<Hours>, Site)>;

/// Reads the hours of one file into those of the tenant.
pub(crate) fn read(
    top: &[Entry<'_>],
    head: &Head,
    into: &mut AllHours,
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    for hours in top.iter().filter(|entry| entry.key == "hours") {
        for entry in hours.value.table(findings).unwrap_or_default() {
            let at = entry.at();
            let Some(read) = read_one(&entry, head, findings) else {
                findings.dark_name(entry.key);
                continue;
            };
            if let Some((_, earlier)) = into.get(entry.key) {
                let message = format!(
                    "the hours `{}` are defined twice, first in {}",
                    entry.key,
                    place(earlier)
                );
                findings.error(&at, codes::DUPLICATE, message).help("hours are the tenant's, over all its files: use the first, or give these another name");
            } else if into.len() >= limits::HOURS {
                let message = format!("more than {} hours by name", limits::HOURS);
                findings
                    .error(&at, codes::TOO_MUCH, message)
                    .help("let rules share some");
            } else {
                into.insert(entry.key.to_owned(), (Arc::new(read), at));
            }
        }
    }
}

fn read_one(entry: &Entry<'_>, head: &Head, findings: &mut Findings) -> Option<Hours> {
    let at = entry.at();
    if DAYS.contains(&entry.key) || entry.key == "closed" || day_range(entry.key).is_some() {
        findings
            .error(&at, codes::MISSING, "these hours have no name")
            .help("give them one in the header: [hours.shop]")
            .once_if(true);
        return None;
    }
    let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if entry.key.is_empty()
        || entry.key.len() > limits::HOURS_NAME_CHARS
        || !entry.key.chars().all(fits)
    {
        findings
            .error(&at, codes::BAD_VALUE, "this is no name for hours")
            .help("letters from a to z, digits, - and _: it stands in placeholders");
        return None;
    }
    if head.timezone.is_none() {
        findings
            .error(&at, codes::MISSING, "hours need the file's timezone")
            .help("write at the top: timezone = \"America/Sao_Paulo\", or where you are")
            .absence_of("timezone")
            .once_for_timezone();
    }
    let before = findings.errors();
    let mut hours = Hours {
        name: entry.key.to_owned(),
        week: Default::default(),
        closed: BTreeSet::new(),
        timezone: head.timezone.clone().unwrap_or(TimeZone::UTC),
    };
    let mut given: BTreeMap<usize, String> = BTreeMap::new();
    for line in entry.value.table(findings)? {
        if line.key == "closed" {
            hours.closed = closed(line.value, findings);
            continue;
        }
        let Some(days) = days(line.key) else {
            refuse_day(&line, findings);
            continue;
        };
        let intervals = intervals(line.value, findings);
        for day in days {
            if let Some(earlier) = given.insert(day, line.key.to_owned()) {
                let message = format!(
                    "`{}` has its hours in `{earlier}` already",
                    DAYS.get(day).copied().unwrap_or_default()
                );
                findings.error(&line.at(), codes::DUPLICATE, message).help(
                    "let no two lines hold the same day: split the range, mon-tue and thu-fri",
                );
                break;
            }
            if let Some(into) = hours.week.get_mut(day) {
                into.clone_from(&intervals);
            }
        }
    }
    let is_whole = findings.errors() == before && !findings.is_dark_around(entry.value.page, &at);
    if hours.is_empty() && !is_whole {
        // What could not be read may well be open: nothing is concluded from these hours.
        hours.week = std::array::from_fn(|_| {
            vec![Interval {
                from: 0,
                to: DAY_MINUTES - 1,
            }]
        });
    }
    if hours.is_empty() {
        findings
            .warning(
                &at,
                codes::NEVER_OPEN,
                format!("the hours `{}` never open", entry.key),
            )
            .help("add a line like: mon-fri = \"09:00-18:00\"");
    }
    Some(hours)
}

/// The days of a key, `mon` or `mon-fri`, from Monday as 0; a range may reach past Sunday.
fn days(key: &str) -> Option<Vec<usize>> {
    match DAYS.iter().position(|day| *day == key) {
        Some(day) => Some(vec![day]),
        None => day_range(key),
    }
}

fn day_range(key: &str) -> Option<Vec<usize>> {
    let (from, to) = key.split_once('-')?;
    let position = |name: &str| DAYS.iter().position(|day| *day == name);
    let (from, to) = (position(from)?, position(to)?);
    let count = (to + 7 - from) % 7;
    Some((0..=count).map(|step| (from + step) % 7).collect())
}

fn refuse_day(line: &Entry<'_>, findings: &mut Findings) {
    let lower = line.key.to_lowercase();
    let short = |part: &str| {
        DAYS.iter()
            .find(|day| part.trim().starts_with(**day))
            .copied()
    };
    let meant: Option<Vec<_>> = lower.split('-').map(short).collect();
    match meant {
        Some(days) if days.len() <= 2 => {
            let finding = findings.error(
                &line.at(),
                codes::UNKNOWN_KEY,
                format!("unknown day `{}`", line.key),
            );
            finding.help(format!("did you mean `{}`?", days.join("-")));
        }
        _ => HOURS.refuse(line.key, &line.at(), findings),
    }
}

fn closed(value: Value<'_>, findings: &mut Findings) -> BTreeSet<Date> {
    let mut dates = BTreeSet::new();
    for text in value.texts(findings).unwrap_or_default() {
        match text.text.parse::<Date>() {
            Ok(date) if text.text.len() == 10 => {
                dates.insert(date);
            }
            _ => {
                findings
                    .error(
                        &text.at,
                        codes::HOURS,
                        format!("\"{}\" is no date", text.text),
                    )
                    .help(spoken::help_with_date(text.text));
            }
        }
    }
    dates
}

/// `"09:00-12:00, 13:00-18:00"`, a list of such, or `"closed"`.
fn intervals(value: Value<'_>, findings: &mut Findings) -> Vec<Interval> {
    let mut all: Vec<Interval> = Vec::new();
    for text in value.texts(findings).unwrap_or_default() {
        if text.text == "closed" {
            continue;
        }
        for part in text.text.split(',') {
            let Some(interval) = interval(part.trim(), &text, findings) else {
                continue;
            };
            let crosses = |other: &Interval| other.from < interval.to && interval.from < other.to;
            if all.iter().any(crosses) {
                findings
                    .error(
                        &text.at,
                        codes::HOURS,
                        format!("\"{}\" lies over hours before it", part.trim()),
                    )
                    .help("make one of the two, or mend a time");
            }
            all.push(interval);
        }
    }
    all.sort_unstable();
    all
}

fn interval(part: &str, text: &Text<'_>, findings: &mut Findings) -> Option<Interval> {
    let ends = part.split_once(['-', '–']);
    let times = ends.and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    let Some((from, to)) = times.filter(|(from, _)| *from < DAY_MINUTES) else {
        findings
            .error(
                &text.at,
                codes::HOURS,
                format!("\"{part}\" is not from one time to another"),
            )
            .help(spoken::hours(part).map_or_else(
                || "write it like \"09:00-18:00\", or \"09:00-12:00, 13:00-18:00\"".to_owned(),
                |hours| format!("write \"{hours}\""),
            ));
        return None;
    };
    if from == to {
        findings
            .error(
                &text.at,
                codes::HOURS,
                format!("\"{part}\" is no time at all"),
            )
            .help("around the clock is \"00:00-24:00\"; a day off is \"closed\"");
        return None;
    }
    let to = if to < from { to + DAY_MINUTES } else { to };
    Some(Interval { from, to })
}

/// `09:00` as minutes since midnight; up to `24:00`.
fn minutes(time: &str) -> Option<u16> {
    let (hours, minutes) = time.trim().split_once(':')?;
    let number = |digits: &str, most_digits: usize| {
        let all_digits = !digits.is_empty()
            && digits.len() <= most_digits
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (
        number(hours, 2)?,
        number(minutes, 2).filter(|_| minutes.len() == 2)?,
    );
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY_MINUTES).then_some(total)
}

/// Hours by their name, or which were meant.
pub(crate) fn named(
    text: &Text<'_>,
    all: &AllHours,
    findings: &mut Findings,
) -> Option<Arc<Hours>> {
    let found = all.get(text.text).map(|(hours, _)| Arc::clone(hours));
    if found.is_none() {
        let finding = findings
            .error(
                &text.at,
                codes::UNKNOWN_NAME,
                format!("unknown hours \"{}\"", text.text),
            )
            .absence_of(text.text);
        finding.help(format!(
            "{} (hours are defined by [hours.NAME])",
            suggestion(text.text, all.keys().map(String::as_str))
        ));
    }
    found
}
