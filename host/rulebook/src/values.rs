//! What placeholders stand for in one turn.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Facts;
use crate::language::base;

/// The values of a turn; what is missing is absent.
pub(crate) fn values(
    facts: &Facts<'_>,
    timezone: &TimeZone,
    captures: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let Facts {
        message,
        contact,
        number_name,
        language,
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
        .map(|time| time.to_zoned(timezone.clone()));
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
                .map(|local| local.strftime(date_format(base(language))).to_string()),
        ),
        (
            "now",
            local
                .as_ref()
                .map(|local| local.strftime("%H:%M").to_string()),
        ),
    ];
    let given = given
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    given
        .chain(
            captures
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        )
        .collect()
}

/// How a date is written in a language; where nobody could mistake day for month, in the order people know.
fn date_format(language: &str) -> &'static str {
    match language {
        "pt" | "es" | "fr" | "it" | "ca" | "gl" | "el" | "ar" | "he" | "vi" | "id" | "hi" => {
            "%d/%m/%Y"
        }
        "de" | "ru" | "pl" | "cs" | "sk" | "fi" | "da" | "nb" | "no" | "tr" | "uk" | "ro"
        | "bg" => "%d.%m.%Y",
        // English is written in two orders: the third cannot be misread.
        _ => "%Y-%m-%d",
    }
}
