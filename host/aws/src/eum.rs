//! The carrier over AWS End User Messaging Social: SendWhatsAppMessage.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_socialmessaging::Client;
use aws_sdk_socialmessaging::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_socialmessaging::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_socialmessaging::error::{BoxError, SdkError};
use aws_sdk_socialmessaging::operation::send_whats_app_message::{
    SendWhatsAppMessageError, SendWhatsAppMessageOutput,
};
use aws_sdk_socialmessaging::primitives::Blob;
use carrier::{Action, Carrier, Rejection, Report, wire};
use gate::Pass;
use model::{NumberId, Wamid};

use crate::account::{self, Credentials};
use crate::{limits, outcome};

/// What an [`EumCarrier`] needs to know.
#[derive(Debug, Clone)]
pub struct EumOptions {
    /// `eu-west-1`.
    pub region: String,
    /// Instead of AWS's own endpoint: a simulator's, or a private one.
    pub endpoint_url: Option<String>,
    /// Meta's version of the message format: `v20.0` to `v24.0`.
    pub api_version: String,
    /// A reply that was not there by then is lost; [`limits::REPLY_WAIT`] if there is no reason for another.
    pub timeout: Duration,
    /// For each number, its AWS id (`phone-number-id-…`) or ARN.
    pub numbers: BTreeMap<NumberId, String>,
    /// Who calls.
    pub credentials: Credentials,
}

/// Why a carrier cannot be made of its options.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EumError {
    /// AWS takes others, but none that we know of.
    #[error("api_version {0:?} is none that AWS takes: use v20.0 to v24.0")]
    Version(String),
    /// No region.
    #[error(
        "region is empty: name the one where the WhatsApp account is linked, like \"eu-west-1\""
    )]
    Region,
    /// Messages would travel in the clear.
    #[error("endpoint_url {0:?} is neither https nor http on a loopback address")]
    Endpoint(String),
    /// The id is none.
    #[error(
        "{id:?} is no AWS id of number {number}: it looks like \"phone-number-id-0123456789abcdef0123456789abcdef\", or is its ARN"
    )]
    Origination {
        /// Of which number.
        number: NumberId,
        /// As given.
        id: String,
    },
}

/// Delivers over SendWhatsAppMessage: one request a delivery, no retries.
pub struct EumCarrier {
    client: Client,
    version: String,
    numbers: BTreeMap<NumberId, String>,
}

type Answer = Result<SendWhatsAppMessageOutput, SdkError<SendWhatsAppMessageError>>;

impl EumCarrier {
    /// Checks the options and finds out who calls; sends nothing.
    pub async fn new(options: EumOptions) -> Result<Self, EumError> {
        check(&options)?;
        let shared = account::shared(options.region, options.credentials).await;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(carrier::limits::CONNECT_WAIT.min(options.timeout))
            .operation_attempt_timeout(options.timeout)
            .build();
        // I11: the SDK would send three times on a 429, a 500, a 502 and on a lost reply.
        let mut config = aws_sdk_socialmessaging::config::Builder::from(&shared)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        if let Some(url) = options.endpoint_url {
            config = config.endpoint_url(url);
        }
        let client = Client::from_conf(config.build());
        Ok(Self {
            client,
            version: options.api_version,
            numbers: options.numbers,
        })
    }

    async fn send(&self, origination: &str, message: String, leaves: &Leaves) -> Answer {
        self.client
            .send_whats_app_message()
            .origination_phone_number_id(origination)
            .meta_api_version(&self.version)
            .message(Blob::new(message.into_bytes()))
            .customize()
            .interceptor(leaves.clone())
            .send()
            .await
    }
}

#[async_trait]
impl Carrier for EumCarrier {
    async fn deliver(&self, pass: Pass) -> Report {
        let outbound = pass.outbound();
        let Some(origination) = self.numbers.get(&outbound.number) else {
            return Report::Refused(Rejection {
                code: "no-aws-id".to_owned(),
                cause: "no AWS id is configured for this number".to_owned(),
                action: Action::StopNumber,
            });
        };
        let leaves = Leaves::default();
        match self
            .send(origination, wire::message(outbound).to_string(), &leaves)
            .await
        {
            // AWS's id is of its own making; a wamid it is only where it looks like one. Statuses are tied by the token.
            Ok(output) => {
                let id = output.message_id().filter(|id| id.starts_with("wamid."));
                Report::Accepted(id.and_then(|id| Wamid::new(id).ok()))
            }
            Err(error) => outcome::of(&error, leaves.happened()),
        }
    }

