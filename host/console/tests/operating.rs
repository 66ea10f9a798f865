//! What operators do over the API: to contacts, sends, dead letters and switches. Each by its own tenant alone (I13), each through
//! the gate (I5, I6), and what is wrong with a call is named and never repeated (I12).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use console::{Options, limits};
use house::{ANA, House, NUMBER, problem};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Somebody who never wrote.
const BO: &str = "15550100002";
const BREAKS: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "send-then-trap"
"#;
const MENDED: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "mended"
when.words = ["break"]
reply.en = "It works again."
"#;

/// A house whose shop knows Ana, as c1, and sent her something already.
async fn open(tenants: &[&str]) -> House {
    let house = House::build(tenants, Options::default()).await;
    let id = house.say("say hello").await;
    house.decided(&id).await;
    house
}

fn text(to: &str, body: &str) -> Value {
    json!({"to": to, "message": {"kind": "text", "body": body}})
}

fn template(to: &str) -> Value {
    json!({"to": to, "message": {
        "kind": "template", "name": "order_ready", "language": "en", "category": "utility", "parameters": [], "buttons": [],
    }})
}

/// What a send is known by.
fn token_of(sent: &Value) -> String {
    sent["send"]["outbound"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn send(house: &House, key: &str, body: &Value) -> Response {
    let call = house
        .post("/v1/send?tenant=shop")
        .header("idempotency-key", key);
    call.json(body).send().await.unwrap()
}

async fn sent(house: &House, key: &str, body: &Value) -> Value {
    let response = send(house, key, body).await;
    let status = response.status();
    let answer = response.text().await.unwrap();
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// The one send whose outcome is unknown, once it is held.
async fn held(house: &House) -> Value {
    house
        .until("a held send", async || {
            let held = house.read("/v1/held?tenant=shop").await;
            let first = held["held"][0].clone();
            (first["send"]["state"] == "held").then_some(first)
        })
        .await
}

async fn state_of(house: &House, token: &str, state: &str) {
    house
        .until(state, async || {
            let path = format!("/v1/outbox?tenant=shop&state={state}&limit=200");
            let sends = house.read(&path).await["sends"].clone();
            let sends = sends.as_array().unwrap().iter();
            sends
                .map(|send| send["outbound"]["token"].clone())
                .find(|found| found == token)
        })
        .await;
}

async fn delete(house: &House, path: &str) -> Response {
    let call = house.client.delete(format!("{}{path}", house.url));
    call.send().await.unwrap()
}

#[tokio::test]
async fn contacts_are_listed_searched_and_paged() {
    let house = open(&["shop"]).await;
    let met = house
        .act("/v1/contacts", &json!({"who": format!("+{BO}")}))
        .await;
    assert_eq!((&met["id"], &met["key"]["phone"]), (&2.into(), &BO.into()));
    let again = house.act("/v1/contacts", &json!({"who": BO})).await;
    assert_eq!(again["id"], 2, "who is known is not made again");
    let names = |listed: &Value| -> Vec<u64> {
        let contacts = listed["contacts"].as_array().unwrap().iter();
        contacts.map(|one| one["id"].as_u64().unwrap()).collect()
    };
    for (query, expected) in [
        ("", vec![1, 2]),
        ("?text=ana", vec![1]),
        ("?text=0100002", vec![2]),
        ("?text=nobody", vec![]),
        ("?paused=true", vec![]),
        ("?opted_out=true", vec![]),
        ("?after=1", vec![2]),
        ("?limit=1", vec![1]),
    ] {
        let listed = house.read(&format!("/v1/contacts{query}")).await;
        assert_eq!(names(&listed), expected, "{query}");
    }
    let by_phone = house.read(&format!("/v1/contact?phone=%2B{BO}")).await;
    assert_eq!(by_phone["id"], 2);
    let decisions = house.read("/v1/decisions?contact=c1").await;
    assert_eq!(decisions["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(
        decisions["decisions"][0]["message"]["content"]["body"],
        "say hello"
    );
    let before = format!("/v1/decisions?contact=1&before={}", decisions["next"]);
    assert_eq!(house.read(&before).await["decisions"], json!([]));
    house.end().await;
}

#[tokio::test]
async fn a_contact_is_paused_and_given_back_and_only_a_person_writes_meanwhile() {
    let house = open(&["shop"]).await;
    let paused = house
        .act("/v1/contacts/c1/pause", &json!({"for": "2h", "by": "Rita"}))
        .await;
    let until = paused["pause"]["until"].as_i64().unwrap();
    let shorter = house
        .act("/v1/contacts/1/pause", &json!({"for": "1m"}))
        .await;
    assert_eq!(shorter["pause"]["until"], until, "a longer pause stands");
    let message = house.say("say something").await;
    let decided = house.decided(&message).await;
    assert_eq!(decided["sends"], json!([]), "the bot keeps silent");
    let own = sent(&house, "own", &text("c1", "A person writes")).await;
    assert_eq!(own["send"]["outbound"]["purpose"], "person");
    state_of(
        &house,
        own["send"]["outbound"]["token"].as_str().unwrap(),
        "sent",
    )
    .await;
    let listed = house.read("/v1/contacts?paused=true").await;
    assert_eq!(listed["contacts"][0]["id"], 1);
    let released = house.act("/v1/contacts/1/release", &json!(null)).await;
    assert_eq!(released["pause"], json!(null));
    house.end().await;
}

#[tokio::test]
async fn i06_an_opt_out_that_an_operator_records_counts_for_the_next_send() {
    let house = open(&["shop"]).await;
    let recorded = house
        .act(
            "/v1/contacts/c1/consent",
            &json!({"opted_in": false, "evidence": "asked on the phone", "by": "Rita"}),
        )
        .await;
    assert_eq!(recorded["recorded"], true, "{recorded}");
    assert_eq!(recorded["consent"]["everything"]["state"], "out");
    let log = recorded["consent_log"].as_array().unwrap();
    let evidence = &log.last().unwrap()["evidence"];
    assert_eq!(
        (&evidence["source"], &evidence["text"]),
        (&"operator".into(), &"Rita: asked on the phone".into())
    );
    let refused = problem(send(&house, "one", &text("c1", "after all")).await, 422).await;
    assert_eq!(refused["refusal"], "opted-out", "{refused}");
    assert_eq!(
        house.read("/v1/contacts?opted_out=true").await["contacts"][0]["id"],
        1
    );
    let unproven = json!({"opted_in": true});
    let call = house.post("/v1/contacts/c1/consent").json(&unproven);
    let told = problem(call.send().await.unwrap(), 400).await;
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .contains("`evidence` is missing")
    );
    let back = json!({"opted_in": true, "evidence": "signed again"});
    let back = house.act("/v1/contacts/c1/consent", &back).await;
    assert_eq!(back["consent"]["everything"]["state"], "in");
    sent(&house, "two", &text("c1", "welcome back")).await;
    house.end().await;
}

#[tokio::test]
async fn i05_a_person_s_send_goes_through_the_gate_whose_no_is_told_with_all_it_saw() {
    let house = open(&["shop"]).await;
    // Bo never wrote: no window is open, and nothing is on record.
    let refused = problem(send(&house, "one", &text(BO, "hello there")).await, 422).await;
    assert_eq!(refused["refusal"], "window-closed", "{refused}");
    assert_eq!(refused["template_would_pass"], false);
    let checks = refused["checks"].as_array().unwrap();
    let names: Vec<&str> = checks
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"content") && names.contains(&"consent"),
        "{names:?}"
    );
    let last = checks.last().unwrap();
    assert_eq!(
        (&last["name"], &last["passed"]),
        (&"window".into(), &false.into())
    );
    assert!(refused["help"].as_str().unwrap().contains("template"));
    assert!(
        !refused.to_string().contains("hello there"),
        "I12: {refused}"
    );
    assert!(!refused.to_string().contains(BO), "I12: {refused}");
    let nobody = house.read("/v1/contacts").await;
    assert_eq!(
        nobody["contacts"].as_array().unwrap().len(),
        1,
        "nobody becomes a contact by being refused"
    );

    let refused = problem(send(&house, "two", &template(BO)).await, 422).await;
    assert_eq!(refused["refusal"], "not-opted-in", "{refused}");
    let met = house.act("/v1/contacts", &json!({"who": BO})).await;
    let opt_in = json!({"opted_in": true, "evidence": "a form"});
    house
        .act(&format!("/v1/contacts/{}/consent", met["id"]), &opt_in)
        .await;
    let refused = problem(send(&house, "three", &text(BO, "hello")).await, 422).await;
    assert_eq!(refused["template_would_pass"], true, "{refused}");
    let admitted = sent(&house, "four", &template(&format!("+{BO}"))).await;
    assert_eq!(admitted["send"]["outbound"]["contact"], 2);
    state_of(
        &house,
        admitted["send"]["outbound"]["token"].as_str().unwrap(),
        "sent",
    )
    .await;
    house.end().await;
}

#[tokio::test]
async fn i02_a_request_that_is_repeated_with_its_key_sends_once() {
    let house = open(&["shop"]).await;
    let first = sent(&house, "order-4711", &text("c1", "It is ready")).await;
    assert_eq!(first["repeated"], false);
    let token = &first["send"]["outbound"]["token"];
    let again = sent(&house, "order-4711", &text("c1", "It is ready")).await;
    assert_eq!(
        (&again["repeated"], &again["send"]["outbound"]["token"]),
        (&true.into(), token)
    );
    // Also when it would be refused by now: this is what came of it then.
    house
        .act("/v1/contacts/1/consent", &json!({"opted_in": false}))
        .await;
    let late = sent(&house, "order-4711", &text(ANA, "It is ready")).await;
    assert_eq!(late["repeated"], true);
    for other in [text("c1", "It is late"), text(BO, "It is ready")] {
        let told = problem(send(&house, "order-4711", &other).await, 409).await;
        assert!(told["detail"].as_str().unwrap().contains("another send"));
    }
    let outbox = house.read("/v1/outbox").await;
    let ready = outbox["sends"].as_array().unwrap().iter();
    assert_eq!(
        ready
            .filter(|send| send["outbound"]["message"]["body"] == "It is ready")
            .count(),
        1
    );
    // Many at once are one as well.
    house
        .act(
            "/v1/contacts/1/consent",
            &json!({"opted_in": true, "evidence": "x"}),
        )
        .await;
    let body = text("c1", "at once");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let call = house.post("/v1/send").header("idempotency-key", "at-once");
        calls.spawn(call.json(&body).send());
    }
    let mut new = 0;
    while let Some(call) = calls.join_next().await {
        let answer: Value = call.unwrap().unwrap().json().await.unwrap();
        new += usize::from(answer["repeated"] == false);
    }
    assert_eq!(new, 1);
    house.end().await;
}

