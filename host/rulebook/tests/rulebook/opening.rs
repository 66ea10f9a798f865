//! Hours: when they are open, when they open next, how that is told.

use std::collections::BTreeMap;

use crate::names::{names, spotless};
use crate::scene::Scene;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::{Language, Moment};
use rulebook::{Draft, Source, read};

fn draft(timezone: &str, hours: &str) -> Draft {
    spotless(format!(
        "rules_version = 1\ntimezone = \"{timezone}\"\nlanguages = [\"en\", \"pt\", \"es\"]\n[hours.shop]\n{hours}\n\
         [[rule]]\nname = \"inside\"\nwhen.hours = \"shop\"\nonce_per = \"1h\"\nreply = {{ en = \"x\", pt = \"x\", es = \"x\" }}\n\
         [[rule]]\nname = \"outside\"\nwhen.outside = \"shop\"\nonce_per = \"1h\"\nreply = {{ en = \"x\", pt = \"x\", es = \"x\" }}\n"
    ))
}

fn at(timezone: &str, local: &str) -> Moment {
    let zone = TimeZone::get(timezone).unwrap();
    let time: DateTime = local.parse().unwrap();
    Moment(time.to_zoned(zone).unwrap().timestamp().as_millisecond())
}

/// Whether it is open, when it opens next and when it closes, as told in a language.
fn told(draft: &Draft, now: Moment, language: &str) -> String {
    let scene = Scene::says("x").with(|scene| {
        scene.now = now;
        scene.language = Language::new(language).unwrap();
    });
    let values = draft.values(None, &scene.facts(), &BTreeMap::new());
    let value = |name: &str| values.get(name).map_or("-", String::as_str).to_owned();
    let own = draft.values(
        scene.search(draft).hit.map(|hit| hit.rule),
        &scene.facts(),
        &BTreeMap::new(),
    );
    for (name, common) in [
        ("hours.opens_next", "hours.shop.opens_next"),
        ("hours.closes_at", "hours.shop.closes_at"),
    ] {
        assert_eq!(own.get(name), values.get(common), "a rule's own hours");
    }
    let expected = if value("hours.shop.open") == "yes" {
        "inside"
    } else {
        "outside"
    };
    assert_eq!(scene.rule(draft), expected);
    format!(
        "{}, {}, {}",
        value("hours.shop.open"),
        value("hours.shop.opens_next"),
        value("hours.shop.closes_at")
    )
}

fn check(timezone: &str, hours: &str, cases: &[(&str, &str, &str)]) {
    let draft = draft(timezone, hours);
    for (local, language, expected) in cases {
        assert_eq!(
            told(&draft, at(timezone, local), language),
            *expected,
            "{local}"
        );
    }
}

