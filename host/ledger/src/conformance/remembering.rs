//! What plugins keep from turn to turn, and what they note for people.

use std::sync::Arc;

use model::MemoryScope;

use super::shop::{ANA, BRUNO, CLARA, Shop, forgotten, hand_over, keeps, plugin, shares};
use crate::{Ledger, MemoryWrite, Settled, Settlement, SharedMemory, limits};

fn pair(key: &str, value: &str) -> (String, String) {
    (key.into(), value.into())
}

/// The same key everywhere: each sees its own.
pub async fn i13_memory_is_seen_by_its_tenant_plugin_and_contact_alone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let secret = vec![
        keeps("secret", "Ana's", 0),
        shares("secret", "the shop's", None, 0),
    ];
    let (ana, settled) = shop.keeps(ANA, "wamid.1", secret, 0).await;
    assert_eq!(settled, Settled::Done);
    let bruno = shop.hears(BRUNO, "wamid.2", 1).await;
    let elsewhere = shop.elsewhere();
    let (stranger, _) = elsewhere.keeps(ANA, "wamid.1", vec![], 1).await;
    assert_eq!(stranger.contact, ana.contact, "only the tenant differs");

    assert_eq!(
        shop.memory("counter", &ana, 2).await,
        [pair("secret", "Ana's")]
    );
    assert_eq!(shop.memory("counter", &bruno, 2).await, []);
    assert_eq!(shop.memory("other", &ana, 2).await, []);
    assert_eq!(elsewhere.memory("counter", &stranger, 2).await, []);

    let ours = shop.shared("counter", "secret", 2).await;
    assert_eq!(ours.entry.unwrap().value, "the shop's");
    for (shop, by) in [(&shop, "other"), (&elsewhere, "counter")] {
        assert_eq!(shop.shared(by, "secret", 2).await, SharedMemory::default());
    }

    // Nor is it overwritten or forgotten by the others.
    let theirs = vec![
        forgotten(keeps("secret", "", 3)),
        forgotten(shares("secret", "", None, 3)),
    ];
    elsewhere.keeps(ANA, "wamid.3", theirs, 3).await;
    let settlement = Settlement {
        memory: vec![
            keeps("secret", "Bruno's", 3),
            MemoryWrite {
                plugin: plugin("other"),
                ..shares("secret", "another's", None, 3)
            },
        ],
        ..shop.settlement(&bruno, 3).await
    };
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    assert_eq!(
        shop.memory("counter", &ana, 4).await,
        [pair("secret", "Ana's")]
    );
    let ours = shop.shared("counter", "secret", 4).await;
    assert_eq!(ours.entry.unwrap().value, "the shop's");
}

/// The last word counts.
pub async fn a_key_holds_what_was_written_last_until_it_is_forgotten(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let first = vec![keeps("step", "1", 0), keeps("name", "Ana", 0)];
    let (lane, _) = shop.keeps(ANA, "wamid.1", first, 0).await;
    shop.keeps(ANA, "wamid.2", vec![keeps("step", "2", 1)], 1)
        .await;
    let both = [pair("name", "Ana"), pair("step", "2")];
    assert_eq!(shop.memory("counter", &lane, 2).await, both);
    shop.keeps(ANA, "wamid.3", vec![forgotten(keeps("step", "", 3))], 3)
        .await;
    assert_eq!(
        shop.memory("counter", &lane, 4).await,
        [pair("name", "Ana")]
    );

    shop.keeps(ANA, "wamid.4", vec![shares("n", "1", None, 5)], 5)
        .await;
    let one = shop.shared("counter", "n", 6).await;
    shop.keeps(ANA, "wamid.5", vec![shares("n", "2", one.stamp, 6)], 6)
        .await;
    let two = shop.shared("counter", "n", 7).await;
    assert_eq!(two.entry.unwrap().value, "2");
    assert_ne!(two.stamp, one.stamp);
    let forget = forgotten(shares("n", "", two.stamp, 8));
    shop.keeps(ANA, "wamid.6", vec![forget], 8).await;
    assert_eq!(
        shop.shared("counter", "n", 9).await,
        SharedMemory::default()
    );
}

