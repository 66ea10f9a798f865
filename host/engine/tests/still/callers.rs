//! Who brings notices may go away before they are told what became of them: a sender that hangs up, a server that ends a request.

use std::sync::Arc;

use intake::Accept;
use ledger::Ledger;
use tokio::sync::Semaphore;

use crate::doors::Hindrance;
use crate::house::{ANA, BO, ECHO, House, SHOP, number};

/// Whichever moment they choose: all that they brought is stored or nothing, what was stored is worked on although nobody else wakes
/// its lanes, and when it is brought again it has no further effect.
#[tokio::test(start_paused = true)]
async fn i01_i02_a_caller_who_goes_away_leaves_nothing_half_stored_and_nothing_unanswered() {
    let hindrances = [Hindrance::Waits, Hindrance::ToldLater];
    for (when, hindrance) in ["before the commit", "after the commit"]
        .into_iter()
        .zip(hindrances)
    {
        let house = House::with_rules(ECHO).await;
        let moment = Arc::new(Semaphore::new(0));
        house.doors.hinder("accept", hindrance(Arc::clone(&moment)));
        let brought = [(ANA, "say one"), (BO, "say other"), (ANA, "say two")];
        let (ids, notices): (Vec<_>, Vec<_>) = brought
            .iter()
            .map(|(who, text)| house.notice(SHOP, who, text))
            .unzip();
        let (engine, batch) = (house.engine.clone(), notices.clone());
        let caller = tokio::spawn(async move { engine.accept(batch).await });
        house
            .until("the call", async || {
                (house.doors.calls("accept").len() == 1).then_some(())
            })
            .await;
        let stored = house.ledger.counts().await.unwrap().undone;
        assert!(stored == 0 || stored == 3, "{when}: {stored} of three");
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        moment.add_permits(1);
        for id in &ids {
            house.decided(SHOP, id).await;
        }
        // They were not told, so they come again.
        house.engine.accept(notices).await.unwrap();
        house.quiet().await;
        let mut texts = house.network.texts(&number(SHOP));
        texts.sort();
        assert_eq!(texts, ["say one", "say other", "say two"], "{when}");
        house.engine.stop().await;
    }
}

/// Nothing was stored, and nobody was told that it was: it is as if it had never been brought.
#[tokio::test(start_paused = true)]
async fn i01_a_caller_who_is_told_of_a_fault_finds_all_of_it_undone() {
    let house = House::with_rules(ECHO).await;
    house.doors.fail("accept", 1);
    let (id, notice) = house.notice(SHOP, ANA, "say it");
    let refused = house.engine.accept(vec![notice.clone()]).await;
    assert!(refused.is_err());
    assert_eq!(house.ledger.counts().await.unwrap().undone, 0);
    house.engine.accept(vec![notice]).await.unwrap();
    house.decided(SHOP, &id).await;
    house.quiet().await;
    assert_eq!(house.network.texts(&number(SHOP)), ["say it"]);
    house.engine.stop().await;
}
