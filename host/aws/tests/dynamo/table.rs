//! What is in the table itself: its keys, large records, and what somebody else put there.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use ledger::{Ledger, Settled, Settlement, Wanted};
use model::{
    ConsentChange, ConsentScope, ContactKey, DeskName, Entry, Evidence, HandOver, MemoryScope,
    PluginName, UserId,
};

use crate::local::Table;
use crate::shop::{
    ANA, HOLDS_BACK, admitted, arrival, at, departs, head, hears, settlement, tenant,
};

/// Beside the ledger: whoever has the right to write the table.
fn beside(table: &Table) -> (Client, String) {
    let options = table.options();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(options.region))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(options.endpoint_url.unwrap())
        .build();
    (Client::from_conf(config), options.table)
}

async fn items(table: &Table) -> Vec<HashMap<String, AttributeValue>> {
    let (client, name) = beside(table);
    let mut found = Vec::new();
    let mut from = None;
    loop {
        let page = client
            .scan()
            .table_name(&name)
            .set_exclusive_start_key(from);
        let page = page.send().await.unwrap();
        found.extend(page.items.unwrap_or_default());
        from = page.last_evaluated_key;
        if from.is_none() {
            return found;
        }
    }
}

fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn opts_in() -> ConsentChange {
    ConsentChange {
        scope: ConsentScope::Everything,
        opted_in: true,
        evidence: Evidence {
            source: "message".into(),
            message: None,
            text: Some("sim".into()),
        },
        at: at(1),
    }
}

/// One of everything, and whatever stands beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i13_every_key_begins_with_its_tenant() {
    let Some(table) = Table::new() else { return };
    let ledger = table.opened(table.options()).await;
    let lane = hears(&ledger, ANA, "wamid.1").await;
    let head = head(&ledger, &lane).await;
    let desk = DeskName::new("support").unwrap();
    let shares = |scope| ledger::MemoryWrite {
        plugin: PluginName::new("counter").unwrap(),
        scope,
        key: "step".into(),
        entry: Some(Entry {
            value: "1".into(),
            until: at(1000),
        }),
        expected: None,
    };
    let settles = Settlement {
        drafts: vec![ledger::Drafted {
            desk: desk.clone(),
            rule: model::RuleName::new("a rule").unwrap(),
            send: admitted(&head, "draft"),
        }],
        consent: vec![opts_in()],
        hand_offs: vec![HandOver {
            desk,
            note: "please".into(),
        }],
        notes: vec!["likes tea".into()],
        memory: vec![shares(MemoryScope::Contact), shares(MemoryScope::Shared)],
        dead_letter: Some("cannot".into()),
        ..settlement(&lane, &head, &["t1"])
    };
    assert_eq!(ledger.settle(settles).await.unwrap(), Settled::Done);
    departs(&ledger, "t1", 2).await;
    ledger.probe(at(3)).await.unwrap();
    let items = items(&table).await;
    assert!(items.len() > 15, "{}", items.len());
    for item in &items {
        for name in ["pk", "g1", "g2", "g3", "g4", "g5"] {
            let key = text(item, name).unwrap_or("shop#");
            assert!(
                key.starts_with("shop#") || key.starts_with("_host#"),
                "{name}: {key}"
            );
        }
    }
}

/// The most that one decision may do, with the longest message: one transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i03_a_decision_of_eighty_effects_and_a_large_message_are_one_write() {
    let Some(table) = Table::new() else { return };
    let ledger = table.opened(table.options()).await;
    let words = "olá ".repeat(300_000);
    let accepted = ledger
        .accept(vec![arrival(ANA, "wamid.1", &words)], at(0))
        .await;
    assert_eq!(accepted.unwrap().len(), 1);
    let lane = ledger.lanes(None, 1).await.unwrap().remove(0);
    let head = head(&ledger, &lane).await;
    assert_eq!(head.message.content.words(), Some(words.as_str()));
    let tokens: Vec<String> = (0..model::limits::EFFECTS_PER_DECISION)
        .map(|which| format!("t{which}"))
        .collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let mut settles = settlement(&lane, &head, &tokens);
    settles.decision.edition = "e".repeat(model::limits::DECISION_BYTES);
    assert_eq!(ledger.settle(settles.clone()).await.unwrap(), Settled::Done);
    let found = ledger
        .decision(&settles.decision.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.decision, found.message),
        (settles.decision, head.message)
    );
    let sends = ledger.sends(&found_of(&lane, "wamid.1")).await.unwrap();
    assert_eq!(sends.len(), tokens.len());
    assert_eq!(ledger.check().await.unwrap().findings, []);
}

