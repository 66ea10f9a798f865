//! What the API shows, how it waits, and what it changes: over a real listener, on a real engine and ledger.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use std::time::Duration;

use console::{Links, Options, limits};
use house::{ANA, House, NUMBER, PATIENCE, problem};
use reqwest::Method;
use serde_json::Value;

#[tokio::test]
async fn a_message_is_shown_with_its_rule_and_its_sends() {
    let house = House::open().await;
    let id = house.say("say hello").await;
    let decided = house.decided(&id).await;
    assert_eq!(
        decided["record"]["decision"]["ending"]["rule"], "echo",
        "{decided}"
    );
    assert_eq!(decided["record"]["message"]["content"]["body"], "say hello");
    assert_eq!(
        decided["sends"][0]["outbound"]["message"]["body"],
        "say hello"
    );
    assert_eq!(decided["sends"][0]["state"], "sent");
    let outbox = house.read("/v1/outbox?state=sent").await;
    assert_eq!(outbox["sends"][0]["outbound"]["cause"], id.as_str());
    assert_eq!(
        house.read("/v1/outbox?state=failed").await["sends"],
        serde_json::json!([])
    );
    assert_eq!(
        house.read("/v1/dead-letters").await["dead_letters"],
        serde_json::json!([])
    );
    let contact = house
        .read(&format!(
            "/v1/contact?id={}",
            decided["record"]["decision"]["contact"]
        ))
        .await;
    assert_eq!(contact["name"], "Ana");
    house.end().await;
}

#[tokio::test]
async fn a_call_that_waits_wakes_up_when_a_message_is_decided() {
    let house = House::open().await;
    let waiting = tokio::spawn(house.get("/v1/decisions?after=0&wait_ms=20000").send());
    house_waits(&house, 1).await;
    let id = house.say("say hello").await;
    let answer = tokio::time::timeout(PATIENCE / 2, waiting)
        .await
        .expect("it wakes up long before its time")
        .unwrap()
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        answer["decisions"][0]["decision"]["id"]["message"],
        id.as_str(),
        "{answer}"
    );
    assert_eq!(answer["decisions"].as_array().unwrap().len(), 1);

    let second = house.say("say more").await;
    house.decided(&second).await;
    let next = answer["next"].as_u64().unwrap();
    let more = house.read(&format!("/v1/decisions?after={next}")).await;
    assert_eq!(
        more["decisions"][0]["decision"]["id"]["message"],
        second.as_str()
    );
    assert_eq!(
        house.read("/v1/decisions?limit=1").await["decisions"][0]["decision"]["id"]["message"],
        second.as_str(),
        "without `after` the newest"
    );
    let none = house
        .read(&format!("/v1/decisions?after={}&wait_ms=1", more["next"]))
        .await;
    assert_eq!(
        (&none["decisions"], &none["next"]),
        (&serde_json::json!([]), &more["next"])
    );
    house.end().await;
}

#[tokio::test]
async fn the_status_waits_for_news_of_any_kind() {
    let house = House::open().await;
    let news = house.read("/v1/status").await["news"].as_u64().unwrap();
    let waiting = tokio::spawn(
        house
            .get(&format!("/v1/status?after={news}&wait_ms=20000"))
            .send(),
    );
    house_waits(&house, 1).await;
    house.write_rules("when.words = 3");
    assert!(house.engine.reload().await.is_err());
    let answer = tokio::time::timeout(PATIENCE / 2, waiting)
        .await
        .expect("it wakes up")
        .unwrap()
        .unwrap();
    let status: Value = answer.json().await.unwrap();
    assert!(status["refused"].is_array(), "{status}");
    house.end().await;
}

#[tokio::test]
async fn what_is_not_decided_is_not_found() {
    let house = House::open().await;
    let response = house
        .get(&format!(
            "/v1/decision?number={NUMBER}&message=wamid.NEVER&wait_ms=5"
        ))
        .send()
        .await
        .unwrap();
    problem(response, 404).await;
    house.end().await;
}

