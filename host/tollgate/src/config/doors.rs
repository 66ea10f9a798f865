//! What notices come in by beside Meta's webhook: SNS topics and SQS queues; and that somebody's word counts for each number.

use model::Span;
use toml::Spanned;
use toml::de::DeValue;

use super::check::spot;
use super::keys::{Number, Queue, Topic};
use super::limits;
use super::problem::Problem;
use super::section::{Place, Reader};
use super::setting::Url;
use super::value::quoted;

/// The ARN of an SNS topic: `arn:aws:sns:REGION:ACCOUNT:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicArn(String);

impl TopicArn {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wrong = |what: &str| format!("{text:?} is no topic's ARN: {what}");
        let parts: Vec<&str> = text.split(':').collect();
        let (service, region, account, name) = match parts.as_slice() {
            [
                "arn",
                "aws" | "aws-cn" | "aws-us-gov",
                service,
                region,
                account,
                name,
            ] => (*service, *region, *account, *name),
            ["arn", _, "sns", _, _, _, _] => {
                return Err(wrong(
                    "that is a subscription's, which has one part more: leave out what follows the topic's name",
                ));
            }
            _ => return Err(wrong("it has six parts, `arn:aws:sns:REGION:ACCOUNT:NAME`")),
        };
        if service != "sns" {
            return Err(wrong(&format!("it names {service:?} where `sns` belongs")));
        }
        if !is_region(region) {
            return Err(wrong(&format!("{region:?} is no region, like `eu-west-1`")));
        }
        if !is_account(account) {
            return Err(wrong(&format!(
                "{account:?} is no account, which has 12 digits"
            )));
        }
        if !is_name(name, limits::TOPIC_NAME_CHARS) {
            return Err(wrong(
                "a topic's name has up to 256 letters, digits, `-` and `_`",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The URL of an SQS queue: it ends with the account and the queue's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueUrl(Url);

impl QueueUrl {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().starts_with("arn:") {
            return Err("that is an ARN, and a queue is known by its URL".to_owned());
        }
        let url = Url::parse(text.trim())?;
        let mut parts = url.as_str().rsplit('/');
        let name = parts.next().unwrap_or_default();
        let account = parts.next().unwrap_or_default();
        if is_account(account) && is_name(name, limits::QUEUE_NAME_CHARS) {
            Ok(Self(url))
        } else {
            Err(format!(
                "{text:?} does not end with a queue, which is an account of 12 digits and a name of up to 80 letters, digits, `-` and `_`"
            ))
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it leads to this machine alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.is_loopback()
    }

    /// The URL without the queue: where its service is.
    #[must_use]
    pub fn service(&self) -> &str {
        let text = self.as_str();
        let begin = text.find("://").map_or(0, |scheme| scheme + 3);
        let end = text
            .get(begin..)
            .and_then(|rest| rest.find('/'))
            .map_or(text.len(), |slash| begin + slash);
        text.get(..end).unwrap_or(text)
    }

    /// The region that AWS's own addresses name.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        let (_, host) = self.service().split_once("://")?;
        let rest = host.strip_suffix(".cn").unwrap_or(host);
        let rest = rest.strip_suffix(".amazonaws.com")?;
        // Old addresses have the two the other way round: `eu-west-1.queue.amazonaws.com`.
        let region = rest
            .strip_prefix("sqs.")
            .or_else(|| rest.strip_suffix(".queue"))?;
        is_region(region).then_some(region)
    }
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else {
        return false;
    };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(is_word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(text: &str, most: usize) -> bool {
    let name = text.strip_suffix(".fifo").unwrap_or(text);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && text.len() <= most && name.bytes().all(fits)
}

pub(super) fn topic(
    topic: Topic,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Topic {
    refuse_twice("topic", "arn", topic.arn.as_str(), table, place, reader);
    topic
}

pub(super) fn queue(
    queue: Queue,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Queue {
    let path = place.path();
    refuse_twice("queue", "url", queue.url.as_str(), table, place, reader);
    let mut refuse = |key: &str, what: String, fix: &str| {
        reader.report(Problem::new(spot(table, key), what).fix(fix));
    };
    let is_near = match &queue.endpoint {
        Some(endpoint) => endpoint.is_loopback(),
        None => queue.url.is_loopback(),
    };
    if queue.simulator && !is_near {
        let key = match queue.endpoint {
            Some(_) => "endpoint",
            None => "url",
        };
        let what = format!("[{path}] is a simulator, and a simulator is on loopback alone");
        refuse(key, what, r#"endpoint = "http://127.0.0.1:4566""#);
    }
    if let (Some(written), Some(there)) = (&queue.region, queue.url.region())
        && written != there
    {
        let what = format!("`region` in [{path}] is {written:?}, and `url` lies in {there:?}");
        refuse("region", what, "leave the line out");
    }
    if !(1..=limits::POLLERS).contains(&queue.pollers) {
        let what = format!(
            "`pollers` in [{path}] is {}: it is at least 1 and at most {}",
            queue.pollers,
            limits::POLLERS
        );
        let fix = format!("pollers = {}", queue.pollers.clamp(1, limits::POLLERS));
        refuse("pollers", what, &fix);
    }
    let (least, most) = (limits::LEAST_VISIBILITY, limits::VISIBILITY);
    if queue.visibility < least || queue.visibility > most {
        let what = format!(
            "`visibility` in [{path}] is {}: it is at least {least} and at most {most}",
            queue.visibility
        );
        let fix = format!("visibility = \"{}\"", queue.visibility.clamp(least, most));
        refuse("visibility", what, &fix);
    } else if queue.visibility.milliseconds() % 1000 != 0 {
        let what = format!(
            "`visibility` in [{path}] is {}, and SQS counts in whole seconds",
            queue.visibility
        );
        let seconds = queue.visibility.duration().as_secs();
        let fix = format!("visibility = \"{}\"", Span::from_seconds(seconds));
        refuse("visibility", what, &fix);
    }
    queue
}

/// Of two tables that name the same topic or queue, the later one is in the wrong.
fn refuse_twice(
    kind: &str,
    key: &str,
    written: &str,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) {
    let here = spot(table, key);
    let twin = reader.names(kind).into_iter().find(|name| {
        let other = reader.value(&[kind, name, key]);
        other.is_some_and(|other| {
            other.span().start < here.start
                && other
                    .get_ref()
                    .as_str()
                    .map(|text| text.trim_end_matches('/'))
                    == Some(written)
        })
    });
    if let Some(twin) = twin {
        let what = format!(
            "`{key}` in [{}] is that of [{kind}.{twin}] already",
            place.path()
        );
        let fix = format!("leave this table out, and write {kind} = {}", quoted(&twin));
        reader.report(Problem::new(here, what).fix(fix));
    }
}

/// I13: what comes for a number counts by somebody's word alone, so somebody must be named.
pub(super) fn demand_one(
    number: &Number,
    table: &Spanned<DeValue<'_>>,
    path: &str,
    reader: &mut Reader<'_>,
) {
    if number.meta_app.is_some() || number.topic.is_some() || number.queue.is_some() {
        return;
    }
    let declared = ["meta_app", "topic", "queue"]
        .into_iter()
        .find_map(|kind| Some((kind, reader.names(kind).into_iter().next()?)));
    let fix = match declared {
        Some((kind, name)) => format!("{kind} = {}", quoted(&name)),
        None => "meta_app = \"main\", and [meta_app.main] with its `app_secret` and `verify_token`"
            .to_owned(),
    };
    let what = format!("[{path}] says nobody whose word counts for it, and would receive nothing");
    reader.report(
        Problem::new(table.span(), what)
            .expected("`meta_app`, `topic` or `queue`: one of them or more")
            .fix(fix)
            .marked_absent(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_known_by_its_arn() {
        for arn in [
            "arn:aws:sns:eu-west-1:123456789012:whatsapp",
            "arn:aws-cn:sns:cn-north-1:123456789012:whatsapp",
            "arn:aws-us-gov:sns:us-gov-west-1:123456789012:whats_App-1",
            "arn:aws:sns:ap-southeast-2:123456789012:whatsapp.fifo",
        ] {
            assert_eq!(TopicArn::parse(arn).unwrap().as_str(), arn);
        }
        for (arn, why) in [
            ("whatsapp", "six parts"),
            ("arn:aws:sns:eu-west-1:123456789012", "six parts"),
            ("arn:azure:sns:eu-west-1:123456789012:whatsapp", "six parts"),
            (
                "arn:aws:sqs:eu-west-1:123456789012:whatsapp",
                "\"sqs\" where `sns`",
            ),
            ("arn:aws:sns:europe:123456789012:whatsapp", "no region"),
            ("arn:aws:sns:eu-west-one:123456789012:whatsapp", "no region"),
            ("arn:aws:sns:eu-west-1:12345678901:whatsapp", "12 digits"),
            ("arn:aws:sns:eu-west-1:12345678901x:whatsapp", "12 digits"),
            ("arn:aws:sns:eu-west-1:123456789012:whats app", "name has"),
            ("arn:aws:sns:eu-west-1:123456789012:", "name has"),
            ("arn:aws:sns:eu-west-1:123456789012:.fifo", "name has"),
            (
                "arn:aws:sns:eu-west-1:123456789012:whatsapp:0f3c",
                "a subscription's",
            ),
        ] {
            let said = TopicArn::parse(arn).unwrap_err();
            assert!(said.contains(why), "{arn}: {said}");
        }
    }

    #[test]
    fn a_queue_is_known_by_its_url_which_tells_service_and_region() {
        for (url, service, region) in [
            (
                "https://sqs.eu-west-1.amazonaws.com/123456789012/whatsapp",
                "https://sqs.eu-west-1.amazonaws.com",
                Some("eu-west-1"),
            ),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/whatsapp.fifo",
                "https://sqs.cn-north-1.amazonaws.com.cn",
                Some("cn-north-1"),
            ),
            (
                "https://eu-west-1.queue.amazonaws.com/123456789012/whatsapp",
                "https://eu-west-1.queue.amazonaws.com",
                Some("eu-west-1"),
            ),
            (
                "http://127.0.0.1:4566/000000000000/whatsapp",
                "http://127.0.0.1:4566",
                None,
            ),
            (
                "http://localhost:4566/queue/eu-west-1/000000000000/whatsapp",
                "http://localhost:4566",
                None,
            ),
        ] {
            let parsed = QueueUrl::parse(url).unwrap();
            assert_eq!(
                (parsed.as_str(), parsed.service(), parsed.region()),
                (url, service, region)
            );
        }
        for (url, why) in [
            (
                "arn:aws:sqs:eu-west-1:123456789012:whatsapp",
                "known by its URL",
            ),
            ("whatsapp", "no URL"),
            (
                "http://sqs.eu-west-1.amazonaws.com/123456789012/whatsapp",
                "https",
            ),
            (
                "https://sqs.eu-west-1.amazonaws.com/whatsapp",
                "does not end with a queue",
            ),
            (
                "https://sqs.eu-west-1.amazonaws.com/123456789012/what.sapp",
                "does not end with a queue",
            ),
        ] {
            let said = QueueUrl::parse(url).unwrap_err();
            assert!(said.contains(why), "{url}: {said}");
        }
    }
}
