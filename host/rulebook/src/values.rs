//! What placeholders stand for in one turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Language, Moment};

use crate::condition::Condition;
use crate::opening::Hours;
use crate::{Facts, calendar};

/// What a turn's values rest on beside its facts.
pub(crate) struct Grounds<'a> {
    /// The file's.
    pub(crate) timezone: &'a TimeZone,
    /// The language in which times are written: one that the rule's texts are in.
    pub(crate) language: &'a Language,
    /// All hours of the tenant.
    pub(crate) hours: &'a [Arc<Hours>],
    /// Of the rule.
    pub(crate) conditions: &'a [Condition],
}

/// The values of a turn; what is missing is absent.
pub(crate) fn values(
    facts: &Facts<'_>,
    grounds: &Grounds<'_>,
    captures: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let Facts {
        message,
        contact,
        number_name,
        now,
        ..
    } = *facts;
    let name = contact
        .name
        .as_deref()
        .or(message.name.as_deref())
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let phone = contact.key.phone().or_else(|| message.from.phone());
    let local = Timestamp::from_millisecond(now.0)
        .ok()
        .map(|time| time.to_zoned(grounds.timezone.clone()));
    let first_name = name.and_then(|name| name.split_whitespace().next());
    let given = [
        ("contact.name", name.map(str::to_owned)),
        ("contact.first_name", first_name.map(str::to_owned)),
        ("contact.phone", phone.map(ToString::to_string)),
        (
            "message.text",
            message
                .content
                .words()
                .filter(|words| !words.trim().is_empty())
                .map(str::to_owned),
        ),
        ("number.name", Some(number_name.to_owned())),
        (
            "today",
            local
                .as_ref()
                .map(|local| calendar::date(local, grounds.language)),
        ),
        ("now", local.as_ref().map(calendar::time)),
    ];
    let mut values: BTreeMap<String, String> = given
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
    for hours in grounds.hours {
        let open = if hours.is_open(now) { "yes" } else { "no" };
        values.insert(format!("hours.{}.open", hours.name), open.to_owned());
        values.extend(times(
            &format!("hours.{}", hours.name),
            hours,
            now,
            grounds.language,
        ));
    }
    if let Some(hours) = own(grounds.conditions, now) {
        values.extend(times("hours", hours, now, grounds.language));
    }
    values.extend(
        captures
            .iter()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    values
}

/// The hours that a rule's own placeholders mean: those for which its condition holds.
fn own(conditions: &[Condition], now: Moment) -> Option<&Hours> {
    let inside = conditions.iter().find_map(|condition| match condition {
        Condition::Hours(hours) => hours.iter().find(|hours| hours.is_open(now)),
        _ => None,
    });
    let outside = || {
        conditions.iter().find_map(|condition| match condition {
            Condition::Outside(hours) => hours.iter().find(|hours| !hours.is_open(now)),
            _ => None,
        })
    };
    inside.or_else(outside).map(Arc::as_ref)
}

/// When these hours open and close, in words.
fn times(
    prefix: &str,
    hours: &Hours,
    now: Moment,
    language: &Language,
) -> impl Iterator<Item = (String, String)> {
    let local = hours.local(now);
    let local = local.as_ref();
    let opens = hours.opens_next(now);
    let closes = hours.closes_at(now);
    let opens = opens.and_then(|at| Some(calendar::coming(&at, local?, language)));
    let closes = closes.and_then(|at| Some(calendar::closing(&at, local?, language)));
    let named = [("opens_next", opens), ("closes_at", closes)]
        .map(|(part, text)| text.map(|text| (format!("{prefix}.{part}"), text)));
    named.into_iter().flatten()
}