/// At its time and not after: swept or not, nobody reads it.
pub async fn what_memory_keeps_is_forgotten_at_its_time(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let memory = vec![keeps("step", "1", 0), shares("n", "1", None, 0)];
    let (lane, _) = shop.keeps(ANA, "wamid.1", memory, 0).await;
    assert_eq!(shop.memory("counter", &lane, 999).await.len(), 1);
    assert_eq!(shop.shared("counter", "n", 999).await.keys, 1);
    assert_eq!(shop.memory("counter", &lane, 1000).await, []);
    let gone = shop.shared("counter", "n", 1000).await;
    assert_eq!(gone, SharedMemory::default());

    // Whoever finds nothing may write it anew; whoever found it earlier comes too late.
    let stale = shop.shared("counter", "n", 999).await.stamp;
    assert!(stale.is_some());
    let (_, settled) = shop
        .keeps(BRUNO, "wamid.2", vec![shares("n", "2", stale, 1000)], 1000)
        .await;
    assert_eq!(settled, Settled::VersionLost);
    let (_, settled) = shop
        .keeps(CLARA, "wamid.3", vec![shares("n", "1", None, 1000)], 1000)
        .await;
    assert_eq!(settled, Settled::Done);
    assert_eq!(shop.shared("counter", "n", 1001).await.keys, 1);
}

/// None overwrites what it did not see: nothing is lost.
pub async fn i03_of_two_that_count_in_one_shared_key_the_later_runs_again(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (ana, bruno) = (
        shop.hears(ANA, "wamid.1", 0).await,
        shop.hears(BRUNO, "wamid.2", 0).await,
    );
    let found = shop.shared("counter", "n", 1).await;
    let counts = async |lane, memory| {
        let settlement = Settlement {
            memory,
            notes: vec!["counted".into()],
            ..shop.settlement(lane, 1).await
        };
        shop.settle(settlement).await
    };
    let one = vec![keeps("mine", "1", 1), shares("n", "1", found.stamp, 1)];
    assert_eq!(counts(&ana, one.clone()).await, Settled::Done);
    assert_eq!(counts(&bruno, one).await, Settled::VersionLost);
    assert_eq!(shop.memory("counter", &bruno, 2).await, []);
    let notes = shop.ledger.notes(&shop.tenant, bruno.contact, 10).await;
    assert_eq!(notes.unwrap(), [], "nothing else of it was written either");

    let found = shop.shared("counter", "n", 2).await;
    let two = vec![shares("n", "2", found.stamp, 1)];
    assert_eq!(counts(&bruno, two).await, Settled::Done);
    let counted = shop.shared("counter", "n", 3).await.entry.unwrap();
    assert_eq!(counted.value, "2");
}

/// Equal looks deceive: between the two it was somebody else's.
pub async fn i03_a_shared_key_that_was_forgotten_and_written_again_is_another(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    shop.keeps(ANA, "wamid.1", vec![shares("n", "1", None, 0)], 0)
        .await;
    let found = shop.shared("counter", "n", 1).await.stamp;
    let forget = vec![forgotten(shares("n", "", found, 1))];
    shop.keeps(ANA, "wamid.2", forget, 1).await;
    shop.keeps(ANA, "wamid.3", vec![shares("n", "1", None, 2)], 2)
        .await;
    let lane = shop.hears(BRUNO, "wamid.4", 3).await;
    for write in [
        shares("n", "2", found, 3),
        forgotten(shares("n", "", found, 3)),
    ] {
        let settlement = Settlement {
            memory: vec![write],
            ..shop.settlement(&lane, 3).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::VersionLost);
        let stands = shop.shared("counter", "n", 4).await.entry.unwrap();
        assert_eq!(stands.value, "1");
    }
}

/// Finding nothing is a finding too.
pub async fn i03_a_shared_key_that_was_not_looked_at_is_not_overwritten(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.keeps(ANA, "wamid.1", vec![shares("n", "1", None, 0)], 0)
        .await;
    let blind = vec![shares("n", "9", None, 1)];
    let (_, settled) = shop.keeps(BRUNO, "wamid.2", blind, 1).await;
    assert_eq!(settled, Settled::VersionLost);
    let stands = shop.shared("counter", "n", 2).await.entry.unwrap();
    assert_eq!(stands.value, "1");
}

