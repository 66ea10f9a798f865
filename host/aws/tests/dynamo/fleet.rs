//! Several hosts on one table.

use std::sync::Arc;

use aws::{DynamoLedger, DynamoOptions};
use ledger::{Acceptance, Arrival, Departure, Ledger, Settled, Wanted};
use model::SendState;
use tokio::task::JoinSet;

use crate::local::Table;
use crate::shop::{
    ANA, HOLDS_BACK, arrival, at, departs, head, hears, send, settlement, tenant, the_gate, token,
};

async fn host(table: &Table, name: &str) -> Arc<DynamoLedger> {
    let options = DynamoOptions {
        host: name.to_owned(),
        ..table.options()
    };
    Arc::new(table.opened(options).await)
}

/// Every host gets every copy, settles every head and sends every send, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i02_i04_i05_of_three_hosts_at_once_each_thing_is_done_by_one() {
    let Some(table) = Table::new() else { return };
    let hosts = [
        host(&table, "host-1").await,
        host(&table, "host-2").await,
        host(&table, "host-3").await,
    ];
    for turn in 0..4 {
        let (id, with) = (format!("wamid.{turn}"), format!("t{turn}"));
        let mut accepts = JoinSet::new();
        for host in &hosts {
            let (host, arrival) = (Arc::clone(host), arrival(ANA, &id, "oi"));
            accepts.spawn(async move { host.accept(vec![arrival], at(0)).await.unwrap() });
        }
        let accepted = accepts.join_all().await.concat();
        let queued = accepted.iter().filter_map(|accepted| match accepted {
            Acceptance::Queued(lane) => Some(lane.clone()),
            _ => None,
        });
        let [lane] = &queued.collect::<Vec<_>>()[..] else {
            panic!("one of {accepted:?} is new");
        };
        let mut settles = JoinSet::new();
        let head = head(&*hosts[0], lane).await;
        for host in &hosts {
            let (host, settles_it) = (Arc::clone(host), settlement(lane, &head, &[&with]));
            settles.spawn(async move { host.settle(settles_it).await.unwrap() });
        }
        let settled = settles.join_all().await;
        let done = settled.iter().filter(|settled| **settled == Settled::Done);
        assert_eq!(done.count(), 1, "{settled:?}");
        let mut departures = JoinSet::new();
        for host in &hosts {
            let (host, with) = (Arc::clone(host), with.clone());
            departures.spawn(async move { departs(&*host, &with, 2).await });
        }
        let departed = departures.join_all().await;
        let gone = departed.iter().filter(|one| matches!(one, Departure::Gone));
        assert_eq!(gone.count(), 2, "{departed:?}");
        let arrived = ledger::Arrived::Sent(None);
        let (tenant, token) = (tenant(), token(&with));
        let sent = hosts[1].arrive(&tenant, &token, arrived, at(3));
        sent.await.unwrap();
    }
    let counts = hosts[2].counts().await.unwrap();
    assert_eq!((counts.undone, counts.contacts, counts.ready), (0, 1, 0));
    assert_eq!(hosts[0].check().await.unwrap().findings, []);
}

/// What a host has in flight is its own until its lease is over; when it starts again, at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i11_a_host_that_starts_leaves_alone_what_others_have_in_flight() {
    let Some(table) = Table::new() else { return };
    let (one, other) = (host(&table, "host-1").await, host(&table, "host-2").await);
    for (from, id, with) in [(ANA, "wamid.1", "t1"), ("5511900000002", "wamid.2", "t2")] {
        let lane = hears(&*one, from, id).await;
        let head = head(&*one, &lane).await;
        let settles = settlement(&lane, &head, &[with]);
        assert_eq!(one.settle(settles).await.unwrap(), Settled::Done);
    }
    departs(&*one, "t1", 2).await;
    assert_eq!(other.recover(at(10)).await.unwrap(), 0);
    assert_eq!(send(&*other, "t1").await.state, SendState::InFlight);
    assert_eq!(one.recover(at(11)).await.unwrap(), 1, "its own, at once");
    assert_eq!(send(&*other, "t1").await.state, SendState::Unknown);
    departs(&*one, "t2", 20).await;
    assert_eq!(other.recover(at(79)).await.unwrap(), 0);
    assert_eq!(other.recover(at(81)).await.unwrap(), 1, "its lease is over");
    // The host was only paused: its carrier's late word changes nothing that is known otherwise by then.
    let late = ledger::Arrived::Sent(None);
    one.arrive(&tenant(), &token("t2"), late, at(90))
        .await
        .unwrap();
    assert_eq!(send(&*one, "t2").await.state, SendState::Unknown);
    let due = one.due(at(200), HOLDS_BACK, Wanted::any(9)).await.unwrap();
    assert_eq!(due, [], "nothing is sent again by itself");
}

/// The stop is accepted by another host in the very moment between the judgement and its write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i06_a_stop_that_another_host_accepts_while_a_send_leaves_cancels_it() {
    let Some(table) = Table::new() else { return };
    let (one, other) = (host(&table, "host-1").await, host(&table, "host-2").await);
    let lane = hears(&*one, ANA, "wamid.1").await;
    let head = head(&*one, &lane).await;
    let settles = settlement(&lane, &head, &["t1"]);
    assert_eq!(one.settle(settles).await.unwrap(), Settled::Done);
    let runtime = tokio::runtime::Handle::current();
    let mut asked = 0;
    let judge = move |outbound, standing: &ledger::Standing| {
        asked += 1;
        if asked == 1 {
            let stop = Arrival {
                is_stop: true,
                ..arrival(ANA, "wamid.stop", "parar")
            };
            let accepted = other.accept(vec![stop], at(2));
            let accepted = tokio::task::block_in_place(|| runtime.block_on(accepted));
            assert!(matches!(accepted.unwrap()[..], [Acceptance::Queued(_)]));
        }
        the_gate(at(2))(outbound, standing)
    };
    let (tenant, token) = (tenant(), token("t1"));
    let departure = one.depart(&tenant, &token, at(2), HOLDS_BACK, Box::new(judge));
    let departure = departure.await.unwrap();
    assert!(
        matches!(departure, Departure::Cancelled(_)),
        "{departure:?}"
    );
    assert_eq!(send(&*one, "t1").await.state, SendState::Cancelled);
}
