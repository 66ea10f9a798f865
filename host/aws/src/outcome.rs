//! What a failed call of SendWhatsAppMessage says about the message.
//!
//! The SDK calls 429, 500 and 502 "retryable", by which it means that trying again may help. The question here is another:
//! whether the message can have gone out. A 429 is turned away at the door. A 500 may come after the message was passed on,
//! and a 502 says that AWS could not make out what Meta answered: both are unknown, and the outbox settles them by the
//! statuses that bear the token, or resends once on evidence (I11). A wait of seconds is the price of no second message.

use std::error::Error;

use aws_sdk_socialmessaging::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_socialmessaging::operation::send_whats_app_message::SendWhatsAppMessageError;
use carrier::{Action, Rejection, Report, errors};

/// What came of it; `left` says whether the request was handed to the connection.
pub(crate) fn of(error: &SdkError<SendWhatsAppMessageError>, left: bool) -> Report {
    if let SdkError::ServiceError(answer) = error {
        let (code, words) = (answer.err().code(), answer.err().message());
        return refused(answer.raw().status().as_u16(), code, words);
    }
    let cause = errors::chain(error);
    if !left {
        // No credentials or no endpoint yet, or a request that cannot be made: nothing was sent.
        return Report::Refused(Rejection {
            code: "unsent".to_owned(),
            cause,
            action: errors::UNREACHABLE,
        });
    }
    if never_connected(error) {
        return Report::Refused(Rejection {
            code: "unreachable".to_owned(),
            cause,
            action: errors::UNREACHABLE,
        });
    }
    Report::Unknown { cause }
}

fn refused(status: u16, code: Option<&str>, words: Option<&str>) -> Report {
    let cause = errors::cause(words.unwrap_or("no words"));
    let action = match (code, status) {
        (
            Some("ThrottledRequestException" | "ThrottlingException" | "LimitExceededException"),
            _,
        )
        | (_, 429) => errors::RATE,
        (Some("ValidationException" | "InvalidParametersException"), _) => Action::Fail,
        // They are fetched anew by themselves: the next try has others.
        (Some("ExpiredTokenException" | "ExpiredToken"), _) => errors::UNREACHABLE,
        // This number is none, or not linked any more.
        (Some("ResourceNotFoundException"), _) => Action::StopNumber,
        // No access, credentials that are wrong, another address: the next send would end like this one, whatever its number.
        (Some("AccessDeniedException" | "AccessDeniedByMetaException"), _)
        | (_, 401 | 403 | 404) => Action::StopCarrier,
        // Somebody on the way gave up waiting for the request or its answer.
        (_, 408) => return unknown(status, code, &cause),
        (_, 400..=499) => Action::Fail,
        _ => return unknown(status, code, &cause),
    };
    let code = code.map_or_else(|| format!("http-{status}"), errors::cause);
    Report::Refused(Rejection {
        code,
        cause,
        action,
    })
}

fn unknown(status: u16, code: Option<&str>, cause: &str) -> Report {
    let code = code.map(errors::cause).unwrap_or_default();
    Report::Unknown {
        cause: format!("HTTP {status} {code}: {cause}"),
    }
}

/// Whether the connection was never made. An SDK that hides it one day makes such failures unknown, which is the safe side.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
        {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_turned_away_is_tried_again() {
        let cases = [
            (429, Some("ThrottledRequestException"), "retry"),
            (429, None, "retry"),
            (400, Some("LimitExceededException"), "retry"),
            (400, Some("ValidationException"), "fail"),
            (400, Some("InvalidParametersException"), "fail"),
            (400, Some("SomethingNew"), "fail"),
            (403, Some("AccessDeniedException"), "stop all"),
            (403, Some("AccessDeniedByMetaException"), "stop all"),
            (403, Some("UnrecognizedClientException"), "stop all"),
            (404, None, "stop all"),
            (403, Some("ExpiredTokenException"), "retry"),
            (404, Some("ResourceNotFoundException"), "stop"),
            (408, None, "unknown"),
            (500, Some("InternalServiceException"), "unknown"),
            (502, Some("DependencyException"), "unknown"),
            (503, None, "unknown"),
        ];
        for (status, code, expected) in cases {
            let word = match refused(status, code, None) {
                Report::Refused(Rejection {
                    action: Action::Retry { .. },
                    ..
                }) => "retry",
                Report::Refused(Rejection {
                    action: Action::Fail,
                    ..
                }) => "fail",
                Report::Refused(Rejection {
                    action: Action::StopNumber,
                    ..
                }) => "stop",
                Report::Refused(Rejection {
                    action: Action::StopCarrier,
                    ..
                }) => "stop all",
                Report::Refused(Rejection {
                    action: Action::StopTemplate,
                    ..
                }) => "stop template",
                Report::Unknown { .. } => "unknown",
                Report::Accepted(_) => "accepted",
            };
            assert_eq!(word, expected, "{status} {code:?}");
        }
    }
}
