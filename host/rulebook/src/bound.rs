//! What bounds how often, for whom and with what effect a rule applies: `limit` and `stage`.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit};
use model::{ContactId, Look, LookResult, Moment, Period, RuleCount, RuleName};
use sha2::{Digest as _, Sha256};

use crate::condition::rounded;
use crate::findings::Findings;
use crate::keys::suggestion;
use crate::keys::words::STAGES;
use crate::value::{Text, Value};
use crate::{Facts, Rule, codes};

/// `limit`: at most so often in a period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// So often.
    pub times: u32,
    /// In what.
    pub per: Period,
    /// For each contact by itself, or for all of the tenant's together.
    pub per_contact: bool,
}

/// `stage`: for whom and with what effect a rule applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stage {
    /// For everybody, in full.
    #[default]
    Live,
    /// It runs and is recorded, and nothing of it takes effect: neither the search nor a rule that names it sees a difference.
    Shadow,
    /// For that share of contacts, in hundredths of a per cent; always the same ones. For the others it is not there, neither for
    /// the search nor for a rule that names it.
    Canary(u32),
}

/// All contacts, in hundredths of a per cent.
const ALL: u32 = 10_000;

impl Rule {
    /// What keeps it from applying at this moment, as a trace tells it: its `once_per`, a `limit`, or the share of its `stage`. They
    /// bound it however it is reached, by the search or by a rule that names it; conditions are the search's alone.
    #[must_use]
    pub fn kept_back(&self, facts: &Facts<'_>) -> Option<Look> {
        let bound = self.bound(facts)?;
        Some(self.looked(LookResult::Missed {
            condition: bound.key().to_owned(),
            seen: bound.saw(facts.now),
        }))
    }

    /// Its counts over all contacts, as they begin in the periods of this moment: the ledger knows how they stand.
    #[must_use]
    pub fn counted(&self, now: Moment) -> Vec<RuleCount> {
        self.counts(now)
            .filter(|(limit, _)| !limit.per_contact)
            .map(|(_, count)| count)
            .collect()
    }

    /// The first of its bounds that it has come to, if any.
    pub(crate) fn bound(&self, facts: &Facts<'_>) -> Option<Bound> {
        self.bounds(facts).next()
    }

    /// All of its bounds that it has come to.
    pub(crate) fn bounds(&self, facts: &Facts<'_>) -> impl Iterator<Item = Bound> {
        let limits = self.counts(facts.now).filter_map(|(limit, begun)| {
            let times = facts.times(limit, &begun);
            (times >= limit.times).then_some(Bound::Limit(limit, times))
        });
        // Last, and only if somebody asks so far: it takes a digest.
        let share = std::iter::once_with(|| match self.stage {
            Stage::Canary(share) if !in_share(share, &self.name, facts.contact.id) => {
                Some(Bound::Share(share))
            }
            _ => None,
        });
        let silence = self.silence(facts).into_iter();
        silence.chain(limits).chain(share.flatten())
    }

    fn silence(&self, facts: &Facts<'_>) -> Option<Bound> {
        let last = *facts.contact.fired.get(&self.name)?;
        let until = last.plus(self.once_per?);
        (facts.now < until).then_some(Bound::OncePer { last, until })
    }
}

impl Facts<'_> {
    /// How often a rule has answered in the period that begins so.
    fn times(&self, limit: Limit, begun: &RuleCount) -> u32 {
        let counts = if limit.per_contact {
            self.contact.counts.as_slice()
        } else {
            self.counts
        };
        let same = counts.iter().find(|count| count.is_of_same(begun));
        same.map_or(0, |count| count.times)
    }
}

/// What keeps a rule from applying, whatever its conditions say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// It answered this contact then, which is not long enough ago until then.
    OncePer { last: Moment, until: Moment },
    /// It answered so often in the period of this limit.
    Limit(Limit, u32),
    /// The contact is not of its share, in hundredths of a per cent.
    Share(u32),
}

impl Bound {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::OncePer { .. } => "once_per",
            Self::Limit(..) => "limit",
            Self::Share(_) => "stage",
        }
    }

    /// What was seen.
    pub(crate) fn saw(self, now: Moment) -> String {
        match self {
            Self::OncePer { last, .. } => format!("answered {} ago", rounded(now.since(last))),
            Self::Limit(limit, times) => limit.used_up(times),
            Self::Share(_) => "this contact is not among the canary's share".to_owned(),
        }
    }
}