#[tokio::test]
async fn the_status_shows_what_runs() {
    let options = Options {
        links: Links {
            phone: Some("http://127.0.0.1:1/phone".into()),
        },
        ..Options::default()
    };
    let house = House::build(&["shop"], options).await;
    let status = house.read("/v1/status").await;
    assert_eq!(status["edition"], house.engine.edition().hash());
    assert_eq!(status["refused"], Value::Null);
    let tenant = &status["tenants"][0];
    assert_eq!(
        (&tenant["id"], &tenant["title"], &tenant["mode"]),
        (&"shop".into(), &"The shop".into(), &"dry-run".into())
    );
    assert_eq!(
        tenant["numbers"][0],
        serde_json::json!({"id": NUMBER, "alias": "store", "title": "The store", "simulated": true})
    );
    assert_eq!(
        (&tenant["desks"][0], &tenant["rules"]),
        (&"support".into(), &2.into())
    );
    let names: Vec<&str> = status["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|plugin| plugin["name"].as_str())
        .collect();
    assert_eq!(names, ["auto-reply", "opt-out", "router", "test-guest"]);
    assert_eq!(
        status["plugins"][2]["grants"]["interfaces"],
        serde_json::json!(["gate", "desk"])
    );
    assert_eq!(status["links"]["phone"], "http://127.0.0.1:1/phone");
    house.end().await;
}

#[tokio::test]
async fn a_person_gives_a_conversation_back() {
    let house = House::open().await;
    let id = house.say("a person please").await;
    house.decided(&id).await;
    let hand_offs = house.read("/v1/hand-offs").await;
    let hand_off = &hand_offs["hand_offs"][0];
    assert_eq!(
        (&hand_off["desk"], &hand_off["note"]),
        (&"support".into(), &"asks for a person".into()),
        "{hand_off}"
    );
    assert!(hand_off["contact"]["pause"]["until"].is_i64());
    let silent = house.say("say something").await;
    assert_eq!(
        house.decided(&silent).await["sends"],
        serde_json::json!([]),
        "while a person has the conversation, the bot is silent"
    );

    let contact = hand_off["contact"]["id"].as_u64().unwrap();
    let released = house
        .post(&format!("/v1/contacts/{contact}/release?tenant=shop"))
        .send()
        .await
        .unwrap();
    assert_eq!(released.status(), 200);
    assert_eq!(
        released.json::<Value>().await.unwrap()["pause"],
        Value::Null
    );
    let answered = house.say("say again").await;
    assert_eq!(house.decided(&answered).await["sends"][0]["state"], "sent");
    assert_eq!(
        house.read("/v1/hand-offs").await["hand_offs"][0]["contact"]["pause"],
        Value::Null
    );
    assert_eq!(
        house
            .read(&format!("/v1/hand-offs?after={}", hand_offs["next"]))
            .await["hand_offs"],
        serde_json::json!([])
    );

    problem(
        house
            .post("/v1/contacts/987654/release")
            .send()
            .await
            .unwrap(),
        404,
    )
    .await;
    let malformed = problem(
        house.post("/v1/contacts/ana/release").send().await.unwrap(),
        400,
    )
    .await;
    assert_eq!(malformed["parameter"], "id");
    house.end().await;
}

#[tokio::test]
async fn i10_a_bad_edit_is_refused_as_a_whole_and_shown_until_it_is_mended() {
    let house = House::open().await;
    let before = house.read("/v1/status").await["edition"].clone();
    house.write_rules(&house.rules().replace("reply.en", "repy.en"));
    let refused = problem(house.post("/v1/reload").send().await.unwrap(), 409).await;
    let faults: Vec<&str> = refused["faults"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("10-test.toml:15:1") && fault.contains("repy")),
        "{faults:?}"
    );
    let status = house.read("/v1/status").await;
    assert_eq!(
        (&status["edition"], &status["refused"]),
        (&before, &refused["faults"])
    );
    assert!(house.metrics().await.contains("tollgate_edition_refused 1"));
    let ready = house.read("/readyz").await;
    assert_eq!(
        ready["ready"], true,
        "the edition in force still answers: {ready}"
    );
    assert_eq!(ready["causes"].as_array().unwrap().len(), 1);

    house.write_rules(
        &house
            .rules()
            .replace("{message.text|nothing}", "You said {message.text|nothing}"),
    );
    let reloaded = house.post("/v1/reload").send().await.unwrap();
    assert_eq!(reloaded.status(), 200);
    assert_ne!(reloaded.json::<Value>().await.unwrap()["edition"], before);
    assert_eq!(house.read("/v1/status").await["refused"], Value::Null);
    assert!(house.metrics().await.contains("tollgate_edition_refused 0"));
    house.end().await;
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
    let house = House::open().await;
    for (query, parameter) in [
        ("/v1/decisions?limit=0", "limit"),
        ("/v1/decisions?limit=many", "limit"),
        ("/v1/decisions?after=-1", "after"),
        ("/v1/decisions?after=18446744073709551615", "after"),
        ("/v1/decisions?wait_ms=soon", "wait_ms"),
        ("/v1/decisions?tenant=No%20Such", "tenant"),
        ("/v1/decisions?afer=3", "afer"),
        ("/v1/decisions?after=1&after=2", "after"),
        ("/v1/decision?message=wamid.A", "number"),
        ("/v1/decision?number=1", "message"),
        ("/v1/decision?number=1&message=a%0Ab", "message"),
        (
            "/v1/decision?number=1&message=a&settled_sends=perhaps",
            "settled_sends",
        ),
        ("/v1/outbox?state=gone", "state"),
        ("/v1/contact", "id"),
        ("/v1/contact?id=ana", "id"),
        ("/v1/contact?id=18446744073709551615", "id"),
        ("/v1/hand-offs?after=x", "after"),
        ("/v1/dead-letters?state=sent", "state"),
        ("/v1/notices?kind=", "kind"),
        ("/v1/notices?limit=0", "limit"),
        ("/v1/notices?after=1", "after"),
        ("/v1/status?limit=3", "limit"),
    ] {
        let problem = problem(house.get(query).send().await.unwrap(), 400).await;
        assert_eq!(problem["parameter"], parameter, "{query}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(parameter),
            "{query}: {problem}"
        );
    }
    problem(
        house
            .get("/v1/decisions?tenant=nobody")
            .send()
            .await
            .unwrap(),
        404,
    )
    .await;
    problem(
        house.get("/v1/contact?id=424242").send().await.unwrap(),
        404,
    )
    .await;
    house.end().await;
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    let house = House::open().await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/decisions/7", "/nothing"] {
        problem(house.get(path).send().await.unwrap(), 404).await;
        problem(house.post(path).send().await.unwrap(), 404).await;
    }
    for (method, path, allowed) in [
        (Method::POST, "/v1/decisions", "GET"),
        (Method::DELETE, "/v1/status", "GET"),
        (Method::GET, "/v1/reload", "POST"),
        (Method::GET, "/v1/contacts/1/release", "POST"),
        (Method::PUT, "/healthz", "GET"),
        (Method::POST, "/", "GET"),
    ] {
        let response = house
            .client
            .request(method.clone(), format!("{}{path}", house.url))
            .send()
            .await
            .unwrap();
        assert!(
            response.headers()["allow"]
                .to_str()
                .unwrap()
                .contains(allowed),
            "{method} {path}"
        );
        problem(response, 405).await;
    }
    house.end().await;
}

