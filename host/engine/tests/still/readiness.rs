//! A ledger that fails is a trouble for as long as it fails, whoever meets it first; and the host goes on by itself.

use intake::Accept;
use ledger::Ledger;

use crate::house::{ANA, ECHO, House, SHOP, number};

#[tokio::test(start_paused = true)]
async fn whoever_meets_a_ledger_that_cannot_be_written_readiness_says_so_until_it_can() {
    for operation in ["accept", "settle", "depart", "arrive"] {
        let house = House::with_rules(ECHO).await;
        assert_eq!(house.engine.troubles().await.ledger, None);
        // So it is with a full disk, and with a file that became one for reading only.
        house.doors.fail(operation, 2);
        house.doors.fail("probe", 2);
        let (id, notice) = house.notice(SHOP, ANA, "say it");
        let accepted = house.engine.accept(vec![notice.clone()]).await;
        assert_eq!(accepted.is_err(), operation == "accept");
        house
            .until("the fault", async || {
                (!house.doors.calls(operation).is_empty()).then_some(())
            })
            .await;
        house.passes(std::time::Duration::from_millis(1)).await;
        for _ in 0..2 {
            let trouble = house.engine.troubles().await.ledger;
            let trouble = trouble.unwrap_or_else(|| panic!("{operation}: nothing is said"));
            assert!(trouble.contains("there is no room left"), "{trouble}");
        }
        // The cause is gone: that is seen without any traffic.
        assert_eq!(house.engine.troubles().await.ledger, None, "{operation}");
        while house.engine.accept(vec![notice.clone()]).await.is_err() {}
        house.decided(SHOP, &id).await;
        house
            .until("it to be sent", async || {
                let sends = house.outbox(SHOP).await;
                (sends.first()?.state == model::SendState::Sent).then_some(())
            })
            .await;
        let texts = house.network.texts(&number(SHOP));
        assert_eq!(texts, ["say it"], "{operation}: answered once all the same");
        assert_eq!(house.engine.troubles().await, engine::Troubles::default());
        assert_eq!(house.ledger.counts().await.unwrap().undone, 0);
        house.engine.stop().await;
    }
}