#[tokio::test]
async fn i11_a_held_send_is_shown_with_its_evidence_and_sent_again_or_dropped_by_a_person() {
    let house = open(&["shop"]).await;
    let lost = sent(&house, "one", &text("c1", "vanish")).await;
    let token = token_of(&lost);
    let evidence = held(&house).await;
    assert_eq!(evidence["send"]["cause"], "no reply came", "{evidence}");
    assert_eq!(
        (&evidence["resent"], &evidence["send"]["attempts"]),
        (&false.into(), &1.into())
    );
    assert!(evidence["since"].as_i64().unwrap() > 0);
    let one = house.read(&format!("/v1/held?token={token}")).await;
    assert_eq!(one["held"][0]["send"]["outbound"]["token"], token.as_str());
    let resent = house
        .act(&format!("/v1/held/{token}/resend"), &json!({"by": "Rita"}))
        .await;
    assert_eq!(resent["resolved"], "resent");
    state_of(&house, &token, "sent").await;
    let late = house
        .post(&format!("/v1/held/{token}/drop"))
        .send()
        .await
        .unwrap();
    problem(late, 404).await;

    let lost = sent(&house, "two", &text("c1", "vanish too")).await;
    let token = token_of(&lost);
    held(&house).await;
    let dropped = house
        .post(&format!("/v1/held/{token}/drop"))
        .send()
        .await
        .unwrap();
    assert_eq!(dropped.status(), 200, "the body may be left out");
    assert_eq!(house.read("/v1/held").await["held"], json!([]));
    house.end().await;
}

