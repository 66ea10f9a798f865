//! Addresses in a letter: followed only where they lead to SNS, in the topic's region.

use reqwest::Url;

use super::letter::Letter;
use super::topic::Topic;

/// Where a certificate is, if it is a certificate of SNS's. A query could make another service say what its sender likes: there is none.
pub(super) fn certificate(text: &str, topic: &Topic) -> Option<Url> {
    let address = at_sns(text, topic)?;
    let fits = address.path().ends_with(".pem") && address.query().is_none();
    fits.then_some(address)
}

/// Where a subscription is confirmed, if it is this topic's.
pub(super) fn confirmation(letter: &Letter, topic: &Topic) -> Option<Url> {
    let address = at_sns(letter.subscribe_url.as_deref()?, topic)?;
    let mut confirms = false;
    for (name, value) in address.query_pairs() {
        match name.as_ref() {
            "Action" if value == "ConfirmSubscription" => confirms = true,
            "TopicArn" if value == topic.arn() => {}
            "Token" if letter.token.as_deref() == Some(value.as_ref()) => {}
            "Action" | "TopicArn" | "Token" => return None,
            _ => {}
        }
    }
    (confirms && address.path() == "/").then_some(address)
}

fn at_sns(text: &str, topic: &Topic) -> Option<Url> {
    let address = Url::parse(text).ok()?;
    let fits = address.scheme() == "https"
        && address.host_str() == Some(topic.host().as_str())
        // The parser leaves a scheme's own port out.
        && address.port().is_none()
        && address.username().is_empty()
        && address.password().is_none()
        && address.fragment().is_none();
    fits.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_fetched_from_sns_in_the_topics_region_alone() {
        let topic = Topic::new("t", "arn:aws:sns:us-east-1:000000000000:t", None).unwrap();
        let china = Topic::new("c", "arn:aws-cn:sns:cn-north-1:000000000000:t", None).unwrap();
        for good in [
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem",
            "https://sns.us-east-1.amazonaws.com:443/x.pem",
            "HTTPS://SNS.us-east-1.AMAZONAWS.com/x.pem",
        ] {
            assert!(certificate(good, &topic).is_some(), "{good}");
        }
        assert!(certificate("https://sns.cn-north-1.amazonaws.com.cn/x.pem", &china).is_some());
        for bad in [
            "http://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
            "https://sns.us-east-1.amazonaws.com.cn/x.pem",
            "https://sns.us-east-1.amazonaws.com./x.pem",
            "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
            "https://sns.us-east-1.amazonaws.com:pass@evil.example/x.pem",
            "https://user@sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
            "https://evil.example\\@sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com:8443/x.pem",
            "https://sns.us-west-2.amazonaws.com/x.pem",
            "https://sns-us-east-1.amazonaws.com/x.pem",
            "https://evilsns.us-east-1.amazonaws.com/x.pem",
            "https://sqs.us-east-1.amazonaws.com/x.pem",
            "https://amazonaws.com/x.pem",
            "https://127.0.0.1/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem.txt",
            "https://sns.us-east-1.amazonaws.com/?x=.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem?Action=Publish",
            "https://sns.us-east-1.amazonaws.com/x.pem#y",
            "file:///x.pem",
            "x.pem",
            "",
        ] {
            assert!(certificate(bad, &topic).is_none(), "{bad}");
        }
    }
}