#[tokio::test]
async fn i13_nothing_of_one_tenant_is_shown_in_another() {
    let house = House::build(&["shop", "bakery"], Options::default()).await;
    let id = house.say("a person please").await;
    let decided = house.decided(&id).await;
    let contact = &decided["record"]["decision"]["contact"];
    assert_eq!(
        house.read("/v1/status?tenant=bakery").await["tenants"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let untold = problem(house.get("/v1/decisions").send().await.unwrap(), 400).await;
    assert_eq!(
        untold["parameter"], "tenant",
        "of several tenants, one must be named"
    );
    for path in [
        "/v1/decisions?tenant=bakery",
        "/v1/hand-offs?tenant=bakery",
        "/v1/outbox?tenant=bakery",
        "/v1/dead-letters?tenant=bakery",
        "/v1/notices?tenant=bakery",
    ] {
        let answer = house.read(path).await.to_string();
        assert!(
            answer.contains("[]") && !answer.contains("Ana"),
            "{path}: {answer}"
        );
    }
    problem(
        house
            .get(&format!(
                "/v1/decision?tenant=bakery&number={NUMBER}&message={id}"
            ))
            .send()
            .await
            .unwrap(),
        404,
    )
    .await;
    problem(
        house
            .get(&format!("/v1/contact?tenant=bakery&id={contact}"))
            .send()
            .await
            .unwrap(),
        404,
    )
    .await;
    problem(
        house
            .post(&format!("/v1/contacts/{contact}/release?tenant=bakery"))
            .send()
            .await
            .unwrap(),
        404,
    )
    .await;
    assert!(
        house
            .read(&format!("/v1/contact?tenant=shop&id={contact}"))
            .await["pause"]
            .is_object(),
        "and nothing was changed"
    );
    house.end().await;
}

#[tokio::test]
async fn i12_no_phone_number_and_no_text_stands_in_a_metric_or_an_error() {
    let house = House::open().await;
    let id = house.say("say something private").await;
    house.decided(&id).await;
    let mut shown = vec![
        house.metrics().await,
        house.read("/readyz").await.to_string(),
    ];
    for path in [
        format!("/v1/contact?id={ANA}"),
        format!("/v1/contact?id=%2B{ANA}"),
        format!("/v1/contacts/{ANA}"),
        format!("/v1/decisions?tenant={ANA}"),
        format!("/v1/decisions?limit={ANA}0000000000"),
        format!("/v1/decision?number={ANA}&message=private"),
    ] {
        let response = house.get(&path).send().await.unwrap();
        assert!(response.status().is_client_error(), "{path}");
        shown.push(response.text().await.unwrap());
    }
    for text in &shown {
        assert!(!text.contains(ANA) && !text.contains("private"), "{text}");
    }
    assert!(
        shown[0].contains("tollgate_contacts 1") && shown[0].contains("tollgate_messages_undone 0"),
        "{}",
        shown[0]
    );
    assert!(shown[0].contains(&format!(
        "tollgate_edition_info{{edition=\"{}\"}} 1",
        house.engine.edition().hash()
    )));
    house.end().await;
}

#[tokio::test]
async fn i14_calls_that_wait_are_bounded_and_those_past_it_are_told_to_come_back() {
    let house = House::open().await;
    let waiting: Vec<_> = (0..limits::WAITING_AT_ONCE)
        .map(|_| tokio::spawn(house.get("/v1/decisions?after=0&wait_ms=25000").send()))
        .collect();
    house_waits(&house, limits::WAITING_AT_ONCE).await;
    let refused = house
        .get("/v1/decisions?after=0&wait_ms=1000")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.headers()["retry-after"], "2");
    problem(refused, 503).await;
    assert!(
        house
            .metrics()
            .await
            .contains("tollgate_calls_turned_away_total 1")
    );
    house.read("/v1/decisions?after=0").await;
    let id = house.say("say hello").await;
    for call in waiting {
        let answer = tokio::time::timeout(PATIENCE, call)
            .await
            .expect("everybody wakes up")
            .unwrap()
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
    // Only now is there a place to wait in again.
    house.decided(&id).await;
    house.end().await;
}

#[tokio::test]
async fn a_host_that_stops_lets_nobody_wait() {
    let house = House::open().await;
    let waiting = tokio::spawn(house.get("/v1/decisions?after=0&wait_ms=25000").send());
    house_waits(&house, 1).await;
    house.engine.stop().await;
    let answer = tokio::time::timeout(PATIENCE / 2, waiting)
        .await
        .expect("it is let go")
        .unwrap()
        .unwrap();
    problem(answer, 503).await;
    let ready = house.get("/readyz").send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.json::<Value>().await.unwrap()["ready"], false);
    house.end().await;
}

/// Until so many calls wait for news.
async fn house_waits(house: &House, count: usize) {
    let wanted = format!("tollgate_calls_waiting {count}\n");
    let all_wait = async {
        while !house.metrics().await.contains(&wanted) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all_wait)
        .await
        .expect("the calls wait");
}
