//! The binary with a topic: `/webhooks/sns` is there, and takes the word of that topic's certificate for the numbers that name it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;
// One way to sign as SNS does, for both crates' tests.
#[path = "../../intake/tests/doors/signer.rs"]
#[allow(unreachable_pub, reason = "written for another test")]
mod signer;

use std::fs;
use std::path::Path;

use binary::{ANA, ECHO, Running, Town};
use serde_json::Value;
use signer::{SNS, STRANGER, Signer};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:whatsapp";

#[tokio::test(flavor = "multi_thread")]
async fn i13_a_topic_vouches_for_the_numbers_that_name_it_by_its_certificate_alone() {
    let town = Town::new(ECHO);
    let mut host = Running::start(&mut town.run());
    assert_eq!(post(&host, &SNS, "nobody listens").await, 404);
    host.kill();

    let pem = town.folder.path().join("sns.pem");
    fs::write(pem, SNS.certificate("200101000000Z", "491231235959Z")).unwrap();
    let topic = format!("\n[topic.events]\narn = \"{TOPIC}\"\ncertificate = \"sns.pem\"\n");
    let config = fs::read_to_string(town.config()).unwrap() + &topic;
    fs::write(town.config(), &config).unwrap();
    let mut host = Running::start(&mut town.run());
    assert_eq!(post(&host, &STRANGER, "say forged").await, 401);
    assert_eq!(post(&host, &SNS, "say foreign").await, 403);
    host.kill();

    // Both words count from now on: that of the topic and that of the Meta app.
    let bound = config.replace(
        "meta_app = \"main\"",
        "meta_app = \"main\"\ntopic = \"events\"",
    );
    fs::write(town.config(), bound).unwrap();
    let host = Running::start(&mut town.run());
    assert_eq!(post(&host, &STRANGER, "say forged").await, 401);
    assert_eq!(post(&host, &SNS, "say it by SNS").await, 200);
    town.until("the answer", async || {
        (town.received(ANA).await == ["say it by SNS"]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_has_expired_is_told_at_the_start() {
    let town = Town::new(ECHO);
    let pem = town.folder.path().join("sns.pem");
    fs::write(pem, SNS.certificate("200101000000Z", "210101000000Z")).unwrap();
    let topic = format!("\n[topic.events]\narn = \"{TOPIC}\"\ncertificate = \"sns.pem\"\n");
    fs::write(
        town.config(),
        fs::read_to_string(town.config()).unwrap() + &topic,
    )
    .unwrap();
    let output = town.run().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("[topic.events]: the certificate") && said.contains("has expired"),
        "{said}"
    );
}

/// Delivers a message of now with these words, in the notification of the examples.
async fn post(host: &Running, signer: &Signer, words: &str) -> u16 {
    let example =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/events/sns-notification.json");
    let mut notification: Value =
        serde_json::from_str(&fs::read_to_string(example).unwrap()).unwrap();
    let now = jiff::Timestamp::now();
    let event = notification["Message"]
        .as_str()
        .unwrap()
        .replace("By way of AWS and SNS", words)
        .replace("1789999200", &now.as_second().to_string());
    notification["Message"] = event.into();
    notification["Timestamp"] = format!("{now:.3}").into();
    assert_eq!(notification["TopicArn"], TOPIC);
    let request = reqwest::Client::new()
        .post(format!("{}/webhooks/sns", host.url))
        .header("content-type", "text/plain; charset=UTF-8")
        .header("x-amz-sns-message-type", "Notification")
        .body(signer.sign(&notification).to_string());
    request.send().await.unwrap().status().as_u16()
}
