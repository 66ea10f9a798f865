//! Why a rule does not answer, over the API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use house::{ANA, House, NUMBER, problem};
use serde_json::{Value, json};

/// Rules of this file's own, whatever the house begins with.
const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "person"
when.words = "person"
hand_to = "support"

[[rule]]
name = "retired"
off = true
reply.en = "x"

[[rule]]
name = "echo"
when.starts = "say"
reply.en = "{message.text|nothing}"
"#;

async fn why_not(house: &House, query: &str) -> Value {
    house
        .read(&format!("/v1/why-not?tenant=shop&{query}"))
        .await
}

async fn refused(house: &House, query: &str, status: u16) -> String {
    let response = house
        .get(&format!("/v1/why-not?tenant=shop&{query}"))
        .send()
        .await
        .unwrap();
    problem(response, status).await["detail"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_stored_message_is_explained_with_its_words_and_its_contact() {
    let house = House::open().await;
    let id = house.say("hello there").await;
    let decided = house.decided(&id).await;
    let found = why_not(&house, &format!("rule=echo&number={NUMBER}&message={id}")).await;
    assert_eq!(found["changes"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(
        found["changes"][0]["change"],
        "the message begins with \"say\""
    );
    assert_eq!(
        found["changes"][0]["remedy"],
        json!({"do": "say", "text": "say hello there"})
    );
    assert_eq!(found["about"]["stored"], true);
    assert_eq!(
        found["about"]["contact"],
        decided["record"]["decision"]["contact"]
    );
    assert_eq!(
        (
            &found["answers"],
            &found["enough"],
            &found["gate"]["admits"]
        ),
        (&json!(false), &json!(true), &json!(true))
    );
    // A tenant with one number needs not name it.
    let again = why_not(&house, &format!("rule=echo&message={id}")).await;
    assert_eq!(again["changes"], found["changes"]);
    house.end().await;
}

/// It took the last place itself.
#[tokio::test]
async fn a_stored_message_is_not_told_of_the_limits_that_it_used_up() {
    let house = House::open().await;
    let limited = "limit = [\"1 per contact per week\", \"1 per week\"]\nonce_per = \"7d\"";
    house.write_rules(&format!("{RULES}{limited}\n"));
    house.engine.reload().await.unwrap();
    let id = house.say("say hello").await;
    house.decided(&id).await;
    let stored = why_not(&house, &format!("rule=echo&message={id}")).await;
    assert_eq!(stored["changes"], json!([]), "{stored}");
    let later = why_not(&house, &format!("rule=echo&contact={ANA}&text=say%20hi")).await;
    let changes = later["changes"].as_array().unwrap();
    let keys: Vec<_> = changes.iter().map(|change| &change["key"]).collect();
    assert_eq!(keys, ["once_per", "limit", "limit"]);
    house.end().await;
}

#[tokio::test]
async fn what_a_contact_might_write_is_explained() {
    let house = House::open().await;
    let id = house.say("say hello").await;
    let contact = house.decided(&id).await["record"]["decision"]["contact"].clone();
    for who in [format!("c{contact}"), contact.to_string(), ANA.to_owned()] {
        let found = why_not(&house, &format!("rule=echo&contact={who}&text=say%20hi")).await;
        assert_eq!(found["answers"], true, "{found}");
        assert_eq!(found["about"]["contact"], contact);
        assert_eq!(found["about"]["stored"], false);
    }
    let newest = why_not(&house, &format!("rule=person&contact=c{contact}")).await;
    assert_eq!(newest["about"]["stored"], true);
    assert_eq!(newest["instead"], json!(["echo"]));
    let nobody = why_not(&house, "rule=echo&contact=5511900000009&text=say%20hi").await;
    assert_eq!(nobody["about"]["contact"], Value::Null);
    let before = why_not(
        &house,
        &format!("rule=echo&contact=c{contact}&text=say%20person"),
    )
    .await;
    assert_eq!(before["before"][0]["rule"], "person", "{before}");
    assert_eq!(
        before["before"][0]["because"],
        json!(["the message has \"person\""])
    );
    house.end().await;
}

#[tokio::test]
async fn what_comes_before_rules_and_after_them_is_told() {
    let house = House::open().await;
    let id = house.say("a person, please").await;
    let contact = house.decided(&id).await["record"]["decision"]["contact"].clone();
    let paused = why_not(
        &house,
        &format!("rule=echo&contact=c{contact}&text=say%20hi"),
    )
    .await;
    assert_eq!(paused["changes"], json!([]));
    assert_eq!(
        (&paused["answers"], &paused["gate"]["admits"]),
        (&json!(false), &json!(false))
    );
    assert!(paused["gate"]["refusal"].is_string(), "{paused}");
    let stop = why_not(&house, &format!("rule=echo&contact=c{contact}&text=STOP")).await;
    assert_eq!(stop["first"], "opt_out", "{stop}");
    house.end().await;
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let house = House::open().await;
    let id = house.say("hello").await;
    house.decided(&id).await;
    let near = refused(&house, &format!("rule=eco&message={id}"), 404).await;
    assert!(near.contains("did you mean `echo`?"), "{near}");
    let far = refused(&house, &format!("rule=qwertyuiop&message={id}"), 404).await;
    assert!(far.contains("/v1/rules"), "{far}");
    refused(&house, "rule=echo&message=wamid.NEVER", 404).await;
    refused(&house, "rule=echo&contact=c999&text=x", 404).await;
    refused(&house, "rule=echo", 400).await;
    refused(&house, &format!("message={id}"), 400).await;
    refused(&house, "rule=echo&contact=5511900000009", 404).await;
    refused(&house, "rule=echo&contact=someone&text=x", 400).await;
    refused(&house, &format!("rule=echo&message={id}&contact=c1"), 400).await;
    refused(&house, "rule=echo&contact=c1&text=x&number=999", 400).await;
    house.end().await;
}

#[tokio::test]
async fn an_explanation_needs_the_key() {
    let house = House::with_key("a key for tests").await;
    for path in ["/v1/why-not?rule=echo&contact=c1&text=x", "/v1/rules"] {
        let response = house.get(path).send().await.unwrap();
        problem(response, 401).await;
    }
    house.end().await;
}

#[tokio::test]
async fn rules_are_listed_in_order_those_that_are_off_as_well() {
    let house = House::open().await;
    house.write_rules(RULES);
    house.engine.reload().await.unwrap();
    let listed = house.read("/v1/rules").await;
    let listed: Vec<_> = listed["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            (
                rule["rule"].as_str().unwrap().to_owned(),
                rule["off"] == true,
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("person".to_owned(), false),
            ("retired".to_owned(), true),
            ("echo".to_owned(), false),
        ]
    );
    house.end().await;
}

#[tokio::test]
async fn a_decision_tells_what_every_rule_wanted_as_long_as_its_edition_is_in_force() {
    let house = House::open().await;
    house.write_rules(RULES);
    house.engine.reload().await.unwrap();
    let id = house.say("say hello").await;
    let decided = house.decided(&id).await;
    let rules = decided["passed"]["rules"].as_array().unwrap();
    let told: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule["rule"].as_str().unwrap(),
                &rule["wants"],
                &rule["because"],
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("person", &json!("the message has \"person\""), &json!([])),
            (
                "echo",
                &Value::Null,
                &json!(["the message begins with \"say\""])
            ),
        ]
    );
    house.write_rules(&RULES.replace("person", "human"));
    house.engine.reload().await.unwrap();
    assert_eq!(house.decided(&id).await["passed"], Value::Null);
    house.end().await;
}

#[tokio::test]
async fn what_only_runs_beside_or_waits_at_a_desk_is_not_said_to_answer() {
    let house = House::open().await;
    house.write_rules(
        r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "beside"
when.words = ["hello"]
stage = "shadow"
reply.en = "Hi!"

[[rule]]
name = "looked-over"
when.words = ["hello"]
when.language = "en"
draft_to = "support"
reply.en = "Hi!"

[[rule]]
name = "second"
when.after = "looked-over"
when.pattern = '\d+'
reply.en = "Noted."

[[rule]]
name = "rest"
reply.en = "We got it."
"#,
    );
    house.engine.reload().await.unwrap();
    let id = house.say("12345").await;
    let told = house.decided(&id).await;
    let names: Vec<_> = told["passed"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap())
        .collect();
    // What the contact ruled out, and not the message, is told as well.
    assert_eq!(names, ["beside", "looked-over", "second", "rest"]);
    let hello = house.say("hello").await;
    let told = house.decided(&hello).await;
    // And of what held, what was no word of the message.
    let because = told["passed"]["rules"][1]["because"].as_array().unwrap();
    assert_eq!(because.len(), 2, "{because:?}");
    let beside = why_not(&house, &format!("rule=beside&message={hello}")).await;
    assert_eq!(
        (&beside["answers"], &beside["shadow"]),
        (&json!(false), &json!(true))
    );
    let over = why_not(&house, &format!("rule=looked-over&message={hello}")).await;
    assert_eq!(
        (&over["answers"], &over["draft_to"]),
        (&json!(true), &json!("support"))
    );
    house.end().await;
}
