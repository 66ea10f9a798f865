//! Counts over all contacts: never past the most, whoever raises them at once.

use std::sync::Arc;

use model::{Period, PluginName, RuleCount, RuleName};
use tokio::task::JoinSet;

use super::shop::{ANA, BRUNO, Shop, at, keeps};
use crate::{Counted, Lane, Ledger, Raise, Settled, Settlement};

/// A rule that may answer so often in the day that begins at this second.
pub(super) fn raise(rule: &str, since: u64, most: u32) -> Raise {
    Raise {
        of: Counted::Answers(RuleName::new(rule).unwrap()),
        per: Period::Day,
        since: at(since),
        by: 1,
        most,
    }
}

/// How often these rules have answered in those periods.
pub(super) async fn times(shop: &Shop, raises: &[Raise]) -> Vec<u32> {
    let asked: Vec<RuleCount> = raises
        .iter()
        .map(|raise| {
            let Counted::Answers(rule) = &raise.of else {
                panic!("a plugin's sends are asked for otherwise");
            };
            RuleCount {
                rule: rule.clone(),
                per: raise.per,
                since: raise.since,
                // Filled in, whatever stands here.
                times: 77,
            }
        })
        .collect();
    let stand = shop.ledger.rule_counts(&shop.tenant, &asked).await.unwrap();
    for (stands, asked) in stand.iter().zip(&asked) {
        assert_eq!(
            (&stands.rule, stands.per, stands.since),
            (&asked.rule, asked.per, asked.since),
            "in the order in which they were asked for"
        );
    }
    assert_eq!(stand.len(), asked.len());
    stand.into_iter().map(|count| count.times).collect()
}

/// The lane's head is answered by rules that count.
async fn counts(shop: &Shop, lane: &Lane, raises: &[Raise], second: u64) -> Settled {
    let settlement = Settlement {
        counts: raises.to_vec(),
        ..shop.settlement(lane, second).await
    };
    shop.settle(settlement).await
}

/// Another rule, another kind of period, another period and another tenant have counts of their own.
pub async fn i13_each_tenant_rule_and_period_has_a_count_of_its_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let day = raise("greeting", 0, 9);
    let others = [
        raise("greetings", 0, 9),
        raise("greeting", 1, 9),
        Raise {
            per: Period::Week,
            ..day.clone()
        },
    ];
    assert_eq!(times(&shop, &others).await, [0, 0, 0]);
    for (id, second) in [("wamid.1", 0), ("wamid.2", 1)] {
        let lane = shop.hears(ANA, id, second).await;
        assert_eq!(
            counts(&shop, &lane, std::slice::from_ref(&day), second).await,
            Settled::Done
        );
    }
    assert_eq!(times(&shop, std::slice::from_ref(&day)).await, [2]);
    assert_eq!(times(&shop, &others).await, [0, 0, 0]);
    let elsewhere = shop.elsewhere();
    assert_eq!(times(&elsewhere, std::slice::from_ref(&day)).await, [0]);
    let lane = elsewhere.hears(ANA, "wamid.1", 2).await;
    counts(&elsewhere, &lane, std::slice::from_ref(&day), 2).await;
    assert_eq!(times(&elsewhere, std::slice::from_ref(&day)).await, [1]);
    assert_eq!(times(&shop, &[day]).await, [2]);
    assert_eq!(times(&shop, &[]).await, [0; 0]);
}

/// The attempt runs again, and the rule does not hold then.
pub async fn i03_a_settle_that_finds_a_count_full_writes_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (full, free) = (raise("full", 0, 1), raise("free", 0, 9));
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    counts(&shop, &ana, std::slice::from_ref(&full), 1).await;
    let bruno = shop.hears(BRUNO, "wamid.2", 2).await;
    let settlement = Settlement {
        counts: vec![free.clone(), full.clone()],
        memory: vec![keeps("step", "2", 3)],
        ..shop.settlement(&bruno, 3).await
    };
    let before = shop.contact(&bruno).await;
    assert_eq!(shop.settle(settlement.clone()).await, Settled::VersionLost);
    assert_eq!(shop.contact(&bruno).await, before);
    assert_eq!(shop.memory("counter", &bruno, 4).await, []);
    assert_eq!(
        times(&shop, &[free.clone(), full.clone()]).await,
        [0, 1],
        "nor is the other raised"
    );
    let id = &settlement.decision.id;
    assert_eq!(shop.ledger.decision(id).await.unwrap(), None);
    assert_eq!(shop.head(&bruno).await.sequence, 1, "it waits as before");
    assert_eq!(
        counts(&shop, &bruno, std::slice::from_ref(&free), 4).await,
        Settled::Done
    );
    assert_eq!(times(&shop, &[free, full]).await, [1, 1]);
}

