//! Drafts over the API: shown, waited for, sent in other words, dropped, and refused for a reason that is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use console::{Options, limits};
use house::{House, PATIENCE, problem};
use reqwest::Response;
use serde_json::{Value, json};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "refund"
when.words = ["refund"]
reply.en = "Your refund is on its way."
draft_to = "support"
"#;

/// A house whose only rule writes drafts.
async fn open(tenants: &[&str], options: Options) -> House {
    let house = House::build(tenants, options).await;
    house.write_rules(RULES);
    let reloaded = house.engine.reload().await;
    reloaded.unwrap_or_else(|refused| panic!("{refused}"));
    house
}

/// A customer asks for a refund, and a draft waits.
async fn drafted(house: &House) -> Value {
    let id = house.say("a refund please").await;
    let decided = house.decided(&id).await;
    assert_eq!(decided["sends"], json!([]), "nothing was sent");
    let proposed = &decided["record"]["decision"]["steps"][0]["runs"][0]["proposed"][0];
    assert_eq!(proposed["drafted_to"], "support", "{decided}");
    decided
}

async fn decides(house: &House, path: &str, body: Value) -> Response {
    let call = house.post(&format!("/v1/drafts/{path}"));
    call.json(&body).send().await.unwrap()
}

#[tokio::test]
async fn a_draft_is_shown_and_sent_in_other_words_once() {
    let house = open(&["shop"], Options::default()).await;
    let waiting = tokio::spawn(house.get("/v1/drafts?state=pending&wait_ms=20000").send());
    let decided = drafted(&house).await;
    let answer = tokio::time::timeout(PATIENCE, waiting).await;
    let answer: Value = answer
        .expect("it wakes up")
        .unwrap()
        .unwrap()
        .json()
        .await
        .unwrap();
    let draft = &answer["drafts"][0];
    assert_eq!(
        (
            &draft["id"],
            &draft["desk"],
            &draft["rule"],
            &draft["state"]
        ),
        (
            &"d1".into(),
            &"support".into(),
            &"refund".into(),
            &"pending".into()
        ),
        "{answer}"
    );
    assert_eq!(
        draft["outbound"]["message"]["body"],
        "Your refund is on its way."
    );
    assert_eq!(draft["contact"]["name"], "Ana");
    assert_eq!(
        draft["message"],
        decided["record"]["decision"]["id"]["message"]
    );
    assert_eq!(draft["asked"]["content"]["body"], "a refund please");
    assert_eq!(answer["next"], 1);
    let hand_offs = house.read("/v1/hand-offs").await;
    assert_eq!(
        hand_offs["hand_offs"][0]["note"],
        "A reply waits for your approval (rule refund)."
    );

    let body = json!({"text": "We paid it back, Ana.", "by": "Rita"});
    let sent = decides(&house, "d1/send", body).await;
    assert_eq!(sent.status(), 200);
    let sent: Value = sent.json().await.unwrap();
    assert_eq!(
        (&sent["state"], &sent["by"]),
        (&"sent".into(), &"Rita".into())
    );
    let message = draft["message"].as_str().unwrap();
    let decided = house.decided(message).await;
    assert_eq!(
        decided["sends"][0]["outbound"]["message"]["body"],
        "We paid it back, Ana."
    );
    assert_eq!(decided["sends"][0]["outbound"]["purpose"], "person");

    let late = problem(decides(&house, "d1/send", json!({})).await, 409).await;
    assert_eq!(late["detail"], "this draft was sent already");
    problem(decides(&house, "1/drop", json!({})).await, 409).await;
    for (query, many) in [
        ("state=pending", 0),
        ("state=sent", 1),
        ("desk=support", 1),
        ("after=1", 0),
    ] {
        let found = house.read(&format!("/v1/drafts?{query}")).await;
        assert_eq!(found["drafts"].as_array().unwrap().len(), many, "{query}");
    }
    house.end().await;
}

