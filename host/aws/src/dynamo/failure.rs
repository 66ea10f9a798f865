//! What goes wrong with DynamoDB, in words that say what to do about it.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use carrier::errors;
use ledger::LedgerError;

/// A stored record that cannot be read.
pub(super) fn corrupt(what: &str, cause: &str) -> LedgerError {
    LedgerError::Corrupt {
        what: what.to_owned(),
        cause: cause.to_owned(),
    }
}

pub(super) fn store(what: &str, cause: impl Into<String>) -> LedgerError {
    LedgerError::Store {
        what: what.to_owned(),
        cause: cause.into(),
    }
}

/// A call that failed, its retries included.
pub(super) fn trouble<E>(what: &str, error: &SdkError<E>) -> LedgerError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let SdkError::ServiceError(answer) = error else {
        return store(what, errors::chain(error));
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
    store(what, cause)
}

/// Nobody knows whether the call took: no answer, or none of the service's own.
pub(super) fn is_open<E>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ServiceError(answer) => answer.raw().status().as_u16() >= 500,
        SdkError::ConstructionFailure(_) => false,
        _ => true,
    }
}

fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "ResourceNotFoundException" => {
            "there is no such table, or not with its indexes: compare table and region, or deploy the template that makes it"
        }
        "AccessDeniedException" => {
            "grant dynamodb:GetItem, BatchGetItem, Query, Scan, PutItem, UpdateItem, DeleteItem, ConditionCheckItem and DescribeTable on the table and on its indexes"
        }
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "MissingAuthenticationTokenException" => {
            "AWS does not take these credentials: renew them, and check this machine's clock"
        }
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded" => {
            "the table is throttled: switch it to on-demand, or raise its capacity or quota"
        }
        _ => return None,
    })
}