/// The same message, attempted twice.
pub async fn i02_a_message_that_is_settled_again_counts_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let day = raise("greeting", 0, 9);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let settlement = Settlement {
        counts: vec![day.clone()],
        ..shop.settlement(&lane, 1).await
    };
    assert_eq!(shop.settle(settlement.clone()).await, Settled::Done);
    assert_eq!(shop.settle(settlement).await, Settled::OutOfTurn);
    assert_eq!(times(&shop, &[day]).await, [1]);
}

/// Each of them read that there was room.
pub async fn i03_of_many_that_count_at_once_no_more_than_the_most_are_done(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let day = raise("greeting", 0, 5);
    let mut settles = JoinSet::new();
    for which in 0..64 {
        let from = format!("55119000010{which:02}");
        let lane = shop.hears(&from, &format!("wamid.{which}"), 0).await;
        let settlement = Settlement {
            counts: vec![day.clone()],
            ..shop.settlement(&lane, 1).await
        };
        let shop = shop.clone();
        settles.spawn(async move { shop.settle(settlement).await });
    }
    let settled = settles.join_all().await;
    let done = settled.iter().filter(|one| **one == Settled::Done).count();
    let lost = settled.iter().filter(|one| **one == Settled::VersionLost);
    assert_eq!((done, lost.count()), (5, 59));
    assert_eq!(times(&shop, &[day]).await, [5]);
}

/// An attempt may begin just before midnight and settle after it.
pub async fn a_count_stands_for_a_while_after_its_period(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let minute = Raise {
        per: Period::Minute,
        ..raise("greeting", 0, 1)
    };
    let next = Raise {
        since: at(60),
        ..minute.clone()
    };
    let lane = shop.hears(ANA, "wamid.1", 59).await;
    counts(&shop, &lane, std::slice::from_ref(&minute), 59).await;
    let lane = shop.hears(ANA, "wamid.2", 60).await;
    assert_eq!(
        counts(&shop, &lane, std::slice::from_ref(&next), 60).await,
        Settled::Done
    );
    let late = shop.hears(BRUNO, "wamid.3", 59).await;
    assert_eq!(
        counts(&shop, &late, std::slice::from_ref(&minute), 61).await,
        Settled::VersionLost
    );
    assert_eq!(times(&shop, &[minute, next]).await, [1, 1]);
}

/// A lowered limit: what was counted before counts.
pub async fn a_count_past_a_lowered_limit_is_full(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for (id, second) in [("wamid.1", 0), ("wamid.2", 1)] {
        let lane = shop.hears(ANA, id, second).await;
        counts(&shop, &lane, &[raise("greeting", 0, 9)], second).await;
    }
    let lane = shop.hears(ANA, "wamid.3", 2).await;
    assert_eq!(
        counts(&shop, &lane, &[raise("greeting", 0, 1)], 2).await,
        Settled::VersionLost
    );
    assert_eq!(
        counts(&shop, &lane, &[raise("greeting", 0, 3)], 2).await,
        Settled::Done
    );
}

/// A plugin may send so often in an hour, whoever its contacts are: several sends of one decision count as several, and all or none
/// of them fit. A rule of the same name has a count of its own.
pub async fn i03_a_plugin_sends_no_more_than_its_budget(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let plugin = PluginName::new("greeter").unwrap();
    let sends = |by| Raise {
        of: Counted::Sends(plugin.clone()),
        per: Period::Hour,
        since: at(0),
        by,
        most: 5,
    };
    let sent = async |shop: &Shop| {
        let sent = shop.ledger.plugin_sends(&shop.tenant, &plugin, at(0));
        sent.await.unwrap()
    };
    assert_eq!(sent(&shop).await, 0);
    let rule = Raise {
        of: Counted::Answers(RuleName::new("greeter").unwrap()),
        most: 9,
        ..sends(1)
    };
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    assert_eq!(
        counts(&shop, &ana, &[sends(3), rule.clone()], 1).await,
        Settled::Done
    );
    assert_eq!(sent(&shop).await, 3);
    let bruno = shop.hears(BRUNO, "wamid.2", 2).await;
    assert_eq!(
        counts(&shop, &bruno, &[sends(3)], 3).await,
        Settled::VersionLost
    );
    assert_eq!(sent(&shop).await, 3, "all of them or none");
    assert_eq!(counts(&shop, &bruno, &[sends(2)], 4).await, Settled::Done);
    assert_eq!(sent(&shop).await, 5);
    assert_eq!(times(&shop, &[rule]).await, [1]);
    assert_eq!(sent(&shop.elsewhere()).await, 0);
    let next_hour = shop.ledger.plugin_sends(&shop.tenant, &plugin, at(3600));
    assert_eq!(next_hour.await.unwrap(), 0);
}
