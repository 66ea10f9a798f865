//! No room on the disk, for a whole host: what cannot be stored is not acknowledged, readiness says so whoever meets it, and the host
//! goes on by itself when there is room again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod house;

use std::process::Command;

use house::outside::{Faq, knowing};
use house::{ANA, BO, House, rules};
use model::SendState;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;

const RULES: &str = r#"
[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"

[[rule]]
name = "ask"
use = "asking-guest"
with.act = "ask"
with.of = "faq"
"#;

const TEST: &str =
    "i01_a_full_disk_is_a_trouble_until_there_is_room_and_nothing_is_lost_or_said_twice";
/// Says that this is the process that a limit is for: a limit is a whole process's.
const CHILD: &str = "TOLLGATE_TEST_LIMITED";

/// A limit on what a file may hold is what a full disk is, and passes when it is lifted.
#[tokio::test]
async fn i01_a_full_disk_is_a_trouble_until_there_is_room_and_nothing_is_lost_or_said_twice() {
    if std::env::var_os(CHILD).is_some() {
        return runs_out_of_room_and_goes_on().await;
    }
    // It is not killed for trying.
    let script = format!("trap '' XFSZ; exec \"$0\" --exact {TEST} --nocapture");
    let child = Command::new("bash")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, "yes")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{told}\n{complained}");
    assert!(told.contains("1 passed"), "{told}\n{complained}");
}

async fn runs_out_of_room_and_goes_on() {
    let faq = Faq::with_room_for(0);
    let house = House::build(&rules(RULES), knowing(&faq)).await;
    house.say(ANA, "say before").await;
    house.receives(ANA, 1).await;
    house
        .until("the last status", async || {
            (house.outbox_state(0).await == SendState::Read).then_some(())
        })
        .await;
    assert_eq!(house.engine.troubles().await, engine::Troubles::default());
    // One message is accepted, and is being worked on when the room ends.
    let asked = house.say(BO, "what now?").await;
    house
        .until("the question", async || (faq.calls() == 1).then_some(()))
        .await;

    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, 1, hard).unwrap();
    // Nobody writes; the answer to what is there already cannot be settled.
    faq.lets_go.add_permits(100);
    house
        .until("readiness to say so", async || {
            house.engine.troubles().await.ledger
        })
        .await;
    let said = json!({"from": ANA, "text": "say meanwhile"});
    let answer = house.try_to_deliver(said).await;
    assert_eq!(answer["status"], 503, "{answer}");
    for _ in 0..2 {
        let trouble = house.engine.troubles().await.ledger;
        let trouble = trouble.expect("it stays one as long as there is no room");
        assert!(trouble.contains("the host goes on by itself"), "{trouble}");
    }
    let counts = house.engine.ledger().counts().await.unwrap();
    assert_eq!(
        counts.undone, 1,
        "reading goes on, and nothing new is there"
    );

    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
    assert_eq!(house.engine.troubles().await.ledger, None);
    assert_eq!(house.receives(BO, 1).await, ["answer 1"]);
    assert!(house.decided(&asked).await.attempt > 1);
    assert_eq!(
        house.receives(ANA, 2).await,
        ["say before", "say meanwhile"]
    );
    house.quiet().await;
    assert_eq!(house.received(ANA).await.len(), 2);
    assert_eq!(house.received(BO).await.len(), 1);
    assert_eq!(faq.calls(), 1);
    let checked = house.engine.ledger().check().await.unwrap();
    assert_eq!(checked.findings, []);
    house.end().await;
}
