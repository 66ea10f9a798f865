//! What a door answers, with its reason: each counted, and each a sentence that says what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Span;

use crate::limits;

/// Where something came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Meta's webhook.
    Meta,
    /// SNS over HTTPS.
    Sns,
    /// An SQS queue.
    Sqs,
}

impl Door {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Meta, Self::Sns, Self::Sqs];

    /// The word for it, in records and metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
        }
    }
}

macro_rules! answers {
    ($($(#[$comment:meta])* $name:ident, $word:literal, $status:ident, $sentence:literal;)*) => {
        /// What becomes of one delivery, by its cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Answer {
            $($(#[$comment])* $name,)*
        }

        impl Answer {
            /// All of them.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            /// The word for it, in records and metrics.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The status that says it over HTTP.
            #[must_use]
            pub fn status(self) -> u16 {
                self.code().as_u16()
            }

            fn code(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The sentence that says it.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

answers! {
    /// It is durable.
    Accepted, "accepted", OK, "";
    /// It brought nothing.
    Empty, "empty", OK, "";
    /// It was accepted before.
    Replayed, "replayed", OK, "";
    /// It could not be read as a whole, and was kept as it came.
    Unreadable, "unreadable", OK, "";
    /// A subscription was confirmed.
    Confirmed, "confirmed", OK, "";
    /// A subscription was ended.
    Unsubscribed, "unsubscribed", OK, "";

    /// Its type is not what this door reads.
    WrongType, "wrong_type", UNSUPPORTED_MEDIA_TYPE, "the content type is not JSON";
    /// Its body is larger than any real one.
    TooLarge, "too_large", PAYLOAD_TOO_LARGE, "the body is larger than anything that this address takes";
    /// Its body took too long.
    TooSlow, "too_slow", REQUEST_TIMEOUT, "the body took too long";
    /// Its body broke off.
    BrokeOff, "broke_off", BAD_REQUEST, "the body broke off";
    /// It bears no signature, or none that is well formed.
    Unsigned, "unsigned", UNAUTHORIZED, "the header X-Hub-Signature-256 is missing, or is not sha256= and 64 hexadecimal digits";
    /// Its signature is wrong.
    BadlySigned, "badly_signed", UNAUTHORIZED, "the signature fits none of this host's app secrets: compare app_secret in tollgate.toml with the app's";
    /// Too many from its source were not signed.
    Limited, "limited", TOO_MANY_REQUESTS, "too many deliveries from this source bore no signature that holds";
    /// It is no JSON object.
    NotAnObject, "not_an_object", BAD_REQUEST, "the body is no JSON object";
    /// It is nested too deep.
    TooDeep, "too_deep", BAD_REQUEST, "the body is nested deeper than anything real";
    /// It holds too many updates.
    TooMany, "too_many", PAYLOAD_TOO_LARGE, "the body holds more updates than anything real";
    /// All of it is for numbers that somebody else vouches for (I13).
    Foreign, "foreign", FORBIDDEN, "every notice is for a number that is bound to another app, topic or queue: see [tenant.….number.…] in tollgate.toml";

    /// The backlog is full.
    Full, "full", SERVICE_UNAVAILABLE, "the backlog is full: try again later";
    /// The ledger could not write.
    NotStored, "not_stored", SERVICE_UNAVAILABLE, "it could not be stored: send it again";
    /// Too many bodies are in memory.
    Busy, "busy", SERVICE_UNAVAILABLE, "too much comes in at once: try again later";

    /// It is raw, and so bears no signature.
    Raw, "raw", BAD_REQUEST, "raw message delivery bears no signature: switch it off for this subscription (RawMessageDelivery=false); over SQS it may stay on";
    /// It is no envelope of SNS.
    NoEnvelope, "no_envelope", BAD_REQUEST, "the body is no envelope of SNS: if raw message delivery is on for this subscription, switch it off (RawMessageDelivery=false)";
    /// Its topic is not listed.
    WrongTopic, "wrong_topic", FORBIDDEN, "this topic is not listed: add [topic.NAME] with its arn to tollgate.toml";
    /// It is older than SNS tries.
    TooOld, "too_old", FORBIDDEN, "the timestamp is more than an hour ago";
    /// It is from the future.
    TooEarly, "too_early", FORBIDDEN, "the timestamp is more than 15 minutes ahead: compare this machine's clock";
    /// Its certificate is said to be somewhere that is not SNS.
    WrongCertificate, "wrong_certificate", UNAUTHORIZED, "SigningCertURL is not an https address of SNS in the topic's region";
    /// Its signature is of a version that we do not know.
    WrongVersion, "wrong_version", UNAUTHORIZED, "SignatureVersion is neither 1 nor 2";
    /// Its signature is not SNS's.
    Forged, "forged", UNAUTHORIZED, "the signature does not hold: this envelope is not as SNS signed it";
    /// Its certificate does not count now.
    Expired, "expired", UNAUTHORIZED, "the signing certificate does not count at this time: if it is pinned in [topic.NAME], pin the present one or take it out; compare this machine's clock";
    /// The certificate could not be had.
    NoCertificate, "no_certificate", SERVICE_UNAVAILABLE, "the signing certificate could not be fetched: try again later";
    /// Its subscription is to be confirmed somewhere that is not SNS, or for another topic.
    WrongSubscription, "wrong_subscription", FORBIDDEN, "SubscribeURL does not confirm this topic at SNS in its region";
    /// SNS did not take the confirmation.
    NotConfirmed, "not_confirmed", BAD_GATEWAY, "the subscription could not be confirmed at SNS: try again later";
}

impl Answer {
    /// Nothing had vouched for it yet: it counts against its source.
    pub(crate) fn is_unverified(self) -> bool {
        matches!(
            self,
            Self::WrongType
                | Self::TooLarge
                | Self::TooSlow
                | Self::BrokeOff
                | Self::Unsigned
                | Self::BadlySigned
                | Self::Raw
                | Self::NoEnvelope
                | Self::WrongTopic
                | Self::TooOld
                | Self::TooEarly
                | Self::WrongCertificate
                | Self::WrongVersion
                | Self::Forged
                | Self::Expired
        )
    }

    /// The response, with a time to try again where there is one.
    pub(crate) fn response(self, retry_after: Option<Span>) -> Response {
        let sentence = match self.sentence() {
            "" => String::new(),
            sentence => format!("{sentence}\n"),
        };
        let mut response = (self.code(), sentence).into_response();
        let waiting = match self {
            Self::Limited => Some(limits::UNVERIFIED_EVERY.as_secs()),
            Self::Busy | Self::NoCertificate => Some(limits::RETRY_WHEN_BUSY.duration().as_secs()),
            Self::NotStored => Some(limits::RETRY_WHEN_NOT_STORED.duration().as_secs()),
            _ => retry_after.map(|span| span.duration().as_secs()),
        };
        if let Some(seconds) = waiting {
            let seconds = HeaderValue::from(seconds.max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
