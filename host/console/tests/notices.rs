//! What is kept raw, over HTTP; and what the doors and queues count and refuse, in metrics and readiness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use std::sync::Arc;
use std::time::Duration;

use console::Options;
use house::{ANA, House, NUMBER, PATIENCE, problem};
use intake::{Answer, Door, Tally};
use model::{
    Channel, ContactKey, Content, Detail, Message, Notice, NoticeBody, NoticeKey, NumberId, Phone,
    System, TenantId, Unreadable, Update, UserId,
};
use serde_json::{Value, json};
use tokio::sync::watch;

fn update(name: &str, raw: Value) -> (NoticeKey, NoticeBody) {
    let update = Update {
        name: name.into(),
        detail: Detail::Other,
        raw,
    };
    (NoticeKey::digest(name), NoticeBody::Update(update))
}

fn kinds(answer: &Value) -> Vec<&str> {
    let notices = answer["notices"].as_array().unwrap();
    notices
        .iter()
        .map(|notice| notice["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_is_kept_raw_is_shown_as_it_came_newest_first() {
    let house = House::open().await;
    let raw = json!({"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT", "new": [1, null]}});
    let (key, body) = update("account_update", raw.clone());
    house.arrives("shop", key, body).await;
    let unreadable = Unreadable {
        what: "message".into(),
        cause: "it bears no id".into(),
        raw: json!("{\"from\": <"),
    };
    house
        .arrives(
            "shop",
            NoticeKey::digest("00ff"),
            NoticeBody::Unreadable(unreadable),
        )
        .await;
    let (key, body) = update("instagram", json!({"object": "instagram", "entry": []}));
    house
        .accept(Notice {
            tenant: TenantId::new("shop").unwrap(),
            number: NumberId::new("none").unwrap(),
            channel: Channel::Other("instagram".into()),
            key,
            body,
        })
        .await;

    let answer = house.read("/v1/notices").await;
    assert_eq!(kinds(&answer), ["instagram", "message", "account_update"]);
    let [instagram, message, account] = [0, 1, 2].map(|place| &answer["notices"][place]);
    assert_eq!(
        (&instagram["channel"], &instagram["number"]),
        (&"instagram".into(), &"none".into())
    );
    assert_eq!(
        (&message["notice"], &message["cause"], &message["raw"]),
        (
            &"unreadable".into(),
            &"it bears no id".into(),
            &"{\"from\": <".into()
        )
    );
    assert_eq!(
        (
            &account["notice"],
            &account["channel"],
            &account["number"],
            &account["cause"]
        ),
        (
            &"update".into(),
            &"whatsapp".into(),
            &NUMBER.into(),
            &Value::Null
        )
    );
    assert_eq!(account["raw"], raw);
    assert!(account["at"].is_i64(), "{account}");

    let few = house.read("/v1/notices?limit=2").await;
    assert_eq!(kinds(&few), ["instagram", "message"]);
    let one = house.read("/v1/notices?kind=account_update").await;
    assert_eq!(kinds(&one), ["account_update"]);
    let none = house.read("/v1/notices?kind=calls").await;
    assert_eq!(none, json!({"notices": []}));
    house.end().await;
}

#[tokio::test]
async fn a_notice_that_is_kept_is_news() {
    let house = House::open().await;
    let news = house.read("/v1/status").await["news"].as_u64().unwrap();
    let call = house.get(&format!("/v1/status?after={news}&wait_ms=20000"));
    let waiting = tokio::spawn(call.send());
    let (key, body) = update("account_update", json!({}));
    house.arrives("shop", key, body).await;
    let answer = tokio::time::timeout(PATIENCE / 2, waiting)
        .await
        .expect("it wakes up")
        .unwrap()
        .unwrap();
    assert_ne!(answer.json::<Value>().await.unwrap()["news"], news);
    house.end().await;
}

#[tokio::test]
async fn i13_what_nobody_owns_is_asked_for_by_its_own_name_and_as_notices_alone() {
    let house = House::build(&["shop", "bakery"], Options::default()).await;
    let id = house.fresh_id();
    let from = ContactKey::Phone(Phone::new(ANA).unwrap());
    let content = Content::Text {
        body: "is anybody there?".into(),
    };
    let message = Message::new(id.clone(), from, house.engine.now(), content);
    house
        .arrives(
            "_unclaimed",
            NoticeKey::message(&id),
            NoticeBody::Message(message),
        )
        .await;
    let answer = house.read("/v1/notices?tenant=_unclaimed").await;
    assert_eq!(kinds(&answer), ["message"]);
    assert_eq!(
        answer["notices"][0]["raw"]["content"]["body"],
        "is anybody there?"
    );
    for tenant in ["shop", "bakery"] {
        let answer = house.read(&format!("/v1/notices?tenant={tenant}")).await;
        assert_eq!(answer, json!({"notices": []}), "{tenant}");
    }
    let untold = problem(house.get("/v1/notices").send().await.unwrap(), 400).await;
    assert_eq!(untold["parameter"], "tenant");
    for path in [
        "/v1/status?tenant=_unclaimed".to_owned(),
        "/v1/decisions?tenant=_unclaimed".into(),
        format!("/v1/decision?tenant=_unclaimed&number={NUMBER}&message={id}"),
        "/v1/outbox?tenant=_unclaimed".into(),
        "/v1/hand-offs?tenant=_unclaimed".into(),
        "/v1/dead-letters?tenant=_unclaimed".into(),
        "/v1/contact?tenant=_unclaimed&id=1".into(),
        "/v1/notices?tenant=_host".into(),
        "/v1/notices?tenant=nobody".into(),
    ] {
        problem(house.get(&path).send().await.unwrap(), 404).await;
    }
    let release = house.post("/v1/contacts/1/release?tenant=_unclaimed");
    problem(release.send().await.unwrap(), 404).await;
    house.end().await;
}

#[tokio::test]
async fn what_is_written_in_a_group_or_told_by_whatsapp_is_aside() {
    let house = House::open().await;
    let words = Content::Text {
        body: "say hello".into(),
    };
    let told = Content::System(System {
        event: "customer_identity_changed".into(),
        body: None,
        now_known_by: None,
    });
    for (content, group) in [(words, Some("group-1")), (told, None)] {
        let id = house.message(content.clone(), group).await;
        let decided = house.decided(&id).await;
        assert_eq!(
            decided["record"]["decision"]["ending"],
            json!({"ending": "aside"}),
            "{content:?}"
        );
        assert_eq!(
            (
                &decided["sends"],
                decided["record"]["message"]["group"].as_str()
            ),
            (&json!([]), group)
        );
    }
    house.end().await;
}

#[tokio::test]
async fn a_contact_that_was_joined_is_found_under_either_id() {
    let house = House::open().await;
    let phone = Phone::new(ANA).unwrap();
    let user = UserId::new("BR.1a2b3c4d5e").unwrap();
    let mut contacts = Vec::new();
    for from in [
        ContactKey::Phone(phone.clone()),
        ContactKey::User(user.clone()),
        ContactKey::Both(phone, user),
    ] {
        let id = house.fresh_id();
        let content = Content::Text {
            body: "say hello".into(),
        };
        let message = Message::new(id.clone(), from, house.engine.now(), content);
        house
            .arrives(
                "shop",
                NoticeKey::message(&id),
                NoticeBody::Message(message),
            )
            .await;
        let decided = house.decided(id.as_str()).await;
        contacts.push(decided["record"]["decision"]["contact"].clone());
    }
    assert_ne!(
        contacts[0], contacts[1],
        "until somebody says so, they are two"
    );
    let joined = async {
        loop {
            let mut found = Vec::new();
            for contact in &contacts {
                let path = format!("/v1/contact?id={contact}");
                found.push(house.read(&path).await["id"].clone());
            }
            if found[0] == found[1] && found[1] == found[2] {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, joined)
        .await
        .expect("they are joined when both lanes are idle");
    assert!(contacts.contains(&found[0]));
    house.end().await;
}

#[tokio::test]
async fn the_metrics_say_what_came_in_at_which_door() {
    let tally = Arc::new(Tally::default());
    let options = Options {
        tally: Some(Arc::clone(&tally)),
        ..Options::default()
    };
    let house = House::build(&["shop"], options).await;
    tally.answered(Door::Meta, Answer::Accepted);
    tally.answered(Door::Meta, Answer::Accepted);
    tally.answered(Door::Sns, Answer::Replayed);
    let metrics = house.metrics().await;
    for line in [
        "# TYPE tollgate_deliveries_total counter",
        r#"tollgate_deliveries_total{door="meta",answer="accepted",status="200"} 2"#,
        r#"tollgate_replays_total{door="sns"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} in {metrics}"
        );
    }
    for family in tally.families() {
        let type_line = format!("# TYPE {} counter", family.name);
        let named = metrics.lines().filter(|line| *line == type_line);
        assert_eq!(named.count(), 1, "{}", family.name);
    }
    house.end().await;
}

#[tokio::test]
async fn a_queue_that_refuses_is_a_cause_and_the_host_stays_ready() {
    let (trouble, shown) = watch::channel(None);
    let options = Options {
        queues: vec![shown.clone(), shown],
        ..Options::default()
    };
    let house = House::build(&["shop"], options).await;
    assert_eq!(house.read("/readyz").await["causes"], json!([]));
    trouble.send_replace(Some("queue `orders`: nothing can be received".into()));
    let ready = house.read("/readyz").await;
    assert_eq!(
        (&ready["ready"], &ready["causes"]),
        (
            &true.into(),
            &json!(["queue `orders`: nothing can be received"])
        ),
        "two pumps of one queue say one thing"
    );
    trouble.send_replace(None);
    assert_eq!(house.read("/readyz").await["causes"], json!([]));
    house.end().await;
}