/// Only the key that both write makes one of them run again.
pub async fn shared_keys_that_differ_do_not_wait_for_each_other(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lanes = [
        shop.hears(ANA, "wamid.1", 0).await,
        shop.hears(BRUNO, "wamid.2", 0).await,
    ];
    let (ana, bruno) = (
        shop.settlement(&lanes[0], 1).await,
        shop.settlement(&lanes[1], 1).await,
    );
    for (settlement, key) in [(ana, "a"), (bruno, "b")] {
        let settlement = Settlement {
            memory: vec![shares(key, "1", None, 1)],
            ..settlement
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
    }
    let held = shop.shared("counter", "a", 2).await;
    assert_eq!((held.entry.unwrap().value.as_str(), held.keys), ("1", 2));
}

/// As many keys as `count`, from this one on.
fn many(scope: MemoryScope, from: usize, count: usize, second: u64) -> Vec<MemoryWrite> {
    (from..from + count)
        .map(|which| MemoryWrite {
            scope,
            ..keeps(&format!("key-{which:04}"), "x", second)
        })
        .collect()
}

/// What is over the limit is written by nobody; room that was made in the same decision counts.
pub async fn i14_a_contacts_keys_are_bounded(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let most = gate::limits::MEMORY_KEYS;
    let all = many(MemoryScope::Contact, 0, most, 0);
    let (lane, settled) = shop.keeps(ANA, "wamid.1", all, 0).await;
    assert_eq!(settled, Settled::Done);

    shop.hears(ANA, "wamid.2", 1).await;
    let try_to_keep = async |memory| {
        let settlement = Settlement {
            memory,
            ..shop.settlement(&lane, 1).await
        };
        shop.settle(settlement).await
    };
    let further = || keeps("further", "x", 1);
    assert_eq!(try_to_keep(vec![further()]).await, Settled::VersionLost);
    assert_eq!(shop.memory("counter", &lane, 2).await.len(), most);
    // Another plugin's keys are its own, one that is overwritten is no further one, and one that goes makes room.
    let fine = vec![
        keeps("key-0000", "y", 1),
        forgotten(keeps("key-0001", "", 1)),
        further(),
        MemoryWrite {
            plugin: plugin("other"),
            ..further()
        },
    ];
    assert_eq!(try_to_keep(fine).await, Settled::Done);
    assert_eq!(shop.memory("counter", &lane, 2).await.len(), most);

    // What expired makes room as well.
    let (_, settled) = shop
        .keeps(
            ANA,
            "wamid.3",
            many(MemoryScope::Contact, 100, 60, 1001),
            1001,
        )
        .await;
    assert_eq!(settled, Settled::Done);
}

/// The same for what all contacts share, however many decisions it came with.
pub async fn i14_a_tenants_shared_keys_are_bounded(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let most = gate::limits::MEMORY_SHARED_KEYS;
    for (turn, from) in (0..most).step_by(64).enumerate() {
        let portion = many(MemoryScope::Shared, from, 64, 0);
        let id = format!("wamid.{turn}");
        let (_, settled) = shop.keeps(ANA, &id, portion, 0).await;
        assert_eq!(settled, Settled::Done);
    }
    let further = vec![shares("further", "x", None, 1)];
    let (_, settled) = shop.keeps(BRUNO, "wamid.further", further, 1).await;
    assert_eq!(settled, Settled::VersionLost);
    let found = shop.shared("counter", "further", 2).await;
    assert_eq!((found.entry, found.keys), (None, most));
}

/// A contact about whom much is noted keeps the newest.
pub async fn i14_the_oldest_notes_make_room(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let most = limits::NOTES_PER_CONTACT;
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let settlement = Settlement {
        notes: (0..most + 5).map(|which| format!("note {which}")).collect(),
        ..shop.settlement(&lane, 1).await
    };
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    let notes = shop.ledger.notes(&shop.tenant, lane.contact, 1000).await;
    let notes = notes.unwrap();
    assert_eq!(notes.len(), most);
    assert_eq!(notes[0].text, "note 5");
    assert_eq!(notes[most - 1].text, format!("note {}", most + 4));
    let newest = shop.ledger.notes(&shop.tenant, lane.contact, 2).await;
    assert_eq!(newest.unwrap(), notes[most - 2..]);
}

/// A note needs no hand-off: it is there for whoever takes the conversation later.
pub async fn notes_are_shown_with_the_contacts_hand_offs(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let notes = async |digits, id, text: &str, second| {
        let lane = shop.hears(digits, id, second).await;
        let settlement = Settlement {
            notes: vec![text.into()],
            ..shop.settlement(&lane, second).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
    };
    notes(ANA, "wamid.1", "wants a refund", 1).await;
    notes(BRUNO, "wamid.2", "is angry", 2).await;
    let lane = shop.hears(ANA, "wamid.3", 3).await;
    let settlement = Settlement {
        hand_offs: vec![hand_over("please call")],
        ..shop.settlement(&lane, 3).await
    };
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    let hand_offs = shop.ledger.hand_offs(&shop.tenant, None, 10).await.unwrap();
    let shown: Vec<&str> = hand_offs[0]
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(shown, ["wants a refund"]);
    let elsewhere = shop.elsewhere().tenant;
    let theirs = shop.ledger.notes(&elsewhere, lane.contact, 10).await;
    assert_eq!(theirs.unwrap(), [], "I13: not another tenant's to read");
}
