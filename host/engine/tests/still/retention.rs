//! Retention in the background: by itself, by the clock, class by class, in portions, and no longer than the engine.

use std::time::Duration;

use engine::limits::{RETAINED_AT_ONCE, RETENTION_BEGINS, RETENTION_BREATH, RETENTION_EVERY};
use engine::retention::Retentions;
use intake::Accept;
use ledger::{Ledger, Retention};
use model::{Channel, Detail, Moment, Notice, NoticeBody, NoticeKey, Span, Update};
use tokio::time::Instant;

use crate::house::{ANA, BANK, BO, House, SHOP, number, tenant};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"

[[rule]]
name = "person"
when.words = ["person"]
hand_to = "support"

[[rule]]
name = "note"
when.words = ["note"]
use = "asking-guest"
with.act = "note"

[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "trap"
"#;

/// The classes in the order in which the shop forgets them, one an hour.
const CLASSES: [&str; 7] = [
    "dull_decisions",
    "dead_letters",
    "sends",
    "hand_offs",
    "notes",
    "notices",
    "decisions",
];

fn hours(hours: u64) -> Span {
    Span::from_hours(hours)
}

fn retentions() -> Retentions {
    let shop = Retention {
        dull: hours(1),
        dead_letters: hours(2),
        sends: hours(3),
        hand_offs: hours(4),
        notes: hours(5),
        notices: hours(6),
        decisions: hours(7),
        drafts: hours(8),
    };
    // The bank is not named: it keeps for as long as is usual.
    [(tenant(SHOP), shop)].into()
}

/// One of everything.
async fn leaves_its_traces(house: &House, of: &str) {
    house.asks(of, ANA, "nothing that a rule knows").await;
    house.asks(of, ANA, "break it").await;
    house.asks(of, ANA, "say it").await;
    house.asks(of, BO, "a note").await;
    house.asks(of, BO, "a person").await;
    let update = Update {
        name: "account_update".into(),
        detail: Detail::Other,
        raw: serde_json::json!({}),
    };
    let notice = Notice {
        tenant: tenant(of),
        number: number(of),
        channel: Channel::WhatsApp,
        key: NoticeKey::digest("an update"),
        body: NoticeBody::Update(update),
    };
    house.engine.accept(vec![notice]).await.unwrap();
    house.quiet().await;
}

/// Which of the classes are there: what a tenant would lose if all of it were past its time.
async fn kept(house: &House, of: &str) -> Vec<&'static str> {
    let none = Span::from_millis(0);
    let at_once = Retention {
        dull: none,
        dead_letters: none,
        sends: none,
        hand_offs: none,
        notes: none,
        notices: none,
        decisions: none,
        drafts: none,
    };
    let much_later = Moment(house.now().0 + 1);
    let all = house
        .ledger
        .expired(&tenant(of), &at_once, much_later)
        .await
        .unwrap();
    let is_there = |class: &&'static str| all.removed.get(class).is_some_and(|count| *count > 0);
    CLASSES.iter().copied().filter(is_there).collect()
}

/// How long each look of a tenant's waited for the one before.
fn waits(calls: &[Instant]) -> Vec<Duration> {
    calls.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_past_its_time_goes_by_itself_class_by_class_as_each_tenant_says() {
    let house = House::with_rules(RULES).await;
    for of in [SHOP, BANK] {
        leaves_its_traces(&house, of).await;
        assert_eq!(kept(&house, of).await, CLASSES, "{of}");
    }
    let (begun, begun_at) = (Instant::now(), house.now());
    house.engine.keep_no_longer_than(retentions());
    // Whoever asks twice does not get it twice.
    house.engine.keep_no_longer_than(Retentions::new());
    house
        .passes(RETENTION_BEGINS - Duration::from_secs(1))
        .await;
    assert_eq!(
        house.doors.calls("retain").len(),
        0,
        "a start has enough to do"
    );
    house.passes(Duration::from_secs(2)).await;
    let calls = house.doors.calls("retain");
    assert_eq!(calls.len(), 2, "of each tenant");
    assert_eq!(calls[0] - begun, RETENTION_BEGINS);
    assert_eq!(
        kept(&house, SHOP).await,
        CLASSES,
        "nothing is past its time"
    );

    for (hour, class) in CLASSES.into_iter().enumerate() {
        let still_there = &CLASSES[hour..];
        assert_eq!(kept(&house, SHOP).await, still_there, "before {class}");
        // So that the class is past its time, and the next is not until the hour after.
        let due = begun_at.plus(hours(hour as u64 + 1));
        house.jumps(due.since(house.now())).await;
        house.passes(RETENTION_EVERY).await;
        assert_eq!(
            kept(&house, SHOP).await,
            CLASSES[hour + 1..],
            "after {class}"
        );
    }
    assert_eq!(
        kept(&house, BANK).await,
        CLASSES,
        "the bank keeps all of it"
    );
    let looks: Vec<Instant> = house.doors.calls("retain");
    let of_one: Vec<Instant> = looks.iter().step_by(2).copied().collect();
    assert!(
        waits(&of_one).iter().all(|wait| *wait == RETENTION_EVERY),
        "{of_one:?}"
    );

    house.engine.stop().await;
    let looked = house.doors.calls("retain").len();
    house.passes(3 * RETENTION_EVERY).await;
    assert_eq!(
        house.doors.calls("retain").len(),
        looked,
        "it ends with the engine"
    );
}

/// A flood that is past its time goes in portions, between which others write; and a fault is no end of it.
#[tokio::test(start_paused = true)]
async fn i14_much_goes_in_portions_with_a_breath_between_and_a_fault_waits_for_the_next_look() {
    let house = House::with_rules(RULES).await;
    let most = RETAINED_AT_ONCE;
    let people = 25;
    let mut notices = Vec::new();
    for place in 0..most + 10 {
        let from = crate::house::person(place % people);
        notices.push(house.notice(SHOP, &from, "nothing that a rule knows").1);
    }
    house.engine.accept(notices).await.unwrap();
    house.quiet().await;
    house.jumps(hours(2)).await;
    let dull = |expired: ledger::Retained| expired.removed.get("dull_decisions").copied();
    let past = house.engine.ledger();
    let retention = retentions()[&tenant(SHOP)];
    let count = async || {
        let found = past.expired(&tenant(SHOP), &retention, house.now()).await;
        dull(found.unwrap()).unwrap_or_default()
    };
    assert_eq!(count().await, most as u64 + 10);
    // The bank's look comes first, and fails; the shop's is made all the same.
    house.doors.fail("retain", 1);
    house.engine.keep_no_longer_than(retentions());
    house
        .passes(RETENTION_BEGINS + Duration::from_millis(1))
        .await;
    assert_eq!(house.doors.calls("retain").len(), 2);
    assert_eq!(count().await, 10, "one portion");
    house.asks(SHOP, ANA, "say it").await;
    house.passes(RETENTION_BREATH).await;
    assert_eq!(count().await, 0, "the rest, a breath later");
    let calls = house.doors.calls("retain");
    assert_eq!(calls.len(), 4);
    assert_eq!(calls[2] - calls[0], RETENTION_BREATH);
    house.passes(RETENTION_EVERY - Duration::from_secs(1)).await;
    assert_eq!(house.doors.calls("retain").len(), 4);
    house.passes(Duration::from_secs(1)).await;
    assert_eq!(house.doors.calls("retain").len(), 6);
    house.engine.stop().await;
}
