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
        && address.fragment().is_none()
        && says(text, &topic.host());
    fits.then_some(address)
}

/// The text itself names this host. The parser makes a full stop of an ideographic one, a slash of a backslash, and leaves blanks out; who
/// reads the same text otherwise ends up elsewhere.
fn says(text: &str, host: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let Some((named, rest)) = text
        .strip_prefix("https://")
        .and_then(|rest| rest.split_at_checked(host.len()))
    else {
        return false;
    };
    let rest = rest.strip_prefix(":443").unwrap_or(rest);
    is_plain && named.eq_ignore_ascii_case(host) && rest.starts_with('/')
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
            "https://SNS.us-east-1.AMAZONAWS.com/x.pem",
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
            // Our parser makes the right host of these, and somebody else's may not.
            "HTTPS://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns。us-east-1.amazonaws.com/x.pem",
            "https://sns．us-east-1．amazonaws．com/x.pem",
            "https://ｓns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com\\@evil.example/x.pem",
            "https://sns.us-east-1.amazonaws.com\\x.pem",
            "https:\\\\sns.us-east-1.amazonaws.com/x.pem",
            "https:/sns.us-east-1.amazonaws.com/x.pem",
            "https:sns.us-east-1.amazonaws.com/x.pem",
            "https:///sns.us-east-1.amazonaws.com/x.pem",
            "https://@sns.us-east-1.amazonaws.com/x.pem",
            "https://:@sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com:/x.pem",
            "https://sns.us-east-1.amazonaws.com:0443/x.pem",
            "https://%73ns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east\u{ad}-1.amazonaws.com/x.pem",
            "https://sns.us-\teast-1.amazonaws.com/x.pem",
            " https://sns.us-east-1.amazonaws.com/x.pem",
            "https://sns.us-east-1.amazonaws.com/x.pem\n",
            "https://sns.us-east-1.amazonaws.com/\u{e9}.pem",
            "file:///x.pem",
            "x.pem",
            "",
        ] {
            assert!(certificate(bad, &topic).is_none(), "{bad}");
        }
    }
}