#[tokio::test]
async fn i06_a_held_send_that_is_sent_again_is_judged_again() {
    let house = open(&["shop"]).await;
    let lost = sent(&house, "one", &text("c1", "vanish")).await;
    let token = token_of(&lost);
    held(&house).await;
    house
        .act("/v1/contacts/1/consent", &json!({"opted_in": false}))
        .await;
    house
        .act(&format!("/v1/held/{token}/resend"), &json!({}))
        .await;
    state_of(&house, &token, "cancelled").await;
    house.end().await;
}

#[tokio::test]
async fn i03_dead_letters_are_taken_up_again_by_the_rules_as_they_are_then() {
    let house = open(&["shop"]).await;
    house.with_rules(BREAKS).await;
    let first = house.say("break it").await;
    let second = house.say("break it again").await;
    house.decided(&second).await;
    let dead = house.read("/v1/dead-letters").await;
    assert_eq!(dead["dead_letters"].as_array().unwrap().len(), 2, "{dead}");
    house.with_rules(MENDED).await;
    let redrive = "/v1/dead-letters/redrive";
    let one = house
        .act(redrive, &json!({"message": first, "by": "Rita"}))
        .await;
    assert_eq!(one, json!({"redriven": 1, "too_old": 0, "more": false}));
    let gone = house.post(redrive).json(&json!({"message": first}));
    problem(gone.send().await.unwrap(), 404).await;
    let none = house.act(redrive, &json!({"newer_than": "0s"})).await;
    assert_eq!(
        none,
        json!({"redriven": 0, "too_old": 1, "more": false}),
        "older ones stay"
    );
    let rest = house.act(redrive, &json!({"newer_than": "2h"})).await;
    assert_eq!(rest["redriven"], 1, "{rest}");
    for message in [&first, &second] {
        house
            .until("an answer", async || {
                let decided = house.decided(message).await;
                (decided["sends"][0]["outbound"]["message"]["body"] == "It works again.")
                    .then_some(())
            })
            .await;
    }
    assert_eq!(
        house.read("/v1/dead-letters").await["dead_letters"],
        json!([])
    );
    house.end().await;
}