    async fn mark_read(&self, number: &NumberId, message: &Wamid) {
        let Some(origination) = self.numbers.get(number) else {
            return;
        };
        let leaves = Leaves::default();
        let mark = self.send(origination, wire::read_mark(message).to_string(), &leaves);
        match tokio::time::timeout(carrier::limits::MARK_WAIT, mark).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(%number, cause = carrier::errors::chain(&error), "a read mark was refused or lost");
            }
            Err(_) => tracing::debug!(%number, "a read mark took too long"),
        }
    }
}

/// Notes that a request is handed to the connection. What fails before (no credentials, no signature, no endpoint) is known
/// not to have been sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaves(Arc<AtomicBool>);

impl Leaves {
    fn happened(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Intercept for Leaves {
    fn name(&self) -> &'static str {
        "leaves"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.store(true, Ordering::Release);
        Ok(())
    }
}

fn check(options: &EumOptions) -> Result<(), EumError> {
    if options.region.trim().is_empty() {
        return Err(EumError::Region);
    }
    if !matches!(
        options.api_version.as_str(),
        "v20.0" | "v21.0" | "v22.0" | "v23.0" | "v24.0"
    ) {
        return Err(EumError::Version(options.api_version.clone()));
    }
    if let Some(url) = options
        .endpoint_url
        .as_deref()
        .filter(|url| !account::is_private(url))
    {
        return Err(EumError::Endpoint(url.to_owned()));
    }
    match options.numbers.iter().find(|(_, id)| !is_origination(id)) {
        Some((number, id)) => Err(EumError::Origination {
            number: number.clone(),
            id: id.clone(),
        }),
        None => Ok(()),
    }
}

fn is_origination(id: &str) -> bool {
    let name = match id.split_once(":phone-number-id/") {
        Some((arn, name)) if arn.starts_with("arn:") => {
            name.strip_prefix("phone-number-id-").unwrap_or(name)
        }
        _ => id.strip_prefix("phone-number-id-").unwrap_or_default(),
    };
    id.len() <= limits::ORIGINATION_CHARS
        && name.len() == 32
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> EumOptions {
        let number = NumberId::new("100200300").unwrap();
        EumOptions {
            region: "eu-west-1".to_owned(),
            endpoint_url: None,
            api_version: "v24.0".to_owned(),
            timeout: limits::REPLY_WAIT,
            numbers: BTreeMap::from([(
                number,
                "phone-number-id-0123456789abcdef0123456789abcdef".to_owned(),
            )]),
            credentials: Credentials::DefaultChain,
        }
    }

    fn with_id(id: &str) -> EumOptions {
        EumOptions {
            numbers: BTreeMap::from([(NumberId::new("100200300").unwrap(), id.to_owned())]),
            ..options()
        }
    }

    #[test]
    fn options_are_checked_before_anything_is_sent() {
        let arn = "arn:aws:social-messaging:eu-west-1:000000000000:phone-number-id/0123456789abcdef0123456789abcdef";
        for good in [
            options(),
            with_id(arn),
            EumOptions {
                endpoint_url: Some("http://127.0.0.1:9".into()),
                ..options()
            },
        ] {
            assert_eq!(check(&good), Ok(()));
        }
        assert_eq!(
            check(&EumOptions {
                region: String::new(),
                ..options()
            }),
            Err(EumError::Region)
        );
        let old = EumOptions {
            api_version: "v19.0".into(),
            ..options()
        };
        assert_eq!(check(&old), Err(EumError::Version("v19.0".into())));
        for url in [
            "http://aws.example",
            "http://127.0.0.1@aws.example",
            "http://127.0.0.1.aws.example",
            "ftp://127.0.0.1",
        ] {
            let clear = EumOptions {
                endpoint_url: Some(url.into()),
                ..options()
            };
            assert_eq!(check(&clear), Err(EumError::Endpoint(url.into())));
        }
        for id in [
            "",
            "100200300",
            "phone-number-id-xyz",
            "arn:aws:social-messaging:eu-west-1:0:waba/1",
        ] {
            assert!(
                matches!(check(&with_id(id)), Err(EumError::Origination { .. })),
                "{id}"
            );
        }
    }
}
