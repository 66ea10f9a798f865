//! What AWS puts around a webhook's entry: the event of End User Messaging Social, and the SNS notification that bears it.
//!
//! For putting into a queue by hand: nothing here is signed, and nothing that checks a signature takes it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::network::Network;
use crate::webhook::{ACCOUNT, Change};

/// Where the made-up ARNs lie.
const PLACE: &str = "eu-west-1:000000000000";
/// The AWS number of a simulator that was told of none.
const NO_AWS_NUMBER: &str = "00000000000000000000000000000000";

/// What stands around the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrap {
    /// AWS's event, as a queue with raw delivery holds it.
    Eum,
    /// SNS's notification of that event.
    Sns,
}

impl Wrap {
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("eum") => Ok(Self::Eum),
            Some("sns") => Ok(Self::Sns),
            _ => Err(format!("wrap is \"eum\" or \"sns\", not {value}")),
        }
    }

    /// A change as AWS would bear it, on a number of Meta's.
    pub(crate) fn around(self, change: &Change, network: &Network, number: &str) -> Value {
        let now = Timestamp::now();
        let aws_number = network
            .numbers
            .iter()
            .find_map(|(aws, meta)| (meta == number).then_some(aws.as_str()))
            .unwrap_or(NO_AWS_NUMBER);
        let event = json!({
            "context": {
                "MetaWabaIds": [{ "wabaId": ACCOUNT, "arn": format!("arn:aws:social-messaging:{PLACE}:waba/{ACCOUNT}") }],
                "MetaPhoneNumberIds": [{ "metaPhoneNumberId": number,
                    "arn": format!("arn:aws:social-messaging:{PLACE}:phone-number-id/{aws_number}") }],
            },
            "whatsAppWebhookEntry": change.entry().to_string(),
            "aws_account_id": "000000000000",
            "message_timestamp": format!("{now:.9}"),
            "messageId": network.new_uuid(),
        });
        match self {
            Self::Eum => event,
            Self::Sns => json!({
                "Type": "Notification",
                "MessageId": network.new_uuid(),
                "TopicArn": format!("arn:aws:sns:{PLACE}:whatsapp"),
                "Message": event.to_string(),
                "Timestamp": format!("{now:.3}"),
                "SignatureVersion": "1",
                // "unsigned", in base64.
                "Signature": "dW5zaWduZWQ=",
                "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem",
                "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
            }),
        }
    }
}