#[tokio::test]
async fn i05_what_is_stopped_does_not_leave_until_it_is_lifted() {
    let house = open(&["shop"]).await;
    let targets = [
        (json!("tenant"), "tenant", text("c1", "x")),
        (json!({"number": "store"}), "number/store", text("c1", "x")),
        (json!({"number": NUMBER}), "number/store", text("c1", "x")),
        (
            json!({"template": "order_ready"}),
            "template/order_ready",
            template("c1"),
        ),
    ];
    house
        .act(
            "/v1/contacts/1/consent",
            &json!({"opted_in": true, "evidence": "x"}),
        )
        .await;
    for (index, (target, path, body)) in targets.into_iter().enumerate() {
        let wanted = json!({"target": target, "why": "a bad day", "by": "Rita"});
        let thrown = house.act("/v1/stops", &wanted).await;
        assert_eq!(
            (&thrown["thrown"], &thrown["why"]),
            (&true.into(), &"a bad day".into())
        );
        let again = json!({"target": target, "why": "another reason"});
        let again = house.act("/v1/stops", &again).await;
        assert_eq!(
            (&again["thrown"], &again["why"], &again["by"]["operator"]),
            (&false.into(), &"a bad day".into(), &"Rita".into()),
            "what stands is left as it is"
        );
        let status = house.read("/v1/status").await;
        assert_eq!(status["tenants"][0]["stops"][0]["why"], "a bad day");
        let refused = problem(send(&house, &format!("no{index}"), &body).await, 422).await;
        assert_eq!(refused["refusal"], "stopped", "{target}: {refused}");
        let lifted = delete(&house, &format!("/v1/stops/{path}?by=Rita")).await;
        assert_eq!(lifted.status(), 200, "{path}");
        problem(delete(&house, &format!("/v1/stops/{path}")).await, 404).await;
        assert_eq!(house.read("/v1/stops").await["stops"], json!([]));
        sent(&house, &format!("yes{index}"), &body).await;
    }
    let typo = house
        .post("/v1/stops")
        .json(&json!({"target": {"number": "shore"}, "why": "x"}));
    let told = problem(typo.send().await.unwrap(), 404).await;
    assert!(
        told["detail"].as_str().unwrap().contains("it has store"),
        "{told}"
    );
    house.end().await;
}

