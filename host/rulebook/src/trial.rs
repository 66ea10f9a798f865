//! Reads one `[[test]]`: when it begins, who writes, and the parts that `said` and `expectation` read.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use model::{Moment, Phone, RuleName};

use crate::findings::{Findings, Site};
use crate::ground::Ground;
use crate::head::{self, Head};
use crate::keys::{DAYS, TEST, suggestion};
use crate::rule_test::{Expect, Given, RuleTest};
use crate::value::{Text, Value, refuse};
use crate::{codes, limits};

/// The Monday at midnight from which a weekday in `at` is counted: no holiday, and no change of clocks in the days after it.
const MONDAY: &str = "2026-11-16T00:00";
/// Noon of the Wednesday after it: when a test begins that does not say.
const WEDNESDAY_NOON: &str = "2026-11-18T12:00";

/// One test as it is read.
pub(crate) struct Trial<'a> {
    pub(crate) ground: &'a Ground<'a>,
    pub(crate) head: &'a Head,
    pub(crate) sites: BTreeMap<String, Site>,
}

impl Trial<'_> {
    /// The whole of it; none after an error.
    pub(crate) fn test(mut self, value: Value<'_>, findings: &mut Findings) -> Option<RuleTest> {
        let before = findings.errors();
        let entries = value.table(findings)?;
        for entry in &entries {
            if !TEST.has(entry.key) {
                refuse(entry, &TEST, None, findings);
            }
            self.note(entry.key, entry.value.at());
        }
        let get = |key: &str| entries.iter().find(|entry| entry.key == key).copied();
        let absent = |key: &str| {
            get(key).is_none() && !TEST.meant(key, entries.iter().map(|entry| entry.key))
        };
        let name = get("name").and_then(|entry| name(entry.value, findings));
        if absent("name") {
            findings
                .error(&value.at(), codes::MISSING, "this test has no name")
                .help("give it one that says what is to be: name = \"on Sunday nobody is promised an answer\"")
                .absence_of_text();
        }
        let at = get("at").map_or_else(
            || self.moment(WEDNESDAY_NOON.parse().ok()?),
            |entry| self.at(entry.value, findings),
        );
        let language = get("lang").and_then(|entry| {
            let languages = &self.ground.tenant.languages;
            head::parse_among(
                &entry.value.text(findings)?,
                languages,
                "the languages of all files",
                findings,
            )
        });
        let from = get("from").and_then(|entry| phone(entry.value, findings));
        let number = get("number").and_then(|entry| {
            self.ground
                .tenant
                .number(&entry.value.text(findings)?, findings)
        });
        let says = get("says").and_then(|entry| self.says(entry.value, findings));
        if absent("says") {
            findings
                .error(&value.at(), codes::MISSING, "this test says nothing")
                .help("write what the contact does: says = \"hello\", or says = [\"hello\", \"thanks\"]")
                .absence_of_text();
        }
        let given = match get("given") {
            Some(entry) => self.given(entry, findings),
            None => Some(Given::default()),
        };
        let expect = match get("expect") {
            Some(entry) => self.expect(entry, says.as_deref(), findings),
            None => None,
        };
        if absent("expect") {
            findings
                .error(&value.at(), codes::MISSING, "this test expects nothing")
                .help("write what is to come of it: expect.rules = \"…\", expect.reply_has = \"…\"")
                .absence_of_text();
        }
        if findings.errors() > before {
            return None;
        }
        Some(RuleTest {
            name: name?,
            file: value.page.name.to_string(),
            line: value.page.line(value.at().span.start),
            at: at?,
            language,
            from,
            number,
            says: says?,
            given: given?,
            expect: expect.unwrap_or_else(Expect::default),
            timezone: self.head.timezone.clone().unwrap_or(TimeZone::UTC),
            sites: self.sites,
        })
    }

    /// Where a key stands.
    pub(crate) fn note(&mut self, key: impl Into<String>, at: Site) {
        self.sites.insert(key.into(), at);
    }

    fn moment(&self, time: DateTime) -> Option<Moment> {
        let timezone = self.head.timezone.clone().unwrap_or(TimeZone::UTC);
        let zoned = time.to_zoned(timezone).ok()?;
        Some(Moment(Timestamp::as_millisecond(zoned.timestamp())))
    }

    /// `2026-11-22 15:00` or `Sun 15:00`.
    fn at(&self, value: Value<'_>, findings: &mut Findings) -> Option<Moment> {
        let text = value.text(findings)?;
        if self.head.timezone.is_none() {
            findings
                .error(&text.at, codes::MISSING, "`at` needs the file's timezone")
                .help("write at the top: timezone = \"America/Sao_Paulo\", or where you are")
                .absence_of("timezone")
                .once_for_timezone();
        }
        let time = local_time(text.text);
        let timezone = self.head.timezone.clone().unwrap_or(TimeZone::UTC);
        if let Some(time) = time
            && let AmbiguousOffset::Gap { .. } = timezone.to_ambiguous_timestamp(time).offset()
        {
            let message = format!(
                "there is no {} on that day: the clocks are put forward over it",
                time.strftime("%H:%M")
            );
            findings
                .error(&text.at, codes::BAD_VALUE, message)
                .help("write a time before or after that");
            return None;
        }
        let moment = time.and_then(|time| self.moment(time));
        if moment.is_none() {
            findings
                .error(
                    &text.at,
                    codes::BAD_VALUE,
                    format!("\"{}\" is no local time", text.text),
                )
                .help(
                    "write \"2026-11-22 15:00\", or \"Sun 15:00\" where the week does not matter",
                );
        }
        moment
    }
}

