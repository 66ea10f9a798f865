//! Whose word is believed: signatures, certificates, and envelopes that were tampered with.

use super::*;

#[tokio::test]
async fn envelopes_that_openssl_signed_by_both_versions_are_believed() {
    let pem = include_bytes!("../../fixtures/sns/certificate.pem");
    let pinned = Certificate::parse(pem).unwrap();
    let host = Host::with(Some(pinned), Settings::default()).await;
    host.offer(&confirmation().replace("a-token", "fixture-token"), vec![]);
    for fixture in [
        include_str!("../../fixtures/sns/notification-v1.json"),
        include_str!("../../fixtures/sns/notification-v2.json"),
        include_str!("../../fixtures/sns/subscription-v1.json"),
        include_str!("../../fixtures/sns/subscription-v2.json"),
    ] {
        let envelope: Value = serde_json::from_str(fixture).unwrap();
        assert_eq!(host.post(&envelope).await, 200, "{fixture}");
        let other = match envelope["SignatureVersion"].as_str() {
            Some("1") => "2",
            _ => "1",
        };
        let other = but(&envelope, "SignatureVersion", json!(other));
        assert_eq!(host.post(&other).await, 401, "by the other version");
        let changed = but(&envelope, "Message", json!("changed"));
        assert_eq!(host.post(&changed).await, 401);
    }
    assert_eq!(host.shelf.tenants(), ["shop", "shop"]);
    let asked = host.asked();
    assert!(
        asked
            .iter()
            .all(|address| address.contains("ConfirmSubscription")),
        "a pinned certificate is not fetched: {asked:?}"
    );
}

#[tokio::test]
async fn i13_an_envelope_that_was_tampered_with_is_refused() {
    let host = Host::start().await;
    let good = SNS.sign(&notification(&body(&["1"])));
    let fetched = |address: &str| but(&good, "SigningCertURL", json!(address));
    let at = |time: &str| SNS.sign(&but(&notification(&body(&["1"])), "Timestamp", json!(time)));
    let cases: &[(&str, Value, u16)] = &[
        (
            "the message",
            but(&good, "Message", json!(body(&["1", "1"]))),
            401,
        ),
        (
            "the id",
            but(
                &good,
                "MessageId",
                json!("00000000-0000-4000-8000-000000000009"),
            ),
            401,
        ),
        (
            "a subject that was not there",
            but(&good, "Subject", json!("x")),
            401,
        ),
        ("an empty subject", but(&good, "Subject", json!("")), 401),
        (
            "the time",
            but(&good, "Timestamp", json!("2026-12-01T12:00:01.000Z")),
            401,
        ),
        (
            "the same time, in other words",
            but(&good, "Timestamp", json!("2026-12-01T12:00:00Z")),
            401,
        ),
        (
            "another topic of ours",
            but(&good, "TopicArn", json!(OTHER_ARN)),
            401,
        ),
        (
            "a topic that is not listed",
            but(&good, "TopicArn", json!(format!("{ARN}2"))),
            403,
        ),
        (
            "another type",
            but(&good, "Type", json!("UnsubscribeConfirmation")),
            400,
        ),
        (
            "an unknown type",
            but(&good, "Type", json!("notification")),
            400,
        ),
        ("the signature", but(&good, "Signature", json!("AAAA")), 401),
        ("no base64", but(&good, "Signature", json!("?")), 401),
        (
            "an empty signature",
            but(&good, "Signature", json!("")),
            401,
        ),
        ("no signature", but(&good, "Signature", Value::Null), 401),
        (
            "no version",
            but(&good, "SignatureVersion", Value::Null),
            401,
        ),
        ("version 3", but(&good, "SignatureVersion", json!("3")), 401),
        (
            "version 1 over SHA-256",
            but(&good, "SignatureVersion", json!("1")),
            401,
        ),
        (
            "a version that is a number",
            but(&good, "SignatureVersion", json!(2)),
            400,
        ),
        (
            "no certificate",
            but(&good, "SigningCertURL", Value::Null),
            401,
        ),
        ("no message", but(&good, "Message", Value::Null), 400),
        ("no id", but(&good, "MessageId", Value::Null), 400),
        ("no topic", but(&good, "TopicArn", Value::Null), 400),
        ("no time", but(&good, "Timestamp", Value::Null), 400),
        ("no type", but(&good, "Type", Value::Null), 400),
        (
            "somebody else's signature",
            STRANGER.sign(&notification(&body(&["1"]))),
            401,
        ),
        (
            "plain http",
            fetched("http://sns.us-east-1.amazonaws.com/x.pem"),
            401,
        ),
        (
            "a longer host",
            fetched("https://sns.us-east-1.amazonaws.com.evil.example/x.pem"),
            401,
        ),
        (
            "a host behind an at sign",
            fetched("https://sns.us-east-1.amazonaws.com@evil.example/x.pem"),
            401,
        ),
        (
            "a full stop that is none",
            fetched("https://sns。us-east-1.amazonaws.com/x.pem"),
            401,
        ),
        (
            "a backslash for a slash",
            fetched("https://sns.us-east-1.amazonaws.com\\@evil.example/x.pem"),
            401,
        ),
        (
            "another service",
            fetched("https://s3.us-east-1.amazonaws.com/x.pem"),
            401,
        ),
        (
            "another region",
            fetched("https://sns.eu-west-1.amazonaws.com/x.pem"),
            401,
        ),
        (
            "another port",
            fetched("https://sns.us-east-1.amazonaws.com:8443/x.pem"),
            401,
        ),
        (
            "no certificate's name",
            fetched("https://sns.us-east-1.amazonaws.com/?x.pem"),
            401,
        ),
        ("a time of long ago", at("2026-12-01T10:59:59.000Z"), 403),
        ("a time to come", at("2026-12-01T12:15:03.000Z"), 403),
        ("no time at all", at("yesterday"), 400),
    ];
    for (name, envelope, expected) in cases {
        let response = host.request(envelope).send().await.unwrap();
        let (status, sentence) = (response.status().as_u16(), response.text().await.unwrap());
        assert_eq!(status, *expected, "{name}: {sentence}");
        assert!(sentence.trim().len() > 10, "{name}: a refusal teaches");
    }
    assert!(host.shelf.tenants().is_empty());
    let asked = host.asked();
    assert_eq!(
        asked,
        [CERTIFICATE],
        "whatever they said, nothing else was fetched"
    );
    assert_eq!(host.post(&good).await, 200);
}

