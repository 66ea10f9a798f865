//! How often and for whom a rule applies: `limit` by the calendar, and the share of a canary.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{ContactId, LookResult, Moment, Period, RuleCount, RuleName, Span};
use proptest::prelude::*;
use rulebook::{Draft, Facts, Limit};

use crate::names::drafted;
use crate::scene::{NOON, Scene};

fn draft(rules: &str) -> Draft {
    drafted(format!(
        "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"pt\"]\n{rules}"
    ))
}

fn bound(bound: &str) -> Draft {
    draft(&format!(
        "[[rule]]\nname = \"it\"\n{bound}\nreply.pt = \"x\"\n"
    ))
}

fn moment(text: &str) -> Moment {
    let time: Timestamp = text.parse().unwrap();
    Moment(time.as_millisecond())
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn per(per: Period) -> Limit {
    Limit {
        times: 1,
        per,
        per_contact: false,
    }
}

#[test]
fn periods_begin_as_the_clock_on_the_wall_says() {
    use Period::{Day, Hour, Minute, Week};
    for (name, unit, now, begun) in [
        (
            "America/Sao_Paulo",
            Minute,
            "2026-11-21T12:34:56.789-03:00",
            "2026-11-21T12:34:00-03:00",
        ),
        (
            "America/Sao_Paulo",
            Hour,
            "2026-11-21T12:34:56-03:00",
            "2026-11-21T12:00:00-03:00",
        ),
        (
            "America/Sao_Paulo",
            Day,
            "2026-11-21T23:59:59-03:00",
            "2026-11-21T00:00:00-03:00",
        ),
        (
            "America/Sao_Paulo",
            Day,
            "2026-11-22T00:00:00-03:00",
            "2026-11-22T00:00:00-03:00",
        ),
        // Half an hour off Greenwich: the hour is that of the wall.
        (
            "Asia/Kolkata",
            Hour,
            "2026-11-21T10:45:00+05:30",
            "2026-11-21T10:00:00+05:30",
        ),
        // Weeks begin on Monday: Sunday's last second belongs to the one before.
        (
            "America/Sao_Paulo",
            Week,
            "2026-11-22T23:59:59-03:00",
            "2026-11-16T00:00:00-03:00",
        ),
        (
            "America/Sao_Paulo",
            Week,
            "2026-11-23T00:00:00-03:00",
            "2026-11-23T00:00:00-03:00",
        ),
        // Over a year's end.
        (
            "America/Sao_Paulo",
            Week,
            "2027-01-01T08:00:00-03:00",
            "2026-12-28T00:00:00-03:00",
        ),
        // Clocks go forward: a day of 23 hours, in a week that began in winter.
        (
            "Europe/Berlin",
            Day,
            "2026-03-29T12:00:00+02:00",
            "2026-03-29T00:00:00+01:00",
        ),
        (
            "Europe/Berlin",
            Hour,
            "2026-03-29T03:10:00+02:00",
            "2026-03-29T03:00:00+02:00",
        ),
        (
            "Europe/Berlin",
            Week,
            "2026-03-29T12:00:00+02:00",
            "2026-03-23T00:00:00+01:00",
        ),
        (
            "Europe/Berlin",
            Week,
            "2026-03-30T00:00:00+02:00",
            "2026-03-30T00:00:00+02:00",
        ),
        // Clocks go back: a day of 25 hours, and two o'clock comes twice.
        (
            "Europe/Berlin",
            Day,
            "2026-10-25T23:30:00+01:00",
            "2026-10-25T00:00:00+02:00",
        ),
        (
            "Europe/Berlin",
            Hour,
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:00:00+02:00",
        ),
        (
            "Europe/Berlin",
            Hour,
            "2026-10-25T02:30:00+01:00",
            "2026-10-25T02:00:00+01:00",
        ),
        (
            "Europe/Berlin",
            Minute,
            "2026-10-25T02:30:30+01:00",
            "2026-10-25T02:30:00+01:00",
        ),
        // There is no midnight: the day begins at one.
        (
            "America/Santiago",
            Day,
            "2026-09-06T12:00:00-03:00",
            "2026-09-06T01:00:00-03:00",
        ),
        // Midnight comes twice: the day begins with the first.
        (
            "America/Havana",
            Day,
            "2026-11-01T00:30:00-05:00",
            "2026-11-01T00:00:00-04:00",
        ),
        // Clocks go back by half an hour in the middle of one: it lasts that much longer.
        (
            "Australia/Lord_Howe",
            Hour,
            "2026-04-05T01:45:00+10:30",
            "2026-04-05T01:00:00+11:00",
        ),
    ] {
        let since = per(unit).since(moment(now), &zone(name));
        assert_eq!(since, moment(begun), "{unit} of {now} in {name}");
    }
}

#[test]
fn a_day_has_the_hours_that_its_clock_has() {
    for (name, day, hours) in [
        ("Europe/Berlin", "2026-03-28T12:00:00+01:00", 24),
        ("Europe/Berlin", "2026-03-29T12:00:00+02:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00:00+01:00", 25),
        ("America/Santiago", "2026-09-06T12:00:00-03:00", 23),
    ] {
        let (limit, zone) = (per(Period::Day), zone(name));
        let begun = limit.since(moment(day), &zone);
        let length = Span::from_hours(hours);
        let last = Moment(begun.plus(length).0 - 1);
        assert_eq!(limit.since(last, &zone), begun, "the last of {day}");
        let next = begun.plus(length);
        assert_eq!(limit.since(next, &zone), next, "the first after {day}");
    }
}

proptest! {
    #[test]
    fn every_moment_is_in_one_period_of_each_kind(
        // 2020 to 2040.
        now in 1_577_836_800_000_i64..2_208_988_800_000,
        later in 0_i64..1_000_000_000,
        unit in prop::sample::select(Period::ALL.to_vec()),
        name in prop::sample::select(vec![
            "UTC", "America/Sao_Paulo", "Europe/Berlin", "America/Santiago", "America/Havana", "Asia/Kolkata",
            "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Tehran",
        ]),
    ) {
        let (limit, zone) = (per(unit), zone(name));
        let begun = limit.since(Moment(now), &zone);
        prop_assert!(begun <= Moment(now));
        prop_assert!(begun.plus(unit.longest()) > Moment(now), "none is longer than the longest");
        prop_assert_eq!(limit.since(begun, &zone), begun, "it begins with its beginning");
        prop_assert!(limit.since(Moment(now + later), &zone) >= begun, "none comes back");
    }
}

/// So often, in the period that began then.
fn count(rule: &str, per: Period, since: &str, times: u32) -> RuleCount {
    RuleCount {
        rule: RuleName::new(rule).unwrap(),
        per,
        since: moment(since),
        times,
    }
}

#[test]
fn a_limit_holds_until_it_is_used_up_in_its_own_period_and_by_its_own_count() {
    use Period::{Day, Hour};
    let (today, noon) = ("2026-11-21T00:00:00-03:00", "2026-11-21T12:00:00-03:00");
    let all = "limit = \"3 per day\"";
    let own = "limit = \"3 per contact per day\"";
    for (limit, own_count, of_all, missed) in [
        (all, None, None, None),
        (all, None, Some(count("it", Day, today, 2)), None),
        (
            all,
            None,
            Some(count("it", Day, today, 3)),
            Some("answered all contacts together 3 times today"),
        ),
        (
            all,
            None,
            Some(count("it", Day, today, 9)),
            Some("answered all contacts together 9 times today"),
        ),
        // Yesterday's, another unit's, another rule's, and the contact's own.
        (
            all,
            None,
            Some(count("it", Day, "2026-11-20T00:00:00-03:00", 3)),
            None,
        ),
        (all, None, Some(count("it", Hour, noon, 3)), None),
        (all, None, Some(count("other", Day, today, 3)), None),
        (all, Some(count("it", Day, today, 3)), None, None),
        (own, None, Some(count("it", Day, today, 3)), None),
        (own, Some(count("it", Day, today, 2)), None, None),
        (
            own,
            Some(count("it", Day, today, 3)),
            None,
            Some("answered this contact 3 times today"),
        ),
        (
            "limit = [\"9 per day\", \"1 per contact per hour\"]",
            Some(count("it", Hour, noon, 1)),
            None,
            Some("answered this contact once this hour"),
        ),
        (
            "limit = [\"1 per hour\", \"9 per day\"]",
            None,
            Some(count("it", Hour, noon, 1)),
            Some("answered all contacts together once this hour"),
        ),
    ] {
        let draft = bound(limit);
        let scene = Scene::says("oi")
            .with(|scene| scene.contact.counts = own_count.clone().into_iter().collect());
        let counts: Vec<RuleCount> = of_all.clone().into_iter().collect();
        let facts = Facts {
            counts: &counts,
            ..scene.facts()
        };
        let expected = missed.map(|seen| LookResult::Missed {
            condition: "limit".into(),
            seen: seen.into(),
        });
        let search = draft.search(&facts, 0);
        assert_eq!(
            search.looks[0].result,
            expected.clone().unwrap_or(LookResult::Matched),
            "{limit}, {own_count:?}, {of_all:?}"
        );
        assert_eq!(search.hit.is_none(), missed.is_some());
        let kept_back = draft.rules()[0].kept_back(&facts);
        assert_eq!(kept_back.map(|look| look.result), expected);
    }
}

#[test]
fn only_limits_over_all_contacts_are_asked_of_the_ledger() {
    let counted = |bounds: &str| bound(bounds).rules()[0].counted(NOON);
    assert_eq!(counted(""), []);
    assert_eq!(
        counted("once_per = \"1h\"\nlimit = \"1 per contact per day\""),
        []
    );
    assert_eq!(
        counted("limit = [\"1 per contact per day\", \"200 per day\", \"20 per hour\"]"),
        [
            count("it", Period::Day, "2026-11-21T00:00:00-03:00", 0),
            count("it", Period::Hour, "2026-11-21T12:00:00-03:00", 0)
        ]
    );
}

#[test]
fn what_bounds_a_rule_is_told_whatever_its_conditions_say() {
    let led_to = bound("only = \"called\"\nwhen.words = \"nunca\"\nonce_per = \"1h\"");
    let rule = &led_to.rules()[0];
    let scene = Scene::says("oi");
    assert_eq!(rule.kept_back(&scene.facts()), None);
    let again = scene.answered("it", Span::from_minutes(20));
    let look = rule.kept_back(&again.facts()).unwrap();
    assert_eq!(
        look.result,
        LookResult::Missed {
            condition: "once_per".into(),
            seen: "answered 20m ago".into()
        }
    );
}

/// Contacts, as their ids count on from one.
const CONTACTS: u64 = 20_000;

/// Whether a rule at this stage takes each contact.
fn taken(rule: &str, stage: &str) -> Vec<bool> {
    let draft = draft(&format!(
        "[[rule]]\nname = \"{rule}\"\nstage = \"{stage}\"\nreply.pt = \"x\"\n"
    ));
    (1..=CONTACTS)
        .map(|id| {
            let scene = Scene::says("oi").with(|scene| scene.contact.id = ContactId(id));
            draft.rules()[0].kept_back(&scene.facts()).is_none()
        })
        .collect()
}

fn share(taken: &[bool]) -> f64 {
    let many = u32::try_from(taken.iter().filter(|taken| **taken).count()).unwrap();
    f64::from(many) / f64::from(u32::try_from(taken.len()).unwrap())
}

#[test]
fn a_canary_takes_its_share_and_always_the_same_ones() {
    for (stage, expected) in [
        ("canary 1%", 0.01),
        ("canary 2.5%", 0.025),
        ("canary 10%", 0.1),
        ("canary 50%", 0.5),
        ("canary 99%", 0.99),
    ] {
        let first = taken("it", stage);
        // Five times what chance would vary by.
        let tolerance = 5.0 * (expected * (1.0 - expected) / 20_000.0_f64).sqrt();
        let share = share(&first);
        assert!((share - expected).abs() < tolerance, "{stage}: {share}");
        assert_eq!(first, taken("it", stage), "{stage}");
    }
    assert!(taken("it", "live").into_iter().all(|taken| taken));
    assert!(taken("it", "shadow").into_iter().all(|taken| taken));
}

#[test]
fn who_is_among_a_smaller_share_stays_when_it_grows() {
    let mut before = taken("it", "canary 0.5%");
    for stage in [
        "canary 1%",
        "canary 10%",
        "canary 20%",
        "canary 55.55%",
        "canary 99.99%",
    ] {
        let now = taken("it", stage);
        let left_out = before.iter().zip(&now).position(|(was, is)| *was && !is);
        assert_eq!(left_out, None, "{stage}");
        assert!(share(&now) > share(&before));
        before = now;
    }
}

#[test]
fn each_rule_tries_its_change_on_contacts_of_its_own() {
    let (one, other) = (taken("one", "canary 20%"), taken("other", "canary 20%"));
    let both: Vec<bool> = one
        .iter()
        .zip(&other)
        .map(|(one, other)| *one && *other)
        .collect();
    // Independent of each other: a fifth of a fifth.
    assert!((share(&both) - 0.04).abs() < 0.01, "{}", share(&both));
}

/// Written down, so that no later version tries it on others: who was promised a trial keeps it.
#[test]
fn the_share_of_a_canary_is_the_same_in_every_version() {
    let first: Vec<u64> = (1..)
        .zip(taken("new-greeting", "canary 10%"))
        .filter_map(|(id, taken)| taken.then_some(id))
        .take(5)
        .collect();
    assert_eq!(first, [30, 35, 37, 51, 53]);
}
