//! Dates and times as people of a language write them.

use jiff::civil::Weekday;
use jiff::{ToSpan, Zoned};
use model::Language;

use crate::language::base;

/// Words for days in one language: tomorrow, and the days from Monday on.
type Days = (&'static str, &'static str, [&'static str; 7]);

/// Languages whose words for days are known; the others read dates.
const DAYS: &[Days] = &[
    (
        "en",
        "tomorrow",
        [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
    ),
    (
        "pt",
        "amanhã",
        [
            "segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo",
        ],
    ),
    (
        "es",
        "mañana",
        [
            "lunes",
            "martes",
            "miércoles",
            "jueves",
            "viernes",
            "sábado",
            "domingo",
        ],
    ),
    (
        "fr",
        "demain",
        [
            "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
        ],
    ),
    (
        "de",
        "morgen",
        [
            "Montag",
            "Dienstag",
            "Mittwoch",
            "Donnerstag",
            "Freitag",
            "Samstag",
            "Sonntag",
        ],
    ),
    (
        "it",
        "domani",
        [
            "lunedì",
            "martedì",
            "mercoledì",
            "giovedì",
            "venerdì",
            "sabato",
            "domenica",
        ],
    ),
];

/// The time of day.
pub(crate) fn time(at: &Zoned) -> String {
    at.strftime("%H:%M").to_string()
}

/// The date.
pub(crate) fn date(at: &Zoned, language: &Language) -> String {
    at.strftime(date_format(base(language))).to_string()
}

/// A moment to come: the time alone if it is today, else with the day, past a week with the date.
pub(crate) fn coming(at: &Zoned, now: &Zoned, language: &Language) -> String {
    let days = (1..=6).find(|ahead: &i64| {
        now.date()
            .checked_add(ahead.days())
            .is_ok_and(|day| day == at.date())
    });
    let words = DAYS.iter().find(|(code, ..)| *code == base(language));
    let day = match (days, words) {
        _ if at.date() == now.date() => return time(at),
        (Some(1), Some((_, tomorrow, _))) => (*tomorrow).to_owned(),
        (Some(_), Some((.., names))) => match index(at.weekday()).and_then(|day| names.get(day)) {
            Some(name) => (*name).to_owned(),
            None => date(at, language),
        },
        _ => date(at, language),
    };
    format!("{day} {}", time(at))
}

/// A closing time: past midnight it is still tonight's.
pub(crate) fn closing(at: &Zoned, now: &Zoned, language: &Language) -> String {
    let within_a_day =
        at.timestamp().as_millisecond() - now.timestamp().as_millisecond() < 24 * 60 * 60 * 1000;
    if within_a_day {
        time(at)
    } else {
        coming(at, now, language)
    }
}

fn index(day: Weekday) -> Option<usize> {
    usize::try_from(day.to_monday_zero_offset()).ok()
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
