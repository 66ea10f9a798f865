//! Times, days and spans as people write them, put as the language reads them: what an error offers instead. Nothing is read this way.

use jiff::civil::Date;
use model::Span;

/// `1 hour`, `30 minutes`, `2 weeks`: as a span.
pub(crate) fn span(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let unit = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    let span = match unit.trim() {
        "sec" | "secs" | "second" | "seconds" | "segundo" | "segundos" => format!("{number}s"),
        "mins" | "minute" | "minutes" | "minuto" | "minutos" => format!("{number}m"),
        "hr" | "hrs" | "hs" | "hour" | "hours" | "hora" | "horas" => format!("{number}h"),
        "day" | "days" | "dia" | "dias" | "día" | "días" => format!("{number}d"),
        "w" | "week" | "weeks" | "semana" | "semanas" => format!("{}d", number.checked_mul(7)?),
        _ => return None,
    };
    span.parse::<Span>().is_ok().then_some(span)
}

/// `9am-6pm`, `9-18`, `9h às 18h`, `9:00 to 18:00`, `24h`: from one time to another.
pub(crate) fn hours(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    if matches!(
        text.as_str(),
        "24h" | "24 h" | "24/7" | "24 hours" | "all day"
    ) {
        return Some("00:00-24:00".to_owned());
    }
    let ends = text.split_once(['-', '–', '—']).or_else(|| {
        [
            " to ", " till ", " until ", " às ", " as ", " até ", " a ", " hasta ",
        ]
        .iter()
        .find_map(|word| text.split_once(word))
    });
    let (from, to) = ends?;
    let (from, to) = (time(from)?, time(to)?);
    let from = if from == "24:00" {
        "00:00".to_owned()
    } else {
        from
    };
    (from != to).then(|| format!("{from}-{to}"))
}

/// `9`, `9h`, `9h30`, `9.30`, `6pm`, `09:00`: a time of the day.
fn time(text: &str) -> Option<String> {
    let text = text
        .trim()
        .replace('.', ":")
        .replace("a:m:", "am")
        .replace("p:m:", "pm");
    let half = ["am", "pm"].into_iter().find(|half| text.ends_with(half));
    let clock = text
        .trim_end_matches(|character: char| character.is_alphabetic())
        .trim();
    let tail = text.get(clock.len()..).unwrap_or_default().trim();
    if half.is_none() && !matches!(tail, "" | "h" | "hs" | "hrs") {
        return None;
    }
    let (hour, minute) = clock.split_once([':', 'h']).unwrap_or((clock, "00"));
    let (hour, minute): (u8, u8) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("am") => hour % 12,
        Some(_) => hour % 12 + 12,
        None => hour,
    };
    let is_of_a_day = minute < 60 && (hour < 24 || (hour, minute) == (24, 0));
    is_of_a_day.then(|| format!("{hour:02}:{minute:02}"))
}

/// `24/12/2026`, `2026/12/24`: as a date, where it can be only one.
pub(crate) fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim().split(['/', '.', '-']).collect();
    let [one, two, three] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = match (one.len(), three.len()) {
        (4, _) => (*one, *two, *three),
        (_, 4) => {
            let (one_number, two_number): (u8, u8) = (one.parse().ok()?, two.parse().ok()?);
            match (one_number > 12, two_number > 12) {
                _ if one_number == two_number => (*three, *one, *two),
                (true, false) => (*three, *two, *one),
                (false, true) => (*three, *one, *two),
                // The third of April, or the fourth of March: nobody knows.
                _ => return None,
            }
        }
        _ => return None,
    };
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Date::new(year, month, day)
        .ok()
        .map(|date| date.to_string())
}

/// What to do about what is no date.
pub(crate) fn help_with_date(text: &str) -> String {
    if let Some(date) = date(text) {
        return format!("write \"{date}\": year, month, day");
    }
    let looks_right = text.len() == 10
        && text
            .chars()
            .enumerate()
            .all(|(index, character)| match index {
                4 | 7 => character == '-',
                _ => character.is_ascii_digit(),
            });
    if looks_right {
        return "that year has no such day: year, month and day stand in this order".to_owned();
    }
    "write it like \"2026-12-25\": year, month, day; several days are a list, with each of them"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&str) -> Option<String>, written: &[(&str, Option<&str>)]) {
        for (text, meant) in written {
            assert_eq!(read(text).as_deref(), *meant, "{text}");
        }
    }

    #[test]
    fn spans_in_words() {
        check(
            span,
            &[
                ("1 hour", Some("1h")),
                ("30 minutos", Some("30m")),
                ("2weeks", Some("14d")),
                ("1 month", None),
                ("day", None),
                ("0 hours", None),
            ],
        );
    }

    #[test]
    fn hours_as_people_say_them() {
        check(
            hours,
            &[
                ("9am-6pm", Some("09:00-18:00")),
                ("9-18", Some("09:00-18:00")),
                ("9h30 às 18h", Some("09:30-18:00")),
                ("9:00 to 18:00", Some("09:00-18:00")),
                ("9.30 a.m. – 12 p.m.", Some("09:30-12:00")),
                ("24h", Some("00:00-24:00")),
                ("24h-2h", Some("00:00-02:00")),
                ("13pm-14pm", None),
                ("9-25", None),
                ("morning", None),
                ("9-9", None),
            ],
        );
    }

    #[test]
    fn dates_that_can_be_only_one() {
        check(
            date,
            &[
                ("24/12/2026", Some("2026-12-24")),
                ("12/24/2026", Some("2026-12-24")),
                ("2026/12/24", Some("2026-12-24")),
                ("24.12.2026", Some("2026-12-24")),
                ("2026-1-5", Some("2026-01-05")),
                ("05/05/2026", Some("2026-05-05")),
                ("03/04/2026", None),
                ("31/02/2026", None),
                ("24.12.", None),
            ],
        );
    }
}
