//! The network misbehaves when it is told to, and the same way every time.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::host::{both, text};
use crate::webhooks::until_nothing_is_pending;

#[tokio::test]
async fn the_same_seed_brings_the_same_outcomes() {
    let (_host, simulator) = both().await;
    let mut courses = Vec::new();
    for seed in [7, 7, 8] {
        simulator
            .put_faults(json!({ "throttle": 0.3, "error": 0.3, "drop_reply": 0.3, "seed": seed }))
            .await;
        simulator
            .call(Method::DELETE, "/_sim/record", json!(null))
            .await;
        for n in 0..40 {
            simulator.graph(text("oi", &format!("{seed}-{n}"))).await;
        }
        let sends = simulator.sends().await;
        assert_eq!(
            sends.len(),
            40,
            "a call is recorded whatever becomes of it, and once"
        );
        courses.push(
            sends
                .iter()
                .map(|send| send["outcome"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(courses[0], courses[1]);
    assert_ne!(courses[0], courses[2]);
    for outcome in ["accepted", "throttled", "failed", "dropped_reply"] {
        assert!(courses[0].iter().any(|seen| seen == outcome), "{outcome}");
    }
}

#[tokio::test]
async fn throttled_and_failed_sends_are_told_so_in_metas_words() {
    let (host, simulator) = both().await;
    for (fault, status, code) in [("throttle", 429, 130_429), ("error", 500, 131_000)] {
        simulator.put_faults(json!({ fault: 1.0 })).await;
        let (answered, body) = simulator.graph(text("oi", "t")).await.unwrap();
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(code)));
    }
    until_nothing_is_pending(&simulator).await;
    assert!(host.all().is_empty(), "what was not taken has no status");
}

#[tokio::test]
async fn a_dropped_reply_was_delivered_all_the_same() {
    let (host, simulator) = both().await;
    simulator.put_faults(json!({ "drop_reply": 1.0 })).await;
    assert_eq!(simulator.graph(text("oi", "t")).await, None);
    assert_eq!(simulator.sends().await[0]["outcome"], "dropped_reply");
    host.until(|host| host.at("/statuses/0/biz_opaque_callback_data") == vec![json!("t"); 3])
        .await;
    simulator.put_faults(json!({})).await;
    assert_eq!(simulator.graph(text("oi", "t2")).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_call_that_was_lost_on_its_way_was_not_delivered_and_nobody_is_told() {
    let (host, simulator) = both().await;
    simulator.put_faults(json!({ "drop_call": 1.0 })).await;
    assert_eq!(simulator.graph(text("oi", "t")).await, None);
    let lost = &simulator.sends().await[0];
    assert_eq!(
        (&lost["outcome"], &lost["token"], lost.get("wamid")),
        (&json!("lost"), &json!("t"), None)
    );
    simulator.put_faults(json!({})).await;
    assert_eq!(simulator.graph(text("oi", "t")).await.unwrap().0, 200);
    until_nothing_is_pending(&simulator).await;
    assert_eq!(host.all().len(), 3, "the second one's statuses");
    let talk = simulator.read("/_sim/talk").await;
    assert_eq!(talk["talk"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_late_status_comes_after_its_wait_and_all_of_them_come() {
    let (host, simulator) = both().await;
    for reorder in [false, true] {
        let before = host.all().len();
        simulator
            .put_faults(json!({ "late_status_ms": [400, 400], "reorder": reorder }))
            .await;
        let began = Instant::now();
        simulator.graph(text("oi", "t")).await.unwrap();
        host.until(|host| host.all().len() > before).await;
        assert!(began.elapsed() >= Duration::from_millis(400));
        host.until(|host| host.all().len() == before + 3).await;
    }
}

#[tokio::test]
async fn a_late_answer_is_late_but_the_send_was_taken_at_once() {
    let (host, simulator) = both().await;
    simulator
        .put_faults(json!({ "late_ms": [1500, 1500] }))
        .await;
    let began = Instant::now();
    let (answer, ()) = tokio::join!(simulator.graph(text("oi", "t")), async {
        host.until(|host| !host.all().is_empty()).await;
        assert!(
            began.elapsed() < Duration::from_millis(1500),
            "a status may come before the reply"
        );
    });
    assert_eq!(answer.unwrap().0, 200);
    assert!(began.elapsed() >= Duration::from_millis(1500));
}

#[tokio::test]
async fn statuses_come_twice_swapped_or_not_at_all() {
    let (host, simulator) = both().await;
    simulator
        .put_faults(json!({ "duplicate_status": 1.0, "reorder": true, "seed": 1 }))
        .await;
    for n in 0..10 {
        simulator.graph(text("oi", &format!("t{n}"))).await.unwrap();
    }
    host.until(|host| host.all().len() == 60).await;
    let tokens = host.at("/statuses/0/biz_opaque_callback_data");
    assert!(
        tokens.windows(2).filter(|pair| pair[0] != pair[1]).count() > 9,
        "statuses of different sends are mixed"
    );
    let first: Vec<_> = host
        .at("/statuses/0")
        .into_iter()
        .filter(|status| status["biz_opaque_callback_data"] == "t0")
        .collect();
    assert_eq!(first.len(), 6);

    simulator.put_faults(json!({ "no_status": 1.0 })).await;
    simulator.graph(text("oi", "silent")).await.unwrap();
    until_nothing_is_pending(&simulator).await;
    assert_eq!(host.all().len(), 60);
}

#[tokio::test]
async fn a_send_that_fails_later_has_one_status_with_metas_code_and_reaches_no_phone() {
    let (host, simulator) = both().await;
    simulator
        .put_faults(json!({ "fail_status": 1.0, "fail_code": 131_050 }))
        .await;
    let (status, answer) = simulator.graph(text("oi", "t")).await.unwrap();
    assert_eq!(status, 200, "it was taken");
    until_nothing_is_pending(&simulator).await;
    let mut statuses = host.at("/statuses/0");
    assert_eq!(statuses.len(), 1);
    let timestamp = statuses[0].as_object_mut().unwrap().remove("timestamp");
    assert!(timestamp.is_some_and(|timestamp| timestamp.is_string()));
    assert_eq!(
        statuses[0],
        json!({
            "id": answer["messages"][0]["id"],
            "status": "failed",
            "recipient_id": "5511900000001",
            "biz_opaque_callback_data": "t",
            "errors": [{
                "code": 131_050,
                "title": "Recipient stopped marketing messages",
                "message": "Recipient stopped marketing messages",
                "error_data": { "details": "The customer has stopped marketing messages." },
            }],
        })
    );
    let sent = &simulator.sends().await[0];
    assert_eq!(
        (&sent["outcome"], &sent["failed"]),
        (&json!("accepted"), &json!(131_050))
    );
    let talk = simulator.read("/_sim/talk").await;
    assert_eq!(talk["talk"], json!([]), "nobody saw it");
}

#[tokio::test]
async fn the_same_seed_fails_the_same_sends_and_leaves_the_rest_of_the_course_alone() {
    let (_host, simulator) = both().await;
    let mut courses = Vec::new();
    for share in [0.4, 0.4, 0.0] {
        simulator
            .put_faults(json!({ "throttle": 0.3, "fail_status": share, "seed": 7 }))
            .await;
        simulator
            .call(Method::DELETE, "/_sim/record", json!(null))
            .await;
        for n in 0..40 {
            simulator.graph(text("oi", &n.to_string())).await;
        }
        let sends = simulator.sends().await;
        let course: Vec<_> = sends
            .iter()
            .map(|send| (send["outcome"].clone(), send.get("failed").cloned()))
            .collect();
        courses.push(course);
    }
    assert_eq!(courses[0], courses[1]);
    let failed = courses[0].iter().filter(|(_, code)| code.is_some()).count();
    assert!((5..20).contains(&failed), "{failed}");
    let outcomes = |course: usize| courses[course].iter().map(|(outcome, _)| outcome);
    assert!(
        outcomes(0).eq(outcomes(2)),
        "each fault has luck of its own"
    );
    assert!(courses[2].iter().all(|(_, code)| code.is_none()));
}

#[tokio::test]
async fn faults_say_what_is_in_force_and_refuse_what_they_do_not_know() {
    let (_host, simulator) = both().await;
    let off = json!({
        "throttle": 0.0, "error": 0.0, "drop_call": 0.0, "drop_reply": 0.0, "late_ms": [0, 0], "late_status_ms": [0, 0],
        "duplicate_status": 0.0, "reorder": false,
        "no_status": 0.0, "fail_status": 0.0, "fail_code": 131_026, "seed": 0,
    });
    assert_eq!(simulator.read("/_sim/faults").await, off);
    let (status, answer) = simulator
        .call(
            Method::PUT,
            "/_sim/faults",
            json!({ "throttle": 0.5, "reorder": true, "seed": 7 }),
        )
        .await;
    assert_eq!(
        (status, &answer["throttle"], &answer["seed"]),
        (200, &json!(0.5), &json!(7))
    );
    assert_eq!(simulator.read("/_sim/faults").await, answer);
    for (faults, expected) in [
        (json!({ "throtle": 1 }), "throttle"),
        (json!({ "error": 2 }), "between 0 and 1"),
    ] {
        let (status, refused) = simulator.call(Method::PUT, "/_sim/faults", faults).await;
        assert_eq!(status, 400);
        assert!(
            refused["error"].as_str().unwrap().contains(expected),
            "{refused}"
        );
    }
    assert_eq!(
        simulator.read("/_sim/faults").await,
        answer,
        "a refused change changes nothing"
    );
}
