//! Editions: a change is swapped in whole, or changes nothing but the error on show.

mod house;

use std::fs;

use house::{ANA, House, Wishes};

fn rules(reply: &str) -> String {
    format!(
        "rules_version = 1\nlanguages = [\"en\"]\n\n[[rule]]\nname = \"greet\"\nwhen.words = [\"hello\"]\nreply.en = {reply:?}\n"
    )
}

#[tokio::test]
async fn i10_a_good_edit_is_swapped_in_and_a_bad_one_changes_nothing() {
    let mut house = House::with_rules(&rules("first")).await;
    house.watch_files();
    let file = house.folder.path().join("rules/10-test.toml");
    let first = house.engine.edition().hash().to_owned();

    fs::write(&file, rules("second")).unwrap();
    house
        .until("the second edition", async || {
            (house.engine.edition().hash() != first).then_some(())
        })
        .await;
    let second = house.engine.edition().hash().to_owned();
    house.say(ANA, "hello").await;
    assert_eq!(house.receives(ANA, 1).await, ["second"]);

    fs::write(
        &file,
        "[[rule]]\nname = \"greet\"\nwhen.wrods = [\"hello\"]\nreply.en = \"third\"\n",
    )
    .unwrap();
    let refused = house
        .until("a refusal", async || house.engine.last_refusal())
        .await;
    assert!(refused.to_string().contains("wrods"), "{refused}");
    assert_eq!(house.engine.edition().hash(), second);
    house.say(ANA, "hello").await;
    assert_eq!(
        house.receives(ANA, 2).await,
        ["second", "second"],
        "the edition in force goes on answering"
    );

    fs::write(&file, rules("{contact.nmae}")).unwrap();
    house
        .until("the plugin's own complaint", async || {
            house
                .engine
                .last_refusal()
                .filter(|refused| refused.to_string().contains("contact.nmae"))
        })
        .await;

    fs::write(&file, rules("second")).unwrap();
    house
        .until("peace", async || {
            house.engine.last_refusal().is_none().then_some(())
        })
        .await;
    assert_eq!(
        house.engine.edition().hash(),
        second,
        "equal files make an equal edition"
    );
    house.end().await;
}

#[tokio::test]
async fn a_folder_that_is_replaced_or_linked_anew_is_still_watched() {
    let mut house = House::with_rules(&rules("first")).await;
    house.watch_files();
    let folder = house.folder.path().join("rules");
    let swapped = async |house: &House, from: &str| {
        house
            .until("another edition", async || {
                (house.engine.edition().hash() != from)
                    .then(|| house.engine.edition().hash().to_owned())
            })
            .await
    };
    let first = house.engine.edition().hash().to_owned();

    fs::rename(&folder, house.folder.path().join("old")).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("10-test.toml"), rules("second")).unwrap();
    let second = swapped(&house, &first).await;
    fs::write(folder.join("10-test.toml"), rules("third")).unwrap();
    let third = swapped(&house, &second).await;

    let release = house.folder.path().join("release");
    fs::create_dir(&release).unwrap();
    fs::write(release.join("10-test.toml"), rules("fourth")).unwrap();
    std::os::unix::fs::symlink(&release, house.folder.path().join("link")).unwrap();
    fs::rename(&folder, house.folder.path().join("older")).unwrap();
    fs::rename(house.folder.path().join("link"), &folder).unwrap();
    let fourth = swapped(&house, &third).await;
    fs::write(release.join("10-test.toml"), rules("fifth")).unwrap();
    swapped(&house, &fourth).await;
    house.end().await;
}

#[tokio::test]
async fn i10_no_message_is_lost_while_editions_change() {
    let mut house = House::build(&rules("0"), Wishes::tireless()).await;
    house.watch_files();
    let file = house.folder.path().join("rules/10-test.toml");
    for count in 0..20 {
        fs::write(&file, rules(&count.to_string())).unwrap();
        house.say(ANA, "hello").await;
    }
    assert_eq!(house.receives(ANA, 20).await.len(), 20);
    house.end().await;
}

#[tokio::test]
async fn i01_what_was_accepted_before_a_stop_is_answered_after_the_next_start() {
    let house = House::with_rules(&rules("answered")).await;
    let ledger = house.engine.ledger().clone();
    house.engine.stop().await;
    house.say(ANA, "hello").await;
    assert_eq!(
        ledger.counts().await.unwrap().undone,
        1,
        "accepted, and not worked on any more"
    );
    drop(ledger);
    let folder = house.end().await;
    let ledger = house::left_behind(&folder).await;
    let next = House::move_in(folder, ledger, Wishes::default()).await;
    assert_eq!(next.receives(ANA, 1).await, ["answered"]);
    assert_eq!(next.engine.ledger().counts().await.unwrap().undone, 0);
    next.end().await;
}

#[tokio::test]
async fn i10_a_pipe_in_place_of_a_file_is_refused_and_later_edits_are_taken_up() {
    let house = House::with_rules(&rules("first")).await;
    let pipe = house.folder.path().join("rules/20-pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let refused = house.engine.reload().await.err().unwrap();
    assert!(
        refused.to_string().contains("no ordinary file"),
        "{refused}"
    );

    fs::remove_file(&pipe).unwrap();
    let file = house.folder.path().join("rules/10-test.toml");
    fs::write(&file, rules("second")).unwrap();
    house.engine.reload().await.unwrap();
    house.say(ANA, "hello").await;
    assert_eq!(house.receives(ANA, 1).await, ["second"]);
}

#[tokio::test]
async fn i10_a_change_with_a_red_test_is_refused_at_the_line_that_expects_more() {
    let house = House::with_rules(&rules("first")).await;
    let before = house.engine.edition().hash().to_owned();
    let file = house.folder.path().join("rules/10-test.toml");
    let test = "\n[[test]]\nname = \"it says third\"\nsays = \"hello\"\nexpect.reply = \"third\"\n";
    fs::write(&file, rules("second") + test).unwrap();
    let refused = house.engine.reload().await.err().unwrap();
    let told = refused.to_string();
    assert!(
        told.contains("expected \"third\", seen \"second\""),
        "{told}"
    );
    assert_eq!(house.engine.edition().hash(), before);

    fs::write(&file, rules("third") + test).unwrap();
    house.engine.reload().await.unwrap();
    house.say(ANA, "hello").await;
    assert_eq!(house.receives(ANA, 1).await, ["third"]);
}
