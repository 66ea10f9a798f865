//! `tollgate ledger` and `tollgate consent`, with the real binary: beside a running host, and without one.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod binary;

use std::fs;
use std::process::Output;

use binary::{ANA, ECHO, Running, Town, text, tollgate};

fn run(town: &Town, host: &Running, arguments: &[&str]) -> Output {
    let mut command = tollgate();
    command.current_dir(town.folder.path()).args(arguments);
    command.env("TOLLGATE_HOST", &host.url).output().unwrap()
}

/// What it printed, if it ended as it should.
fn ends(town: &Town, host: &Running, code: i32, arguments: &[&str]) -> String {
    let output = run(town, host, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {output:?}"
    );
    let both = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_looked_at_handed_what_is_theirs_and_erased() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    town.say(text(ANA, "say something")).await;
    town.until("an answer", async || {
        (town.received(ANA).await == ["say something"]).then_some(())
    })
    .await;
    let sound = ends(&town, &host, 0, &["ledger", "check", "--data", "data"]);
    assert!(sound.contains("the ledger is sound"), "{sound}");
    let stats = ends(&town, &host, 0, &["ledger", "stats", "--data", "data"]);
    assert!(stats.contains("contacts"), "{stats}");
    let person = format!("+{ANA}");
    let theirs = ends(
        &town,
        &host,
        0,
        &["ledger", "export", &person, "--data", "data"],
    );
    assert!(theirs.contains("say something"), "{theirs}");
    for line in theirs.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let out = ["consent", "set", &person, "out", "--evidence", "by phone"];
    ends(&town, &host, 0, &out);
    let erase = ["ledger", "erase", &person, "--data", "data"];
    let ahead = ends(&town, &host, 0, &[&erase[..], &["--dry-run"]].concat());
    assert!(ahead.contains("would remove"), "{ahead}");
    let unasked = ends(&town, &host, 2, &erase);
    assert!(unasked.contains("--yes"), "{unasked}");
    let erased = ends(&town, &host, 0, &[&erase[..], &["--yes"]].concat());
    assert!(
        erased.contains("removed") && erased.contains("opted out"),
        "{erased}"
    );
    ends(
        &town,
        &host,
        1,
        &["ledger", "export", &person, "--data", "data"],
    );
    let sound = ends(&town, &host, 0, &["ledger", "check", "--data", "data"]);
    assert!(sound.contains("1 of them erased"), "{sound}");
    // Whoever comes back begins as they went: opted out.
    town.say(text(ANA, "say it again")).await;
    town.until("they are known again", async || {
        let contacts = ends(&town, &host, 0, &["contact", "list"]);
        contacts.contains("out").then_some(())
    })
    .await;
    assert_eq!(town.received(ANA).await, ["say something"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_comes_in_from_a_file_once_and_goes_out_as_one() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let good = "phone,scope,change,at,source,evidence,text\n\
                +15550100009,everything,in,2026-05-03,form,\"3 May, signed\",\n\
                +15550100008,marketing,out,2026-05-04,form,called us,\n";
    fs::write(town.folder.path().join("good.csv"), good).unwrap();
    fs::write(
        town.folder.path().join("bad.csv"),
        "phone,scope,change,at\n12,foo,maybe,yesterday\n",
    )
    .unwrap();
    let told = ends(&town, &host, 1, &["consent", "import", "bad.csv"]);
    assert_eq!(told.matches("bad.csv:2:").count(), 4, "{told}");
    let told = ends(
        &town,
        &host,
        0,
        &["consent", "import", "good.csv", "--dry-run"],
    );
    assert!(
        told.contains("2 would be recorded of contacts that are new"),
        "{told}"
    );
    let none = ends(&town, &host, 0, &["contact", "list"]);
    assert!(!none.contains("0009"), "{none}");
    let told = ends(&town, &host, 0, &["consent", "import", "good.csv"]);
    assert!(
        told.contains("2 recorded of contacts that are new"),
        "{told}"
    );
    let told = ends(&town, &host, 0, &["consent", "import", "good.csv"]);
    assert!(told.contains("nothing new"), "{told}");
    let out = ends(&town, &host, 0, &["consent", "export"]);
    assert!(
        out.contains("+15550100009,everything,in,2026-05-03"),
        "{out}"
    );
    assert!(
        out.contains("+15550100008,marketing,out,2026-05-04"),
        "{out}"
    );
}