fn found_of(lane: &ledger::Lane, id: &str) -> model::DecisionId {
    model::DecisionId {
        tenant: lane.tenant.clone(),
        number: crate::shop::number(),
        message: model::Wamid::new(id).unwrap(),
    }
}

/// Somebody with the right to write the table changes what a contact allowed: an entry's words, an entry, the contact's own record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_that_somebody_else_wrote_is_found_out() {
    let entry = "\"opted_in\\\":true";
    for (which, says) in [
        ("changed", "was changed after it was recorded"),
        ("removed", "removed"),
        ("exchanged", "seal"),
    ] {
        let Some(table) = Table::new() else { return };
        let ledger = table.opened(table.options()).await;
        let lane = hears(&ledger, ANA, "wamid.1").await;
        for second in [1, 2] {
            let change = ConsentChange {
                opted_in: second == 1,
                at: at(second),
                ..opts_in()
            };
            let said = ledger.consent(&tenant(), lane.contact, change).await;
            assert_eq!(said.unwrap(), ledger::Consented::Done);
        }
        assert_eq!(ledger.check().await.unwrap().findings, [], "{which}");
        let (client, name) = beside(&table);
        let starts = |item: &&HashMap<String, AttributeValue>, with: &str| {
            text(item, "sk").is_some_and(|sort| sort.starts_with(with)) && item.contains_key("d")
        };
        let items = items(&table).await;
        let with = if which == "exchanged" {
            "contact"
        } else {
            "l#"
        };
        let found: Vec<_> = items.iter().filter(|item| starts(item, with)).collect();
        let mut item = found[0].clone();
        let words = item["d"].as_b().unwrap().as_ref();
        let words = String::from_utf8(words.to_vec()).unwrap();
        match which {
            "changed" => {
                assert!(words.contains(entry), "{words}");
                let other = words.replace(entry, "\"opted_in\\\":false");
                item.insert("d".into(), AttributeValue::B(Blob::new(other)));
            }
            "exchanged" => {
                let other = words.replace("\"count\":2", "\"count\":1");
                assert_ne!(words, other);
                item.insert("d".into(), AttributeValue::B(Blob::new(other)));
            }
            _ => {
                let delete = client.delete_item().table_name(&name);
                let delete = delete.key("pk", item["pk"].clone());
                delete.key("sk", item["sk"].clone()).send().await.unwrap();
            }
        }
        if which != "removed" {
            let put = client.put_item().table_name(&name).set_item(Some(item));
            put.send().await.unwrap();
        }
        let findings = ledger.check().await.unwrap().findings;
        let told = findings.iter().any(|found| {
            found.kind == "chain"
                && found.contact == Some(lane.contact)
                && found.what.contains(says)
        });
        assert!(told, "{which}: {findings:?}");
    }
}

/// A place is given before its record is written: whoever follows the order waits at the gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_decisions_does_not_pass_one_that_is_being_written() {
    let Some(table) = Table::new() else { return };
    let ledger = table.opened(table.options()).await;
    let decide = async |id: &str| {
        let lane = hears(&ledger, ANA, id).await;
        let head = head(&ledger, &lane).await;
        let settled = ledger.settle(settlement(&lane, &head, &[])).await;
        assert_eq!(settled.unwrap(), Settled::Done);
    };
    let follow = async || {
        let found = ledger.decisions(&tenant(), Some(0), 9).await.unwrap();
        found.iter().map(|record| record.seq).collect::<Vec<_>>()
    };
    decide("wamid.1").await;
    // Another host is given the next place, and has not written yet.
    let (client, name) = beside(&table);
    let update = client.update_item().table_name(&name);
    let update = update
        .key("pk", AttributeValue::S("shop#order#decisions".into()))
        .key("sk", AttributeValue::S("last".into()))
        .update_expression("ADD n :one")
        .expression_attribute_values(":one", AttributeValue::N("1".into()));
    update.send().await.unwrap();
    decide("wamid.2").await;
    assert_eq!(
        follow().await,
        [1],
        "the second is not told before its predecessor"
    );
    let newest = ledger.decisions(&tenant(), None, 9).await.unwrap();
    assert_eq!(newest.len(), 2, "a page that opens shows what is there");
}

