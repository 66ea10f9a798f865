//! Lost replies, lost requests, throttling: what was written was written once, and who was not told so begins anew.

use std::time::{Duration, Instant};

use aws::{DynamoLedger, DynamoOptions};
use ledger::{Acceptance, Arrived, Departure, Ledger, LedgerError, Settled};
use model::{Delivery, SendState};

use crate::local::Table;
use crate::proxy::Fault::{LosesReply, LosesRequest, Throttles};
use crate::proxy::Proxy;
use crate::shop::{
    ANA, arrival, at, departs, head, hears, send, settlement, status, tenant, token,
};

const WRITE: &str = "TransactWriteItems";

/// A ledger behind a network of its own.
async fn behind(table: &Table) -> (DynamoLedger, Proxy) {
    let options = table.options();
    let proxy = Proxy::before(options.endpoint_url.as_deref().unwrap()).await;
    let url = proxy.url.clone();
    let options = DynamoOptions {
        endpoint_url: Some(url),
        ..options
    };
    (table.opened(options).await, proxy)
}

/// Once, so that the SDK's own second try is the one that is answered; and so often that nobody is ever told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i02_i03_i05_what_was_written_although_its_reply_was_lost_is_written_once() {
    for times in [1, 4] {
        let Some(table) = Table::new() else { return };
        let (ledger, proxy) = behind(&table).await;
        let lost = vec![LosesReply; times];
        let loses = || proxy.plans(WRITE, &lost);
        loses();
        let lane = hears(&ledger, ANA, "wamid.1").await;
        let (requests, left) = proxy.saw();
        assert!(requests >= times && left == 0, "{requests}, {left} left");
        let again = ledger
            .accept(vec![arrival(ANA, "wamid.1", "oi")], at(1))
            .await;
        assert_eq!(again.unwrap(), [Acceptance::Known]);
        let head = head(&ledger, &lane).await;
        assert_eq!(head.sequence, 1);

        loses();
        let settles = settlement(&lane, &head, &["t1"]);
        assert_eq!(ledger.settle(settles.clone()).await.unwrap(), Settled::Done);
        assert_eq!(ledger.settle(settles).await.unwrap(), Settled::OutOfTurn);
        assert_eq!(ledger.decisions(&tenant(), None, 9).await.unwrap().len(), 1);

        loses();
        let departure = departs(&ledger, "t1", 2).await;
        assert!(
            matches!(departure, Departure::Go { attempt: 1, .. }),
            "{departure:?}"
        );
        loses();
        let arrived = Arrived::Sent(None);
        ledger
            .arrive(&tenant(), &token("t1"), arrived, at(3))
            .await
            .unwrap();
        loses();
        let told = ledger
            .accept(vec![status("t1", Delivery::Delivered)], at(4))
            .await;
        let of = Some(token("t1"));
        assert_eq!(told.unwrap(), [Acceptance::Status { of }]);
        let sent = send(&ledger, "t1").await;
        assert_eq!((sent.state, sent.attempts), (SendState::Delivered, 1));
        let counts = ledger.counts().await.unwrap();
        assert_eq!((counts.undone, counts.contacts), (0, 1));
        assert_eq!(ledger.check().await.unwrap().findings, []);
    }
}

/// The caller is told that it failed, nothing of it is there, and it can be done again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i03_a_write_that_never_arrived_wrote_nothing() {
    let Some(table) = Table::new() else { return };
    let (ledger, proxy) = behind(&table).await;
    let lane = hears(&ledger, ANA, "wamid.1").await;
    let head = head(&ledger, &lane).await;
    proxy.plans(WRITE, &[LosesRequest; 4]);
    let failed = ledger.settle(settlement(&lane, &head, &["t1"])).await;
    assert!(
        matches!(failed, Err(LedgerError::Store { .. })),
        "{failed:?}"
    );
    assert_eq!(ledger.decisions(&tenant(), None, 9).await.unwrap(), []);
    assert!(
        ledger
            .send_record(&tenant(), &token("t1"))
            .await
            .unwrap()
            .is_none()
    );
    let settled = ledger.settle(settlement(&lane, &head, &["t1"])).await;
    assert_eq!(settled.unwrap(), Settled::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_throttled_table_is_waited_for_and_no_longer_than_is_bearable() {
    let Some(table) = Table::new() else { return };
    let (ledger, proxy) = behind(&table).await;
    // More than the SDK tries by itself.
    proxy.plans(WRITE, &[Throttles; 9]);
    let lane = hears(&ledger, ANA, "wamid.1").await;
    assert_eq!(proxy.saw(), (10, 0));
    proxy.plans("GetItem", &[Throttles; 100]);
    let begun = Instant::now();
    let failed = ledger.next(&lane).await.unwrap_err().to_string();
    assert!(failed.contains("throttled"), "{failed}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}
