//! The inbox on SQS.

use std::time::Duration;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry,
    DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
};
use carrier::errors;
use intake::inbox::{Delivery, Inbox, InboxError, Receipt, Undone};
use model::Span;

use crate::account::{self, Credentials};
use crate::limits;

/// What an [`SqsInbox`] needs to know.
#[derive(Debug, Clone)]
pub struct SqsOptions {
    /// As AWS gives it: `https://sqs.eu-west-1.amazonaws.com/ACCOUNT/NAME`.
    pub queue_url: String,
    /// `eu-west-1`.
    pub region: String,
    /// Instead of AWS's own endpoint: an emulator's, or a private one.
    pub endpoint_url: Option<String>,
    /// Who calls.
    pub credentials: Credentials,
    /// How long what was received stays hidden from others, until it is extended; [`limits::SQS_VISIBILITY`] if there is no
    /// reason for another.
    pub visibility: Span,
}

/// Why an inbox cannot be made of its options.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqsError {
    /// No region.
    #[error("region is empty: name the one where the queue is, like \"eu-west-1\"")]
    Region,
    /// The address is none of a queue, or bodies would travel in the clear.
    #[error(
        "queue_url {0:?} is no queue's: it looks like \"https://sqs.eu-west-1.amazonaws.com/ACCOUNT/NAME\", or is http on a loopback address"
    )]
    Queue(String),
    /// The queue is elsewhere.
    #[error("queue_url {url:?} is not in region {region:?}: set region to the one in the URL")]
    Elsewhere {
        /// As given.
        url: String,
        /// As given.
        region: String,
    },
    /// Bodies would travel in the clear.
    #[error("endpoint_url {0:?} is neither https nor http on a loopback address")]
    Endpoint(String),
    /// Too short to be extended in time, or longer than SQS takes.
    #[error(
        "visibility {0} is not between {least} and {most}",
        least = limits::SQS_VISIBILITY_LEAST,
        most = limits::SQS_VISIBILITY_MOST
    )]
    Visibility(Span),
}

/// One queue of SQS.
#[derive(Debug)]
pub struct SqsInbox {
    client: Client,
    queue_url: String,
    visibility: Span,
}

impl SqsInbox {
    /// Checks the options and finds out who calls; sends nothing.
    pub async fn new(options: SqsOptions) -> Result<Self, SqsError> {
        check(&options)?;
        let shared = account::shared(options.region, options.credentials).await;
        let retries = RetryConfig::standard().with_max_attempts(limits::SQS_ATTEMPTS);
        let mut config = aws_sdk_sqs::config::Builder::from(&shared)
            .retry_config(retries)
            .timeout_config(patience(Duration::ZERO));
        if let Some(url) = options.endpoint_url {
            config = config.endpoint_url(url);
        }
        Ok(Self {
            client: Client::from_conf(config.build()),
            queue_url: options.queue_url,
            visibility: options.visibility,
        })
    }
}

#[async_trait]
impl Inbox for SqsInbox {
    fn visibility(&self) -> Span {
        self.visibility
    }

    async fn receive(&self, most: usize, wait: Span) -> Result<Vec<Delivery>, InboxError> {
        let wait = wait.min(limits::SQS_POLL);
        // An answer is due when the poll is over, and not before.
        let patient =
            aws_sdk_sqs::config::Config::builder().timeout_config(patience(wait.duration()));
        let received = self
            .client
            .receive_message()
            .queue_url(&self.queue_url)
            .max_number_of_messages(whole(most.min(limits::SQS_BATCH)))
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(self.visibility))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .customize()
            .config_override(patient)
            .send()
            .await
            .map_err(|error| trouble(&error))?;
        let messages = received.messages.unwrap_or_default();
        Ok(messages.into_iter().filter_map(delivery).collect())
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Undone, InboxError> {
        let mut undone = Undone::default();
        for batch in receipts.chunks(limits::SQS_BATCH) {
            let entry = |(index, receipt): (usize, &Receipt)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(&receipt.0)
                    .build()
            };
            let entries: Result<_, BuildError> = batch.iter().enumerate().map(entry).collect();
            let deleted = self
                .client
                .delete_message_batch()
                .queue_url(&self.queue_url)
                .set_entries(Some(entries.map_err(|error| unbuilt(&error))?))
                .send()
                .await
                .map_err(|error| trouble(&error))?;
            note(&mut undone, batch, deleted.failed());
        }
        Ok(undone)
    }

    async fn hold(&self, receipts: &[Receipt], span: Span) -> Result<Undone, InboxError> {
        let mut undone = Undone::default();
        for batch in receipts.chunks(limits::SQS_BATCH) {
            let entry = |(index, receipt): (usize, &Receipt)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(&receipt.0)
                    .visibility_timeout(seconds(span))
                    .build()
            };
            let entries: Result<_, BuildError> = batch.iter().enumerate().map(entry).collect();
            let held = self
                .client
                .change_message_visibility_batch()
                .queue_url(&self.queue_url)
                .set_entries(Some(entries.map_err(|error| unbuilt(&error))?))
                .send()
                .await
                .map_err(|error| trouble(&error))?;
            note(&mut undone, batch, held.failed());
        }
        Ok(undone)
    }
}