#[tokio::test]
async fn a_draft_is_dropped_without_a_body() {
    let house = open(&["shop"], Options::default()).await;
    drafted(&house).await;
    let dropped = house.post("/v1/drafts/d1/drop").send().await.unwrap();
    assert_eq!(dropped.status(), 200);
    assert_eq!(dropped.json::<Value>().await.unwrap()["state"], "dropped");
    let late = problem(decides(&house, "d1/send", json!({})).await, 409).await;
    assert_eq!(late["detail"], "this draft was dropped already");
    assert_eq!(house.read("/v1/outbox").await["sends"], json!([]));
    house.end().await;
}

#[tokio::test]
async fn i06_a_refusal_is_told_with_its_reason_and_the_draft_waits() {
    let house = open(&["shop"], Options::default()).await;
    drafted(&house).await;
    let long = "x".repeat(4097);
    let refused = problem(decides(&house, "d1/send", json!({"text": long})).await, 422).await;
    assert_eq!(refused["refusal"], "invalid");
    assert_eq!(
        refused["what"],
        "the text has 4097 characters, and 4096 are allowed"
    );
    let stop = house.say("stop").await;
    house.decided(&stop).await;
    let refused = problem(decides(&house, "d1/send", json!({})).await, 422).await;
    assert_eq!(refused["refusal"], "opted-out");
    assert_eq!(
        refused["detail"],
        "not sent, and the draft waits as before: the contact opted out"
    );
    let pending = house.read("/v1/drafts?state=pending").await;
    assert_eq!(pending["drafts"].as_array().unwrap().len(), 1);
    house.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_named_and_not_repeated() {
    let house = open(&["shop"], Options::default()).await;
    drafted(&house).await;
    for (query, parameter) in [
        ("state=gone", "state"),
        ("desk=No%20Such", "desk"),
        ("after=x", "after"),
        ("kind=text", "kind"),
    ] {
        let response = house
            .get(&format!("/v1/drafts?{query}"))
            .send()
            .await
            .unwrap();
        assert_eq!(
            problem(response, 400).await["parameter"],
            parameter,
            "{query}"
        );
    }
    for (path, status) in [
        ("d99/send", 404),
        ("99/drop", 404),
        ("ana/send", 400),
        ("c1/drop", 400),
    ] {
        problem(decides(&house, path, json!({})).await, status).await;
    }
    for body in [
        json!({"txt": "a secret"}),
        json!({"text": 7}),
        json!(["a secret"]),
        json!({"by": " "}),
        json!({"by": "a secret".repeat(20)}),
    ] {
        let told = problem(decides(&house, "d1/send", body.clone()).await, 400).await;
        assert!(!told.to_string().contains("secret"), "{body}: {told}");
    }
    problem(decides(&house, "d1/drop", json!({"text": "x"})).await, 400).await;
    let large = json!({"text": "x".repeat(limits::BODY_BYTES)});
    problem(decides(&house, "d1/send", large).await, 413).await;
    let page = house
        .post("/v1/drafts/d1/send")
        .header("origin", "http://127.0.0.1:1");
    problem(page.send().await.unwrap(), 403).await;
    let pending = house.read("/v1/drafts?state=pending").await;
    assert_eq!(
        pending["drafts"].as_array().unwrap().len(),
        1,
        "and nothing was decided"
    );
    house.end().await;
}

#[tokio::test]
async fn nobody_decides_on_a_draft_without_the_key() {
    let house = House::with_key("a key for tests alone").await;
    for path in ["d1/send", "d1/drop"] {
        problem(decides(&house, path, json!({})).await, 401).await;
    }
    problem(house.get("/v1/drafts").send().await.unwrap(), 401).await;
    house.end().await;
}

#[tokio::test]
async fn i13_a_draft_is_decided_on_by_its_own_tenant_alone() {
    let house = open(&["shop", "bakery"], Options::default()).await;
    let id = house.say("a refund please").await;
    house.decided(&id).await;
    let theirs = house.read("/v1/drafts?tenant=bakery").await;
    assert_eq!(theirs["drafts"], json!([]));
    for what in ["send", "drop"] {
        problem(
            decides(&house, &format!("d1/{what}?tenant=bakery"), json!({})).await,
            404,
        )
        .await;
    }
    let ours = house.read("/v1/drafts?tenant=shop").await;
    assert_eq!(ours["drafts"][0]["state"], "pending");
    house.end().await;
}
