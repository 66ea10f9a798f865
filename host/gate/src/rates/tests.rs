use model::{ContactId, Moment, NumberId, Span};

use super::Rates;
use crate::{AccountPace, Pace, limits};

const NOW: Moment = Moment(1_800_000_000_000);

fn number(which: u64) -> NumberId {
    NumberId::new(format!("10000000000000{which}")).unwrap()
}

fn later(milliseconds: u64) -> Moment {
    NOW.plus(Span::from_millis(milliseconds))
}

fn usual() -> Pace {
    Pace::default()
}

fn of_account(per_second: u32) -> Pace {
    Pace {
        account: Some(AccountPace {
            account: "aws".into(),
            per_second,
        }),
        ..usual()
    }
}

fn opens(rates: &Rates, contact: u64, now: Moment) -> Moment {
    rates.opens(&number(1), &usual(), ContactId(contact), now)
}

fn note(rates: &mut Rates, contact: u64, at: Moment) {
    rates.note(&number(1), &usual(), ContactId(contact), at);
}

#[test]
fn a_pair_bursts_and_then_pays_back_one_each_six_seconds() {
    let mut rates = Rates::new();
    for _ in 0..limits::PAIR_BURST {
        assert_eq!(opens(&rates, 1, NOW), NOW);
        note(&mut rates, 1, NOW);
    }
    assert_eq!(opens(&rates, 1, NOW), later(6000));
    assert_eq!(opens(&rates, 1, later(5000)), later(6000));
    note(&mut rates, 1, later(6000));
    assert_eq!(opens(&rates, 1, later(6000)), later(12_000));
    assert_eq!(
        opens(&rates, 2, later(6000)),
        later(6000),
        "another contact has a rate of its own"
    );
}

#[test]
fn a_number_sends_eighty_within_any_second() {
    let mut rates = Rates::new();
    for contact in 0..u64::from(limits::NUMBER_BURST) {
        assert_eq!(opens(&rates, contact, later(contact)), later(contact));
        note(&mut rates, contact, later(contact));
    }
    assert_eq!(opens(&rates, 999, later(80)), later(1000));
    assert_eq!(
        rates.number_opens(&number(1), &usual(), later(80)),
        later(1000),
        "whomever it is for"
    );
    assert_eq!(
        rates.number_opens(&number(2), &usual(), later(80)),
        later(80),
        "another number has a rate of its own"
    );
    note(&mut rates, 999, later(1000));
    assert_eq!(opens(&rates, 998, later(1000)), later(1001));
}

#[test]
fn an_upgraded_number_sends_as_many_as_it_was_granted_and_a_slower_one_no_more_than_that() {
    for per_second in [1, 20, 1000] {
        let pace = Pace {
            per_second,
            account: None,
        };
        let mut rates = Rates::new();
        for _ in 0..per_second {
            assert_eq!(rates.number_opens(&number(1), &pace, NOW), NOW);
            rates.note(&number(1), &pace, ContactId(1), NOW);
        }
        assert_eq!(rates.number_opens(&number(1), &pace, NOW), later(1000));
    }
}

#[test]
fn a_pace_that_changes_counts_what_has_left_already() {
    let fast = Pace {
        per_second: 200,
        account: None,
    };
    let mut rates = Rates::new();
    for contact in 0..150 {
        rates.note(&number(1), &fast, ContactId(contact), later(contact));
    }
    assert_eq!(
        rates.number_opens(&number(1), &usual(), later(150)),
        later(1070),
        "80 left within the second before"
    );
    assert_eq!(
        rates.number_opens(&number(1), &fast, later(150)),
        later(150)
    );
}

#[test]
fn numbers_of_one_account_share_its_rate_and_others_do_not() {
    let mut rates = Rates::new();
    let pace = of_account(100);
    for which in 1..=2 {
        for contact in 0..50 {
            rates.note(&number(which), &pace, ContactId(contact), NOW);
        }
    }
    for (pace, which, at) in [
        (&pace, 1, later(1000)),
        (&pace, 3, later(1000)),
        (&usual(), 1, NOW),
    ] {
        assert_eq!(rates.number_opens(&number(which), pace, NOW), at);
    }
    assert_eq!(
        rates.opens(&number(3), &pace, ContactId(7), NOW),
        later(1000)
    );
    assert_eq!(
        rates.number_opens(&number(3), &pace, later(1000)),
        later(1000)
    );
}

#[test]
fn a_clock_that_was_set_back_silences_nobody_for_longer_and_lets_no_more_through() {
    let hour = 3_600_000;
    let mut rates = Rates::new();
    for contact in 0..u64::from(limits::NUMBER_BURST) {
        note(&mut rates, contact, later(hour));
    }
    for _ in 0..limits::PAIR_BURST {
        rates.note(&number(2), &usual(), ContactId(1), later(hour));
    }
    assert_eq!(opens(&rates, 100, NOW), later(1000), "not at once again");
    assert_eq!(
        rates.number_opens(&number(1), &usual(), NOW),
        NOW,
        "whoever asks for the number alone is let through to where time goes on"
    );
    rates.reach(NOW);
    assert_eq!(
        rates.number_opens(&number(1), &usual(), NOW),
        later(1000),
        "and waits there"
    );
    assert_eq!(opens(&rates, 100, later(999)), later(1000));
    assert_eq!(
        opens(&rates, 100, later(1000)),
        later(1000),
        "nor in an hour"
    );
    assert_eq!(
        rates.opens(&number(2), &usual(), ContactId(1), later(1000)),
        later(6000)
    );
}

#[test]
fn i14_a_number_remembers_one_second_and_no_more() {
    let mut rates = Rates::new();
    let pace = of_account(1000);
    for moment in 0..10_000 {
        rates.note(&number(1), &pace, ContactId(1), later(moment * 50));
    }
    let of_number = rates.numbers.value(&number(1)).unwrap();
    assert!(of_number.len() <= 20, "{}", of_number.len());
    let of_account = rates.accounts.value("aws").unwrap();
    assert!(of_account.len() <= 20, "{}", of_account.len());
}