#[test]
fn a_week_with_a_break_at_noon_and_a_holiday() {
    check(
        "America/Sao_Paulo",
        "mon-fri = \"09:00-12:00, 13:00-18:00\"\nsat = \"09:00-13:00\"\nclosed = [\"2026-11-24\"]",
        &[
            ("2026-11-20T08:59:59", "en", "no, 09:00, -"),
            ("2026-11-20T09:00", "en", "yes, 13:00, 12:00"),
            ("2026-11-20T12:00", "en", "no, 13:00, -"),
            ("2026-11-20T17:59:59", "en", "yes, tomorrow 09:00, 18:00"),
            ("2026-11-20T18:00", "pt", "no, amanhã 09:00, -"),
            ("2026-11-21T13:00", "en", "no, Monday 09:00, -"),
            ("2026-11-21T13:00", "pt", "no, segunda 09:00, -"),
            ("2026-11-21T13:00", "es", "no, lunes 09:00, -"),
            ("2026-11-22T15:00", "es", "no, mañana 09:00, -"),
            ("2026-11-23T18:00", "en", "no, Wednesday 09:00, -"),
            ("2026-11-24T10:00", "en", "no, tomorrow 09:00, -"),
        ],
    );
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_began() {
    check(
        "Europe/Lisbon",
        "fri-sat = \"22:00-02:00\"\nclosed = [\"2026-11-21\"]",
        &[
            ("2026-11-20T23:00", "en", "yes, 2026-11-27 22:00, 02:00"),
            // Saturday is closed, Friday's night is not over yet.
            ("2026-11-21T01:59", "en", "yes, Friday 22:00, 02:00"),
            ("2026-11-21T02:00", "en", "no, Friday 22:00, -"),
            ("2026-11-21T23:00", "pt", "no, sexta 22:00, -"),
            ("2026-11-22T01:00", "en", "no, Friday 22:00, -"),
            ("2026-11-27T21:59", "en", "no, 22:00, -"),
        ],
    );
}

#[test]
fn days_that_touch_are_one_and_a_shop_that_never_closes_has_no_closing_time() {
    check(
        "UTC",
        "mon = \"08:00-24:00\"\ntue = \"00:00-12:00\"",
        &[
            ("2026-11-16T23:00", "en", "yes, 2026-11-23 08:00, 12:00"),
            (
                "2026-11-16T09:00",
                "en",
                "yes, 2026-11-23 08:00, tomorrow 12:00",
            ),
        ],
    );
    check(
        "UTC",
        "mon-sun = \"00:00-24:00\"",
        &[("2026-11-16T09:00", "en", "yes, -, -")],
    );
    check(
        "UTC",
        "mon-sun = \"06:00-05:59\"",
        &[("2026-11-16T05:59:30", "en", "no, 06:00, -")],
    );
}

#[test]
fn a_shop_that_is_closed_for_weeks_opens_on_a_date() {
    let days: Vec<_> = (16..=30).map(|day| format!("\"2026-11-{day}\"")).collect();
    check(
        "UTC",
        &format!("mon = \"09:00-18:00\"\nclosed = [{}]", days.join(", ")),
        &[
            ("2026-11-16T09:00", "en", "no, 2026-12-07 09:00, -"),
            ("2026-11-16T09:00", "pt", "no, 07/12/2026 09:00, -"),
        ],
    );
}

#[test]
fn clocks_that_go_forward_or_back_move_no_opening_hour() {
    // On 8 March 2026 New York's clocks leave out 02:00 to 03:00, on 1 November they show 01:00 to 02:00 twice.
    let zone = "America/New_York";
    let nights = draft(zone, "sat-sun = \"01:30-02:30\"");
    let utc = |time: &str| at("UTC", time);
    for (now, expected) in [
        ("2026-03-08T06:29", "no, 01:30, -"),
        // 02:30 does not exist that night: it closes an hour after 01:30 by the sun, at 03:30 by the clock.
        ("2026-03-08T06:30", "yes, Saturday 01:30, 03:30"),
        ("2026-03-08T07:29", "yes, Saturday 01:30, 03:30"),
        ("2026-03-08T07:30", "no, Saturday 01:30, -"),
        // 01:30 comes twice: it opens at the first.
        ("2026-11-01T05:29", "no, 01:30, -"),
        ("2026-11-01T05:30", "yes, Saturday 01:30, 02:30"),
        ("2026-11-01T07:29", "yes, Saturday 01:30, 02:30"),
        ("2026-11-01T07:30", "no, Saturday 01:30, -"),
    ] {
        assert_eq!(told(&nights, utc(now), "en"), expected, "{now}");
    }
    let days = draft(zone, "mon-sun = \"09:00-17:00\"");
    for (now, expected) in [
        ("2026-03-08T13:00", "yes, tomorrow 09:00, 17:00"),
        ("2026-11-01T13:59", "no, 09:00, -"),
        ("2026-11-01T14:00", "yes, tomorrow 09:00, 17:00"),
    ] {
        assert_eq!(told(&days, utc(now), "en"), expected, "{now}");
    }
}

#[test]
fn a_language_without_words_for_days_reads_dates() {
    let text = "rules_version = 1\ntimezone = \"Asia/Tokyo\"\nlanguages = [\"ja\"]\n[hours.shop]\nmon = \"09:00-18:00\"\n\
                [[rule]]\nname = \"closed\"\nwhen.outside = \"shop\"\nonce_per = \"1h\"\nreply.ja = \"{hours.opens_next}\"\n";
    let source = Source {
        name: "a.toml".into(),
        text: text.into(),
    };
    let draft = read(&[source], &names()).draft.unwrap();
    let scene = Scene::says("x").with(|scene| scene.now = at("Asia/Tokyo", "2026-11-18T09:00"));
    let values = draft.values(Some(0), &scene.facts(), &BTreeMap::new());
    assert_eq!(values["hours.opens_next"], "2026-11-23 09:00");
}

#[test]
fn hours_are_open_where_they_are_defined_whatever_the_rules_own_timezone() {
    let one = Source {
        name: "10.toml".into(),
        text: "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"en\"]\n[hours.shop]\nmon-sun = \"09:00-18:00\"\n".into(),
    };
    let two = Source {
        name: "20.toml".into(),
        text: "rules_version = 1\ntimezone = \"Asia/Tokyo\"\nlanguages = [\"en\"]\n[[rule]]\nname = \"open\"\nwhen.hours = \"shop\"\nonce_per = \"1h\"\nreply.en = \"{hours.closes_at}, {now}\"\n".into(),
    };
    let draft = read(&[one, two], &names()).draft.unwrap();
    let scene =
        Scene::says("x").with(|scene| scene.now = at("America/Sao_Paulo", "2026-11-18T09:00"));
    assert_eq!(scene.rule(&draft), "open");
    let values = draft.values(Some(0), &scene.facts(), &BTreeMap::new());
    assert_eq!(
        (values["hours.closes_at"].as_str(), values["now"].as_str()),
        ("18:00", "21:00")
    );
}