impl Limit {
    /// `answered this contact 5 times this hour`, `answered all contacts together 200 times today`.
    fn used_up(self, times: u32) -> String {
        let times = match times {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        let period = match self.per {
            Period::Day => "today".to_owned(),
            per => format!("this {per}"),
        };
        let whom = if self.per_contact {
            "this contact"
        } else {
            "all contacts together"
        };
        format!("answered {whom} {times} {period}")
    }

    /// When the period began that a moment is in.
    #[must_use]
    pub fn since(self, now: Moment, timezone: &TimeZone) -> Moment {
        let begin = || {
            let local = Timestamp::from_millisecond(now.0)
                .ok()?
                .to_zoned(timezone.clone());
            let unit = match self.per {
                Period::Minute => Unit::Minute,
                Period::Hour => Unit::Hour,
                Period::Day | Period::Week => return start_of_days(self.per, &local),
            };
            // Minutes and hours of the clock: cut, not rounded.
            let cut = jiff::ZonedRound::new()
                .smallest(unit)
                .mode(jiff::RoundMode::Trunc);
            local.round(cut).ok()
        };
        begin().map_or(now, |local| Moment(local.timestamp().as_millisecond()))
    }
}

fn start_of_days(per: Period, local: &jiff::Zoned) -> Option<jiff::Zoned> {
    let day = local.start_of_day().ok()?;
    if per == Period::Day {
        return Some(day);
    }
    let since_monday = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(since_monday.days())
        .ok()?
        .start_of_day()
        .ok()
}

/// Whether a contact is among a rule's share, in hundredths of a per cent.
fn in_share(share: u32, rule: &RuleName, contact: ContactId) -> bool {
    // The same for ever, and another for each rule: who tries one change is not always who tries the next.
    let mut digest = Sha256::new();
    digest.update(rule.as_str().as_bytes());
    digest.update([0]);
    digest.update(contact.0.to_be_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let [a, b, c, d, ..] = digest;
    u64::from(u32::from_be_bytes([a, b, c, d])) * u64::from(ALL) < u64::from(share) << 32
}

/// `limit`: one or a list.
pub(crate) fn limits(value: Value<'_>, findings: &mut Findings) -> Vec<Limit> {
    const PERIOD: &str = "write \"{} per contact per hour\", or per minute, day or week";
    let texts = if value.as_text().is_some() || value.is_list() {
        value.texts(findings)
    } else {
        value.wrong_number("a text in quotes, or a list of them", PERIOD, findings)
    };
    let texts = texts.unwrap_or_default();
    let mut limits: Vec<Limit> = Vec::new();
    for text in &texts {
        let Some(limit) = limit(text, findings) else {
            continue;
        };
        let same =
            |other: &&Limit| (other.per, other.per_contact) == (limit.per, limit.per_contact);
        if limits.iter().any(|other| same(&other)) {
            findings
                .error(
                    &text.at,
                    codes::TOGETHER,
                    format!("there are two limits per {}", limit.per),
                )
                .help("keep the smaller one");
            continue;
        }
        limits.push(limit);
    }
    limits
}

/// `5 per contact per hour`, `200 per day`.
fn limit(text: &Text<'_>, findings: &mut Findings) -> Option<Limit> {
    let words: Vec<&str> = text.text.split_whitespace().collect();
    let (times, per_contact, per) = match words.as_slice() {
        [times] | [times, "per", "contact"] if times.bytes().all(|byte| byte.is_ascii_digit()) => {
            let message = format!("\"{}\" does not say in which period", text.text);
            findings
                .error(&text.at, codes::LIMIT, message)
                .help(format!(
                    "write \"{} per hour\", or per minute, day or week",
                    text.text
                ));
            return None;
        }
        [times, "per", per] => (times, false, per),
        [times, "per", "contact", "per", per] | [times, "per", per, "per", "contact"] => {
            (times, true, per)
        }
        _ => {
            findings
                .error(
                    &text.at,
                    codes::LIMIT,
                    format!("\"{}\" is no limit", text.text),
                )
                .help("write it like \"5 per contact per hour\" or \"200 per day\"");
            return None;
        }
    };
    let Some(per) = Period::parse(per) else {
        let words = Period::ALL.map(Period::word);
        findings
            .error(
                &text.at,
                codes::LIMIT,
                format!("\"{per}\" is nothing that limits count by"),
            )
            .help(suggestion(per, words));
        return None;
    };
    match times.parse::<u32>() {
        Ok(times) if times > 0 => Some(Limit {
            times,
            per,
            per_contact,
        }),
        _ => {
            findings
                .error(&text.at, codes::LIMIT, format!("\"{times}\" is no number of times"))
                .help("write a whole number from 1 on; a rule that is not to answer at all has off = true");
            None
        }
    }
}

/// `shadow`, `canary 10%`.
pub(crate) fn stage(value: Value<'_>, findings: &mut Findings) -> Option<Stage> {
    let text = value.text(findings)?;
    let words: Vec<&str> = text.text.split_whitespace().collect();
    let stage = match words.as_slice() {
        [word] => STAGES.parse(word).copied(),
        ["canary", share] => share
            .strip_suffix('%')
            .and_then(share_of)
            .map(Stage::Canary),
        _ => None,
    };
    if stage.is_none() {
        findings
            .error(&text.at, codes::STAGE, format!("\"{}\" is no stage", text.text))
            .help("write \"shadow\", or \"canary 10%\" with more than 0% and less than 100%; leave the key out for everybody");
    }
    stage
}

/// A share in hundredths of a per cent: `10`, `2.5`.
fn share_of(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 2
        || whole.is_empty()
        || !(whole.bytes().chain(part.bytes())).all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    let share = format!("{whole}{part:0<2}").parse().ok()?;
    (share > 0 && share < ALL).then_some(share)
}