/// Longer than a key of DynamoDB's may be, and with blanks in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_send_with_the_longest_token_is_due_leaves_and_is_found() {
    let Some(table) = Table::new() else { return };
    let ledger = table.opened(table.options()).await;
    let lane = hears(&ledger, ANA, "wamid.1").await;
    let head = head(&ledger, &lane).await;
    let token = "ç 😀".repeat(model::limits::TOKEN_CHARS / 3);
    let settles = settlement(&lane, &head, &[&token]);
    assert_eq!(ledger.settle(settles).await.unwrap(), Settled::Done);
    let due = ledger.due(at(2), HOLDS_BACK, Wanted::any(9)).await.unwrap();
    assert_eq!(due[0].token.as_str(), token);
    departs(&ledger, &token, 2).await;
    assert_eq!(ledger.recover(at(3)).await.unwrap(), 1);
    let unsure = ledger.unsure(None, 9).await.unwrap();
    assert_eq!(unsure[0].record.outbound.token.as_str(), token);
    assert_eq!(ledger.check().await.unwrap().findings, []);
}

/// More than one transaction takes, of both kinds of write that reach for all of a person: a join moves it, an erasure removes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_moves_and_an_erasure_removes_however_much_there_is() {
    let Some(table) = Table::new() else { return };
    let ledger = table.opened(table.options()).await;
    let lane = hears(&ledger, ANA, "wamid.1").await;
    let first = head(&ledger, &lane).await;
    let tokens: Vec<String> = (0..60).map(|which| format!("t{which:02}")).collect();
    let names: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let settles = Settlement {
        notes: vec!["likes tea".into()],
        ..settlement(&lane, &first, &names)
    };
    assert_eq!(ledger.settle(settles).await.unwrap(), Settled::Done);
    for (second, with) in names.iter().take(10).enumerate() {
        departs(&ledger, with, 2 + second as u64).await;
        let (tenant, token) = (tenant(), crate::shop::token(with));
        let arrived = ledger::Arrived::Sent(None);
        let arrived = ledger.arrive(&tenant, &token, arrived, at(12));
        arrived.await.unwrap();
    }
    hears(&ledger, ANA, "wamid.2").await;
    let second = head(&ledger, &lane).await;
    let keeps = |which| ledger::MemoryWrite {
        plugin: PluginName::new("counter").unwrap(),
        scope: MemoryScope::Contact,
        key: format!("k{which}"),
        entry: Some(Entry {
            value: "1".into(),
            until: at(100_000),
        }),
        expected: None,
    };
    let settles = Settlement {
        memory: (0..60).map(keeps).collect(),
        ..settlement(&lane, &second, &[])
    };
    assert_eq!(ledger.settle(settles).await.unwrap(), Settled::Done);

    let user = ContactKey::User(UserId::new("BR.1").unwrap());
    let remains = ledger.meet(&tenant(), &user, at(20)).await.unwrap();
    let Some(ContactKey::Phone(phone)) = ledger
        .contact(&tenant(), lane.contact)
        .await
        .unwrap()
        .map(|contact| contact.key)
    else {
        panic!("Ana has a phone");
    };
    let both = ContactKey::Both(phone.clone(), UserId::new("BR.1").unwrap());
    ledger.meet(&tenant(), &both, at(21)).await.unwrap();
    let whose = ledger::Lane {
        contact: remains,
        ..lane.clone()
    };
    let joined = ledger.join(&lane, at(22)).await.unwrap();
    assert_eq!(joined, ledger::Joined::Done(whose));
    let plugin = PluginName::new("counter").unwrap();
    let kept = ledger.memory(&tenant(), &plugin, remains, at(22)).await;
    assert_eq!(kept.unwrap().len(), 60);
    let outbox = ledger.outbox(&tenant(), None, 100).await.unwrap();
    assert!(outbox.iter().all(|send| send.outbound.contact == remains));
    let due = ledger
        .due(at(23), HOLDS_BACK, Wanted::any(9))
        .await
        .unwrap();
    assert_eq!(due[0].token.as_str(), "t10", "in their order");
    assert_eq!(ledger.check().await.unwrap().findings, []);

    let erased = ledger
        .erase(&tenant(), lane.contact, at(30))
        .await
        .unwrap()
        .unwrap();
    let count = |class| erased.removed.get(class).copied().unwrap_or(0);
    assert_eq!(
        (count("sends"), count("memory"), count("notes")),
        (60, 60, 1)
    );
    assert_eq!((count("decisions"), count("aliases")), (2, 2));
    assert_eq!(ledger.check().await.unwrap().findings, []);
    for item in items(&table).await {
        let shown = format!("{item:?}");
        let data = item
            .get("d")
            .map(|data| data.as_b().unwrap().as_ref().to_vec());
        let data = String::from_utf8(data.unwrap_or_default()).unwrap();
        assert!(
            !shown.contains(ANA) && !data.contains(ANA),
            "{shown}: {data}"
        );
        assert!(
            !shown.contains("BR.1") && !data.contains("BR.1"),
            "{shown}: {data}"
        );
    }
}