#[tokio::test]
async fn i13_a_line_break_does_not_make_one_member_of_two() {
    let host = Host::start().await;
    // The signed text of both is the same, and they say different things.
    let signed = SNS.sign(&but(
        &notification("first\nMessageId\n7\nSubject\nsecond"),
        "MessageId",
        json!("8"),
    ));
    assert_eq!(host.post(&signed).await, 200);
    let split = but(&signed, "Message", json!("first"));
    let split = but(&split, "MessageId", json!("7"));
    let split = but(&split, "Subject", json!("second\nMessageId\n8"));
    assert_eq!(host.post(&split).await, 400);
}

#[tokio::test]
async fn a_certificate_counts_within_its_own_time_alone() {
    for (from, until, expected) in [
        ("260101000000Z", "270101000000Z", 200),
        ("260101000000Z", "261130000000Z", 401),
        ("261202000000Z", "270101000000Z", 401),
    ] {
        let host = Host::with(None, Settings::default()).await;
        host.offer(CERTIFICATE, SNS.certificate(from, until));
        let envelope = SNS.sign(&notification(&body(&["1"])));
        assert_eq!(host.post(&envelope).await, expected, "{from} to {until}");
        let expired = u64::from(expected == 401);
        assert_eq!(host.counted(Answer::Expired), expired);
    }
}

#[tokio::test]
async fn a_pinned_certificate_alone_signs_for_its_topic() {
    let pinned = Certificate::parse(&valid(&SNS)).unwrap();
    let host = Host::with(Some(pinned), Settings::default()).await;
    host.offer(CERTIFICATE, valid(&STRANGER));
    let envelope = notification(&body(&["1"]));
    assert_eq!(host.post(&STRANGER.sign(&envelope)).await, 401);
    assert_eq!(host.post(&SNS.sign(&envelope)).await, 200);
    let elsewhere = but(
        &envelope,
        "SigningCertURL",
        json!("https://evil.example/x.pem"),
    );
    assert_eq!(host.post(&SNS.sign(&elsewhere)).await, 401);
    assert!(host.asked().is_empty(), "and nothing is fetched for it");
}

#[tokio::test]
async fn a_hundred_notifications_fetch_their_certificate_once() {
    let host = Arc::new(Host::start().await);
    let posts = (0..100).map(|n| {
        let host = Arc::clone(&host);
        let envelope = notification(&body(&["1"]));
        let envelope = SNS.sign(&but(&envelope, "MessageId", json!(format!("id-{n}"))));
        tokio::spawn(async move { host.post(&envelope).await })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap(), 200);
    }
    assert_eq!(host.asked(), [CERTIFICATE]);
    assert_eq!(host.shelf.tenants().len(), 100);
}

#[tokio::test]
async fn what_cannot_be_verified_for_want_of_a_certificate_may_come_again() {
    for there in [None, Some(b"no certificate".to_vec())] {
        let host = Host::with(None, Settings::default()).await;
        if let Some(bytes) = there {
            host.offer(CERTIFICATE, bytes);
        }
        let envelope = SNS.sign(&notification(&body(&["1"])));
        for _ in 0..3 {
            let response = host.request(&envelope).send().await.unwrap();
            assert_eq!(response.status().as_u16(), 503);
            assert!(response.headers().contains_key("retry-after"));
        }
        assert_eq!(host.asked().len(), 1, "and is not asked for again at once");
        assert!(host.shelf.tenants().is_empty());
    }
}
