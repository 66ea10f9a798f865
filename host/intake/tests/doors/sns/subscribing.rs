//! Subscriptions begin and end.

use super::*;

#[tokio::test]
async fn a_subscription_is_confirmed_where_sns_says_and_nowhere_else() {
    let host = Host::start().await;
    let asks = subscription("SubscriptionConfirmation");
    let signed = SNS.sign(&asks);
    assert_eq!(
        host.post(&signed).await,
        502,
        "SNS does not take it yet, and asks again"
    );
    host.offer(&confirmation(), b"<ConfirmSubscriptionResponse/>".to_vec());
    assert_eq!(host.post(&signed).await, 200);
    assert_eq!(
        host.asked(),
        [CERTIFICATE, &confirmation(), &confirmation()]
    );
    assert_eq!(host.counted(Answer::Confirmed), 1);

    let elsewhere = |address: String| SNS.sign(&but(&asks, "SubscribeURL", json!(address)));
    for address in [
        confirmation().replace("https", "http"),
        confirmation().replace("amazonaws.com", "amazonaws.com.evil.example"),
        confirmation().replace("us-east-1.amazonaws", "eu-west-1.amazonaws"),
        confirmation().replace("sns.us", "sns。us"),
        confirmation().replace("amazonaws.com/", "amazonaws.com\\"),
        confirmation().replace(ARN, OTHER_ARN),
        confirmation().replace("ConfirmSubscription", "Unsubscribe"),
        confirmation().replace("a-token", "another"),
        format!("{}&Action=Unsubscribe", confirmation()),
        format!("{}&TopicArn={OTHER_ARN}", confirmation()),
        "https://sns.us-east-1.amazonaws.com/".into(),
        "http://127.0.0.1/".into(),
    ] {
        assert_eq!(
            host.post(&elsewhere(address.clone())).await,
            403,
            "{address}"
        );
    }
    let unlisted = but(&asks, "TopicArn", json!(format!("{ARN}2")));
    for (name, envelope, expected) in [
        ("a topic that is not listed", SNS.sign(&unlisted), 403),
        ("not signed by SNS", STRANGER.sign(&asks), 401),
        (
            "another token",
            but(&signed, "Token", json!("another")),
            401,
        ),
        ("no token", but(&signed, "Token", Value::Null), 400),
        ("nowhere", but(&signed, "SubscribeURL", Value::Null), 400),
    ] {
        assert_eq!(host.post(&envelope).await, expected, "{name}");
    }
    assert_eq!(host.asked().len(), 3, "nothing else was fetched");
}

#[tokio::test]
async fn an_ended_subscription_is_noted_and_not_taken_up_again() {
    let host = Host::start().await;
    let ended = subscription("UnsubscribeConfirmation");
    assert_eq!(host.post(&STRANGER.sign(&ended)).await, 401);
    assert_eq!(host.post(&SNS.sign(&ended)).await, 200);
    assert_eq!(host.asked(), [CERTIFICATE]);
    assert_eq!(host.counted(Answer::Unsubscribed), 1);
}