fn check(options: &SqsOptions) -> Result<(), SqsError> {
    let SqsOptions {
        queue_url,
        region,
        endpoint_url,
        visibility,
        ..
    } = options;
    if region.trim().is_empty() {
        return Err(SqsError::Region);
    }
    let path = queue_url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'));
    let names_a_queue = path.is_some_and(|(host, path)| !host.is_empty() && !path.is_empty());
    if !names_a_queue || !account::is_private(queue_url) {
        return Err(SqsError::Queue(queue_url.clone()));
    }
    let there = queue_url
        .strip_prefix("https://sqs.")
        .and_then(|rest| rest.split_once('.'));
    if there.is_some_and(|(there, rest)| rest.starts_with("amazonaws.com") && there != region) {
        return Err(SqsError::Elsewhere {
            url: queue_url.clone(),
            region: region.clone(),
        });
    }
    if let Some(url) = endpoint_url
        .as_deref()
        .filter(|url| !account::is_private(url))
    {
        return Err(SqsError::Endpoint(url.to_owned()));
    }
    if !(limits::SQS_VISIBILITY_LEAST..=limits::SQS_VISIBILITY_MOST).contains(visibility) {
        return Err(SqsError::Visibility(*visibility));
    }
    Ok(())
}

/// How long an attempt may take that waits for `poll` by itself.
fn patience(poll: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(carrier::limits::CONNECT_WAIT)
        .operation_attempt_timeout(poll + limits::SQS_WAIT)
        .build()
}