fn name(value: Value<'_>, findings: &mut Findings) -> Option<String> {
    let text = value.text(findings)?;
    if text.text.trim().is_empty() || text.text.chars().count() > limits::PHRASE_CHARS {
        findings
            .error(&text.at, codes::BAD_VALUE, "this is no name for a test")
            .help(format!(
                "a sentence of at most {} characters",
                limits::PHRASE_CHARS
            ));
        return None;
    }
    Some(text.text.to_owned())
}

fn phone(value: Value<'_>, findings: &mut Findings) -> Option<Phone> {
    let text = value.text(findings)?;
    let digits: String = text
        .text
        .chars()
        .filter(|character| !" +-().".contains(*character))
        .collect();
    let phone = Phone::new(digits).ok();
    if phone.is_none() {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" is no phone number", text.text),
            )
            .help("write it with its country: \"+55 11 90000 0001\"");
    }
    phone
}

/// `2026-11-22 15:00`, or the next `Sun 15:00` from [`MONDAY`] on.
pub(crate) fn local_time(text: &str) -> Option<DateTime> {
    let text = text.trim();
    // The blank first: there is a T in Tue, too.
    let (day, time) = text.split_once(' ').or_else(|| text.split_once('T'))?;
    let time = time.trim();
    // Minutes are as exact as a test gets.
    if time.len() != 5 {
        return None;
    }
    let lower = day.to_lowercase();
    let weekday = DAYS.iter().position(|name| *name == lower);
    let date = match weekday {
        Some(ahead) => MONDAY
            .parse::<DateTime>()
            .ok()?
            .checked_add(i64::try_from(ahead).ok()?.days())
            .ok()?
            .date(),
        None => day.parse().ok()?,
    };
    Some(DateTime::from_parts(date, time.parse().ok()?))
}

impl Trial<'_> {
    /// A rule of the tenant by its name, one of the sections, or none.
    pub(crate) fn rule(&self, text: &Text<'_>, findings: &mut Findings) -> Option<RuleName> {
        let rules = &self.ground.is_off;
        match rules.get(text.text) {
            Some(false) => {}
            Some(true) => {
                findings
                    .warning(
                        &text.at,
                        codes::TURNED_OFF,
                        format!("the rule \"{}\" is off: it answers nothing", text.text),
                    )
                    .help("take `off` away there, or expect another rule");
            }
            None => {
                findings
                    .error(
                        &text.at,
                        codes::UNKNOWN_NAME,
                        format!("unknown rule \"{}\"", text.text),
                    )
                    .help(suggestion(text.text, rules.keys().copied()))
                    .absence_of_rule(text.text);
                return None;
            }
        }
        RuleName::new(text.text).ok()
    }
}