#[tokio::test]
async fn i13_nothing_of_one_tenant_is_seen_or_touched_by_another() {
    let house = open(&["shop", "bakery"]).await;
    house.with_rules(BREAKS).await;
    let broken = house.say("break it").await;
    house.decided(&broken).await;
    let lost = sent(&house, "one", &text("c1", "vanish")).await;
    let token = token_of(&lost);
    let evidence = held(&house).await;
    house
        .act(
            "/v1/stops?tenant=shop",
            &json!({"target": {"template": "t"}, "why": "x"}),
        )
        .await;

    for (path, member) in [
        ("/v1/contacts?tenant=bakery", "contacts"),
        ("/v1/held?tenant=bakery", "held"),
        ("/v1/dead-letters?tenant=bakery", "dead_letters"),
        ("/v1/outbox?tenant=bakery", "sends"),
        ("/v1/stops?tenant=bakery", "stops"),
        ("/v1/decisions?tenant=bakery", "decisions"),
    ] {
        assert_eq!(house.read(path).await[member], json!([]), "{path}");
    }
    for path in [
        "/v1/contact?id=1".to_owned(),
        format!("/v1/contact?phone={ANA}"),
        "/v1/decisions?contact=1".to_owned(),
        format!("/v1/held?token={token}"),
    ] {
        let call = house.get(&path).query(&[("tenant", "bakery")]);
        problem(call.send().await.unwrap(), 404).await;
    }
    for (path, body) in [
        ("/v1/contacts/1/pause".to_owned(), json!({"for": "2h"})),
        ("/v1/contacts/1/release".to_owned(), json!(null)),
        (
            "/v1/contacts/1/consent".to_owned(),
            json!({"opted_in": false}),
        ),
        ("/v1/send".to_owned(), text("c1", "x")),
        (format!("/v1/held/{token}/resend"), json!({})),
        (format!("/v1/held/{token}/drop"), json!({})),
        (
            "/v1/dead-letters/redrive".to_owned(),
            json!({"message": broken, "number": NUMBER}),
        ),
        (
            "/v1/stops".to_owned(),
            json!({"target": {"number": NUMBER}, "why": "x"}),
        ),
    ] {
        let call = house.post(&path).query(&[("tenant", "bakery")]);
        let call = call.header("idempotency-key", "one").json(&body);
        let told = problem(call.send().await.unwrap(), 404).await;
        assert!(!told.to_string().contains(ANA), "{path}: {told}");
    }
    problem(
        delete(&house, "/v1/stops/template/t?tenant=bakery").await,
        404,
    )
    .await;
    let none = house
        .act(
            "/v1/dead-letters/redrive?tenant=bakery",
            &json!({"newer_than": "1d"}),
        )
        .await;
    assert_eq!(none["redriven"], 0);
    // A phone that the shop knows is a stranger to the bakery, and its key names another send.
    let met = house
        .act("/v1/contacts?tenant=bakery", &json!({"who": ANA}))
        .await;
    let theirs = house.read("/v1/contact?tenant=shop&id=1").await;
    assert_eq!(
        (&met["tenant"], &met["name"]),
        (&"bakery".into(), &json!(null))
    );
    assert_eq!(
        (&theirs["pause"], &theirs["consent"]["everything"]["state"]),
        (&json!(null), &"unasked".into())
    );
    let still = house
        .read(&format!("/v1/held?tenant=shop&token={token}"))
        .await;
    assert_eq!(
        still["held"][0], evidence,
        "and nothing of the shop's has changed"
    );
    assert_eq!(
        house.read("/v1/dead-letters?tenant=shop").await["dead_letters"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    house.end().await;
}

#[tokio::test]
async fn i12_what_is_wrong_with_a_call_is_named_with_the_nearest_name_and_never_repeated() {
    let house = open(&["shop"]).await;
    let long = "x".repeat(limits::WHY_CHARS + 1);
    let cases = [
        ("/v1/contacts", json!({"whom": ANA}), "did you mean `who`?"),
        (
            "/v1/contacts",
            json!({"who": "c1"}),
            "`who` is a phone's digits",
        ),
        ("/v1/contacts", json!({}), "`who` is missing"),
        ("/v1/contacts", json!(["a secret"]), "JSON like"),
        (
            "/v1/contacts/c1/pause",
            json!({"for": "a secret"}),
            "`for` is a span",
        ),
        (
            "/v1/contacts/c1/pause",
            json!({"for": "0s"}),
            "`for` is a span",
        ),
        ("/v1/contacts/c1/pause", json!({"for": "3000d"}), "at most"),
        (
            "/v1/contacts/c1/pause",
            json!({"for": "2h", "by": " "}),
            "`by` is a name",
        ),
        (
            "/v1/contacts/c1/consent",
            json!({"opted_in": false, "scop": "marketing"}),
            "did you mean `scope`?",
        ),
        (
            "/v1/contacts/c1/consent",
            json!({"opted_in": false, "scope": "a secret"}),
            "scope is everything or marketing",
        ),
        (
            "/v1/contacts/c1/consent",
            json!({"opted_in": false, "evidence": long}),
            "`evidence` is a text",
        ),
        (
            "/v1/contacts/ana/pause",
            json!({"for": "2h"}),
            "a contact's id",
        ),
        (
            "/v1/send",
            json!({"to": "a secret", "message": {}}),
            "`to` is a contact's id",
        ),
        (
            "/v1/send",
            json!({"to": "c1", "message": {"kind": "text", "body": "a secret", "bodi": 1}}),
            "did you mean `body`?",
        ),
        (
            "/v1/send",
            json!({"to": "c1", "message": {"kind": "text"}}),
            "`body` is missing",
        ),
        (
            "/v1/send",
            json!({"to": "c1", "message": {"kind": "a secret"}}),
            "`message` is JSON like",
        ),
        (
            "/v1/send",
            json!({"to": "c1", "mesage": {}}),
            "did you mean `message`?",
        ),
        (
            "/v1/send",
            json!({"to": "c1", "from": "a secret", "message": {"kind": "text", "body": "x"}}),
            "it has store",
        ),
        (
            "/v1/held/tg1/drop",
            json!({"why": "a secret"}),
            "it takes by",
        ),
        ("/v1/dead-letters/redrive", json!({}), "JSON like"),
        (
            "/v1/dead-letters/redrive",
            json!({"newer": "2h"}),
            "did you mean `newer_than`?",
        ),
        (
            "/v1/dead-letters/redrive",
            json!({"newer_than": "a secret"}),
            "`newer_than` is a span",
        ),
        (
            "/v1/dead-letters/redrive",
            json!({"newer_than": "2h", "number": "1"}),
            "`number` goes with",
        ),
        ("/v1/stops", json!({"why": "x"}), "`target` is missing"),
        (
            "/v1/stops",
            json!({"target": "everything", "why": "x"}),
            "JSON like",
        ),
        (
            "/v1/stops",
            json!({"target": {"number": "a", "template": "b"}, "why": "x"}),
            "JSON like",
        ),
        (
            "/v1/stops",
            json!({"target": "tenant", "why": " "}),
            "`why` is a text",
        ),
    ];
    for (path, body, expected) in cases {
        let call = house.post(path).header("idempotency-key", "k").json(&body);
        let told = problem(call.send().await.unwrap(), 400).await;
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{path} {body}: {detail}");
        assert!(
            !detail.contains("secret") && !detail.contains(ANA),
            "{path}: {detail}"
        );
    }
    let keyless = house.post("/v1/send").json(&text("c1", "a secret"));
    let told = problem(keyless.send().await.unwrap(), 400).await;
    assert!(told["detail"].as_str().unwrap().contains("Idempotency-Key"));
    for (query, parameter) in [
        ("/v1/contacts?pased=true", "pased"),
        ("/v1/held?tokn=1", "tokn"),
    ] {
        let told = problem(house.get(query).send().await.unwrap(), 400).await;
        assert_eq!(told["parameter"], parameter);
        assert!(
            told["detail"].as_str().unwrap().contains("did you mean"),
            "{told}"
        );
    }
    let large = json!({"target": "tenant", "why": "x".repeat(limits::BODY_BYTES)});
    problem(
        house.post("/v1/stops").json(&large).send().await.unwrap(),
        413,
    )
    .await;
    for (method, path) in [
        (Method::GET, "/v1/send"),
        (Method::PUT, "/v1/stops"),
        (Method::POST, "/v1/held"),
        (Method::GET, "/v1/stops/tenant"),
        (Method::GET, "/v1/dead-letters/redrive"),
    ] {
        let call = house.client.request(method, format!("{}{path}", house.url));
        let response = call.send().await.unwrap();
        assert!(response.headers().contains_key("allow"), "{path}");
        problem(response, 405).await;
    }
    let elsewhere = house
        .client
        .delete(format!("{}/v1/stops/tenant", house.url));
    let elsewhere = elsewhere
        .header("origin", "http://127.0.0.1:1")
        .send()
        .await;
    problem(elsewhere.unwrap(), 403).await;
    assert_eq!(
        house.read("/v1/stops").await["stops"],
        json!([]),
        "and nothing was done"
    );
    assert_eq!(house.read("/v1/contact?id=1").await["pause"], json!(null));
    house.end().await;
}