/// SQS counts whole seconds: what is begun counts as one.
fn seconds(span: Span) -> i32 {
    let seconds = span.milliseconds().max(0).unsigned_abs().div_ceil(1000);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn whole(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// SQS gives each message a receipt and a body.
fn delivery(message: Message) -> Option<Delivery> {
    let receives = message
        .attributes()
        .and_then(|known| known.get(&MessageSystemAttributeName::ApproximateReceiveCount))
        .and_then(|count| count.parse().ok());
    Some(Delivery {
        receipt: Receipt(message.receipt_handle?),
        id: message.message_id.unwrap_or_default(),
        body: message.body?,
        receives: receives.unwrap_or_default(),
    })
}

/// Notes what a batch did not do.
fn note(undone: &mut Undone, batch: &[Receipt], failed: &[BatchResultErrorEntry]) {
    for entry in failed {
        let index = entry.id().parse::<usize>().ok();
        if let Some(receipt) = index.and_then(|index| batch.get(index)) {
            // Our own fault is that of the receipt: the queue has handed the message out again, or it is gone.
            let list = match entry.sender_fault() {
                true => &mut undone.never,
                false => &mut undone.again,
            };
            list.push(receipt.clone());
        }
    }
}

/// Cannot happen: every member that is required is set.
fn unbuilt(error: &BuildError) -> InboxError {
    InboxError {
        code: "request".to_owned(),
        cause: errors::chain(error),
    }
}

/// What happened, in words that say what to do about it.
fn trouble<E>(error: &SdkError<E>) -> InboxError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let SdkError::ServiceError(answer) = error else {
        let code = match error {
            SdkError::TimeoutError(_) => "timeout",
            SdkError::DispatchFailure(_) => "unreachable",
            SdkError::ConstructionFailure(_) => "unsent",
            _ => "unreadable-answer",
        };
        return InboxError {
            code: code.to_owned(),
            cause: errors::chain(error),
        };
    };
    let status = answer.raw().status().as_u16();
    let code = answer
        .err()
        .code()
        .map_or_else(|| format!("http-{status}"), errors::cause);
    let words = errors::cause(answer.err().message().unwrap_or("no words"));
    let cause = match advice(&code) {
        Some(advice) => format!("{code}: {words}; {advice}"),
        None => format!("{code}: {words}"),
    };
    InboxError { code, cause }
}

fn advice(code: &str) -> Option<&'static str> {
    // Older names have a prefix: AWS.SimpleQueueService.NonExistentQueue.
    let name = code.rsplit('.').next().unwrap_or(code);
    Some(match name {
        "NonExistentQueue" | "QueueDoesNotExist" => {
            "compare queue_url and region with the queue's page at AWS"
        }
        "AccessDenied" | "AccessDeniedException" => {
            "grant sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue, and kms:Decrypt on its key if it is encrypted"
        }
        "KmsAccessDenied" | "KmsDisabled" | "KmsInvalidState" | "KmsNotFound" => {
            "grant kms:Decrypt on the queue's key, and see that it is enabled"
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidSecurity" => {
            "AWS does not take these credentials: renew them, and check this machine's clock"
        }
        "OverLimit" => {
            "too much is in flight: something else receives from this queue and does not delete"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> SqsOptions {
        SqsOptions {
            queue_url: "https://sqs.eu-west-1.amazonaws.com/000000000000/intake".to_owned(),
            region: "eu-west-1".to_owned(),
            endpoint_url: None,
            credentials: Credentials::DefaultChain,
            visibility: limits::SQS_VISIBILITY,
        }
    }

    #[test]
    fn options_are_checked_before_anything_is_sent() {
        let with_url = |url: &str| SqsOptions {
            queue_url: url.to_owned(),
            ..options()
        };
        for good in [
            options(),
            with_url("http://127.0.0.1:9324/000000000000/intake"),
            with_url("http://localhost:9324/queue/intake"),
            with_url("https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/000000000000/intake"),
        ] {
            assert_eq!(check(&good), Ok(()), "{good:?}");
        }
        for url in [
            "intake",
            "https://sqs.eu-west-1.amazonaws.com",
            "https://sqs.eu-west-1.amazonaws.com/",
            "http://sqs.example/000000000000/intake",
            "arn:aws:sqs:eu-west-1:000000000000:intake",
        ] {
            assert_eq!(check(&with_url(url)), Err(SqsError::Queue(url.into())));
        }
        let elsewhere = SqsOptions {
            region: "eu-central-1".into(),
            ..options()
        };
        let said = check(&elsewhere).unwrap_err().to_string();
        assert!(said.contains("not in region \"eu-central-1\""), "{said}");
        let nowhere = SqsOptions {
            region: " ".into(),
            ..options()
        };
        assert_eq!(check(&nowhere), Err(SqsError::Region));
        let clear = SqsOptions {
            endpoint_url: Some("http://sqs.example".into()),
            ..options()
        };
        assert_eq!(
            check(&clear),
            Err(SqsError::Endpoint("http://sqs.example".into()))
        );
        for visibility in [Span::default(), Span::from_seconds(1), Span::from_hours(13)] {
            let wrong = SqsOptions {
                visibility,
                ..options()
            };
            assert_eq!(check(&wrong), Err(SqsError::Visibility(visibility)));
        }
        let words = SqsError::Visibility(Span::from_seconds(1)).to_string();
        assert_eq!(words, "visibility 1s is not between 2s and 12h");
    }

    #[test]
    fn an_attempt_outlasts_its_poll() {
        let longest = patience(limits::SQS_POLL.duration()).operation_attempt_timeout();
        assert!(longest > Some(limits::SQS_POLL.duration()));
        assert_eq!(seconds(Span::from_millis(1)), 1);
        assert_eq!(seconds(Span::default()), 0);
        assert_eq!(seconds(limits::SQS_VISIBILITY_MOST), 43_200);
    }

    #[test]
    fn a_refusal_says_what_to_do_about_it() {
        for code in [
            "AWS.SimpleQueueService.NonExistentQueue",
            "QueueDoesNotExist",
            "AccessDenied",
            "KmsAccessDenied",
            "ExpiredToken",
            "OverLimit",
        ] {
            assert!(advice(code).is_some(), "{code}");
        }
        assert_eq!(advice("SomethingNew"), None);
    }
}
